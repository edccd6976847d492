namespace Theseus.Protocol;

/// <summary>
/// A fact that a framework module tells the protocol record (record P6). Emitted at 0x1 only, at most 64 a block of 8 KiB each.
/// </summary>
public abstract record ServiceEvent
{
    private ServiceEvent()
    {
    }

    /// <summary>
    /// Schedule, or move, <paramref name="Component"/> to <paramref name="Version"/> at <paramref name="ActivationHeight"/>
    /// (record P8).
    /// </summary>
    public sealed record VersionScheduled(
        string Component,
        ulong Version,
        Hash32 ModuleId,
        Hash32? BundleHash,
        ulong ActivationHeight,
        ulong Probation,
        IReadOnlyList<(string Component, ulong Version)> Requires) : ServiceEvent;

    /// <summary>Withdraw the pending change (record P8).</summary>
    public sealed record VersionCancelled(string Component, ulong Version) : ServiceEvent;

    /// <summary>Bind a new version to the module on probation's predecessor (record P11).</summary>
    public sealed record VersionRolledBack(string Component) : ServiceEvent;

    /// <summary>Change consensus parameters; effective at B+1, range-checked (record P3).</summary>
    public sealed record ParametersChanged(IReadOnlyList<(string Name, ulong Value)> Values) : ServiceEvent;

    /// <summary>The next validator set (record P7).</summary>
    public sealed record EpochSetup(ulong Epoch, IReadOnlyList<ValidatorEntry> Validators) : ServiceEvent;
}

/// <summary>A validator as the chain sees it: address, Ed25519 consensus key (32 bytes), power above zero.</summary>
public sealed record ValidatorEntry(Address Address, Hash32 PublicKey, ulong Power);
