using System.Diagnostics;
using Theseus.Protocol;

namespace Theseus.Cli.Bench;

/// <summary>Ed25519 on one core: the bound of everything that checks one signature a transaction.</summary>
internal static class SignatureCost
{
    /// <summary>Bytes of a signed transfer's message, about.</summary>
    private const int MessageBytes = 200;

    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(700);

    private const int Rounds = 3;

    public static IReadOnlyList<BenchRow> Measure()
    {
        byte[] seed = new byte[32];
        seed[0] = 7;
        byte[] key = Ed25519.PublicKey(seed);
        byte[] message = new byte[MessageBytes];
        byte[] signature = Ed25519.Sign(seed, message);
        if (!Ed25519.Verify(key, message, signature))
        {
            throw new InvalidOperationException("an own signature does not verify");
        }

        double verify = BestRate(() => Ed25519.Verify(key, message, signature));
        double sign = BestRate(() => Ed25519.Sign(seed, message));
        return [new("signatures", "Ed25519 verifications of one thread", verify, "/s"),
            new("signatures", "Ed25519 signatures of one thread", sign, "/s", sign / verify, "verifications")];
    }

    /// <summary>
    /// Processor time of one verification in microseconds. Unlike a rate it does not depend on what else the machine does.
    /// </summary>
    public static double CpuMicroseconds()
    {
        const int Count = 20_000;
        byte[] seed = new byte[32];
        seed[0] = 7;
        byte[] key = Ed25519.PublicKey(seed);
        byte[] message = new byte[MessageBytes];
        byte[] signature = Ed25519.Sign(seed, message);
        TimeSpan before = Environment.CpuUsage.TotalTime;
        for (int i = 0; i < Count; i++)
        {
            Ed25519.Verify(key, message, signature);
        }

        return (Environment.CpuUsage.TotalTime - before).TotalMicroseconds / Count;
    }

    /// <summary>The best of some rounds: what else the machine does only ever slows a round down.</summary>
    private static double BestRate(Action action)
    {
        double best = 0;
        for (int round = 0; round < Rounds; round++)
        {
            long count = 0;
            Stopwatch clock = Stopwatch.StartNew();
            while (clock.Elapsed < Round)
            {
                for (int i = 0; i < 64; i++)
                {
                    action();
                }

                count += 64;
            }

            best = double.Max(best, count / clock.Elapsed.TotalSeconds);
        }

        return best;
    }
}
