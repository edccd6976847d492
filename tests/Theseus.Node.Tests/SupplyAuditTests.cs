using Theseus.Protocol;
using Theseus.Storage;

namespace Theseus.Node.Tests;

/// <summary>The offline count of all coins, against sums made by hand.</summary>
public class SupplyAuditTests
{
    private const string Coin = "0x1::theseus_coin::TheseusCoin";

    // 8 accounts with 1,000 coins each, and bonds of 1,000 coins for 4 validators (LocalChain's genesis)
    private const ulong Genesis = (8 + 4) * 1_000 * LocalChain.Unit;

    [Fact]
    public void GenesisHoldsBalancesAndBonds()
    {
        LocalChain chain = new();
        SupplyAudit audit = SupplyAudit.Of(chain.Store, 0);
        CoinSupply supply = Assert.Single(audit.Supplies);
        Assert.Equal((Coin, (UInt128)Genesis, UInt128.Zero, UInt128.Zero), (supply.Coin, supply.Genesis, supply.Minted, supply.Burned));
        Assert.Equal(new CoinHolding("0x1::coin::CoinStore.coin", 8, 8_000 * LocalChain.Unit), Holding(supply, "coin::CoinStore.coin"));
        Assert.Equal(new CoinHolding("0x1::stake::Pool.bonded", 4, 4_000 * LocalChain.Unit), Holding(supply, "stake::Pool.bonded"));
        Assert.Equal(UInt128.Zero, Holding(supply, "stake::Pool.unbonding").Amount);
        Assert.Equal(UInt128.Zero, Holding(supply, "stake::Pool.pending").Amount);
        Assert.True(audit.AddsUp);
        Assert.Equal(SparseMerkle.Root(chain.Genesis.State), audit.Root);
        Assert.Equal(chain.Genesis.State.Writes.Count, audit.Entries);
    }

    [Fact]
    public void FeesArePaidByHalvesAndTheOtherHalfIsBurned()
    {
        LocalChain chain = new();
        ChainHead head = chain.Decide(chain.Transfer(chain.Users[0], chain.Users[1].Address, 7, price: 3),
            chain.Transfer(chain.Users[2], new TestUser("newcomer").Address, 11));
        ulong fees = (ulong)head.Result.Fees;
        Assert.True(fees > 1_000);
        chain.Decide();

        SupplyAudit audit = SupplyAudit.Of(chain.Store, 1);
        CoinSupply supply = Assert.Single(audit.Supplies);
        ulong burned = fees * 500 / 1000; // burn_permille of genesis (fee_parameters.move)
        Assert.Equal(((UInt128)Genesis, UInt128.Zero, (UInt128)burned), (supply.Genesis, supply.Minted, supply.Burned));
        Assert.Equal((UInt128)((8_000 * LocalChain.Unit) - fees), Holding(supply, "coin::CoinStore.coin").Amount);
        Assert.Equal(9, Holding(supply, "coin::CoinStore.coin").Count); // the newcomer's too
        Assert.Equal((UInt128)(fees - burned), Holding(supply, "stake::Pool.pending").Amount);
        Assert.Equal((UInt128)(Genesis - burned), supply.Held);
        Assert.True(audit.AddsUp);
        Assert.Equal(head.Result.StateRoot, audit.Root);
    }

    [Fact]
    public void CoinsInAStructThatIsInATableAreFound()
    {
        LocalChain chain = new();
        TestUser proposer = chain.Users[3];
        TransactionPayload payload = new TransactionPayload.EntryFunction(
            new ModuleId(Address.One, "governance"), "propose", [],
            [new BcsWriter().Bytes(new byte[32]).ToArray(), new BcsWriter().Text("https://example.org").ToArray()]);
        byte[] propose = SignedTransaction.Sign(
            new RawTransaction(proposer.Address, proposer.Sequence++, payload, 2_000_000, 1, (LocalChain.GenesisTime / 1000) + 60, 4),
            proposer.Seed).Bytes;
        ChainHead head = chain.Decide(propose);
        Assert.Equal(StatusKind.Success, head.Outputs[1].Receipt.Status.Kind);
        chain.Decide();

        SupplyAudit audit = SupplyAudit.Of(chain.Store, 1);
        CoinSupply supply = Assert.Single(audit.Supplies);
        // the deposit of LocalChain's genesis: 1 coin
        Assert.Equal(new CoinHolding("0x1::governance::Proposal.deposit", 1, LocalChain.Unit),
            Holding(supply, "governance::Proposal.deposit"));
        Assert.True(audit.AddsUp);
    }

    [Fact]
    public void ACoinTooManyOrTooFewDoesNotAddUp()
    {
        LocalChain chain = new();
        List<StateEntry> state = [.. chain.Store.Scan(0, null, int.MaxValue)];
        int at = state.FindIndex(entry => entry.Key.Kind == StateKeyKind.Resource && entry.Key.ResourceType().Name == "CoinStore");
        foreach ((int change, UInt128 held) in ((int, UInt128)[])[(1, Genesis + 1), (-1, Genesis - 1)])
        {
            byte[] store = new BcsWriter(8).U64((ulong)((long)(1_000 * LocalChain.Unit) + change)).ToArray();
            List<StateEntry> forged = [.. state];
            forged[at] = new StateEntry(state[at].Key, store);
            SupplyAudit audit = SupplyAudit.Of(() => forged);
            Assert.Equal(((UInt128)Genesis, held), (audit.Supplies[0].Recorded, audit.Supplies[0].Held));
            Assert.False(audit.AddsUp);
            Assert.NotEqual(SparseMerkle.Root(chain.Genesis.State), audit.Root);
        }
    }

    [Fact]
    public void AnItemOfNoTableIsCountedAsLost()
    {
        LocalChain chain = new();
        List<StateEntry> state =
            [.. chain.Store.Scan(0, null, int.MaxValue),
                new StateEntry(StateKey.TableItem(new Hash32(Enumerable.Repeat((byte)9, 32).ToArray()), [1]), [1])];
        SupplyAudit audit = SupplyAudit.Of(() => state);
        Assert.Equal(1, audit.LostItems);
        Assert.False(audit.AddsUp);
    }

    [Fact]
    public void PagesOfAnySizeGiveTheWholeStateOnce()
    {
        LocalChain chain = new();
        chain.Decide(chain.Transfer(chain.Users[0], chain.Users[1].Address, 7));
        chain.Decide();
        foreach (ulong height in (ulong[])[0, 1])
        {
            StateKey[] whole = [.. chain.Store.Scan(height, null, int.MaxValue).Select(entry => entry.Key)];
            foreach (int size in (int[])[1, 7, whole.Length - 1, whole.Length])
            {
                List<StateKey> paged = [];
                IReadOnlyList<StateEntry> page;
                do
                {
                    page = chain.Store.Scan(height, paged.LastOrDefault(), size);
                    paged.AddRange(page.Select(entry => entry.Key));
                }
                while (page.Count == size);
                Assert.Equal(whole, paged);
            }
        }
    }

    private static CoinHolding Holding(CoinSupply supply, string place) =>
        Assert.Single(supply.Holdings, holding => holding.Place == "0x1::" + place);
}
