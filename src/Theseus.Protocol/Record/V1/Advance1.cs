namespace Theseus.Protocol.V1;

/// <summary>What one height does to a record of model 1, reading nothing of its block (record P1).</summary>
internal static class Advance1
{
    public static ProtocolRecord Run(ProtocolRecord parent, ulong height)
    {
        RecordedSet set = parent.SetNext;
        ProtocolRecord record = parent;
        if (set.Id != parent.SetNow.Id)
        {
            // departed validators are ready for nothing
            record = record with
            {
                SetNow = set,
                Readiness = [.. parent.Readiness.Where(entry => set.Validators.Any(validator => validator.Address == entry.Validator))],
            };
        }

        return Versions(record, height);
    }

    private static ProtocolRecord Versions(ProtocolRecord record, ulong height)
    {
        if (!record.Components.Any(pair => IsTouched(record, pair.Value, height)))
        {
            return record;
        }

        SortedSet<string> activating = Activating(record, height);
        List<HistoryEntry> history = [];
        List<KeyValuePair<string, UpdatableField>> components = new(record.Components.Count);
        foreach ((string name, UpdatableField field) in record.Components)
        {
            UpdatableField after = field;
            if (IsDue(field, height))
            {
                ScheduledVersion due = field.Scheduled!;
                RefusalCode outcome = activating.Contains(name) ? RefusalCode.Activated : RefusalCode.RequirementMissing;
                after = field with
                {
                    Current = outcome == RefusalCode.Activated ? new CurrentVersion(due.Version, due.ModuleId, height) : field.Current,
                    Scheduled = null,
                    LastResult = outcome,
                };
                history.Add(new HistoryEntry(height, name, due.Version.Value, outcome));
            }
            else if (IsArming(record, field, height))
            {
                after = field with { Scheduled = field.Scheduled! with { Armed = true } };
            }

            components.Add(KeyValuePair.Create(name, after));
        }

        return record with { Components = components, History = Rings.Append(record.History, history) };
    }

    // A change activates only together with what it requires: drop those whose needs fail until nothing more falls.
    private static SortedSet<string> Activating(ProtocolRecord record, ulong height)
    {
        SortedSet<string> activating = new(
            record.Components.Where(pair => IsDue(pair.Value, height)).Select(static pair => pair.Key), StringComparer.Ordinal);
        bool fell = true;
        while (fell)
        {
            fell = false;
            foreach ((string name, UpdatableField field) in record.Components)
            {
                if (activating.Contains(name) && !field.Scheduled!.Requires.All(required => Holds(record, activating, required)))
                {
                    activating.Remove(name);
                    fell = true;
                }
            }
        }

        return activating;
    }

    private static bool Holds(ProtocolRecord record, SortedSet<string> activating, (string Component, ulong Version) required)
    {
        if (record.Find(required.Component) is not { } field)
        {
            return false;
        }

        ComponentVersion then = activating.Contains(required.Component) ? field.Scheduled!.Version : field.Current.Version;
        return then == new ComponentVersion(required.Version);
    }

    private static bool IsTouched(ProtocolRecord record, UpdatableField field, ulong height) =>
        IsDue(field, height) || IsArming(record, field, height);

    // R11: the first height at or after the one named
    private static bool IsDue(UpdatableField field, ulong height) => field.Scheduled is { } next && height >= next.ActivationHeight;

    private static bool IsArming(ProtocolRecord record, UpdatableField field, ulong height) =>
        field.Scheduled is { Armed: false } next
        && height >= next.ActivationHeight - ulong.Min(next.ActivationHeight, record.Parameters.SafetyThreshold);
}
