using System.Buffers.Binary;
using Theseus.Protocol;

namespace Theseus.Node;

/// <summary>Why a transaction of the pool cannot be in the next block.</summary>
internal enum WaitReason
{
    /// <summary>It can.</summary>
    None,

    /// <summary>A sequence number before it is missing.</summary>
    Sequence,

    /// <summary>The sender's balance does not cover its maximum fee after what stands before it.</summary>
    Balance,
}

/// <summary>A transaction in the pool, with what its queue knows of it.</summary>
/// <param name="transaction">The transaction; its signature was checked.</param>
/// <param name="arrival">Its number in the order of arrival at this node.</param>
internal sealed class PoolEntry(SignedTransaction transaction, ulong arrival)
{
    public SignedTransaction Transaction { get; } = transaction;

    public ulong Arrival { get; } = arrival;

    /// <summary>What the sender must hold for it to start: maximum gas at its price.</summary>
    public UInt128 MaximumFee { get; } = (UInt128)transaction.Raw.MaxGasAmount * transaction.Raw.GasUnitPrice;

    /// <summary>What it may take from the sender beside the fee; null when that cannot be told without running it.</summary>
    public UInt128? Outflow { get; } = PayloadOutflow.Of(transaction.Raw.Payload);

    /// <summary>
    /// The lowest price of its sender's chain up to and including it: what stands in its way bounds what its price is worth.
    /// </summary>
    public ulong EffectivePrice { get; set; }

    /// <summary>Why it is not ready.</summary>
    public WaitReason Waits { get; set; }

    /// <summary>Whether it stands in its sender's own places, beside the shared pool.</summary>
    public bool IsReserved { get; set; }

    /// <summary>Whether peers were told of it.</summary>
    public bool IsAnnounced { get; set; }

    /// <summary>The clock's timestamp when a client brought it; null when a peer did.</summary>
    public long? ClientTime { get; init; }

    /// <summary>The number of the rules under which it was admitted or judged again.</summary>
    public int JudgedUnder { get; set; }

    public Hash32 Hash => Transaction.Hash;

    public ulong Sequence => Transaction.Raw.SequenceNumber;

    public int Size => Transaction.Bytes.Length;
}

/// <summary>What a payload may take from its sender.</summary>
internal static class PayloadOutflow
{
    private static readonly ModuleId Coin = new(Address.One, "coin");

    /// <summary>
    /// The amount of a coin transfer; null for all else. An error here costs block space, never coins: execution decides. The two arguments
    /// of 0x1::coin::transfer are frozen by the compatibility rules.
    /// </summary>
    public static UInt128? Of(TransactionPayload payload) =>
        payload is TransactionPayload.EntryFunction { Function: "transfer", Arguments: [_, { Length: sizeof(ulong) } amount] } call
            && call.Module == Coin
            ? BinaryPrimitives.ReadUInt64LittleEndian(amount)
            : null;
}
