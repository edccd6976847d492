namespace Theseus.Protocol;

/// <summary>Names of the numbers that governance sets, as events, genesis files and the API have them.</summary>
public static class ParameterNames
{
#pragma warning disable CS1591 // the meaning of each stands in its definition
    public const string ProposeTimeout = "proposeTimeout";
    public const string ProposeTimeoutDelta = "proposeTimeoutDelta";
    public const string PrevoteTimeout = "prevoteTimeout";
    public const string PrevoteTimeoutDelta = "prevoteTimeoutDelta";
    public const string PrecommitTimeout = "precommitTimeout";
    public const string PrecommitTimeoutDelta = "precommitTimeoutDelta";
    public const string MaximumTimeout = "maximumTimeout";
    public const string BlockInterval = "blockInterval";
    public const string ExecutionPatience = "executionPatience";
    public const string Precision = "precision";
    public const string MessageDelay = "messageDelay";
    public const string SafetyThreshold = "safetyThreshold";
    public const string Notice = "notice";
    public const string Probation = "probation";
    public const string ReadinessThreshold = "readinessThreshold";
    public const string ReadyTtl = "readyTtl";
    public const string EvidenceAgeBlocks = "evidenceAgeBlocks";
    public const string EvidenceAgeTime = "evidenceAgeTime";
    public const string MaximumBlockBytes = "maximumBlockBytes";
    public const string MaximumTransactions = "maximumTransactions";

    public const string VotingBlocks = "votingBlocks";
    public const string EnactmentBlocks = "enactmentBlocks";
    public const string ExecutionBlocks = "executionBlocks";
    public const string ProposalDeposit = "proposalDeposit";
    public const string MinimumBond = "minimumBond";
    public const string UnbondingEpochs = "unbondingEpochs";
    public const string EpochMicros = "epochMicros";
    public const string MinimumGasPrice = "minimumGasPrice";
    public const string BlockGas = "blockGas";
    public const string StorageBytePrice = "storageBytePrice";
    public const string BurnPermille = "burnPermille";

    public const string CoinSupply = "coinSupply";
    public const string BondOfTwoThirds = "bondOfTwoThirds";
#pragma warning restore CS1591
}
