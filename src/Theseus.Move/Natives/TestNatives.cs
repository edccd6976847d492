using Theseus.Move.Runtime;

namespace Theseus.Move.Natives;

/// <summary>The block and transaction that a unit test pretends to run in; its natives change them.</summary>
public sealed class TestFacts : TransactionFacts
{
    private readonly SortedDictionary<string, ComponentFact> _components = new(StringComparer.Ordinal);
    private byte[] _transactionHash = new byte[32];
    private byte[] _scriptHash = [];

    /// <summary>
    /// What the block natives answer. At first: height 1, one second after the epoch, epoch 1, proposer 0x0, nobody
    /// else.
    /// </summary>
    public BlockContext Block { get; set; } = new(1, 1_000_000, 1, Address.Zero, [], [], [], [], Hash32.Zero, 4);

    /// <summary>32 zero bytes until <see cref="SetTransaction"/>.</summary>
    public override byte[] TransactionHash => _transactionHash;

    /// <summary>Empty until <see cref="SetTransaction"/>, as for an entry function.</summary>
    public override byte[] ScriptHash => _scriptHash;

    /// <inheritdoc/>
    public override byte[] BlockField(byte field) => BlockFacts.Encode(Block, field);

    /// <inheritdoc/>
    public override byte[] ComponentField(ReadOnlySpan<byte> name, byte field) =>
        _components.TryGetValue(System.Text.Encoding.UTF8.GetString(name), out ComponentFact? component)
            ? BlockFacts.Encode(component, field) : [];

    /// <summary>Puts a component into the record, in place of one with its name.</summary>
    public void Set(ComponentFact component) => _components[component.Name] = component;

    /// <summary>Changes what the transaction natives answer.</summary>
    /// <param name="transactionHash">32 bytes.</param>
    /// <param name="scriptHash">SHA3-256 of a script's bytecode, or empty.</param>
    public void SetTransaction(byte[] transactionHash, byte[] scriptHash)
    {
        _transactionHash = transactionHash;
        _scriptHash = scriptHash;
    }
}

/// <summary>The natives of 0x1::unit_test. They exist in test tables only and work on <see cref="TestFacts"/>.</summary>
public static class TestNatives
{
    /// <summary>Lists that belong together have different lengths.</summary>
    private const ulong UnequalLengths = 0x10001;

    /// <summary>
    /// All of them, each under <c>unit_test::native_…</c>. A caller puts them into the table of a test, never into a
    /// stack's.
    /// </summary>
    public static IEnumerable<Native> All()
    {
        yield return Named("create_signer", "(address):signer", StandardNatives.CreateSigner);
        yield return Named("set_block", "(u64,u64,u64,address)", call => Change(call, facts => facts.Block = facts.Block with
        {
            Height = call[0].Bits, TimeMicros = call[1].Bits, Epoch = call[2].Bits, Proposer = call[3].AsAddress,
        }));
        yield return Named("set_validators", "(vector<address>,vector<u64>)", call =>
            call[0].AsVector.Count != call[1].AsVector.Count ? UnequalLengths : Change(call, facts =>
        {
            List<Address> addresses = Addresses(call[0]);
            ValueVector powers = (ValueVector)call[1].Ref!;
            facts.Block = facts.Block with { Validators = [.. addresses.Select(
                (a, i) => new ValidatorEntry(a, Hash32.Zero, powers.Items[i].Bits))] };
        }));
        yield return Named("set_missed", "(vector<address>)", call =>
            Change(call, facts => facts.Block = facts.Block with { Missed = Addresses(call[0]) }));
        yield return Named("set_evidence", "(vector<u8>,vector<u64>,vector<address>)", call =>
            call[0].AsVector.Count != call[1].AsVector.Count || call[0].AsVector.Count != call[2].AsVector.Count
            ? UnequalLengths : Change(call, facts =>
        {
            byte[] kinds = call[0].AsBytes.ToArray();
            ValueVector heights = (ValueVector)call[1].Ref!;
            List<Address> validators = Addresses(call[2]);
            facts.Block = facts.Block with { Evidence = [.. kinds.Select(
                (kind, i) => new EvidenceFact(kind, heights.Items[i].Bits, validators[i]))] };
        }));
        yield return Named("set_component", "(vector<u8>,u64,vector<u8>,u64,vector<u8>,u64,u64)", call =>
            Change(call, facts => facts.Set(new ComponentFact(
            System.Text.Encoding.UTF8.GetString(call[0].AsBytes), call[1].Bits, Hash(call[2].AsBytes), call[3].Bits,
                Hash(call[4].AsBytes), call[5].Bits, 0, call[6].Bits))));
        yield return Named("set_parameter", "(vector<u8>,u64)", call => Change(call, facts => facts.Block = facts.Block with
        {
            Parameters = facts.Block.Parameters.With((System.Text.Encoding.UTF8.GetString(call[0].AsBytes), call[1].Bits)),
        }));
        yield return Named("set_transaction", "(vector<u8>,vector<u8>)", call =>
            Change(call, facts => facts.SetTransaction(call[0].AsBytes.ToArray(), call[1].AsBytes.ToArray())));
        yield return Named("publish_requests", "():u64", call => Answer(call, call.Session.PublishRequests.Count));
        yield return Named("events_of", "<_>():u64", call =>
            Answer(call, call.Session.Events.Count(e => e.Type.Equals(call.TypeArguments[0].Tag))));
    }

    private static Native Named(string name, string signature, NativeFunction function) =>
        new(new NativeId("unit_test", "native_" + name), signature, Semantics: 1, function);

    private static ulong? Change(NativeCall call, Action<TestFacts> change)
    {
        if (call.Session.Facts is not TestFacts facts)
        {
            throw new VmException(Format.StatusCode.VmExtensionError, "test natives need test facts");
        }

        change(facts);
        return null;
    }

    private static ulong? Answer(NativeCall call, int count)
    {
        call.Return(new Value((ulong)count));
        return null;
    }

    private static List<Address> Addresses(in Value vector)
    {
        ValueVector items = (ValueVector)vector.Ref!;
        return [.. items.Items.Take(items.Count).Select(v => v.AsAddress)];
    }

    private static Hash32 Hash(ReadOnlySpan<byte> bytes) => bytes.Length == Hash32.Length ? new Hash32(bytes) : Hash32.Zero;
}
