using Theseus.Move.Natives;
using Theseus.Move.Rules;

namespace Theseus.Execution;

/// <summary>What decides over a transaction before and after its body (execution 1, 4).</summary>
/// <param name="MaximumGas">Gas units that an ordinary transaction may ask for.</param>
/// <param name="ApprovedMaximumGas">Gas units that a transaction with an approved script may ask for (execution 8.2).</param>
/// <param name="IntrinsicGas">Gas units of any transaction, whatever it does.</param>
/// <param name="IntrinsicGasPerByte">Gas units for a byte of the transaction.</param>
/// <param name="PrologueGas">Gas units of the prologue; not charged.</param>
/// <param name="EpilogueGas">Gas units of the epilogue; not charged.</param>
/// <param name="ApprovedScriptInstructions">Instructions of an approved script.</param>
/// <param name="PublishGasPerByte">
/// Gas units for a byte of a published module: decoding, linking, keeping. Verification is paid by its work.
/// </param>
/// <param name="FeeBounds">What governance's fee parameters may be; values outside count as the nearest bound.</param>
public sealed record TransactionRules(
    ulong MaximumGas,
    ulong ApprovedMaximumGas,
    ulong IntrinsicGas,
    ulong IntrinsicGasPerByte,
    ulong PrologueGas,
    ulong EpilogueGas,
    int ApprovedScriptInstructions,
    ulong PublishGasPerByte,
    FeeBounds FeeBounds);

/// <summary>
/// Bounds of 0x1::fee_parameters, fixed by the stack (execution 4, one price list): no upgrade of the framework stops the chain
/// by them.
/// </summary>
/// <param name="LeastBlockGas">Gas units of a block at least; no transaction begins once they are used.</param>
/// <param name="MostBlockGas">Gas units of a block at most.</param>
/// <param name="MostStorageBytePrice">Gas units for a byte written at most.</param>
public sealed record FeeBounds(ulong LeastBlockGas, ulong MostBlockGas, ulong MostStorageBytePrice)
{
    /// <summary>The nearest values within the bounds.</summary>
    public FeeParameters Clamp(FeeParameters set) =>
        new(ulong.Clamp(set.BlockGas, LeastBlockGas, MostBlockGas), ulong.Min(set.StorageBytePrice, MostStorageBytePrice));
}

/// <summary>The hooks of a block and their limits (execution 4).</summary>
/// <param name="HookGas">Gas units of a begin or end hook.</param>
/// <param name="Hooks">Frozen names and signatures, checked at every publish at 0x1.</param>
/// <param name="Friends">Who may be a friend of the modules that hold authority: module, sorted friends.</param>
public sealed record HookRules(ulong HookGas, IReadOnlyList<HookSignature> Hooks, IReadOnlyList<FriendRule> Friends)
{
    /// <summary>Types whose abilities never change: they hold what must be neither copied, dropped nor moved about.</summary>
    public IReadOnlyList<AbilityRule> Abilities { get; init; } = [];
}

/// <summary>The abilities that a struct has and keeps, in the order of the language: <c>copy, drop, store, key</c>.</summary>
/// <param name="Module">Module at 0x1.</param>
/// <param name="Struct">Its struct.</param>
/// <param name="Abilities">The abilities, separated by a comma and a space.</param>
public sealed record AbilityRule(string Module, string Struct, string Abilities);

/// <summary>A hook as the stack calls it.</summary>
/// <param name="Module">Module at 0x1.</param>
/// <param name="Function">Its function, private or not.</param>
/// <param name="Signature">Parameter types and results in text, e.g. <c>(address,u64)</c> or <c>(vector&lt;u8&gt;):bool</c>.</param>
public sealed record HookSignature(string Module, string Function, string Signature);

/// <summary>The friends that a module may have.</summary>
public sealed record FriendRule(string Module, IReadOnlyList<string> Friends);

/// <summary>Which events are service events: struct names by module, and their bounds (record P6).</summary>
/// <param name="Listed">Module and struct at 0x1.</param>
/// <param name="PerBlock">Service events of a block.</param>
/// <param name="Bytes">Canonical bytes of one.</param>
/// <param name="SetupBytes">Canonical bytes of an EpochSetup: 72 for each validator, of whom the framework allows 200 (stake.move).</param>
/// <param name="TextBytes">Bytes of a name in one, and names of a change of parameters.</param>
/// <param name="Items">Validators of an EpochSetup that are read.</param>
public sealed record ServiceEventRules(
    IReadOnlyList<(string Module, string Struct)> Listed, int PerBlock, int Bytes, int SetupBytes, int TextBytes, int Items)
{
    /// <summary>Whether the canonical bytes are within the bound for their kind.</summary>
    public bool Fits(ServiceEvent item) => ServiceEventCodec.Encode(item).Length <= (item is ServiceEvent.EpochSetup ? SetupBytes : Bytes);
}

/// <summary>Limits of a view (execution 6).</summary>
/// <param name="Gas">Gas units.</param>
/// <param name="ReadBytes">Bytes of state that it may read.</param>
public sealed record ViewRules(ulong Gas, long ReadBytes);

/// <summary>What the stack takes from and gives to the framework beside hooks and events.</summary>
/// <param name="PowerUnit">Smallest coin units that genesis bonds for one unit of voting power (stake.move).</param>
/// <param name="Modules">Names of modules at 0x1 that are read.</param>
/// <param name="Natives">Natives that 0x1::versions may list.</param>
/// <param name="NativeBytes">Bytes of one of them with its signature.</param>
public sealed record FrameworkRules(ulong PowerUnit, int Modules, int Natives, int NativeBytes);

/// <summary>
/// An execution stack as an immutable value (execution 5). All behaviour that can show in status, gas, writes, events or
/// acceptance is chosen here.
/// </summary>
public sealed record StackRules(
    string Name,
    MoveRules Move,
    NativeTable Natives,
    TransactionRules Transactions,
    HookRules Blocks,
    ServiceEventRules ServiceEvents,
    ViewRules Views,
    FrameworkRules Framework)
{
    /// <summary>The contract between node and stack that this code speaks (record P14).</summary>
    public const uint Contract = 1;

    /// <summary>Hash of the frozen corpus as of closing; zero while the stack is open.</summary>
    public Hash32 Vectors { get; init; } = Hash32.Zero;

    /// <summary>Names the rules; the hash of its canonical bytes is the stack's id (docs/protocol/stack.md).</summary>
    public ModuleManifest Manifest() => new(Components.Execution, Name, Contract, Natives.Signatures,
        Hashing.Sha3(StackRulesCodec.Encode(this)), Vectors);
}
