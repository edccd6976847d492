using System.Diagnostics;

namespace Theseus.Consensus.Tests;

public class CostTests
{
    /// <summary>A vote's cost in the core must not grow with the number of validators: no scan per vote.</summary>
    [Fact]
    public void AVoteCostsTheSameAmong100And1000Validators()
    {
        MicrosecondsAVote(100, 100); // warms up
        double few = MicrosecondsAVote(100, 200);
        double many = MicrosecondsAVote(1000, 20);
        TestContext.Current.SendDiagnosticMessage($"{few:F2} and {many:F2} microseconds a vote");
        Assert.True(many < (few * 3) + 2, $"{few:F2} and {many:F2} microseconds a vote");
    }

    private static double MicrosecondsAVote(int validators, int heights)
    {
        Committee committee = Committee.Of(validators);
        List<Input>[] inputs = [.. Enumerable.Range(1, heights).Select(h => Inputs(committee, validators, (ulong)h))];
        State state = new();
        long least = long.MaxValue; // of all heights: what the machine does meanwhile does not count
        for (int h = 0; h < heights; h++)
        {
            Core.Step(state, new Input.StartHeight((ulong)h + 1, committee.Set, null, Timeouts.Localnet));
            Core.Step(state, new Input.ValueReady((ulong)h + 1, Committee.A, -1));
            long start = Stopwatch.GetTimestamp();
            foreach (Input input in inputs[h])
            {
                Core.Step(state, input);
            }

            least = long.Min(least, Stopwatch.GetTimestamp() - start);
            Assert.Equal(Step.Decided, state.Step);
        }

        return Stopwatch.GetElapsedTime(0, least).TotalMicroseconds / inputs[0].Count;
    }

    private static List<Input> Inputs(Committee committee, int validators, ulong height) =>
    [
        .. Enumerable.Range(0, validators)
        .Select(i => new Input.VoteIn(committee.Verified(committee.Prevote(i, 0, Committee.A, height: height)))),
        .. Enumerable.Range(0, validators)
        .Select(i => new Input.VoteIn(committee.Verified(committee.Precommit(i, 0, Committee.A, height: height)))),
    ];
}
