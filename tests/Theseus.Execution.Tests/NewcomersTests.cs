using System.Text;

namespace Theseus.Execution.Tests;

/// <summary>More accounts want to validate than there are places, each with the least bond. // faults 5, 86</summary>
public class NewcomersTests
{
    private const int Newcomers = 197;
    private const int Places = 200;
    private const int PerBlock = 40;
    private const ulong LeastBond = 100 * Chain.Unit;
    private const ulong UnbondingEpochs = 2; // of the genesis of these tests

    // faults 5, 86
    [Fact]
    public void TheSetStaysBoundedTheWeakestGivesWayAndBlocksGoOn()
    {
        TestAccount[] newcomers = [.. Enumerable.Range(0, Newcomers).Select(i => new TestAccount("newcomer" + i))];
        Chain chain = new(Framework.Modules, others: newcomers);
        int free = Places - chain.ValidatorSet.Count;
        List<StatusKind> joined = [];
        foreach (TestAccount[] group in newcomers.Chunk(PerBlock))
        {
            BlockResult block = chain.Block([.. group.Select(owner => chain.Sign(owner, Join(owner, LeastBond)))]);
            joined.AddRange(block.Outputs.Skip(1).Take(group.Length).Select(output => output.Receipt.Status.Kind));
        }

        // who comes to a full list with no more than the others is refused, and may come again with more
        Assert.All(joined.Take(free), kind => Assert.Equal(StatusKind.Success, kind));
        Assert.Equal(1, Newcomers - free);
        Assert.NotEqual(StatusKind.Success, joined[free]);
        TestAccount last = newcomers[^1];
        Address[] full = Candidates(chain);
        Assert.Equal(Places, full.Length);
        Assert.DoesNotContain(last.Address, full);
        Assert.Equal(StatusKind.Success, chain.Run(last, Join(last, LeastBond + 1)).Receipt.Status.Kind);
        Address weakest = newcomers[free - 1].Address; // of the equally weak the newest
        Assert.Equal(full.Where(address => address != weakest).Append(last.Address).Order(), Candidates(chain).Order());
        Assert.Equal(LeastBond, chain.Pool(weakest).Bonded); // it lost its place, not its coins

        // an epoch begins with as many as there are places, and the chain goes on
        chain.EpochMicros(250_000);
        BlockResult next = chain.Block();
        while (next.ServiceEvents.Count == 0 && chain.Height < 30)
        {
            next = chain.Block();
        }

        ServiceEvent.EpochSetup setup = Assert.IsType<ServiceEvent.EpochSetup>(Assert.Single(next.ServiceEvents));
        Assert.Equal(Places, setup.Validators.Count);
        Assert.Contains(last.Address, setup.Validators.Select(entry => entry.Address));
        Assert.Empty(next.Alarms);
        chain.ValidatorSet = [.. setup.Validators.OrderBy(entry => entry.Address)];
        chain.Epoch = 2;
        chain.Block();
        Assert.Equal(StatusKind.Success, chain.Run(chain.Alice, Chain.Transfer(chain.Bob.Address, 5)).Receipt.Status.Kind);
    }

    // fault 86: bond, unbond, withdraw, each by everybody: no place stays taken
    [Fact]
    public void ThoseWhoLeaveGiveTheirPlacesBack()
    {
        TestAccount[] newcomers = [.. Enumerable.Range(0, Newcomers).Select(i => new TestAccount("newcomer" + i))];
        Chain chain = new(Framework.Modules, others: newcomers);
        Address[] before = Candidates(chain);
        foreach (TestAccount[] group in newcomers.Chunk(PerBlock))
        {
            BlockResult block = chain.Block([.. group.SelectMany(owner => (byte[][])
            [
                chain.Sign(owner, Join(owner, LeastBond)),
                chain.Sign(owner, Chain.Call("stake", "unbond", Chain.U64(LeastBond))),
            ])]);
            Assert.All(
                block.Outputs.Skip(1).Take(2 * group.Length), output => Assert.Equal(StatusKind.Success, output.Receipt.Status.Kind));
        }

        Assert.Equal(before, Candidates(chain));
        Assert.Equal(StatusKind.Success, chain.Run(chain.Alice, Chain.Transfer(chain.Bob.Address, 5)).Receipt.Status.Kind);

        // their coins come back when the unbonding time is over, not before; then nothing is left of them, and they may come again
        Assert.All(Withdrawals(), kind => Assert.Equal(StatusKind.Aborted, kind));
        chain.Epoch += UnbondingEpochs;
        Assert.All(Withdrawals(), kind => Assert.Equal(StatusKind.Success, kind));
        StructTag pool = new(Address.One, "stake", "Pool", []);
        Assert.All(newcomers, owner => Assert.Null(chain.State.TryGet(StateKey.Resource(owner.Address, pool))));
        Assert.Equal(StatusKind.Success, chain.Run(newcomers[7], Join(newcomers[7], LeastBond)).Receipt.Status.Kind);
        Assert.Equal(before.Append(newcomers[7].Address).Order(), Candidates(chain).Order());

        List<StatusKind> Withdrawals() =>
        [
            .. newcomers.Chunk(PerBlock).SelectMany(group => chain.Block(
                [.. group.Select(owner => chain.Sign(owner, Chain.Call("stake", "withdraw")))])
                .Outputs.Skip(1).Take(group.Length).Select(output => output.Receipt.Status.Kind)),
        ];
    }

    private static TransactionPayload Join(TestAccount owner, ulong amount) => Chain.Call(
        "stake", "join", Chain.Bytes(Ed25519.PublicKey(owner.Seed)),
        Chain.Bytes(Ed25519.Sign(owner.Seed, [.. Encoding.ASCII.GetBytes("THESEUS::ConsensusKey"), .. owner.Address.ToArray()])),
        Chain.U64(amount));

    private static Address[] Candidates(Chain chain)
    {
        BcsReader reader = new(chain.View("stake", "candidates")[0]);
        Address[] candidates = new Address[reader.Count(1_000)];
        for (int i = 0; i < candidates.Length; i++)
        {
            candidates[i] = reader.Address();
        }

        return candidates;
    }
}
