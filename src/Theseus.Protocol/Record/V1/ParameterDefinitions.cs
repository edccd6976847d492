namespace Theseus.Protocol.V1;

/// <summary>Parameters of model 1 with a localnet's defaults.</summary>
public static class ParameterDefinitions
{
    private const ulong MiB = 1_048_576;
    private const ulong Minute = 60_000;
    private const ulong Day = 1_440 * Minute;

    public static ParameterTable Table { get; } = new(
    [
        new(ParameterNames.ProposeTimeout, 1_000, 10, Minute, "ms", "Wait for a proposal in round 0."),
        new(ParameterNames.ProposeTimeoutDelta, 500, 0, Minute, "ms", "More of it for every round."),
        new(ParameterNames.PrevoteTimeout, 300, 10, Minute, "ms", "Wait for prevotes in round 0."),
        new(ParameterNames.PrevoteTimeoutDelta, 150, 0, Minute, "ms", "More of it for every round."),
        new(ParameterNames.PrecommitTimeout, 300, 10, Minute, "ms", "Wait for precommits in round 0."),
        new(ParameterNames.PrecommitTimeoutDelta, 150, 0, Minute, "ms", "More of it for every round."),
        new(ParameterNames.MaximumTimeout, 10_000, 100, 10 * Minute, "ms", "No timeout is longer."),
        new(ParameterNames.BlockInterval, 250, 0, Minute, "ms", "From the start of a height to the start of the next."),
        new(ParameterNames.ExecutionPatience, 30_000, 1_000, 10 * Minute, "ms", "Wait for one's own execution of a block."),
        new(ParameterNames.Precision, 500, 10, Minute, "ms", "How far the clocks of correct validators differ."),
        new(ParameterNames.MessageDelay, 2_000, 10, Minute, "ms", "How long a proposal may travel."),
        new(ParameterNames.SafetyThreshold, 8, 4, 1_000_000, "blocks", "From arming a change to its activation."), // record P8: at least 4
        new(ParameterNames.Notice, 16, 4, 1_000_000, "blocks", "From recording a change to its activation, at least."),
        new(ParameterNames.Probation, 40, 0, 1_000_000, "blocks", "The previous module stays loaded for so long."),
        new(ParameterNames.ReadinessThreshold, 40, 40, 59, "sixtieths", "Power that ready validators must exceed: 40 is 2/3, 50 is 5/6."),
        new(ParameterNames.ReadyTtl, 1_200, 16, 1_000_000, "blocks", "A readiness declaration counts for so long."),
        new(ParameterNames.EvidenceAgeBlocks, 10_000, 10, 100_000_000, "blocks", "Evidence older than this and the time below is void."),
        new(ParameterNames.EvidenceAgeTime, 60 * Minute, 1_000, 3_650 * Day, "ms", "Evidence older than this and the blocks above is void."),
        new(ParameterNames.MaximumBlockBytes, 4 * MiB, 2 * MiB, 16 * MiB, "bytes", "Size of a block."), // execution 8.2: at least 2 MiB
        new(ParameterNames.MaximumTransactions, 10_000, 1, 65_536, "transactions", "Number in a block."),
        new(ParameterNames.BlockGas, 20_000_000_000, 50_000_000, 1_000_000_000_000_000, "gas units", "Sum of maximum gas that proposers select."),
    ]);
}
