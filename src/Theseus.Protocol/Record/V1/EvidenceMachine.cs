namespace Theseus.Protocol.V1;

/// <summary>
/// Owns the sets of the evidence window (consensus N3). A new interval begins where the set or the consensus version
/// changes; a closed one goes when its last height is too old in blocks and in time.
/// </summary>
internal sealed class EvidenceMachine(Rules rules) : IRecordMachine
{
    private IReadOnlyList<EvidenceSet> _sets = rules.Record.EvidenceSets;

    public IReadOnlyList<(int Input, RefusalEntry Refusal)> Refusals => [];

    public void Evolve(RecordInputs inputs)
    {
        ComponentVersion consensus = rules.Consensus.Version;
        EvidenceSet last = _sets[^1];
        if (last.Set.Id != rules.Set.Id || last.ConsensusVersion != consensus)
        {
            _sets =
            [
                .. _sets.Take(_sets.Count - 1),
                last with { ClosedHeight = rules.Height - 1, ClosedTime = inputs.Time },
                new EvidenceSet(rules.Height, null, 0, rules.Set, consensus),
            ];
        }

        if (_sets.Count > ProtocolRecord.MaximumEvidenceSets || _sets.Any(interval => IsExpired(interval, inputs.Time)))
        {
            _sets = [.. _sets.Where(interval => !IsExpired(interval, inputs.Time)).TakeLast(ProtocolRecord.MaximumEvidenceSets)];
        }
    }

    public void Build(RecordDraft draft) => draft.Record = draft.Record with { EvidenceSets = _sets };

    private bool IsExpired(EvidenceSet interval, ulong time) =>
        interval.ClosedHeight is { } closed
        && rules.Height - closed > rules.Parameters.EvidenceAgeBlocks
        && time > interval.ClosedTime && time - interval.ClosedTime > rules.Parameters.EvidenceAgeTime;
}
