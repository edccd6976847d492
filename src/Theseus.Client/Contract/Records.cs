namespace Theseus.Client;

/// <summary>A component of the protocol record as people see it.</summary>
public sealed record VersionInfo(
    string Component, ulong Version, string ModuleId, string? ModuleName, ulong Since, ulong? ScheduledVersion, string? ScheduledModuleId,
    ulong? ActivationHeight, string? FallbackModuleId, ulong? ProbationUntil, string LastResult, bool Supported);

/// <summary>Where a node stands.</summary>
/// <param name="ChainId">Chain name.</param>
/// <param name="TxChainId">Chain id byte of transactions.</param>
/// <param name="GenesisHash">Hex.</param>
/// <param name="NodeName">For people.</param>
/// <param name="Role">validator or access.</param>
/// <param name="Height">Newest executed block.</param>
/// <param name="SealedHeight">Newest block whose result is agreed.</param>
/// <param name="DecidedHeight">Newest decided block.</param>
/// <param name="OldestHeight">Oldest height with state.</param>
/// <param name="HeaderTime">Milliseconds of the newest executed block's header.</param>
/// <param name="BlockHash">Of the newest executed block.</param>
/// <param name="StateRoot">After it.</param>
/// <param name="Epoch">Epoch of the record.</param>
/// <param name="Round">Round of the height in progress.</param>
/// <param name="Syncing">Whether its newest block is old: the node is catching up, or hears of no blocks.</param>
/// <param name="Validator">Own validator address, null for an access node.</param>
/// <param name="Halted">Why the node does not take part, else null.</param>
/// <param name="FrameworkUpgrades">Framework upgrades since genesis.</param>
/// <param name="CodeRoot">SHA-256 over the code at 0x1.</param>
/// <param name="Peers">Sessions of the consensus overlay.</param>
/// <param name="MempoolSize">Transactions in its mempool.</param>
/// <param name="Versions">Components of the record.</param>
/// <param name="Software">Name and version of the software.</param>
/// <param name="Ready">The answer of /ready.</param>
/// <param name="NotReadyReason">Why it is not ready, for people; null when it is.</param>
/// <param name="SinceBlockMs">Milliseconds since the node executed a block, or since its start.</param>
/// <param name="Warnings">What operators should know while it is ready.</param>
public sealed record StatusInfo(
    string ChainId, int TxChainId, string GenesisHash, string NodeName, string Role, ulong Height, ulong SealedHeight, ulong DecidedHeight,
    ulong OldestHeight, ulong HeaderTime, string BlockHash, string StateRoot, ulong Epoch, int Round, bool Syncing, string? Validator,
    string? Halted, ulong FrameworkUpgrades, string CodeRoot, int Peers, int MempoolSize, IReadOnlyList<VersionInfo> Versions,
        string Software,
    bool Ready = false, string? NotReadyReason = null, ulong SinceBlockMs = 0, IReadOnlyList<string>? Warnings = null);

/// <summary>A block's header (docs/protocol/header.md); hashes are 0x and 64 hex digits.</summary>
/// <param name="Hash">The block's id.</param>
/// <param name="ChainId">Chain name.</param>
/// <param name="Height">0 is genesis.</param>
/// <param name="Round">The round of its first proposal.</param>
/// <param name="Time">Milliseconds.</param>
/// <param name="Parent">Id of the parent; the genesis hash at height 1.</param>
/// <param name="ParentResult">Id of result(H-1); null in genesis and in an SOS block.</param>
/// <param name="RecordId">Id of record(H).</param>
/// <param name="SetId">Id of the validator set of this height.</param>
/// <param name="NextSetId">Id of the validator set of the next height.</param>
/// <param name="BodyRoot">Commits to the body.</param>
/// <param name="LastCommit">Hash of the certificate for the parent that the body carries.</param>
/// <param name="Proposer">Address of the proposer.</param>
public sealed record HeaderInfo(
    string Hash, string ChainId, ulong Height, int Round, ulong Time, string Parent, string? ParentResult, string RecordId, string SetId,
    string NextSetId, string BodyRoot, string LastCommit, string Proposer);

/// <summary>A block with as much of its transactions as asked for.</summary>
/// <param name="Header">The header.</param>
/// <param name="HeaderBytes">Canonical bytes, 0x hex.</param>
/// <param name="CommitRound">Round of the certificate that decided it.</param>
/// <param name="Certificate">
/// Canonical bytes of a certificate that decided it, 0x hex, null for genesis. Once the next block is decided this is the one which
/// that block
/// carries, the same on every node; before, it is the one that this node collected, and other nodes may hold other signers.
/// </param>
/// <param name="Result">What execution made of it, null while it is not executed.</param>
/// <param name="Sealed">Whether the next block has agreed on the result.</param>
/// <param name="TransactionCount">User transactions.</param>
/// <param name="Hashes">At detail "hashes" and "full".</param>
/// <param name="Evidence">The offences that the block proves, at detail "hashes" and "full".</param>
/// <param name="Transactions">At detail "full".</param>
/// <param name="CertificateAgreed">Whether the certificate is the one that the next block carries.</param>
public sealed record BlockInfo(
    HeaderInfo Header, string HeaderBytes, int CommitRound, string? Certificate, ResultInfo? Result, bool Sealed, int TransactionCount,
    IReadOnlyList<string>? Hashes, IReadOnlyList<EvidenceInfo>? Evidence, IReadOnlyList<ReceiptInfo>? Transactions,
        bool CertificateAgreed = false);

/// <summary>result(H); <paramref name="Bytes"/> is canonical, its SHA-256 is the id that header(H+1) carries.</summary>
public sealed record ResultInfo(
    ulong Height, string Status, string StackId, string StateRoot, string ReceiptsRoot, string ServiceEventsRoot, string CodeRoot,
        ulong GasUsed,
    string Fees, ulong FirstVersion, uint TransactionCount, string Id, string Bytes);

/// <summary>An event.</summary>
/// <param name="Type">Canonical type text.</param>
/// <param name="Data">BCS, 0x hex.</param>
public sealed record EventInfo(string Type, string Data);

/// <summary>How a transaction fares.</summary>
/// <param name="Hash">Transaction hash.</param>
/// <param name="Status">
/// RECEIVED: the node has it and no block does. ACCEPTED: a decided block has it. SEALED: its result is agreed. EXPIRED, EVICTED:
/// it left the
/// mempool without a block.
/// </param>
/// <param name="Success">Null until executed.</param>
/// <param name="VmStatus">
/// For people: what execution made of it ("Aborted in 0x1::coin with code 0x10003"), what it waits for, or why it left the mempool.
/// </param>
/// <param name="Module">Where it aborted or failed; null for a script or nowhere.</param>
/// <param name="AbortCode">Its abort code, null when it did not abort.</param>
/// <param name="Height">The block that holds it, null for none.</param>
/// <param name="Version">Its number among all transactions of the chain, null for none.</param>
/// <param name="GasUsed">Gas units.</param>
/// <param name="Fee">Smallest coin units, decimal.</param>
/// <param name="Sender">The account that paid, null for a system transaction.</param>
/// <param name="SequenceNumber">Its number among the sender's.</param>
/// <param name="Events">Events in order.</param>
/// <param name="Failure">How and where it failed; null for a success, and until it is executed.</param>
/// <param name="WaitsForSequence">While it is RECEIVED: the sender's sequence number that is missing before it; null when none is.</param>
public sealed record ReceiptInfo(
    string Hash, string Status, bool? Success, string? VmStatus, string? Module, ulong? AbortCode, ulong? Height, ulong? Version,
        ulong? GasUsed,
    string? Fee, string? Sender, ulong? SequenceNumber, IReadOnlyList<EventInfo>? Events, FailureInfo? Failure,
    ulong? WaitsForSequence = null);

/// <summary>How and where an execution failed: what programs decide by, and a sentence for people.</summary>
/// <param name="Kind">One of <see cref="FailureKinds"/>.</param>
/// <param name="Module">The module that aborted or failed, e.g. <c>0x1::coin</c>; null for a script or when no code ran.</param>
/// <param name="Code">ABORTED: the abort code; FAILED and HOOK_FAILED: the status number; SKIPPED: the reason's number; OUT_OF_GAS:
/// 0.</param>
/// <param name="Name">The stable name of the code where it is not an abort code, e.g. PROBE_FAILED or BLOCK_GAS; else null.</param>
/// <param name="Sub">The machine's sub-status, or a failed hook's abort code; null for none.</param>
/// <param name="Hook">The hook that failed, else null.</param>
/// <param name="Function">The function in which it happened, null when no code ran or in a script.</param>
/// <param name="Offset">Instruction of that function, null when no code ran.</param>
/// <param name="Message">A sentence, may be empty. Wording may change at any time.</param>
public sealed record FailureInfo(
    string Kind, string? Module, ulong Code, string? Name, ulong? Sub, string? Hook, string? Function, int? Offset, string Message);

/// <summary>The kinds of a failure as they travel.</summary>
public static class FailureKinds
{
    /// <summary>Move code aborted.</summary>
    public const string Aborted = "ABORTED";

    /// <summary>The gas limit did not suffice.</summary>
    public const string OutOfGas = "OUT_OF_GAS";

    /// <summary>The machine or the stack refused.</summary>
    public const string Failed = "FAILED";

    /// <summary>The transaction left nothing, not even a fee.</summary>
    public const string Skipped = "SKIPPED";

    /// <summary>A hook of the block failed.</summary>
    public const string HookFailed = "HOOK_FAILED";
}

/// <summary>A resource as stored.</summary>
/// <param name="Address">Its account, 0x and 64 digits.</param>
/// <param name="Type">Canonical type text.</param>
/// <param name="Bytes">BCS, 0x hex.</param>
/// <param name="Height">Stored so after this block.</param>
public sealed record ResourceInfo(string Address, string Type, string Bytes, ulong Height);

/// <summary>A module as stored.</summary>
/// <param name="Address">Its account, 0x and 64 digits.</param>
/// <param name="Name">Its name.</param>
/// <param name="Bytecode">Binary format, 0x hex.</param>
/// <param name="Hash">SHA-256 of the bytecode.</param>
/// <param name="Height">Stored so after this block.</param>
public sealed record ModuleInfo(string Address, string Name, string Bytecode, string Hash, ulong Height);

/// <summary>A proof of one state key: value (null: absent), the state root it leads to, and what ties the root to consensus.</summary>
/// <param name="Height">State after this block.</param>
/// <param name="Key">State key, 0x hex.</param>
/// <param name="Value">0x hex, or null when absent.</param>
/// <param name="Proof">Canonical bytes of the sparse Merkle proof, 0x hex.</param>
/// <param name="Result">Canonical bytes of result(Height).</param>
/// <param name="NextHeader">Canonical bytes of header(Height + 1), which carries the result's id.</param>
/// <param name="Certificate">Canonical bytes of the certificate for header(Height + 1).</param>
public sealed record ProofInfo(ulong Height, string Key, string? Value, string Proof, string Result, string NextHeader, string Certificate);

/// <summary>A value that a view gave.</summary>
/// <param name="Type">Canonical type text.</param>
/// <param name="Bytes">BCS, 0x hex.</param>
/// <param name="Text">For people.</param>
public sealed record TypedValue(string Type, string Bytes, string Text);

/// <summary>What a view answered.</summary>
/// <param name="Values">Its results in order.</param>
/// <param name="GasUsed">Gas units.</param>
/// <param name="Height">The state after this block was asked.</param>
/// <param name="StackId">The execution stack that ran it: the one of that height.</param>
/// <param name="StackName">That stack's name, e.g. stack-1.</param>
public sealed record ViewInfo(IReadOnlyList<TypedValue> Values, ulong GasUsed, ulong Height, string StackId, string? StackName);

/// <summary>What a transaction would do as the next block's first.</summary>
/// <param name="Success">Whether it would succeed.</param>
/// <param name="VmStatus">For people, as in <see cref="ReceiptInfo"/>.</param>
/// <param name="GasUsed">Gas units.</param>
/// <param name="Fee">Smallest coin units, decimal.</param>
/// <param name="Events">Events in order.</param>
/// <param name="Failure">How and where it would fail; null when it would succeed.</param>
public sealed record SimulateInfo(bool Success, string VmStatus, ulong GasUsed, string Fee, IReadOnlyList<EventInfo> Events,
    FailureInfo? Failure);

/// <summary>The node has the transaction.</summary>
/// <param name="Hash">Its one hash, however often and wherever it is sent.</param>
/// <param name="Status">RECEIVED, or ACCEPTED when a block has it already.</param>
/// <param name="WaitsForSequence">The sender's sequence number that is missing before it; null when none is.</param>
public sealed record SubmitInfo(string Hash, string Status, ulong? WaitsForSequence = null);

/// <summary>A validator.</summary>
/// <param name="Address">0x and 64 digits.</param>
/// <param name="PublicKey">Ed25519, 0x hex.</param>
/// <param name="Power">Voting power.</param>
/// <param name="Bonded">Smallest coin units at stake; null when the framework keeps no pool of it.</param>
/// <param name="JailedUntil">First epoch in which it may serve again; null where <paramref name="Bonded"/> is.</param>
public sealed record ValidatorInfo(string Address, string PublicKey, ulong Power, ulong? Bonded, ulong? JailedUntil);

/// <summary>The validator set of a height, and the one that follows.</summary>
/// <param name="Height">The height.</param>
/// <param name="Epoch">Its epoch.</param>
/// <param name="SetId">Id of its set.</param>
/// <param name="Current">Its set.</param>
/// <param name="NextEpoch">The next height's epoch when its set is another one, else null.</param>
/// <param name="Next">That set, else null.</param>
public sealed record ValidatorsInfo(ulong Height, ulong Epoch, string SetId, IReadOnlyList<ValidatorInfo> Current, ulong? NextEpoch,
    IReadOnlyList<ValidatorInfo>? Next);

/// <summary>A ballot.</summary>
/// <param name="Voter">Address of the voter.</param>
/// <param name="Approve">True for yes, false for no.</param>
public sealed record VoteInfo(string Voter, bool Approve);

/// <summary>A governance proposal. Heights are block heights; status is one of the status words.</summary>
public sealed record ProposalInfo(
    ulong Id, string Proposer, string ScriptHash, string MetadataUrl, string Status, string Yes, string No, string Total, ulong Created,
    ulong VotingEnds, ulong Approved, ulong ExecutableFrom, ulong ExecutableUntil, IReadOnlyList<VoteInfo> Votes);

/// <summary>A line of the record's history or of its refusals.</summary>
/// <param name="Height">The block that recorded it.</param>
/// <param name="Component">A component, <c>framework</c>, or a parameter's name.</param>
/// <param name="Version">The version; the framework's counter; the parameter's new value.</param>
/// <param name="Outcome">How it ended; begins with "refused: " when it had no effect.</param>
public sealed record HistoryInfo(ulong Height, string Component, ulong Version, string Outcome);

/// <summary>A parameter of the record.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value in force.</param>
public sealed record ParameterInfo(string Name, ulong Value);

/// <summary>The protocol record of a height.</summary>
public sealed record RecordInfo(
    ulong Height, string Id, ulong Model, ulong Epoch, ulong FrameworkUpgrades, string CodeRoot, IReadOnlyList<VersionInfo> Versions,
    IReadOnlyList<ParameterInfo> Parameters, IReadOnlyList<HistoryInfo> History, string Bytes);

/// <summary>Proven misbehaviour at a height, and the block that holds the proof.</summary>
public sealed record EvidenceInfo(string Kind, ulong Height, string Validator, ulong IncludedAt);

// Parameters: one object for every method.
/// <summary>Which block, and how much of it.</summary>
/// <param name="At">The block; the newest executed one when left out.</param>
/// <param name="Detail">"header", "hashes" (the default) or "full".</param>
public sealed record BlockParams(At? At, [OneOf("header", "hashes", "full")] string? Detail);

/// <summary>A transaction.</summary>
/// <param name="Hash">Its hash, 0x hex.</param>
public sealed record HashParams(string Hash);

/// <summary>A resource.</summary>
/// <param name="Address">Its account.</param>
/// <param name="Type">Type text, e.g. 0x1::account::Account.</param>
/// <param name="At">The state to read; the newest executed one when left out.</param>
public sealed record ResourceParams(string Address, string Type, At? At);

/// <summary>A module.</summary>
/// <param name="Address">Its account.</param>
/// <param name="Name">Its name.</param>
/// <param name="At">The state to read; the newest executed one when left out.</param>
public sealed record ModuleParams(string Address, string Name, At? At);

/// <summary>Either a resource (address and type), a module (address and name) or a raw key.</summary>
[Choice("key", "address+type", "address+name")]
public sealed record ProofParams(string? Address, string? Type, string? Name, string? Key, At? At);

/// <summary>Arguments are text (numbers, true, 0x addresses, 0x bytes, plain text) or BCS when <c>encoding</c> is "bcs".</summary>
public sealed record ViewParams(
    string Function, IReadOnlyList<string>? TypeArguments, IReadOnlyList<string>? Arguments, [OneOf("text", "bcs")] string? Encoding,
        At? At);

/// <summary>A signed transaction.</summary>
/// <param name="Transaction">Canonical bytes, 0x hex.</param>
public sealed record TransactionParams(string Transaction);

/// <summary>A height.</summary>
/// <param name="At">The state to read; the newest executed one when left out.</param>
public sealed record AtParams(At? At);

/// <summary>A proposal.</summary>
/// <param name="Id">Its number, from 1.</param>
/// <param name="At">The state to read; the newest executed one when left out.</param>
public sealed record ProposalParams(ulong Id, At? At);

/// <summary>
/// The newest misbehaviour of heights below <c>before</c>, in order of height; <c>limit</c> is 1,000 at most. The page before has
/// the lowest
/// height of this one as <c>before</c>: what was proven of one height is never parted, so that a page may be a little longer than asked.
/// </summary>
public sealed record EvidenceParams(ulong? Before, [Between(1, 1_000)] int? Limit);

/// <summary>Some proposals.</summary>
/// <param name="From">The first one's number; when left out, the newest 100 are meant.</param>
/// <param name="Limit">How many at most, 1 to 100.</param>
/// <param name="At">The state to read; the newest executed one when left out.</param>
public sealed record PageParams(ulong? From, [Between(1, 100)] int? Limit, At? At);
