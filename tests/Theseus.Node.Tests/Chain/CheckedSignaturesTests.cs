using Theseus.Protocol;

namespace Theseus.Node.Tests.Chain;

/// <summary>A node checks a transaction's signature once: pool, judgement and execution share what they know (fault 103).</summary>
public class CheckedSignaturesTests
{
    // fault 103
    [Fact]
    public void ExecutionTakesThePoolsWord()
    {
        LocalChain chain = new();
        byte[] forged = chain.Transfer(chain.Users[0], chain.Users[1].Address, 5);
        forged[^1] ^= 1; // in the signature's last byte
        Assert.True(TransactionDecoding.TryDecode(forged, out SignedTransaction? transaction).IsNone);
        Assert.Equal(StatusKind.Skipped, new LocalChain().Decide(forged).Outputs[1].Receipt.Status.Kind);
        chain.Execution.Signatures.Add(transaction!.Hash); // as if it had been found good: execution does not look again
        Assert.Equal(StatusKind.Success, chain.Decide(forged).Outputs[1].Receipt.Status.Kind);
    }

    // fault 103
    [Fact]
    public void ThePoolTakesTheBlocksWord()
    {
        LocalChain chain = new();
        byte[] forged = chain.Transfer(chain.Users[0], chain.Users[1].Address, 5);
        forged[^1] ^= 1;
        Mempool pool = chain.Pool();
        Assert.Equal(RefusalReason.BadSignature, pool.Submit(forged, null).Refusal);
        TransactionDecoding.TryDecode(forged, out SignedTransaction? transaction);
        Assert.False(chain.Execution.Signatures.Contains(transaction!.Hash));
        chain.Execution.Signatures.Add(transaction.Hash);
        Assert.Null(pool.Submit(forged, null).Refusal);
    }

    [Fact]
    public void TheOldestIsForgotten()
    {
        CheckedSignatures known = new(capacity: 2);
        Hash32[] hashes = [.. Enumerable.Range(1, 3).Select(i => Hashing.Sha3([(byte)i]))];
        foreach (Hash32 hash in hashes)
        {
            known.Add(hash);
            known.Add(hash); // a second time is no newer one
        }

        Assert.Equal([false, true, true], hashes.Select(known.Contains));
    }
}
