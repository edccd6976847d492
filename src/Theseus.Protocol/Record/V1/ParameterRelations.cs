using static Theseus.Protocol.ParameterNames;

namespace Theseus.Protocol.V1;

/// <summary>
/// Relations between the parameters of model 1. Together with the ranges they keep every setting that voters can approve
/// repairable by another vote: blocks are decided, proposals can be made, voted on and resolved, and offenders stay liable.
/// </summary>
internal static class ParameterRelations
{
    /// <summary>Measured worst cost of a gas unit in nanoseconds (execution 4.6; decision 0112).</summary>
    private const ulong WorstGasNanos = 100;

    /// <summary>
    /// Gas beside the block's own limit: the last transaction that begins, at most an approved script of 50 M, and two
    /// hooks.
    /// </summary>
    private const ulong GasBesideTheLimit = 100_000_000;

    /// <summary>Gas of the largest approved script (execution 8.2).</summary>
    private const ulong ApprovedScriptGas = 50_000_000;

    /// <summary>Bytes in a second that the links of a network are assumed to carry at least.</summary>
    private const ulong LinkBytesPerSecond = 1_048_576;

    /// <summary>Within so many rounds the timeouts must have grown to their maximum.</summary>
    private const ulong RoundsToMaximum = 100;

    /// <summary>Of the 256 sets that the record keeps for evidence; the rest is room for epochs that end early.</summary>
    private const ulong EvidenceEpochs = 250;

    /// <summary>The largest set (stake.move).</summary>
    private const ulong MostValidators = 200;

    /// <summary>
    /// Gas of the votes by which 2/3 of the largest set approve a proposal, without the bytes that they write
    /// (measured).
    /// </summary>
    private const ulong VotesGas = 2_000_000;

    /// <summary>Bytes that these votes write (measured).</summary>
    private const ulong VotesBytes = 500_000;

    private const ulong LeastVotingTime = 2_000; // ms
    private const ulong YearMillis = 366UL * 86_400_000;
    private const ulong MonthMillis = 30UL * 86_400_000;
    private const ulong ThreeYearsMicros = 3 * YearMillis * 1_000;

    public static IReadOnlyList<ParameterRelation> All { get; } =
    [
        new(
            101, "proposeTimeout.maximumTimeout",
            [new(1, ProposeTimeout)], [new(1, MaximumTimeout)],
            "The first wait for a proposal is at most the longest."),
        new(
            102, "prevoteTimeout.maximumTimeout",
            [new(1, PrevoteTimeout)], [new(1, MaximumTimeout)],
            "The first wait for prevotes is at most the longest."),
        new(
            103, "precommitTimeout.maximumTimeout",
            [new(1, PrecommitTimeout)], [new(1, MaximumTimeout)],
            "The first wait for precommits is at most the longest."),
        Reaches(104, ProposeTimeout, ProposeTimeoutDelta),
        Reaches(105, PrevoteTimeout, PrevoteTimeoutDelta),
        Reaches(106, PrecommitTimeout, PrecommitTimeoutDelta),
        new(
            107, "maximumTimeout.fullBlock",
            [new(1_000, MaximumBlockBytes), new(LinkBytesPerSecond, MessageDelay)], [new(LinkBytesPerSecond, MaximumTimeout)],
            "The longest wait lets a full block travel at 1 MiB a second, and a message delay beside it."),
        new(
            108, "precision.proposeTimeout",
            [new(1, Precision)], [new(1, ProposeTimeout)],
            "A proposer whose clock is behind by the precision still proposes in time."),
        new(
            109, "blockInterval.executionPatience",
            [new(1, BlockInterval)], [new(1, ExecutionPatience)],
            "Nobody gives up on a block before the next one is due."),
        new(
            110, "blockGas.executionPatience",
            [new(WorstGasNanos, BlockGas), new(WorstGasNanos * GasBesideTheLimit)], [new(1_000_000, ExecutionPatience)],
            "The most expensive block, with an approved script and its hooks, is executed within the patience."),
        new(
            111, "blockGas.blockInterval", [new(2 * WorstGasNanos, BlockGas)], [new(1_000_000, BlockInterval)],
            "The most expensive block is executed in half a block interval."),
        new(112, "safetyThreshold.notice", [new(1, SafetyThreshold)], [new(1, Notice)], "A change is armed after it is recorded."),
        new(
            113, "safetyThreshold.readyTtl",
            [new(2, SafetyThreshold)], [new(1, ReadyTtl)],
            "A declaration that armed a change still counts at its activation."),
        new(
            114, "evidenceAgeTime.unbondingEpochs",
            [new(1_000, EvidenceAgeTime), new(1, EpochMicros)], [new(1, UnbondingEpochs, EpochMicros)],
            "Bonds stay liable until evidence is void; the running epoch may be nearly over."),
        new(
            115, "evidenceAgeBlocks.unbondingEpochs",
            [new(1_000, EvidenceAgeBlocks, BlockInterval), new(1, EpochMicros)], [new(1, UnbondingEpochs, EpochMicros)],
            "Bonds stay liable until evidence is void; the running epoch may be nearly over."),
        new(
            116, "unbondingEpochs.time",
            [new(1, UnbondingEpochs, EpochMicros)], [new(ThreeYearsMicros)],
            "Unbonding ends within three years."),
        new(
            117, "evidenceAgeTime.epochMicros",
            [new(1_000, EvidenceAgeTime)], [new(EvidenceEpochs, EpochMicros)],
            "The record keeps the sets of the whole evidence age."),
        new(
            118, "evidenceAgeBlocks.epochMicros", [new(1_000, EvidenceAgeBlocks, BlockInterval)], [new(EvidenceEpochs, EpochMicros)],
            "The record keeps the sets of the whole evidence age."),
        new(119, "votingBlocks.least", [new(LeastVotingTime)], [new(1, VotingBlocks, BlockInterval)], "Validators have 2 s to vote."),
        new(120, "votingBlocks.time", [new(1, VotingBlocks, BlockInterval)], [new(YearMillis)], "A vote ends within a year."),
        new(
            121, "enactmentBlocks.time",
            [new(1, EnactmentBlocks, BlockInterval)], [new(MonthMillis)],
            "What is approved can run within 30 days."),
        new(
            122, "executionBlocks.least",
            [new(LeastVotingTime)], [new(1, ExecutionBlocks, BlockInterval)],
            "There are 2 s to send an approved script."),
        new(123, "executionBlocks.time", [new(1, ExecutionBlocks, BlockInterval)], [new(YearMillis)], "An approval ends within a year."),
        new(
            124, "proposalDeposit.coinSupply",
            [new(100, ProposalDeposit)], [new(1, CoinSupply)],
            "A deposit is at most a hundredth of the coins."),
        new(
            125, "minimumGasPrice.coinSupply",
            [new(10 * ApprovedScriptGas, MinimumGasPrice)], [new(1, CoinSupply)],
            "The largest script costs at most a tenth of the coins."),
        new(126, "minimumBond.coinSupply", [new(10, MinimumBond)], [new(1, CoinSupply)], "A bond is at most a tenth of the coins."),
        new(
            127, "minimumBond.bondOfTwoThirds",
            [new(1, MinimumBond)], [new(1, BondOfTwoThirds)],
            "More than 2/3 of the power in force keeps its place."),
        new(
            128, "votingBlocks.blockGas",
            [new(VotesGas), new(VotesBytes, StorageBytePrice)], [new(1, VotingBlocks, BlockGas)],
            "The votes of the largest set find room while a proposal is open."),
        new(
            129, "votingBlocks.maximumTransactions",
            [new(MostValidators)], [new(1, VotingBlocks, MaximumTransactions)],
            "The votes of the largest set fit into the blocks while a proposal is open."),
    ];

    private static ParameterRelation Reaches(ushort code, string timeout, string delta) => new(
        code, delta + ".maximumTimeout", [new(1, MaximumTimeout)], [new(1, timeout), new(RoundsToMaximum, delta)],
        "The wait grows to the longest within 100 rounds.");
}
