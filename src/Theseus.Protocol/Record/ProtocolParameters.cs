using Theseus.Consensus;

namespace Theseus.Protocol;

/// <summary>The numbers in force, all within their ranges. Times are milliseconds, sizes bytes. Immutable.</summary>
public sealed class ProtocolParameters
{
    private readonly ulong[] _values;

    internal ProtocolParameters(ParameterTable table, ulong[] values)
    {
        Table = table;
        _values = values;
    }

    /// <summary>What the values are checked by.</summary>
    public ParameterTable Table { get; }

    /// <summary>The value of a parameter by its name; null when the model lacks it, never zero (R18).</summary>
    public ulong? Find(string name)
    {
        int index = Table.IndexOf(name);
        return index < 0 ? null : _values[index];
    }

    /// <summary>Name and value, ascending by name.</summary>
    public IReadOnlyList<KeyValuePair<string, ulong>> Values =>
        [.. Table.Definitions.Select((definition, index) => KeyValuePair.Create(definition.Name, _values[index]))];

    /// <summary>Changes several values at once, or none. The relations are judged on the outcome, not on the way to it.</summary>
    /// <param name="changes">Names of the record's own parameters and their new values; a later one of the same name wins.</param>
    /// <param name="fault">None, UnknownParameter, ParameterOutOfRange or ParameterRelation.</param>
    /// <param name="subject">The parameter or relation at fault, else empty.</param>
    /// <returns>The new values, or null with the first fault.</returns>
    public ProtocolParameters? TryWith(IEnumerable<(string Name, ulong Value)> changes, out RefusalCode fault, out string subject)
    {
        ulong[] values = [.. _values];
        SortedSet<string> changed = new(StringComparer.Ordinal);
        foreach ((string name, ulong value) in changes)
        {
            subject = name;
            fault = Table.Check(name, value);
            int index = Table.IndexOf(name);
            if (fault == RefusalCode.None && index < 0)
            {
                fault = RefusalCode.UnknownParameter; // the framework's own
            }

            if (fault != RefusalCode.None)
            {
                return null;
            }

            values[index] = value;
            changed.Add(name);
        }

        ProtocolParameters next = new(Table, values);
        ParameterRelation? broken = Table.FirstBroken(next.Find, changed);
        fault = broken is null ? RefusalCode.None : RefusalCode.ParameterRelation;
        subject = broken?.Name ?? "";
        return broken is null ? next : null;
    }

    /// <summary>As <see cref="TryWith"/>, for values known to be good.</summary>
    /// <exception cref="ArgumentException">A name is unknown, a value out of range, or a relation broken.</exception>
    public ProtocolParameters With(params (string Name, ulong Value)[] changes) =>
        TryWith(changes, out RefusalCode fault, out string subject) ?? throw new ArgumentException($"{subject}: {fault}", nameof(changes));

    /// <summary>The waits of the rounds of a height (consensus).</summary>
    public Timeouts Timeouts => new(
        new TimeoutLine((int)Get(ParameterNames.ProposeTimeout), (int)Get(ParameterNames.ProposeTimeoutDelta)),
        new TimeoutLine((int)Get(ParameterNames.PrevoteTimeout), (int)Get(ParameterNames.PrevoteTimeoutDelta)),
        new TimeoutLine((int)Get(ParameterNames.PrecommitTimeout), (int)Get(ParameterNames.PrecommitTimeoutDelta)),
        (int)Get(ParameterNames.MaximumTimeout));

    /// <summary>From the start of one height to the start of the next at least (consensus N6).</summary>
    public ulong BlockInterval => Get(ParameterNames.BlockInterval);

    /// <summary>How long to wait for one's own execution (consensus N6, record P17).</summary>
    public ulong ExecutionPatience => Get(ParameterNames.ExecutionPatience);

    /// <summary>How far correct clocks differ (consensus N5).</summary>
    public ulong Precision => Get(ParameterNames.Precision);

    /// <summary>How long a proposal may travel (consensus N5).</summary>
    public ulong MessageDelay => Get(ParameterNames.MessageDelay);

    /// <summary>Blocks between arming and activation (record P8, P9).</summary>
    public ulong SafetyThreshold => Get(ParameterNames.SafetyThreshold);

    /// <summary>Blocks between recording and activation at least: the larger of notice and safety threshold (record P8).</summary>
    public ulong Notice => ulong.Max(Get(ParameterNames.Notice), SafetyThreshold);

    /// <summary>Blocks for which the previous module stays loaded (record P11).</summary>
    public ulong Probation => Get(ParameterNames.Probation);

    /// <summary>Sixtieths of the power that ready validators must exceed: 40 is 2/3, 50 is 5/6 (record P9).</summary>
    public ulong ReadinessThreshold => Get(ParameterNames.ReadinessThreshold);

    /// <summary>Blocks for which a declaration counts (record P9).</summary>
    public ulong ReadyTtl => Get(ParameterNames.ReadyTtl);

    /// <summary>Evidence is void once it exceeds this age in blocks and <see cref="EvidenceAgeTime"/> in time (consensus N3).</summary>
    public ulong EvidenceAgeBlocks => Get(ParameterNames.EvidenceAgeBlocks);

    /// <summary>Milliseconds; see <see cref="EvidenceAgeBlocks"/>.</summary>
    public ulong EvidenceAgeTime => Get(ParameterNames.EvidenceAgeTime);

    /// <summary>Bytes of a block's header and body.</summary>
    public int MaximumBlockBytes => (int)Get(ParameterNames.MaximumBlockBytes);

    /// <summary>Transactions of a block at most.</summary>
    public int MaximumTransactions => (int)Get(ParameterNames.MaximumTransactions);

    private ulong Get(string name) => _values[Table.IndexOf(name)];
}
