using System.Buffers.Binary;
using Theseus.Move.Natives;
using Theseus.Move.Runtime;

namespace Theseus.Execution;

/// <summary>
/// Calls of the framework's hooks: private functions, called with visibility bypass, each with its own gas limit (execution 4).
/// </summary>
internal static class Hooks
{
    public static readonly ModuleId Block = new(Address.One, "block");
    public static readonly ModuleId Validation = new(Address.One, "transaction_validation");
    public static readonly ModuleId Governance = new(Address.One, "governance");
    public static readonly ModuleId Reconfiguration = new(Address.One, "reconfiguration");
    public static readonly ModuleId Code = new(Address.One, "code");
    public static readonly ModuleId Probe = new(Address.One, "probe");
    public static readonly ModuleId Versions = new(Address.One, "versions");
    public static readonly ModuleId GenesisModule = new(Address.One, "genesis");

    public static byte[] U8(byte value) => [value];

    public static byte[] U64(ulong value)
    {
        byte[] bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return bytes;
    }

    public static byte[] Bytes(ReadOnlySpan<byte> value) => value.Length < 0x80
        ? [(byte)value.Length, .. value] // a ULEB length of one byte: hashes and keys
        : new BcsWriter(value.Length + 4).Bytes(value).ToArray();

    public static byte[] ByteLists(IEnumerable<byte[]> values) =>
        new BcsWriter().List(values.ToArray(), static (w, v) => w.Bytes(v)).ToArray();

    /// <summary>One hook in a session of its own.</summary>
    public static (CallResult Call, SessionOutput? Output) Run(
        CodeSnapshot code, IStateReader state, TransactionFacts facts, ulong gas, ModuleId module, string function,
            params IReadOnlyList<byte[]> arguments)
    {
        Session session = new(code, state, facts, GasMeter.OfUnits(gas));
        CallResult call = session.CallFunction(module, function, [], arguments, []);
        return (call, call.Status.IsSuccess ? session.Finish() : null);
    }

    /// <summary>The arguments of the prologue, in its frozen order.</summary>
    public static IReadOnlyList<byte[]> PrologueArguments(SignedTransaction transaction, ulong sequenceNumber, bool checkAuth) =>
    [
        transaction.Raw.Sender.ToArray(),
        U64(sequenceNumber),
        Bytes(transaction.Authenticator.AuthenticationKey().ToArray()),
        U64(transaction.Raw.GasUnitPrice),
        U64(transaction.Raw.MaxGasAmount),
        U64(transaction.Raw.ExpirationSeconds),
        U8(transaction.Raw.ChainId),
        U64((ulong)transaction.Bytes.Length),
        Bytes(transaction.ScriptHash is Hash32 hash ? hash.ToArray() : []),
        U8(checkAuth ? (byte)1 : (byte)0),
    ];

    public static IReadOnlyList<byte[]> EpilogueArguments(SignedTransaction transaction, ulong gasUsed) =>
        [transaction.Raw.Sender.ToArray(), U64(transaction.Raw.GasUnitPrice), U64(gasUsed)];
}
