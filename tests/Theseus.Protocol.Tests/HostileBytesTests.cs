using static Theseus.Protocol.Tests.TransactionVectors;

namespace Theseus.Protocol.Tests;

/// <summary>Mutated and random bytes: a decoder refuses or gives a value whose one form they are; nothing else escapes.</summary>
public class HostileBytesTests
{
    private const int Rounds = 20_000;

    [Fact]
    public void TransactionsHaveOneForm()
    {
        byte[][] seeds = [Bytes(Raw1, Authenticator1), Bytes(SingleKeyAddress, Raw1[64..], Authenticator2), Bytes(Raw3, Authenticator3)];
        int decoded = 0;
        foreach (byte[] mutant in Mutants(seeds, 1))
        {
            TransactionRefusal refusal = TransactionDecoding.TryDecode(mutant, out SignedTransaction? transaction);
            Assert.Equal(refusal.IsNone, transaction is not null);
            if (transaction is not null)
            {
                decoded++;
                Assert.Equal(mutant, SignedTransaction.Of(transaction.Raw, transaction.Authenticator).Bytes);
            }
        }

        Assert.InRange(decoded, 100, Rounds - 100); // the mutations are neither all fatal nor all harmless
    }

    [Fact]
    public void NoChangeOfASignedTransactionsBytesKeepsItsSignature()
    {
        byte[] good = Bytes(Raw1, Authenticator1);
        for (int bit = 0; bit < good.Length * 8; bit++)
        {
            byte[] mutant = [.. good];
            mutant[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(TransactionDecoding.TryDecode(mutant, out SignedTransaction? transaction).IsNone
                && transaction!.HasValidSignature(), $"bit {bit}");
        }
    }

    [Fact]
    public void RecordsHaveOneForm()
    {
        TestChain chain = new();
        chain.Step(new ServiceEvent.VersionScheduled(Components.Execution, 2, TestChain.Module(2), TestChain.Module(3), 40, 7,
            [("consensus", 1)]), new ServiceEvent.VersionCancelled("x", 1));
        foreach (byte[] mutant in Mutants([RecordModels.Known.Encode(chain.Record)], 2))
        {
            try
            {
                Assert.Equal(mutant, RecordModels.Known.Encode(RecordModels.Known.Decode(mutant)));
            }
            catch (Exception exception) when (exception is BcsException or UnsupportedRecordException)
            {
                // refused
            }
        }
    }

    [Fact]
    public void GenesisFilesHaveOneForm()
    {
        foreach (byte[] mutant in Mutants([GenesisCodec.Encode(TestChain.GenesisOf())], 3))
        {
            if (GenesisCodec.TryDecode(mutant, out _) is { } genesis)
            {
                Assert.Equal(mutant, GenesisCodec.Encode(genesis));
                _ = genesis.Faults();
            }
        }
    }

    [Fact]
    public void StateKeysAndProofsHaveOneForm()
    {
        StateKey key = StateKey.Resource(Address.One,
            new StructTag(Address.One, "coin", "CoinStore",
                [TypeTag.Vector(TypeTag.U8), TypeTag.Of(new StructTag(Address.One, "a", "B", []))]));
        foreach (byte[] mutant in Mutants([key.Bytes.ToArray(), StateKey.TableItem(Hash32.Zero, [1, 2]).Bytes.ToArray()], 4))
        {
            try
            {
                Assert.Equal(mutant, StateKey.Decode(mutant).Bytes.ToArray());
            }
            catch (BcsException)
            {
                // refused
            }
        }

        foreach (byte[] mutant in Mutants(
            [new StateProof(new TreeLeaf(TestChain.Module(1), TestChain.Module(2)), [TestChain.Module(3), Hash32.Zero]).Encode()], 5))
        {
            try
            {
                Assert.Equal(mutant, StateProof.Decode(mutant).Encode());
            }
            catch (BcsException)
            {
                // refused
            }
        }
    }

    private static IEnumerable<byte[]> Mutants(byte[][] seeds, int seed)
    {
        Random random = new(seed);
        for (int i = 0; i < Rounds; i++)
        {
            byte[] mutant = [.. seeds[random.Next(seeds.Length)]];
            switch (random.Next(4))
            {
                case 0:
                    mutant[random.Next(mutant.Length)] = (byte)random.Next(256);
                    break;
                case 1:
                    mutant[random.Next(mutant.Length)] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    int at = random.Next(mutant.Length);
                    mutant = [.. mutant[..at], (byte)random.Next(256), .. mutant[at..]];
                    break;
                default:
                    int gone = random.Next(mutant.Length);
                    mutant = [.. mutant[..gone], .. mutant[(gone + 1)..]];
                    break;
            }

            yield return mutant;
        }
    }
}
