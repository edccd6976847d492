using Theseus.Consensus;
using Theseus.Protocol;
using Theseus.Protocol.Tests;

namespace Theseus.Storage.Tests;

/// <summary>What every chain store does; run on each kind.</summary>
public abstract class ChainStoreContract : IDisposable
{
    private readonly List<ChainStore> _opened = [];

    protected abstract IKeyValues NewTables();

    public virtual void Dispose()
    {
        foreach (ChainStore store in _opened)
        {
            store.Dispose();
        }

        GC.SuppressFinalize(this);
    }

    private (ChainStore Store, IKeyValues Tables) Open(Retention? retention = null)
    {
        IKeyValues tables = NewTables();
        ChainStore store = new(tables, retention ?? new Retention(null, null, null));
        _opened.Add(store);
        return (store, tables);
    }

    [Fact]
    public void GenesisIsHeight0WithItsStateRecordAndResult()
    {
        (ChainStore store, _) = Open();
        Assert.Null(store.Chain);
        Genesis genesis = TestChain.GenesisOf();
        GenesisBlock start = store.Initialise(genesis);
        Assert.Equal(genesis.Identity(), store.Chain);
        Assert.Equal(new StoreWindow(0, 0, 0, 0, 0), store.Window);
        Assert.Equal(start.Result, store.Result(0));
        Assert.Equal(RecordModels.Known.Id(start.Record), RecordModels.Known.Id(store.Record(0)!));
        Assert.Equal(0UL, store.HeightOf(genesis.Hash()));
        StateWrite write = genesis.State.Writes[0];
        Assert.Equal(write.Value, store.StateAt(0).TryGet(write.Key));
        Assert.True(SparseMerkle.Verify(start.Result.StateRoot, write.Key, write.Value, store.Prove(0, write.Key)));
        Assert.Equal(start.Output.Receipt, store.Transaction(0UL)!.Output.Receipt);
        Assert.Null(store.Block(0));
    }

    [Fact]
    public void TheSameGenesisIsAcceptedAgainAndAnotherIsRefused()
    {
        (ChainStore store, _) = Open();
        store.Initialise(TestChain.GenesisOf());
        store.Initialise(TestChain.GenesisOf());
        StoreException thrown = Assert.Throws<StoreException>(() => store.Initialise(TestChain.GenesisOf() with { Time = 5 }));
        Assert.Equal(StoreFault.OtherChain, thrown.Fault);
    }

    [Fact]
    public void DecidedBlocksComeBackAsTheyWentIn()
    {
        (ChainStore store, _) = Open();
        StoreChain chain = new(store);
        chain.RunTo(3);
        for (ulong height = 1; height <= 3; height++)
        {
            DecidedBlock decided = chain.Decided[(int)height];
            Assert.Equal(BlockCodec.Encode(decided.Block), BlockCodec.Encode(store.Block(height)!));
            Assert.Equal(decided.Block.Header, store.Header(height));
            Assert.Equal(BlockCodec.HashOf(decided.Certificate), BlockCodec.HashOf(store.Certificate(height)));
            Assert.Equal(RecordModels.Known.Id(decided.Record), RecordModels.Known.Id(store.Record(height)!));
            Assert.Equal(height, store.HeightOf(BlockCodec.IdOf(decided.Block.Header)));
        }

        Assert.Null(store.Block(4));
        Assert.Null(store.Record(4));
        Assert.Null(store.HeightOf(Hash32.Zero));
    }

    [Fact]
    public void ADecidedBlockWithoutResultsIsAboveTheMarker()
    {
        (ChainStore store, _) = Open();
        StoreChain chain = new(store);
        chain.RunTo(2);
        chain.Decide();
        Assert.Equal(3UL, store.Window.Decided);
        Assert.Equal(2UL, store.Window.Executed);
        Assert.Null(store.Result(3));
        Assert.Equal(StoreFault.Order, Assert.Throws<StoreException>(() => store.StateAt(3)).Fault);
        chain.Execute();
        Assert.Equal(3UL, store.Window.Executed);
    }

    [Fact]
    public void CallsOutOfOrderAreRefusedAndChangeNothing()
    {
        (ChainStore store, _) = Open();
        StoreChain chain = new(store);
        chain.RunTo(2);
        Assert.Equal(StoreFault.Order, Assert.Throws<StoreException>(() => store.Append(chain.Decided[2])).Fault);
        Assert.Equal(StoreFault.Order, Assert.Throws<StoreException>(() => store.CommitState(chain.Executed[2])).Fault);
        Assert.Equal(StoreFault.Order, Assert.Throws<StoreException>(() => store.Prepare(2, WriteSet.Empty)).Fault);

        (ChainStore other, _) = Open();
        StoreChain ahead = new(other);
        ahead.RunTo(4);
        Assert.Equal(StoreFault.Order, Assert.Throws<StoreException>(() => store.Append(ahead.Decided[4])).Fault);
        Assert.Equal(StoreFault.Order, Assert.Throws<StoreException>(() => store.CommitState(ahead.Executed[3])).Fault); // not decided here
        Assert.Equal(StoreFault.Order,
            Assert.Throws<StoreException>(() => store.Append(ahead.Decided[3] with { Certificate = ahead.Decided[4].Certificate })).Fault);
        Assert.Equal(new StoreWindow(2, 2, 0, 0, 0), store.Window);
    }

    [Fact]
    public void AResultWhoseRootIsNotTheStatesIsRefusedWhole()
    {
        (ChainStore store, _) = Open();
        StoreChain chain = new(store);
        chain.RunTo(2);
        (ChainStore truth, _) = Open();
        StoreChain ahead = new(truth);
        ahead.RunTo(3);
        chain.Decide();
        ExecutedBlock wrong = ahead.Executed[3] with { Result = ahead.Executed[3].Result with { StateRoot = Hash32.Zero } };
        Assert.Equal(StoreFault.Broken, Assert.Throws<StoreException>(() => store.CommitState(wrong)).Fault);
        Assert.Equal(2UL, store.Window.Executed);
        Assert.Null(store.Transaction(wrong.Result.FirstVersion));
        chain.Execute();
    }

    [Fact]
    public void APreparationForOtherWritesIsNotUsed()
    {
        (ChainStore store, _) = Open();
        StoreChain chain = new(store);
        chain.RunTo(2);
        PreparedState stale = store.Prepare(3, WriteSet.Empty);
        (ChainStore truth, _) = Open();
        StoreChain ahead = new(truth, seed: 1);
        ahead.RunTo(3);
        chain.Decide();
        Assert.Equal(ahead.Results[3].StateRoot, store.CommitState(ahead.Executed[3], stale));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void EveryHeightReadsListsAndProvesAsItWas(int seed)
    {
        (ChainStore store, _) = Open();
        StoreChain chain = new(store, seed);
        chain.RunTo(40);
        for (ulong height = 0; height <= 40; height++)
        {
            AssertState(chain, height);
            AssertProofs(chain, height, 6);
        }
    }

    [Fact]
    public void ListsArePagedWithoutGapOrRepeat()
    {
        (ChainStore store, _) = Open();
        StoreChain chain = new(store);
        chain.RunTo(30);
        StateKey[] whole = [.. store.List(30, StoreChain.Owner(1), StateKeyKind.Resource, null, 1000).Select(entry => entry.Key)];
        Assert.True(whole.Length > 1);
        List<StateKey> paged = [];
        Hash32? after = null;
        while (store.List(30, StoreChain.Owner(1), StateKeyKind.Resource, after, 1) is [StateEntry next])
        {
            paged.Add(next.Key);
            after = next.Key.TreeKey();
        }

        Assert.Equal(whole, paged);
    }

    [Fact]
    public void TransactionsAreFoundByVersionAndExecutedOnesByHash()
    {
        (ChainStore store, _) = Open();
        StoreChain chain = new(store);
        chain.RunTo(5);
        for (ulong height = 1; height <= 5; height++)
        {
            ExecutedBlock executed = chain.Executed[(int)height];
            StoredTransaction found = store.Transaction(executed.Result.FirstVersion + 1)!;
            Assert.Equal((height, 1U), (found.Height, found.Index));
            Assert.Equal(executed.Outputs[1].Receipt, found.Output.Receipt);
            Assert.Equal(ExecutionRoots.OfWrites(executed.Outputs[1].Writes), ExecutionRoots.OfWrites(found.Output.Writes));
            Assert.Equal(executed.Outputs[1].Events[0].Data, found.Output.Events[0].Data);
            Assert.Equal(StoreChain.Place, found.Output.FailurePlace);
            Assert.Equal(chain.Decided[(int)height].Block.Body.Transactions[0], store.TransactionBytes(found));

            // height 5's is skipped: its hash names nothing (execution 4)
            Assert.Equal(height == 5 ? null : found.Version, store.Transaction(chain.TransactionHash(height))?.Version);
        }

        StoredTransaction begin =
            store.Transaction(SystemTransactions.Hash(SystemTransactionKind.Begin, chain.Chain.Chain.GenesisHash, 4))!;
        Assert.Equal((4UL, 0U), (begin.Height, begin.Index));
        Assert.Null(store.TransactionBytes(begin));
        Assert.Null(store.TransactionBytes(store.Transaction(begin.Version + 2)!));
        Assert.Null(store.Transaction(1_000UL));
        Assert.Null(store.Transaction(Hash32.Zero));
    }

    [Fact]
    public void ResultsAndServiceEventsComeBack()
    {
        (ChainStore store, _) = Open();
        StoreChain chain = new(store);
        chain.RunTo(7);
        Assert.Equal(chain.Results[6], store.Result(6));
        Assert.Empty(store.ServiceEvents(6)!);
        Assert.Equal([new ServiceEvent.VersionCancelled("execution", 7)], store.ServiceEvents(7)!);
    }

    [Fact]
    public void RetentionMovesTheFloorsAndWhatIsAboveThemStaysExact()
    {
        (ChainStore store, _) = Open(new Retention(20, 10, 5));
        StoreChain chain = new(store);
        for (ulong height = 1; height <= 60; height++)
        {
            chain.RunTo(height);
            StoreWindow window = store.Window;
            Assert.Equal(height > 20 ? height - 20 : 0, window.FirstBlock);
            Assert.Equal(height > 10 ? height - 10 : 0, window.FirstState);
            Assert.Equal(height > 5 ? height - 5 : 0, window.FirstProof);
            AssertState(chain, window.FirstState);
            AssertProofs(chain, window.FirstProof, 3);
        }

        for (ulong height = 50; height <= 60; height++)
        {
            AssertState(chain, height);
        }

        Assert.Equal(StoreFault.Pruned, Assert.Throws<StoreException>(() => store.StateAt(49)).Fault);
        Assert.Equal(StoreFault.Pruned,
            Assert.Throws<StoreException>(() => store.List(49, StoreChain.Owner(1), StateKeyKind.Resource, null, 1)).Fault);
        Assert.Equal(StoreFault.Pruned, Assert.Throws<StoreException>(() => store.Prove(54, chain.Pool[0])).Fault);
        Assert.Null(store.Block(39));
        Assert.Null(store.Certificate(39));
        Assert.Null(store.Transaction(chain.Executed[39].Result.FirstVersion));
        Assert.Null(store.Transaction(chain.TransactionHash(39)));
        Assert.NotNull(store.Block(40));
        Assert.NotNull(store.Record(40));
        Assert.NotNull(store.Transaction(chain.TransactionHash(41)));
    }

    [Fact]
    public void AReaderFromBeforeTheFloorMovedIsToldSo()
    {
        (ChainStore store, _) = Open();
        StoreChain chain = new(store);
        chain.RunTo(10);
        IStateReader old = store.StateAt(3);
        Assert.Equal(chain.Truth[3].GetValueOrDefault(chain.Pool[0]), old.TryGet(chain.Pool[0]));
        store.Prune(8, 10_000);
        Assert.Equal(StoreFault.Pruned, Assert.Throws<StoreException>(() => old.TryGet(chain.Pool[0])).Fault);
    }

    /// <summary>One row at a time, the state at the floor never changes.</summary>
    [Fact]
    public void PruningRowByRowNeverUncoversAnOlderValue()
    {
        (ChainStore store, _) = Open();
        StoreChain chain = new(store);
        chain.RunTo(30);
        int slices = 0;
        while (store.Prune(30, 1))
        {
            AssertState(chain, 30);
            slices++;
        }

        Assert.True(slices >= 29, "each block after the first replaces the root at least");
        AssertState(chain, 30);
        AssertProofs(chain, 30, 10);
    }

    [Fact]
    public void AStorePrunedToItsHeadHoldsOneRowForEachLiveValue()
    {
        (ChainStore store, IKeyValues tables) = Open();
        StoreChain chain = new(store);
        chain.RunTo(50);
        Assert.False(store.Prune(50, 1_000_000));
        tables.Compact();
        Assert.Equal(chain.Truth[50].Count, Rows(tables, Table.State));
        Assert.Equal(0, Rows(tables, Table.History));
        foreach (Table table in (Table[])[Table.Trees, Table.Headers, Table.Bodies, Table.Certificates, Table.Results, Table.ServiceEvents,
            Table.BlockIds])
        {
            Assert.Equal(1, Rows(tables, table));
        }

        Assert.Equal(chain.Results[50].TransactionCount, (uint)Rows(tables, Table.Transactions));

        (ChainStore freshStore, IKeyValues freshTables) = Open();
        freshStore.Initialise(
            TestChain.GenesisOf() with { State = WriteSet.From(chain.Truth[50].Select(pair => new StateWrite(pair.Key, pair.Value))) });
        Assert.Equal(Rows(freshTables, Table.Nodes), Rows(tables, Table.Nodes));
        chain.RunTo(55); // and the chain goes on
        AssertState(chain, 55);
    }

    [Fact]
    public void WritingTheSameValueAgainOrDeletingNothingStoresNoRow()
    {
        (ChainStore store, IKeyValues tables) = Open();
        StoreChain chain = new(store);
        chain.RunTo(10);
        int rows = Rows(tables, Table.History) + Rows(tables, Table.State);
        chain.Decide();
        StateKey absent = StateKey.TableItem(Hash32.Zero, [1]);
        WriteSet writes = WriteSet.From(
            [.. chain.Truth[10].Take(3).Select(pair => new StateWrite(pair.Key, pair.Value)), new StateWrite(absent, null)]);
        BlockResultSummary result = chain.Results[10] with { Height = 11, FirstVersion = 31, TransactionCount = 0 };
        Assert.Equal(chain.Results[10].StateRoot, store.CommitState(new ExecutedBlock(result, [], writes, [])));
        Assert.Equal(rows, Rows(tables, Table.History) + Rows(tables, Table.State));
    }

    [Fact]
    public void TwoWritersOnTwoThreadsKeepEveryUnitWhole()
    {
        (ChainStore store, _) = Open();
        (ChainStore source, _) = Open();
        StoreChain made = new(source);
        made.RunTo(60);
        store.Initialise(made.Chain.Genesis);

        Thread deciding = new(() =>
        {
            for (int height = 1; height <= 60; height++)
            {
                store.Append(made.Decided[height]);
            }
        });
        deciding.Start();
        for (int height = 1; height <= 60; height++)
        {
            SpinWait.SpinUntil(() => store.Window.Decided >= (ulong)height, TimeSpan.FromSeconds(30));
            store.CommitState(made.Executed[height]);
        }

        deciding.Join();
        Assert.Equal(60UL, store.Window.Decided);
        Assert.Equal(60UL, store.Window.Executed);
        Assert.Equal(made.Results[60].StateRoot, store.Result(60)!.StateRoot);
    }

    [Fact]
    public void OffencesInBlocksAreRemembered()
    {
        (ChainStore store, IKeyValues tables) = Open(new Retention(30, 20, 10));
        StoreChain chain = new(store);
        chain.RunTo(4);
        Assert.Empty(store.Offences(ulong.MaxValue, 10));
        Assert.False(store.IsCommitted(EvidenceKey.Of(DoubleVote(1, 3))));
        foreach (Evidence[] found in (Evidence[][])[[DoubleVote(1, 3), DoubleVote(2, 3)], [DoubleVote(1, 2)],
            [DoubleVote(1, 4), DoubleVote(3, 3)], [DoubleVote(1, 7)]])
        {
            chain.Decide(found);
            chain.Execute();
        }

        Assert.True(store.IsCommitted(EvidenceKey.Of(DoubleVote(1, 3))));
        Assert.False(store.IsCommitted(EvidenceKey.Of(DoubleVote(2, 4))));

        // by the offence's height, with the block that holds the proof: blocks 5 to 8 hold what is above
        CommittedOffence[] all = [Of(1, 2, 6), Of(1, 3, 5), Of(2, 3, 5), Of(3, 3, 7), Of(1, 4, 7), Of(1, 7, 8)];
        all = [.. all.OrderBy(item => item.Offence.Height).ThenBy(item => item.Offence.Validator)];
        Assert.Equal(all, store.Offences(ulong.MaxValue, 10));
        Assert.Equal(all[5..], store.Offences(ulong.MaxValue, 1));
        Assert.Equal(all[4..], store.Offences(ulong.MaxValue, 2));
        Assert.Equal(all[1..], store.Offences(ulong.MaxValue, 3)); // the three of height 3 stay together
        Assert.Equal(all[1..5], store.Offences(7, 2));
        Assert.Equal(all[..1], store.Offences(3, 2));
        Assert.Empty(store.Offences(2, 2));
        Assert.Empty(store.Offences(0, 2));

        // what another opening of the same tables finds, when the blocks themselves are long pruned
        chain.RunTo(60);
        Assert.Null(store.Block(8));
        using ChainStore again = new(tables, new Retention(30, 20, 10));
        Assert.Equal(all, again.Offences(ulong.MaxValue, 10));
        Assert.True(again.IsCommitted(EvidenceKey.Of(DoubleVote(1, 2))));

        static CommittedOffence Of(int validator, ulong height, ulong block) =>
            new(new EvidenceKey(TestChain.EntryOf(validator).Address, height, 1), block);
    }

    [Fact]
    public void TheRowBeforeAKeyIsFound()
    {
        using IKeyValues tables = NewTables();
        using (IKeyValueBatch writer = tables.Write())
        {
            foreach (byte key in (byte[])[2, 4, 6])
            {
                writer.Put(Table.Offences, [key, 0], [key]);
            }

            writer.Put(Table.Headers, [3], [3]); // another table's rows do not show
            writer.Commit();
        }

        using IKeyValueView view = tables.View();
        Assert.Equal([null, null, 2, 2, 4, 4, 6, 6],
            ((byte[][])[[], [2, 0], [2, 1], [4, 0], [4, 0, 0], [6], [6, 0, 0], [9]]).Select(key => Before(key)));

        int? Before(byte[] key)
        {
            bool found = view.Before(Table.Offences, key, out byte[] foundKey, out byte[] value);
            Assert.Equal(found ? [value[0], 0] : (byte[])[], foundKey);
            return found ? value[0] : null;
        }
    }

    private static Evidence DoubleVote(int validator, ulong height)
    {
        // a store checks no signatures
        Signed<Vote> one = new(
            new Vote(VoteType.Prevote, height, 0, null, Rounds.Nil, ValidatorSets.ToId(TestChain.EntryOf(validator).Address)),
            new ByteString(new byte[64]));
        return Offences.Between(one, one with { Message = one.Message with { Value = new ValueId(new byte[32]) } })!;
    }

    protected static int Rows(IKeyValues tables, Table table)
    {
        using IKeyValueView view = tables.View();
        int count = 0;
        byte[]? position = [];
        while (position is not null && view.Seek(table, position, out byte[] key, out _))
        {
            count++;
            position = [.. key, 0];
        }

        return count;
    }

    internal static void AssertState(StoreChain chain, ulong height)
    {
        SortedDictionary<StateKey, byte[]> truth = chain.Truth[(int)height];
        IStateReader state = chain.Store.StateAt(height);
        foreach (StateKey key in chain.Pool.Concat(truth.Keys))
        {
            Assert.Equal(truth.GetValueOrDefault(key), state.TryGet(key));
        }

        for (int owner = 0; owner < 4; owner++)
        {
            foreach (StateKeyKind kind in Enum.GetValues<StateKeyKind>())
            {
                StateEntry[] expected =
                [
                    .. truth.Where(pair => pair.Key.Owner == StoreChain.Owner(owner) && pair.Key.Kind == kind)
                        .OrderBy(pair => pair.Key.TreeKey()).Select(pair => new StateEntry(pair.Key, pair.Value)),
                ];
                IReadOnlyList<StateEntry> listed = chain.Store.List(height, StoreChain.Owner(owner), kind, null, 1000);
                Assert.Equal(expected.Select(entry => entry.Key), listed.Select(entry => entry.Key));
                Assert.Equal(expected.Select(entry => Convert.ToHexString(entry.Value)),
                    listed.Select(entry => Convert.ToHexString(entry.Value)));
            }
        }
    }

    internal static void AssertProofs(StoreChain chain, ulong height, int count)
    {
        SortedDictionary<StateKey, byte[]> truth = chain.Truth[(int)height];
        foreach (StateKey key in chain.Pool.Take(count))
        {
            StateProof proof = chain.Store.Prove(height, key);
            Assert.True(SparseMerkle.Verify(chain.Results[(int)height].StateRoot, key, truth.GetValueOrDefault(key), proof));
        }
    }
}

public sealed class MemoryStoreTests : ChainStoreContract
{
    protected override IKeyValues NewTables() => new MemoryKeyValues();

    [Fact]
    public void AForkIsWhatACrashLeaves()
    {
        MemoryKeyValues tables = new();
        StoreChain chain = new(new ChainStore(tables, Retention.Default));
        chain.RunTo(5);
        chain.Decide();
        using ChainStore forked = new(tables.Fork(), Retention.Default);
        chain.Execute();
        chain.RunTo(8);
        Assert.Equal(6UL, forked.Window.Decided);
        Assert.Equal(5UL, forked.Window.Executed);
        Assert.Equal(8UL, chain.Store.Window.Executed);
        forked.CommitState(chain.Executed[6]);
        Assert.Equal(chain.Results[6], forked.Result(6));
    }
}
