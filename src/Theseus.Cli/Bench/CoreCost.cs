using System.Diagnostics;
using Theseus.Consensus;

namespace Theseus.Cli.Bench;

/// <summary>What a vote costs in the consensus core: signatures are checked before the clock starts.</summary>
internal static class CoreCost
{
    private static readonly SignContext Context = new("bench", Value(1), 1);

    private static readonly ValueId Proposed = Value(2);

    /// <summary>
    /// The compiler makes its best code after a while, beside the program: before that a figure is any of two, a factor of three apart.
    /// </summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    public static IReadOnlyList<BenchRow> Measure()
    {
        long began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < WarmUp)
        {
            MicrosecondsAVote(4, 500);
            MicrosecondsAVote(100, 50);
        }

        double few = MicrosecondsAVote(4, 20_000);
        double many = MicrosecondsAVote(100, 1_000);
        return
        [
            new("core", "a vote among 4 validators, signature not counted", few, "µs"),
            new("core", "a vote among 100 validators, signature not counted", many, "µs", many / few, "4 validators"),
        ];
    }

    /// <summary>
    /// Whole heights of prevotes and precommits; the median height, since some hold a pause of the collector or of the machine.
    /// </summary>
    private static double MicrosecondsAVote(int validators, int heights)
    {
        ValidatorSet set = ValidatorSet.Create(Enumerable.Range(0, validators)
            .Select(i => new Validator(new ValidatorId(Bytes(i)), new ByteString(Bytes(i)), 1)), Value(3));
        State state = new();
        List<double> each = [];
        for (ulong height = 1; height <= (ulong)heights; height++)
        {
            Verifier verifier = new(AnySignature.Instance, Context, set, height);
            Input[] inputs = [.. Votes(set, verifier, VoteType.Prevote, height), .. Votes(set, verifier, VoteType.Precommit, height)];
            Core.Step(state, new Input.StartHeight(height, set, null, Timeouts.Localnet));
            Core.Step(state, new Input.ValueReady(height, Proposed, -1));
            long start = Stopwatch.GetTimestamp();
            foreach (Input input in inputs)
            {
                Core.Step(state, input);
            }

            each.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds / inputs.Length);
            if (state.Step != Step.Decided)
            {
                throw new InvalidOperationException("the votes of everybody decide nothing");
            }
        }

        each.Sort();
        return each[each.Count / 2];
    }

    private static IEnumerable<Input> Votes(ValidatorSet set, Verifier verifier, VoteType type, ulong height) =>
        set.Members.Select(member =>
            new Input.VoteIn(verifier.Verify(
                new Signed<Vote>(new Vote(type, height, 0, Proposed, -1, member.Id), new ByteString(new byte[64])), out _)!));

    private static ValueId Value(byte first)
    {
        byte[] bytes = new byte[ValueId.Length];
        bytes[0] = first;
        return new ValueId(bytes);
    }

    private static byte[] Bytes(int number)
    {
        byte[] bytes = new byte[ValidatorId.Length];
        BitConverter.TryWriteBytes(bytes, number + 1);
        return bytes;
    }

    private sealed class AnySignature : ISignatureCheck
    {
        public static readonly AnySignature Instance = new();

        public bool Check(ByteString publicKey, ReadOnlySpan<byte> message, ByteString signature) => true;
    }
}
