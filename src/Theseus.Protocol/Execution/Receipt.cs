namespace Theseus.Protocol;

/// <summary>The variants of a transaction's status (execution 3).</summary>
public enum StatusKind : byte
{
    Success = 0,
    Aborted = 1,
    OutOfGas = 2,
    Failed = 3,
    Skipped = 4,
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
    public static readonly TransactionStatus Success = new(StatusKind.Success);

    public static readonly TransactionStatus OutOfGas = new(StatusKind.OutOfGas);

    public static TransactionStatus Aborted(ModuleId? module, ulong code) => new(StatusKind.Aborted, module, code);

    public static TransactionStatus Failed(ulong major, ulong? sub, ModuleId? module) =>
        new(StatusKind.Failed, module, Major: major, Sub: sub);

    public static TransactionStatus Skipped(ushort reason, bool retry) => new(StatusKind.Skipped, Reason: reason, Retry: retry);

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
