namespace Theseus.Protocol;

/// <summary>The variants of a transaction's status (execution 3).</summary>
public enum StatusKind : byte
{
    /// <summary>Ran to its end; its writes and events are kept.</summary>
    Success = 0,

    /// <summary>Move code aborted with a code; only the fee is taken.</summary>
    Aborted = 1,

    /// <summary>Its maximum gas did not suffice; only the fee is taken.</summary>
    OutOfGas = 2,

    /// <summary>The VM stopped it, e.g. by a division by zero; only the fee is taken.</summary>
    Failed = 3,

    /// <summary>Its prologue or the block's limits refused it: no writes, no fee (execution 4).</summary>
    Skipped = 4,

    /// <summary>A hook of the framework failed; nothing of it is kept.</summary>
    SystemAborted = 5,
}

/// <summary>
/// 0 Success · 1 Aborted{module or script, code} · 2 OutOfGas · 3 Failed{major, sub?, module?} · 4 Skipped{reason, retry} · 5
/// SystemAborted{hook, major, code}.
/// Fields that a variant lacks hold their defaults.
/// </summary>
/// <param name="Kind">The variant.</param>
/// <param name="Module">Where it aborted or failed; null means a script or nowhere.</param>
/// <param name="Code">The abort code.</param>
/// <param name="Major">The VM's status code.</param>
/// <param name="Sub">The VM's sub-status.</param>
/// <param name="Reason">Why a transaction was skipped.</param>
/// <param name="Retry">Whether a skipped transaction may be tried again.</param>
/// <param name="Hook">The hook that aborted.</param>
public sealed record TransactionStatus(
    StatusKind Kind,
    ModuleId? Module = null,
    ulong Code = 0,
    ulong Major = 0,
    ulong? Sub = null,
    ushort Reason = 0,
    bool Retry = false,
    string? Hook = null)
{
    /// <summary>Ran to its end.</summary>
    public static readonly TransactionStatus Success = new(StatusKind.Success);

    /// <summary>Its maximum gas did not suffice.</summary>
    public static readonly TransactionStatus OutOfGas = new(StatusKind.OutOfGas);

    /// <summary>Move code aborted.</summary>
    /// <param name="module">The module whose code aborted; null for a script.</param>
    /// <param name="code">The abort code.</param>
    public static TransactionStatus Aborted(ModuleId? module, ulong code) => new(StatusKind.Aborted, module, code);

    /// <summary>The VM stopped it.</summary>
    /// <param name="major">The VM's status code.</param>
    /// <param name="sub">Its sub-status, if it has one.</param>
    /// <param name="module">The module that was running; null for a script, or when none was.</param>
    public static TransactionStatus Failed(ulong major, ulong? sub, ModuleId? module) =>
        new(StatusKind.Failed, module, Major: major, Sub: sub);

    /// <summary>It was not executed.</summary>
    /// <param name="reason">A <see cref="RefusalReason"/> by number.</param>
    /// <param name="retry">Whether the same transaction may succeed later.</param>
    public static TransactionStatus Skipped(ushort reason, bool retry) => new(StatusKind.Skipped, Reason: reason, Retry: retry);

    /// <summary>A hook failed.</summary>
    /// <param name="hook">The hook's name.</param>
    /// <param name="major">The VM's status code.</param>
    /// <param name="code">The abort code, 0 when it did not abort.</param>
    public static TransactionStatus SystemAborted(string hook, ulong major, ulong code) =>
        new(StatusKind.SystemAborted, Code: code, Major: major, Hook: hook);
}

/// <summary>What execution commits to for one transaction (execution 3).</summary>
public sealed record Receipt(
    Hash32 TransactionHash,
    TransactionStatus Status,
    ulong GasUsed,
    UInt128 Fee,
    Hash32 WriteSetRoot,
    Hash32 EventsRoot,
    uint EventCount);

/// <summary>An event: its type and the BCS of its data; no handle, no counter.</summary>
public sealed record ContractEvent(TypeTag Type, byte[] Data);
