namespace Theseus.Protocol.V1;

/// <summary>Parameters of model 1 with a localnet's defaults. A code is never given to another meaning.</summary>
public static class ParameterDefinitions
{
    private const ulong MiB = 1_048_576;
    private const ulong Minute = 60_000;
    private const ulong Day = 1_440 * Minute;
    private const ulong Coin = 100_000_000;
    private const ulong Second = 1_000_000; // in microseconds

    /// <summary>All of them, with their ranges.</summary>
    internal static IReadOnlyList<ParameterDefinition> Definitions { get; } =
    [
        new(1, ParameterNames.ProposeTimeout, 1_000, 10, Minute, "ms", "Wait for a proposal in round 0."),
        new(2, ParameterNames.ProposeTimeoutDelta, 500, 1, Minute, "ms", "Added for every further round."),
        new(3, ParameterNames.PrevoteTimeout, 300, 10, Minute, "ms", "Wait for prevotes in round 0."),
        new(4, ParameterNames.PrevoteTimeoutDelta, 150, 1, Minute, "ms", "Added for every further round."),
        new(5, ParameterNames.PrecommitTimeout, 300, 10, Minute, "ms", "Wait for precommits in round 0."),
        new(6, ParameterNames.PrecommitTimeoutDelta, 150, 1, Minute, "ms", "Added for every further round."),
        new(7, ParameterNames.MaximumTimeout, 10_000, 1_000, 10 * Minute, "ms", "No timeout is longer."),
        new(8, ParameterNames.BlockInterval, 250, 10, Minute, "ms", "From the start of a height to the start of the next."),
        new(9, ParameterNames.ExecutionPatience, 30_000, 1_000, 10 * Minute, "ms", "Wait for one's own execution of a block."),
        new(10, ParameterNames.Precision, 500, 10, Minute, "ms", "How far the clocks of correct validators differ."),
        new(11, ParameterNames.MessageDelay, 2_000, 10, Minute, "ms", "How long a proposal may travel."),
        new(12, ParameterNames.SafetyThreshold, 8, 4, 1_000_000, "blocks",
            "From arming a change to its activation."), // record P8: at least 4
        new(13, ParameterNames.Notice, 16, 4, 1_000_000, "blocks", "At least this many from recording a change to its activation."),
        new(14, ParameterNames.Probation, 40, 0, 1_000_000, "blocks", "For this long the previous module stays loaded."),
        new(15, ParameterNames.ReadinessThreshold, 40, 40, 59, "sixtieths",
            "Power that ready validators must exceed: 40 is 2/3, 50 is 5/6."),
        new(16, ParameterNames.ReadyTtl, 1_200, 16, 1_000_000, "blocks", "A readiness declaration counts for this long."),
        new(17, ParameterNames.EvidenceAgeBlocks, 10_000, 10, 100_000_000, "blocks",
            "Evidence that exceeds both this age and the time below is void."),
        new(18, ParameterNames.EvidenceAgeTime, 60 * Minute, 1_000, 366 * Day, "ms",
            "Evidence that exceeds both this age and the blocks above is void."),
        new(19, ParameterNames.MaximumBlockBytes, 4 * MiB, 2 * MiB, 16 * MiB, "bytes", "Size of a block."), // execution 8.2: at least 2 MiB
        new(20, ParameterNames.MaximumTransactions, 10_000, 1, 65_536, "transactions", "Number in a block."),

        new(30, ParameterNames.VotingBlocks, 240, 10, 10_000_000, "blocks",
            "A proposal is open for votes for this long.", ParameterHome.Framework),
        new(31, ParameterNames.EnactmentBlocks, 4, 1, 1_000_000, "blocks",
            "From approval until the script may run; time for a veto.", ParameterHome.Framework),
        new(32, ParameterNames.ExecutionBlocks, 240, 10, 10_000_000, "blocks",
            "For this long the approved script may run.", ParameterHome.Framework),
        new(33, ParameterNames.ProposalDeposit, 10 * Coin, Coin / 100, 1_000_000 * Coin, "coin units",
            "Held while a proposal is open.", ParameterHome.Framework),
        new(34, ParameterNames.MinimumBond, 100 * Coin, Coin, 10_000_000 * Coin, "coin units",
            "Least bond of a candidate.", ParameterHome.Framework),
        new(35, ParameterNames.UnbondingEpochs, 2, 2, 1_000, "epochs",
            "Unbonding coins stay liable for this long.", ParameterHome.Framework),
        new(36, ParameterNames.EpochMicros, 3_600 * Second, Second, 30 * 86_400 * Second, "us",
            "An epoch ends after this time.", ParameterHome.Framework),
        new(37, ParameterNames.MinimumGasPrice, 1, 1, 10_000, "coin units", "Least price of a gas unit.", ParameterHome.Framework),
        new(38, ParameterNames.BlockGas, 1_250_000, 100_000, 120_000_000, "gas units",
            "No transaction begins once a block has used this much.", ParameterHome.Framework),

        // a vote in a set of 200 rewrites up to 15 KB and must fit 2 M gas
        new(39, ParameterNames.StorageBytePrice, 1, 0, 50, "gas units", "Price of a byte written.", ParameterHome.Framework),
        new(40, ParameterNames.BurnPermille, 500, 0, 1_000, "thousandths", "Part of every fee that is burned.", ParameterHome.Framework),

        new(60, ParameterNames.CoinSupply, ulong.MaxValue, 0, ulong.MaxValue, "coin units", "Coins that exist.", ParameterHome.Chain),
        new(61, ParameterNames.BondOfTwoThirds, ulong.MaxValue, 0, ulong.MaxValue, "coin units",
            "The greatest bond that validators with more than 2/3 of the power reach.", ParameterHome.Chain),
    ];

    /// <summary>The table of model 1.</summary>
    public static ParameterTable Table { get; } = new(Definitions, ParameterRelations.All);
}
