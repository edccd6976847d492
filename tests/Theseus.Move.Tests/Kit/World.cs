using Theseus.Move.Format;
using Theseus.Move.Natives;
using Theseus.Move.Rules;
using Theseus.Move.Runtime;
using Theseus.Move.Verify;

namespace Theseus.Move.Tests.Kit;

/// <summary>A tiny chain: verified modules, state in memory, sessions on demand.</summary>
public sealed class World : IStateReader
{
    private readonly SortedDictionary<StateKey, byte[]> _state = [];
    private readonly SortedDictionary<ModuleId, byte[]> _modules = [];

    public World(MoveRules? rules = null)
    {
        Rules = rules ?? new MoveRules();
        Natives = StandardNatives.All((_, _, _) => false, _ => false).With(TestNatives.All());
        Snapshot = Make();
    }

    public MoveRules Rules { get; }

    public NativeTable Natives { get; }

    public CodeSnapshot Snapshot { get; private set; }

    public TestFacts Facts { get; } = new();

    public byte[]? TryGet(StateKey key) => _state.GetValueOrDefault(key);

    public World With(CompiledModule module, bool verify = true)
    {
        byte[] bytes = ModuleWriter.Write(module);
        CompiledModule read = ModuleReader.ReadModule(bytes).Value!;
        Assert.NotNull(read);
        if (verify)
        {
            VerifyError? error = Verifier.Check(read, Rules) ?? Linker.Check(read, id => id == read.Id ? read : Snapshot.Module(id));
            Assert.True(error is null, error?.ToString());
        }

        _modules[read.Id] = bytes;
        Snapshot = Make();
        return this;
    }

    private CodeSnapshot Make()
    {
        SortedDictionary<ModuleId, byte[]> modules = new(_modules);
        return CodeSnapshot.Load(Hash32.Zero, Rules, Natives, id => modules.GetValueOrDefault(id));
    }

    public Session Session(long gas = GasMeter.Unlimited) => new(Snapshot, this, Facts, new GasMeter(gas));

    public static ModuleId Id(string name = "m", ulong address = 0x42) => new(Address.FromShort(address), name);

    /// <summary>Calls a function of 0x42::m in its own session; keeps the writes on success.</summary>
    public CallResult Call(string function, byte[][] arguments, TypeTag[]? types = null, Address[]? signers = null,
        long gas = GasMeter.Unlimited)
    {
        Session session = Session(gas);
        CallResult result = session.CallFunction(Id(), function, types ?? [], arguments, signers ?? []);
        if (result.Status.IsSuccess)
        {
            SessionOutput output = session.Finish();
            Assert.True(output.Status.IsSuccess, output.Status.ToString());
            Apply(output.Writes);
            LastWrites = output.Writes;
        }

        return result;
    }

    public WriteSet LastWrites { get; private set; } = WriteSet.Empty;

    public void Apply(WriteSet writes)
    {
        foreach (StateWrite write in writes.Writes)
        {
            if (write.Value is null)
            {
                _state.Remove(write.Key);
            }
            else
            {
                _state[write.Key] = write.Value;
            }
        }
    }

    public static byte[] U8(byte value) => [value];

    public static byte[] U64(ulong value) => new BcsWriter().U64(value).ToArray();

    public static byte[] U128(UInt128 value) => new BcsWriter().U128(value).ToArray();

    public static byte[] Addr(ulong value) => Address.FromShort(value).ToArray();

    public static byte[] Bytes(params byte[] value) => new BcsWriter().Bytes(value).ToArray();
}
