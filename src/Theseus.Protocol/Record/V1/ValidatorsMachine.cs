namespace Theseus.Protocol.V1;

/// <summary>Owns the next validator set (record P7). A set that is refused leaves the old one in force.</summary>
internal sealed class ValidatorsMachine(Rules rules) : IRecordMachine
{
    /// <summary>Subject of this machine's refusals.</summary>
    public const string Subject = "validators";

    private readonly List<(int Input, RefusalEntry Refusal)> _refusals = [];
    private RecordedSet? _next;

    public IReadOnlyList<(int Input, RefusalEntry Refusal)> Refusals => _refusals;

    public void Evolve(RecordInputs inputs)
    {
        for (int i = 0; i < inputs.ServiceEvents.Count; i++)
        {
            if (inputs.ServiceEvents[i] is ServiceEvent.EpochSetup setup)
            {
                RefusalCode fault = Accept(setup);
                if (fault != RefusalCode.None)
                {
                    _refusals.Add((i, new RefusalEntry(rules.Height, Subject, setup.Epoch, fault)));
                }
            }
        }
    }

    public void Build(RecordDraft draft)
    {
        if (_next is not null)
        {
            draft.Record = draft.Record with { SetNext = _next };
        }
    }

    private RefusalCode Accept(ServiceEvent.EpochSetup setup)
    {
        if (_next is not null)
        {
            return RefusalCode.SetPending;
        }

        if (setup.Epoch != rules.Epoch + 1)
        {
            return RefusalCode.WrongEpoch;
        }

        _next = ValidatorSets.TryRecord(setup.Epoch, setup.Validators, out RefusalCode fault);
        return fault;
    }
}
