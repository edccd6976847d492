using System.Text;

namespace Theseus.Move.Natives;

/// <summary>What a transaction may know that is not in Move state (execution 4).</summary>
public abstract class TransactionFacts
{
    /// <summary>32 bytes.</summary>
    public abstract byte[] TransactionHash { get; }

    /// <summary>SHA3-256 of the script's bytecode; empty for an entry function and for the hooks.</summary>
    public abstract byte[] ScriptHash { get; }

    /// <summary>BCS of a field of the block, numbered as <c>0x1::block_context</c> does; empty for an unknown field.</summary>
    public abstract byte[] BlockField(byte field);

    /// <summary>
    /// BCS of a field of a component of the record, numbered as <c>0x1::protocol_record</c> does; empty for an unknown
    /// component or field.
    /// </summary>
    public abstract byte[] ComponentField(ReadOnlySpan<byte> name, byte field);
}

/// <summary>Facts from a block context.</summary>
/// <param name="block">The block that the transaction runs in.</param>
/// <param name="transactionHash">32 bytes.</param>
/// <param name="scriptHash">SHA3-256 of the script's bytecode; empty for an entry function and for the hooks.</param>
public sealed class BlockFacts(BlockContext block, byte[] transactionHash, byte[] scriptHash) : TransactionFacts
{
    /// <inheritdoc/>
    public override byte[] TransactionHash => transactionHash;

    /// <inheritdoc/>
    public override byte[] ScriptHash => scriptHash;

    /// <inheritdoc/>
    public override byte[] BlockField(byte field) => Encode(block, field);

    /// <inheritdoc/>
    public override byte[] ComponentField(ReadOnlySpan<byte> name, byte field)
    {
        foreach (ComponentFact component in block.Components)
        {
            if (Encoding.UTF8.GetBytes(component.Name).AsSpan().SequenceEqual(name))
            {
                return Encode(component, field);
            }
        }

        return [];
    }

    /// <summary>
    /// 0 height · 1 time in microseconds · 2 epoch · 3 proposer · 4 missed · 5, 6, 7 evidence kinds, heights, validators · 8, 9
    /// validators and powers · from 10 on the parameters (<see cref="ParameterFacts"/>).
    /// </summary>
    public static byte[] Encode(BlockContext block, byte field)
    {
        BcsWriter writer = new(64);
        switch (field)
        {
            case 0: writer.U64(block.Height); break;
            case 1: writer.U64(block.TimeMicros); break;
            case 2: writer.U64(block.Epoch); break;
            case 3: writer.Address(block.Proposer); break;
            case 4: writer.List(block.Missed, (w, a) => w.Address(a)); break;
            case 5: writer.List(block.Evidence, (w, e) => w.U8(e.Kind)); break;
            case 6: writer.List(block.Evidence, (w, e) => w.U64(e.Height)); break;
            case 7: writer.List(block.Evidence, (w, e) => w.Address(e.Validator)); break;
            case 8: writer.List(block.Validators, (w, v) => w.Address(v.Address)); break;
            case 9: writer.List(block.Validators, (w, v) => w.U64(v.Power)); break;
            default: return ParameterFacts.Encode(block.Parameters, field);
        }

        return writer.ToArray();
    }

    /// <summary>0 version · 1 module id · 2, 3, 4 scheduled version, module id, height · 5 notice.</summary>
    public static byte[] Encode(ComponentFact component, byte field)
    {
        BcsWriter writer = new(40);
        switch (field)
        {
            case 0: writer.U64(component.Version); break;
            case 1: writer.Bytes(component.ModuleId.ToArray()); break;
            case 2: writer.U64(component.ScheduledVersion); break;
            case 3: writer.Bytes(component.ScheduledModuleId.ToArray()); break;
            case 4: writer.U64(component.ScheduledHeight); break;
            case 5: writer.U64(component.Notice); break;
        }

        return writer.ToArray();
    }
}

/// <summary>A bundle that the framework asked to publish (native code::request_publish).</summary>
/// <param name="BaseRoot">The code root the bundle was built against.</param>
/// <param name="ExpectedRoot">The code root that results.</param>
/// <param name="Modules">Module blobs in order.</param>
public sealed record PublishRequest(byte[] BaseRoot, byte[] ExpectedRoot, IReadOnlyList<byte[]> Modules);
