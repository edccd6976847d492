namespace Theseus.Protocol.V1;

/// <summary>
/// Owns the parameters (record P3): a change is whole or not at all, and governs the next block. Values that the framework keeps are
/// checked by their ranges only, since their relations need facts that no record holds; they too stand in the history.
/// </summary>
internal sealed class ParametersMachine(Rules rules) : IRecordMachine
{
    private readonly List<(int Input, RefusalEntry Refusal)> _refusals = [];
    private readonly List<HistoryEntry> _history = [];
    private ProtocolParameters _parameters = rules.Record.Parameters;

    public IReadOnlyList<(int Input, RefusalEntry Refusal)> Refusals => _refusals;

    public void Evolve(RecordInputs inputs)
    {
        for (int i = 0; i < inputs.ServiceEvents.Count; i++)
        {
            if (inputs.ServiceEvents[i] is not ServiceEvent.ParametersChanged changed)
            {
                continue;
            }

            if (changed.Values.Count is 0 or > ServiceEventCodec.MaximumValues)
            {
                Refuse(i, "", RefusalCode.Malformed);
            }
            else if (TryChange(changed.Values, out RefusalCode fault, out string subject) is { } next)
            {
                _parameters = next;
                _history.AddRange(changed.Values.Select(value =>
                    new HistoryEntry(rules.Height, value.Name, value.Value, RefusalCode.ParameterChanged)));
            }
            else
            {
                Refuse(i, subject, fault);
            }
        }
    }

    public void Build(RecordDraft draft) => draft.Record = draft.Record with
    {
        Parameters = _parameters,
        History = _history.Count > 0 ? Rings.Append(draft.Record.History, _history) : draft.Record.History,
    };

    private ProtocolParameters? TryChange(IReadOnlyList<(string Name, ulong Value)> values, out RefusalCode fault, out string subject)
    {
        ParameterTable table = _parameters.Table;
        foreach ((string name, ulong value) in values)
        {
            subject = name;
            fault = table.Check(name, value);
            if (fault != RefusalCode.None)
            {
                return null;
            }
        }

        return _parameters.TryWith(values.Where(value => table.Find(value.Name)!.Home == ParameterHome.Record), out fault, out subject);
    }

    private void Refuse(int input, string name, RefusalCode reason) =>
        _refusals.Add((input, new RefusalEntry(rules.Height, Names.ForRing(name), 0, reason)));
}
