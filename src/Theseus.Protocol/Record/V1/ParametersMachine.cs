namespace Theseus.Protocol.V1;

/// <summary>Owns the parameters (record P3): a change is whole or not at all, and governs the next block.</summary>
internal sealed class ParametersMachine(Rules rules) : IRecordMachine
{
    private readonly List<(int Input, RefusalEntry Refusal)> _refusals = [];
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
            else if (_parameters.TryWith(changed.Values, out RefusalCode fault) is { } next)
            {
                _parameters = next;
            }
            else
            {
                Refuse(i, changed.Values.First(value => _parameters.Table.Check(value.Name, value.Value) != RefusalCode.None).Name, fault);
            }
        }
    }

    public void Build(RecordDraft draft) => draft.Record = draft.Record with { Parameters = _parameters };

    private void Refuse(int input, string name, RefusalCode reason) =>
        _refusals.Add((input, new RefusalEntry(rules.Height, Names.ForRing(name), 0, reason)));
}
