namespace Theseus.Cli.Replay;

/// <summary>Finds out which model a trace is of, and replays it.</summary>
internal static class ReplayRun
{
    /// <summary>Replays every instance of a model in a file; none if it is the trace of a test that has no state.</summary>
    /// <exception cref="TraceFault">The file is no trace of a model that is known.</exception>
    public static IReadOnlyList<ReplayResult> Of(string file) => [.. ItfTrace.Read(file).Select(Of)];

    private static ReplayResult Of(ItfTrace trace) =>
        trace.Has("state") && trace.Has("input") && trace.Has("output") ? RoundMachineReplay.Replay(trace)
        : trace.Has("bookkeeper") && trace.Has("weightedVote") && trace.Has("lastEmitted") ? VoteKeeperReplay.Replay(trace)
        : trace.Has("system") && trace.Has("_hist") ? NetworkReplay.Replay(trace)
        : trace.Has("nodes") && trace.Has("last") && trace.Has("forged") ? SpecificationReplay.Replay(trace)
        : throw new TraceFault((trace.Prefix.Length == 0 ? "" : $"instance {trace.Prefix}: ")
            + "not a trace of a model that is known, by the names of its variables. Known are the round machine (state, input, output), "
            + "the vote keeper (bookkeeper, weightedVote, lastEmitted), the multi-node model (system, _hist), and docs/protocol/quint "
            + "(nodes, last, forged)");
}
