namespace Theseus.Protocol;

/// <summary>What a stack is; its canonical bytes hash to the StackId, the module id of component <c>execution</c> (execution 5).</summary>
/// <param name="Component">Always "execution".</param>
/// <param name="Name">For people only, e.g. "stack-1"; nothing is decided by it.</param>
/// <param name="Contract">Version of the contract between node and stack.</param>
/// <param name="Natives">Name and signature of every native, ascending (docs/protocol/stack.md).</param>
/// <param name="RulesHash">SHA3-256 of the canonical rule value: every number, switch and name of the stack.</param>
/// <param name="VectorsHash">Hash of the frozen corpus as of closing; zero while open.</param>
public sealed record ModuleManifest(
    string Component,
    string Name,
    uint Contract,
    IReadOnlyList<string> Natives,
    Hash32 RulesHash,
    Hash32 VectorsHash)
{
    /// <summary>The module id: SHA3-256 of the canonical bytes.</summary>
    public Hash32 Id => Hashing.Sha3(ManifestCodec.Encode(this));
}

/// <summary>A misbehaviour as the framework sees it.</summary>
/// <param name="Kind">1 double vote, 2 double proposal, 3 amnesia (consensus N3).</param>
/// <param name="Height">The height of the offence.</param>
/// <param name="Validator">The address of who committed it.</param>
public sealed record EvidenceFact(byte Kind, ulong Height, Address Validator);

/// <summary>A component as execution may see it (native protocol_record::component).</summary>
/// <param name="Name">The component, e.g. <c>execution</c>.</param>
/// <param name="Version">The version in force.</param>
/// <param name="ModuleId">Its module.</param>
/// <param name="ScheduledVersion">0 when nothing is scheduled.</param>
/// <param name="ScheduledModuleId">Zero when nothing is scheduled.</param>
/// <param name="ScheduledHeight">The height from which it is to be in force; 0 when nothing is scheduled.</param>
/// <param name="Since">The first height of the version in force.</param>
/// <param name="Notice">Blocks that must lie between scheduling and activation (record P8).</param>
public sealed record ComponentFact(
    string Name,
    ulong Version,
    Hash32 ModuleId,
    ulong ScheduledVersion,
    Hash32 ScheduledModuleId,
    ulong ScheduledHeight,
    ulong Since,
    ulong Notice);

/// <summary>The facts of a block that come from consensus and the record, never from Move state (execution 4).</summary>
/// <param name="Height">The height.</param>
/// <param name="TimeMicros">Header time in microseconds.</param>
/// <param name="Epoch">The epoch of rules(Height).</param>
/// <param name="Proposer">The proposer.</param>
/// <param name="Missed">Members of the previous height's set that the last commit lacks.</param>
/// <param name="Evidence">Evidence of this block, then what earlier begin hooks did not accept.</param>
/// <param name="Validators">The validator set in force.</param>
/// <param name="Components">Component facts of record(Height), sorted by name.</param>
/// <param name="GenesisHash">For the hashes of system transactions.</param>
/// <param name="TxChainId">The chain id byte of transactions.</param>
public sealed record BlockContext(
    ulong Height,
    ulong TimeMicros,
    ulong Epoch,
    Address Proposer,
    IReadOnlyList<Address> Missed,
    IReadOnlyList<EvidenceFact> Evidence,
    IReadOnlyList<ValidatorEntry> Validators,
    IReadOnlyList<ComponentFact> Components,
    Hash32 GenesisHash,
    byte TxChainId)
{
    /// <summary>The parameters of record(Height) and the table that they are checked by.</summary>
    public ProtocolParameters Parameters { get; init; } = V1.ParameterDefinitions.Table.Defaults;
}

/// <summary>What a stack executes.</summary>
/// <param name="Context">The block's facts.</param>
/// <param name="Transactions">Canonical bytes in block order.</param>
/// <param name="FirstVersion">Global index of the begin transaction (execution 2).</param>
public sealed record BlockInput(BlockContext Context, IReadOnlyList<byte[]> Transactions, ulong FirstVersion)
{
    /// <summary>
    /// Whether the signature of the transaction with a hash was checked before and is good, so that it need not be checked again; null for
    /// none. It changes what execution costs, never what it yields.
    /// </summary>
    public Func<Hash32, bool>? IsKnownGood { get; init; }
}

/// <summary>One executed item of a block: begin, a user transaction, or end.</summary>
/// <param name="Receipt">What is committed.</param>
/// <param name="Writes">Changed keys, sorted.</param>
/// <param name="Events">In the order of emission.</param>
/// <param name="FailurePlace">Where and why, null after a success; kept beside the receipt, never committed.</param>
public sealed record TransactionOutput(Receipt Receipt, WriteSet Writes, IReadOnlyList<ContractEvent> Events, FailurePlace? FailurePlace);

/// <summary>What a stack makes of a block. The state root is added by the holder of the tree.</summary>
/// <param name="StackId">The module that made it.</param>
/// <param name="Outputs">begin, transactions, end.</param>
/// <param name="Writes">The block's net writes against its input state.</param>
/// <param name="ServiceEvents">In the order of execution; what the next record is told (record P6).</param>
/// <param name="CodeRoot">SHA-256 over the modules at 0x1 after the block (execution 3).</param>
/// <param name="GasUsed">Gas units of all its transactions.</param>
/// <param name="Fees">In the smallest coin units.</param>
/// <param name="FirstVersion">Global index of its begin transaction (execution 2).</param>
/// <param name="Alarms">What operators must see; not committed.</param>
public sealed record BlockResult(
    Hash32 StackId,
    IReadOnlyList<TransactionOutput> Outputs,
    WriteSet Writes,
    IReadOnlyList<ServiceEvent> ServiceEvents,
    Hash32 CodeRoot,
    ulong GasUsed,
    UInt128 Fees,
    ulong FirstVersion,
    IReadOnlyList<string> Alarms);

/// <summary>Whether a transaction may enter the mempool.</summary>
/// <param name="Refusal">Null when admitted.</param>
/// <param name="Message">A sentence for people, empty when admitted.</param>
/// <param name="Sender">The sender, zero when the bytes do not decode; so are the numbers that follow.</param>
/// <param name="SequenceNumber">The transaction's.</param>
/// <param name="GasUnitPrice">Smallest coin units for a gas unit.</param>
/// <param name="MaxGas">Gas units at most.</param>
/// <param name="ExpirationSeconds">Chain time from which it is refused.</param>
/// <param name="Hash">Transaction hash.</param>
/// <param name="AccountSequenceNumber">The account's next number in the state that was asked.</param>
public sealed record Admission(
    RefusalReason? Refusal,
    string Message,
    Address Sender,
    ulong SequenceNumber,
    ulong GasUnitPrice,
    ulong MaxGas,
    ulong ExpirationSeconds,
    Hash32 Hash,
    ulong AccountSequenceNumber);

/// <summary>The answer to a view call.</summary>
/// <param name="Status">As a transaction's status.</param>
/// <param name="Values">BCS of each result with its type; empty when it failed.</param>
/// <param name="GasUsed">Gas units.</param>
/// <param name="FailurePlace">Where and why, null after a success.</param>
public sealed record ViewResult(TransactionStatus Status, IReadOnlyList<(TypeTag Type, byte[] Value)> Values, ulong GasUsed,
    FailurePlace? FailurePlace);

/// <summary>A view call: a public #[view] function with BCS arguments.</summary>
public sealed record ViewCall(ModuleId Module, string Function, IReadOnlyList<TypeTag> TypeArguments, IReadOnlyList<byte[]> Arguments);

/// <summary>
/// One execution stack: a pure function of its inputs, bytes and plain records only, so that an external stack can carry its
/// own Move (record P13).
/// </summary>
public interface IExecutionStack
{
    /// <summary>What the stack is.</summary>
    ModuleManifest Manifest { get; }

    /// <summary>Module id of the manifest.</summary>
    Hash32 StackId { get; }

    /// <summary>Executes a block. A broken device or a bug is an exception that must end the node, never a status (record P17).</summary>
    BlockResult Execute(BlockInput input, IStateReader state);

    /// <summary>Block 0 from nothing.</summary>
    /// <exception cref="ArgumentException">
    /// The modules do not verify or the framework refuses the parameters: no chain can begin so.
    /// </exception>
    BlockResult Genesis(GenesisInput input);

    /// <summary>Decodes, checks the signature and runs the prologue, allowing sequence gaps (execution 8.1).</summary>
    /// <param name="transaction">Its canonical bytes.</param>
    /// <param name="next">Facts of the block that would hold it.</param>
    /// <param name="head">The newest state.</param>
    /// <param name="isKnownGood">As <see cref="BlockInput.IsKnownGood"/>; null for none.</param>
    Admission Admit(byte[] transaction, BlockContext next, IStateReader head, Func<Hash32, bool>? isKnownGood = null);

    /// <summary>Executes without checking the signature; leaves nothing behind (execution 8.9).</summary>
    TransactionOutput Simulate(byte[] transaction, BlockContext next, IStateReader head);

    /// <summary>Answers a view in a state, with the stack's own limits.</summary>
    ViewResult View(ViewCall call, BlockContext context, IStateReader state);

    /// <summary>
    /// Runs once what the first publish would be the first to run: verification, compatibility, links and the probe of the code
    /// in force, on throw-away
    /// state. Nothing remains but loaded code, and no result depends on it. Takes about a second; may run beside everything else.
    /// </summary>
    void Warm(BlockContext next, IStateReader head);
}
