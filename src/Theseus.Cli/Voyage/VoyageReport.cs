namespace Theseus.Cli.Voyage;

/// <summary>A component change in the voyage.</summary>
internal sealed record FrameworkChange(ulong From, ulong To, ulong ProposalId, ulong Height, ulong EpochBefore, ulong EpochAfter);

internal sealed record ExecutionChange(ulong From, ulong To, ulong ActivationHeight);

/// <summary>0x1::string::index_of(abc, z) at a height below the activation, and now.</summary>
internal sealed record HistoricQuery(ulong Height, string Stack, ulong Answer, ulong AnswerNow);

/// <summary>What the voyage cost.</summary>
/// <param name="Validators">Their number.</param>
/// <param name="Blocks">The height at the end.</param>
/// <param name="MissedBlocks">Blocks decided in a round above 0, from block 1 on.</param>
/// <param name="Requests">Transactions that the load sent.</param>
/// <param name="FailedRequests">Those of them that did not succeed.</param>
/// <param name="MedianGapMs">Milliseconds between blocks.</param>
/// <param name="MaxGapMs">As before, the longest.</param>
/// <param name="Restarts">Nodes that were not the same process at the end.</param>
/// <param name="Framework">The upgrade of the framework.</param>
/// <param name="Execution">The upgrade of the execution stack.</param>
/// <param name="HistoricQuery">A question that the two stacks answer differently.</param>
/// <param name="MedianTransfersPerSecond">Of transfers committed with success, over whole seconds of the load.</param>
/// <param name="Seconds">Length of the load.</param>
/// <param name="From">The block at which the load began, the network being warm: gaps are counted from here on.</param>
internal sealed record VoyageFigures(
    int Validators,
    ulong Blocks,
    int MissedBlocks,
    int Requests,
    int FailedRequests,
    double MedianGapMs,
    double MaxGapMs,
    int Restarts,
    FrameworkChange Framework,
    ExecutionChange Execution,
    HistoricQuery HistoricQuery,
    double MedianTransfersPerSecond,
    double Seconds,
    ulong From);

internal sealed record VoyageNode(string Name, string Url);

internal sealed record VoyageBlock(ulong Height, ulong Time, int Round, string Proposer, IReadOnlyDictionary<string, string> StateRoots);

internal sealed record VoyageRequest(string Hash, string Node, long Sent, long Done, string Outcome, int Tries, ulong? Height);

/// <summary>OUT.json: the figures and the rows that they are computed from.</summary>
internal sealed record VoyageReport(
    IReadOnlyList<VoyageNode> Nodes, VoyageFigures Figures, IReadOnlyList<VoyageBlock> Blocks, IReadOnlyList<VoyageRequest> Requests)
{
    /// <summary>Everything that is not as promised; empty when the voyage went well.</summary>
    public IReadOnlyList<string> Faults()
    {
        VoyageFigures f = Figures;
        List<string> faults = [];
        void Expect(bool holds, string text)
        {
            if (!holds)
            {
                faults.Add(text);
            }
        }

        Expect(f.MissedBlocks == 0, $"{f.MissedBlocks} blocks were decided above round 0");
        string? example = Requests.FirstOrDefault(request => request.Outcome != "success")?.Outcome;
        Expect(f.FailedRequests == 0,
            $"{f.FailedRequests} requests failed or were sent again{(example is null ? "" : $", e.g. {example}")}");
        Expect(f.MedianTransfersPerSecond >= VoyageCommand.PromisedRate,
            $"{f.MedianTransfersPerSecond:0} transfers per second, {VoyageCommand.PromisedRate} were promised");
        Expect(f.Restarts == 0, $"{f.Restarts} restarts");
        Expect(f.MaxGapMs <= (3 * f.MedianGapMs) + 200, $"the longest gap, {f.MaxGapMs:0} ms, is above 3 x {f.MedianGapMs:0} + 200 ms");
        Expect(f.Framework.To == f.Framework.From + 1, "the framework did not change");
        Expect(f.Framework.EpochAfter == f.Framework.EpochBefore + 1, "no new epoch followed the framework upgrade");
        Expect(f.Execution.To == f.Execution.From + 1, "the execution stack did not change");
        Expect(
            f.HistoricQuery is { Answer: 0, AnswerNow: 3 },
            $"index_of answers {f.HistoricQuery.Answer} below the activation and {f.HistoricQuery.AnswerNow} now");
        Expect(Blocks.All(block => block.StateRoots.Values.Distinct().Count() == 1), "state roots differ");
        Expect(Blocks.All(block => block.StateRoots.Count == Nodes.Count), "a node lacks a block");
        return faults;
    }
}
