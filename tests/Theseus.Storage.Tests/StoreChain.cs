using Theseus.Consensus;
using Theseus.Protocol;
using Theseus.Protocol.Tests;

namespace Theseus.Storage.Tests;

/// <summary>Drives a store with a chain whose execution is a seeded game of writes; a dictionary for each height is the truth.</summary>
internal sealed class StoreChain
{
    private readonly StateKey[] _pool;
    private readonly int _seed;

    public StoreChain(ChainStore store, int seed = 1, int keys = 60)
    {
        Store = store;
        _seed = seed;
        store.Initialise(Chain.Genesis);
        _pool = [.. Enumerable.Range(0, keys).Select(KeyOf)];
        Truth.Add(new SortedDictionary<StateKey,
            byte[]>(Chain.Genesis.State.Writes.ToDictionary(write => write.Key, write => write.Value!)));
        Results.Add(Chain.Start.Result);
    }

    public ChainStore Store { get; }

    public TestChain Chain { get; } = new();

    /// <summary>The whole state by height.</summary>
    public List<SortedDictionary<StateKey, byte[]>> Truth { get; } = [];

    public List<BlockResultSummary> Results { get; } = [];

    public List<ExecutedBlock> Executed { get; } = [null!];

    public List<DecidedBlock> Decided { get; } = [null!];

    public IReadOnlyList<StateKey> Pool => _pool;

    public static Address Owner(int number) => Address.FromShort(0x100 + (ulong)number);

    /// <summary>Decides and executes blocks up to a height; what the store already has is only replayed.</summary>
    public void RunTo(ulong height)
    {
        while (Chain.Height < height)
        {
            Decide();
            Execute();
        }
    }

    public DecidedBlock Decide(params IReadOnlyList<Evidence> evidence)
    {
        ulong height = Chain.Height + 1;
        SignedTransaction transaction =
            SignedTransaction.Sign(TransactionVectors.Transfer() with { SequenceNumber = height }, TransactionVectors.Seed);
        BuiltBlock built = BlockBuilder.Build(Chain.Plan(0, transaction) with { Evidence = evidence });
        Chain.Decide(built);
        DecidedBlock decided = new(built.Block, Chain.LastCommit!, built.Record);
        Decided.Add(decided);
        if (Store.Window.Decided < height)
        {
            Store.Append(decided);
        }

        return decided;
    }

    public ExecutedBlock Execute()
    {
        ulong height = Chain.Height;
        WriteSet writes = WritesOf(height);
        SortedDictionary<StateKey, byte[]> after = new(Truth[^1]);
        foreach (StateWrite write in writes.Writes)
        {
            if (write.Value is null)
            {
                after.Remove(write.Key);
            }
            else
            {
                after[write.Key] = write.Value;
            }
        }

        Truth.Add(after);
        Hash32 root = SparseMerkle.Root(after.Select(pair => TreeLeaf.Of(pair.Key, pair.Value)));
        ContractEvent item = new(TypeTag.U64, BitConverter.GetBytes(height));
        TransactionOutput[] outputs =
        [
            Output(SystemTransactions.Hash(SystemTransactionKind.Begin, Chain.Chain.GenesisHash, height), WriteSet.Empty, []),
            Output(TransactionHash(height), writes, [item], height % 5 == 0 ? TransactionStatus.Skipped(3, true)
                : TransactionStatus.Success),
            Output(SystemTransactions.Hash(SystemTransactionKind.End, Chain.Chain.GenesisHash, height), WriteSet.Empty, []),
        ];
        BlockResultSummary before = Results[^1];
        ServiceEvent[] events = height % 7 == 0 ? [new ServiceEvent.VersionCancelled("execution", height)] : [];
        BlockResult result = new(before.StackId, outputs, writes, events, before.CodeRoot, height, 2 * height, before.FirstVersion
            + before.TransactionCount, []);
        ExecutedBlock executed = new(ResultCodec.Summarise(height, result, root), outputs, writes, events);
        Results.Add(executed.Result);
        Executed.Add(executed);
        Chain.Result = executed.Result;
        if (Store.Window.Executed < height)
        {
            Assert.Equal(root, Store.CommitState(executed, height % 2 == 0 ? Store.Prepare(height, writes) : null));
        }

        return executed;
    }

    public Hash32 TransactionHash(ulong height)
    {
        TransactionDecoding.TryDecode(Decided[(int)height].Block.Body.Transactions[0], out SignedTransaction? transaction);
        return transaction!.Hash;
    }

    /// <summary>Where the transactions of this chain failed.</summary>
    public static readonly FailurePlace Place = new(new ModuleId(Address.One, "m"), false, 3, "f", 1, "a sentence");

    private static TransactionOutput Output(Hash32 hash, WriteSet writes, IReadOnlyList<ContractEvent> events,
        TransactionStatus? status = null) =>
        new(new Receipt(hash, status ?? TransactionStatus.Success, 5, 7, ExecutionRoots.OfWrites(writes), ExecutionRoots.OfEvents(events),
            (uint)events.Count), writes, events, status is null ? null : Place);

    private static StateKey KeyOf(int number) => (number % 3) switch
    {
        0 => StateKey.Resource(Owner(number % 4), new StructTag(Address.One, "m", $"S{number}", [])),
        1 => StateKey.TableItem(new Hash32(Owner(number % 4).ToArray()), [(byte)number]),
        _ => StateKey.Module(new ModuleId(Owner(number % 4), $"m{number}")),
    };

    private WriteSet WritesOf(ulong height)
    {
        Random random = new(_seed + (int)(height * 1000));
        return WriteSet.From(Enumerable.Range(0, random.Next(12)).Select(_ =>
        {
            byte[] value = new byte[random.Next(20)];
            random.NextBytes(value);
            return new StateWrite(_pool[random.Next(_pool.Length)], random.Next(3) == 0 ? null : value);
        }));
    }
}
