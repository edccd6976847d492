namespace Theseus.Node.Tests;

/// <summary>Every number of a signed transaction at the ends of its range: an answer, never a fault of the pool (fault 97).</summary>
public class ExtremeTransactionTests
{
    private static readonly ulong[] Numbers =
        [0, 1, 20_000, uint.MaxValue, 1UL << 32, 1_000_000_000_000_000_000, long.MaxValue, 1UL << 63, ulong.MaxValue - 1, ulong.MaxValue];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void NoNumberOfATransactionIsMoreThanARefusal(bool byPeer)
    {
        object? source = byPeer ? new object() : null;
        LocalChain chain = new();
        Mempool pool = chain.Pool();
        ulong soon = (LocalChain.GenesisTime / 1000) + 60;
        TestUser user = chain.Users[0];
        foreach (ulong one in Numbers)
        {
            foreach (ulong other in Numbers)
            {
                Submit(sequence: one, gas: 20_000, price: other, soon);
                Submit(sequence: 0, gas: one, price: other, soon);
                Submit(sequence: one, gas: 20_000, price: 1, other);
                Submit(sequence: 1, gas: 20_000, price: 1, soon, amount: one);
            }
        }

        // and what blocks, peers and askers do with what was taken
        byte[] useful = chain.Transfer(chain.Users[1], user.Address, 1);
        Assert.Null(pool.Submit(useful, source).Refusal);
        Assert.Contains(useful, pool.Waiting(1_000, long.MaxValue));
        for (int i = 0; i < 3; i++)
        {
            ChainHead head = chain.Decide([.. pool.Select(chain.Execution.Head).Select(item => item.Bytes)]);
            pool.Advance(head);
            pool.JudgeAgain(head);
            while (pool.JudgeSlice(100))
            {
                // all of it
            }
        }

        Assert.Empty(pool.Waiting(1_000, long.MaxValue));
        Assert.InRange(pool.Count, 0, PoolLimits.Default.WaitingCountPerSender);

        void Submit(ulong sequence, ulong gas, ulong price, ulong expires, ulong amount = 1)
        {
            TransactionPayload payload = new TransactionPayload.EntryFunction(
                new ModuleId(Address.One, "coin"), "transfer", [TypeTag.Of(new StructTag(Address.One, "theseus_coin", "TheseusCoin", []))],
                [chain.Users[1].Address.ToArray(), new BcsWriter(8).U64(amount).ToArray()]);
            byte[] bytes = SignedTransaction.Sign(new RawTransaction(user.Address, sequence, payload, gas, price, expires, 4),
                user.Seed).Bytes;
            Submission outcome = pool.Submit(bytes, source);
            PoolView? view = pool.Find(outcome.Hash);
            Assert.True(outcome.Refusal is not null || view is not null);
        }
    }
}
