using System.Numerics;
using Theseus.Cli.Commands;
using Theseus.Client;
using Theseus.Protocol;

namespace Theseus.Cli.Tests.Hostile;

/// <summary>Transactions that no node may take: made from good ones, from a seed.</summary>
internal sealed class BadTransactions
{
    private readonly WalletAccount _alice;
    private readonly Address _bob;
    private readonly byte _chainId;
    private readonly ulong _sequence;

    private BadTransactions(WalletAccount alice, Address bob, byte chainId, ulong sequence)
    {
        _alice = alice;
        _bob = bob;
        _chainId = chainId;
        _sequence = sequence;
    }

    public static async Task<BadTransactions> ForAsync(HostileNetwork net, TheseusClient client)
    {
        WalletAccount alice = net.Wallet.Signer("alice");
        return new BadTransactions(alice, net.Wallet.Receiver("bob"), (byte)net.File.TxChainId, await SequenceAsync(client, alice));
    }

    public static async Task<ulong> SequenceAsync(TheseusClient client, WalletAccount account) =>
        ulong.Parse((await client.ViewAsync("0x1::account::sequence_number", null, [account.Address.ToLongString()])).Values[0].Text);

    public static SignedTransaction Transfer(WalletAccount from, Address to, ulong sequence, byte chainId) =>
        SignedTransaction.Sign(new RawTransaction(from.Address, sequence, TransferCommands.Payload(to, 1), Sender.MaximumGas, 1, Expiry, chainId), from.Seed);

    private static ulong Expiry => (ulong)DateTimeOffset.UtcNow.AddMinutes(10).ToUnixTimeSeconds();

    /// <summary>Good ones of every kind of payload; never sent.</summary>
    private IReadOnlyList<byte[]> Originals()
    {
        TransactionPayload[] payloads =
        [
            TransferCommands.Payload(_bob, 5),
            Submission.Call("governance", "vote", new byte[8], [1]),
            Submission.Call("stake", "bond", new BcsWriter(8).U64(1).ToArray()),
            new TransactionPayload.Script([0xa1, 0x1c, 0xeb, 0x0b, 6, 0, 0, 0], [], [new ScriptArgument(ScriptArgumentKind.U64, new byte[8]), new ScriptArgument(ScriptArgumentKind.Bool, [1])]),
        ];
        return [.. payloads.Select(payload => SignedTransaction.Sign(new RawTransaction(_alice.Address, _sequence, payload, Sender.MaximumGas, 1, Expiry, _chainId), _alice.Seed).Bytes)];
    }

    /// <summary>Mutants of signed transactions: bits, bytes, lengths, pieces doubled, moved and cut.</summary>
    public IReadOnlyList<byte[]> Mutants(int seed, int count)
    {
        Random random = new(seed);
        IReadOnlyList<byte[]> originals = Originals();
        List<byte[]> mutants = [];
        while (mutants.Count < count)
        {
            byte[] original = originals[random.Next(originals.Count)];
            List<byte> mutant = [.. original];
            for (int change = random.Next(1, 4); change > 0 && mutant.Count > 0; change--)
            {
                int at = random.Next(mutant.Count);
                switch (random.Next(6))
                {
                    case 0: mutant[at] ^= (byte)(1 << random.Next(8)); break;
                    case 1: mutant[at] = (byte)random.Next(256); break;
                    case 2: mutant.RemoveAt(at); break;
                    case 3: mutant.Insert(at, (byte)random.Next(256)); break;
                    case 4: mutant.RemoveRange(at, mutant.Count - at); break;
                    default:
                        int length = int.Min(random.Next(1, 40), mutant.Count - at);
                        mutant.InsertRange(random.Next(mutant.Count), mutant.GetRange(at, length));
                        break;
                }
            }

            if (!mutant.SequenceEqual(original))
            {
                mutants.Add([.. mutant]);
            }
        }

        return mutants;
    }

    /// <summary>Well-formed transactions whose signatures are wrong, no two alike.</summary>
    public IReadOnlyList<byte[]> BadlySigned(int count)
    {
        byte[] good = Originals()[0];
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            byte[] bad = [.. good];
            BitConverter.GetBytes(i + 1).CopyTo(bad.AsSpan(bad.Length - 64)); // in R
            return bad;
        })];
    }

    /// <summary>The negative vectors of execution 1, on this chain's good transaction.</summary>
    public IReadOnlyList<(byte[] Bytes, string Code)> Negatives()
    {
        const int AuthenticatorLength = 1 + 1 + 32 + 1 + 64;
        byte[] good = Originals()[0];
        byte[] raw = good[..^AuthenticatorLength];
        byte[] authenticator = good[^AuthenticatorLength..];

        // S + L is the same scalar: whoever takes it gives one transaction two hashes
        BigInteger order = BigInteger.Pow(2, 252) + BigInteger.Parse("27742317777372353535851937790883648493");
        byte[] larger = new byte[32];
        (new BigInteger(authenticator.AsSpan(^32..), isUnsigned: true) + order).TryWriteBytes(larger, out _, isUnsigned: true);
        SignedTransaction elsewhere = Transfer(_alice, _bob, _sequence, (byte)(_chainId + 1));
        return
        [
            ([.. raw, 0x04, .. authenticator], "UNSUPPORTED_AUTHENTICATOR"),
            ([.. good, 0x00], "TRAILING_BYTES"),
            ([.. raw, 0x00, 0xA0, 0x00, .. authenticator[2..]], "MALFORMED"), // 32 as two bytes of ULEB
            ([.. good[..^32], .. larger], "BAD_SIGNATURE"),
            (elsewhere.Bytes, "WRONG_CHAIN_ID"),
            ([.. raw[..40], 0x01, .. raw[41..], .. authenticator], "UNSUPPORTED_PAYLOAD"),
            ([.. raw[..40], 0x04, .. raw[41..], .. authenticator], "UNSUPPORTED_PAYLOAD"),
            (new byte[TransactionLimits.MaximumOversize + 1], "TOO_LARGE"),
            ([], "MALFORMED"),
        ];
    }
}
