namespace Theseus.Protocol.V1;

/// <summary>Owns the components, the history ring and the framework counter (record P3, P8).</summary>
internal sealed class VersionsMachine(Rules rules) : IRecordMachine
{
    private readonly KeyValuePair<string, UpdatableField>[] _components = [.. rules.Record.Components];
    private readonly List<HistoryEntry> _history = [];
    private readonly List<(int Input, RefusalEntry Refusal)> _refusals = [];
    private FrameworkField _framework = rules.Record.Framework;
    private bool _changed;

    public IReadOnlyList<(int Input, RefusalEntry Refusal)> Refusals => _refusals;

    public void Evolve(RecordInputs inputs)
    {
        for (int i = 0; i < inputs.ServiceEvents.Count; i++)
        {
            (string component, ulong version, RefusalCode outcome) = inputs.ServiceEvents[i] switch
            {
                ServiceEvent.VersionScheduled scheduled => (scheduled.Component, scheduled.Version, Schedule(scheduled)),
                ServiceEvent.VersionCancelled cancelled => (cancelled.Component, cancelled.Version, Cancel(cancelled)),
                ServiceEvent.VersionRolledBack rolledBack => (rolledBack.Component, 0UL, RollBack(rolledBack)),
                _ => ("", 0UL, RefusalCode.None),
            };
            if (outcome is RefusalCode.Scheduled or RefusalCode.Moved or RefusalCode.Cancelled)
            {
                _history.Add(new HistoryEntry(rules.Height, component, version, outcome));
            }
            else if (outcome != RefusalCode.None)
            {
                _refusals.Add((i, new RefusalEntry(rules.Height, Names.ForRing(component), version, outcome)));
            }
        }

        if (inputs.CodeRoot != _framework.CodeRoot)
        {
            _framework = new FrameworkField(_framework.Counter + 1, inputs.CodeRoot);
            _history.Add(new HistoryEntry(rules.Height, Components.Framework, _framework.Counter, RefusalCode.Published));
        }
    }

    public void Build(RecordDraft draft) => draft.Record = draft.Record with
    {
        Components = _changed ? _components : draft.Record.Components,
        History = _history.Count > 0 ? Rings.Append(draft.Record.History, _history) : draft.Record.History,
        Framework = _framework,
    };

    // record P8: the first failing rule names the reason
    private RefusalCode Schedule(ServiceEvent.VersionScheduled request)
    {
        if (!Names.IsValid(request.Component) || request.Requires.Count > ServiceEventCodec.MaximumRequires
            || !request.Requires.All(static required => Names.IsValid(required.Component)))
        {
            return RefusalCode.Malformed;
        }

        if (request.Component == Components.Framework)
        {
            return RefusalCode.NeverScheduled;
        }

        int index = IndexOf(request.Component);
        if (index < 0)
        {
            return RefusalCode.UnknownComponent;
        }

        // Both: the parent's (R14) and this height's, which differ in the one block that activates.
        UpdatableField field = _components[index].Value;
        ComponentVersion version = new(request.Version);
        if (version != rules.Parent.Find(request.Component)?.Current.Version.Next || version != field.Current.Version.Next)
        {
            return RefusalCode.WrongVersion;
        }

        ulong notice = rules.Parameters.Notice;
        if (request.ActivationHeight <= notice || request.ActivationHeight - notice <= rules.Height)
        {
            return RefusalCode.TooSoon;
        }

        if (request.ModuleId.IsZero)
        {
            return RefusalCode.MalformedModule;
        }

        if (!request.Requires.All(required => IndexOf(required.Component) >= 0))
        {
            return RefusalCode.RequirementMissing;
        }

        if (field.Scheduled is { } pending && pending.ModuleId != request.ModuleId)
        {
            return RefusalCode.ConflictingPending;
        }

        bool moved = field.Scheduled is not null;
        ScheduledVersion scheduled = new(
            version, request.ModuleId, request.BundleHash, request.ActivationHeight, request.Probation,
            [.. request.Requires], Armed: false);
        Set(index, field with { Scheduled = scheduled });
        return moved ? RefusalCode.Moved : RefusalCode.Scheduled;
    }

    private RefusalCode Cancel(ServiceEvent.VersionCancelled request)
    {
        int index = IndexOf(request.Component);
        if (index < 0)
        {
            return RefusalCode.UnknownComponent;
        }

        UpdatableField field = _components[index].Value;
        if (field.Scheduled is null || field.Scheduled.Version != new ComponentVersion(request.Version))
        {
            return RefusalCode.NothingPending;
        }

        Set(index, field with { Scheduled = null, LastResult = RefusalCode.Cancelled });
        return RefusalCode.Cancelled;
    }

    // No change enters probation under this model's activation, so there is never a fallback to go back to.
    private RefusalCode RollBack(ServiceEvent.VersionRolledBack request) =>
        IndexOf(request.Component) < 0 ? RefusalCode.UnknownComponent : RefusalCode.NotOnProbation;

    private void Set(int index, UpdatableField field)
    {
        _components[index] = KeyValuePair.Create(_components[index].Key, field);
        _changed = true;
    }

    private int IndexOf(string component) =>
        Array.FindIndex(_components, pair => string.Equals(pair.Key, component, StringComparison.Ordinal));
}

/// <summary>Names of components and parameters: 1 to 64 letters, digits, dots, dashes and underscores.</summary>
internal static class Names
{
    public static bool IsValid(string name) =>
        name.Length is > 0 and <= Components.MaximumName && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');

    /// <summary>What a ring keeps of a name that a stranger chose: the rings are bounded in bytes too.</summary>
    public static string ForRing(string name) => IsValid(name) ? name : "";
}
