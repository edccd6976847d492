namespace Theseus.Protocol;

/// <summary>A module that the chain needs and a node lacks (record P10).</summary>
/// <param name="Component">The component that needs it.</param>
/// <param name="Version">The version that needs it.</param>
/// <param name="Required">The missing module.</param>
/// <param name="Height">First height that needs it; at or below the next one when it is needed now.</param>
/// <param name="BlocksLeft">Blocks that the node can still process; 0 when it must stop.</param>
/// <param name="Gates">The roles that it stops.</param>
public sealed record MissingModule(
    string Component,
    ComponentVersion Version,
    Hash32 Required,
    ulong Height,
    ulong BlocksLeft,
    ComponentGates Gates);

/// <summary>
/// Looks ahead: what a node must be able to run, and what of it is missing. A fact for warnings and start-up; no rule
/// of the chain ever reads it.
/// </summary>
public static class RecordSupport
{
    /// <summary>
    /// What a node with these modules lacks after a block at <paramref name="height"/>: modules in force, fallbacks, and
    /// scheduled ones, the nearest first.
    /// </summary>
    /// <param name="record">record(height).</param>
    /// <param name="height">The last processed height.</param>
    /// <param name="supported">The module ids that this software implements.</param>
    /// <param name="roles">The node's roles: components that gate none of them are left out.</param>
    public static IReadOnlyList<MissingModule> Missing(
        ProtocolRecord record, ulong height, IReadOnlyCollection<Hash32> supported, ComponentGates roles = ComponentGates.All)
    {
        SortedSet<Hash32> known = [.. supported];
        List<MissingModule> missing = [];
        foreach ((string name, UpdatableField field) in record.Components)
        {
            if ((field.Gates & roles) == ComponentGates.None)
            {
                continue;
            }

            if (!known.Contains(field.Current.ModuleId))
            {
                missing.Add(new MissingModule(name, field.Current.Version, field.Current.ModuleId, height + 1, 0, field.Gates));
            }

            if (field.Scheduled is { } next && !known.Contains(next.ModuleId))
            {
                ulong left = next.ActivationHeight > height + 1 ? next.ActivationHeight - height - 1 : 0;
                missing.Add(new MissingModule(name, next.Version, next.ModuleId, next.ActivationHeight, left, field.Gates));
            }
        }

        missing.Sort(static (a, b) =>
            a.Height != b.Height ? a.Height.CompareTo(b.Height) : string.CompareOrdinal(a.Component, b.Component));
        return missing;
    }
}

/// <summary>Facts of components as execution sees them (native protocol_record::component).</summary>
public static class ComponentFacts
{
    /// <summary>Of record(H), sorted by name.</summary>
    public static IReadOnlyList<ComponentFact> Of(ProtocolRecord record) =>
    [
        .. record.Components.Select(pair => new ComponentFact(
            pair.Key,
            pair.Value.Current.Version.Value,
            pair.Value.Current.ModuleId,
            pair.Value.Scheduled?.Version.Value ?? 0,
            pair.Value.Scheduled?.ModuleId ?? Hash32.Zero,
            pair.Value.Scheduled?.ActivationHeight ?? 0,
            pair.Value.Current.Since,
            record.Parameters.Notice)),
    ];
}
