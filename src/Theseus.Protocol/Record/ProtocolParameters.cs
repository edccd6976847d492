using Theseus.Consensus;

namespace Theseus.Protocol;

/// <summary>A number that governance may change within a range (record P3).</summary>
/// <param name="Name">As events and the API name it.</param>
/// <param name="Default">A localnet's value.</param>
/// <param name="Minimum">Least legal value.</param>
/// <param name="Maximum">Greatest legal value.</param>
/// <param name="Unit">Of the value.</param>
/// <param name="Meaning">A sentence for people.</param>
public sealed record ParameterDefinition(string Name, ulong Default, ulong Minimum, ulong Maximum, string Unit, string Meaning);

/// <summary>The parameters that a record model knows, ascending by name.</summary>
public sealed class ParameterTable
{
    /// <exception cref="ArgumentException">Two definitions share a name, or a default is out of range.</exception>
    public ParameterTable(IEnumerable<ParameterDefinition> definitions)
    {
        ParameterDefinition[] sorted = [.. definitions];
        Array.Sort(sorted, static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        for (int i = 0; i < sorted.Length; i++)
        {
            if ((i > 0 && sorted[i].Name == sorted[i - 1].Name) || sorted[i].Default < sorted[i].Minimum || sorted[i].Default > sorted[i].Maximum)
            {
                throw new ArgumentException($"bad definition of {sorted[i].Name}", nameof(definitions));
            }
        }

        Definitions = sorted;
        Defaults = new ProtocolParameters(this, [.. sorted.Select(static definition => definition.Default)]);
    }

    public IReadOnlyList<ParameterDefinition> Definitions { get; }

    /// <summary>Every parameter at its default.</summary>
    public ProtocolParameters Defaults { get; }

    /// <summary>The place of a name, or -1.</summary>
    public int IndexOf(string name)
    {
        for (int i = 0; i < Definitions.Count; i++)
        {
            if (string.Equals(Definitions[i].Name, name, StringComparison.Ordinal))
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>None, UnknownParameter or ParameterOutOfRange.</summary>
    public RefusalCode Check(string name, ulong value)
    {
        int index = IndexOf(name);
        return index < 0 ? RefusalCode.UnknownParameter
            : value < Definitions[index].Minimum || value > Definitions[index].Maximum ? RefusalCode.ParameterOutOfRange
            : RefusalCode.None;
    }
}

/// <summary>Names of parameters.</summary>
public static class ParameterNames
{
    public const string ProposeTimeout = "proposeTimeout";
    public const string ProposeTimeoutDelta = "proposeTimeoutDelta";
    public const string PrevoteTimeout = "prevoteTimeout";
    public const string PrevoteTimeoutDelta = "prevoteTimeoutDelta";
    public const string PrecommitTimeout = "precommitTimeout";
    public const string PrecommitTimeoutDelta = "precommitTimeoutDelta";
    public const string MaximumTimeout = "maximumTimeout";
    public const string BlockInterval = "blockInterval";
    public const string ExecutionPatience = "executionPatience";
    public const string Precision = "precision";
    public const string MessageDelay = "messageDelay";
    public const string SafetyThreshold = "safetyThreshold";
    public const string Notice = "notice";
    public const string Probation = "probation";
    public const string ReadinessThreshold = "readinessThreshold";
    public const string ReadyTtl = "readyTtl";
    public const string EvidenceAgeBlocks = "evidenceAgeBlocks";
    public const string EvidenceAgeTime = "evidenceAgeTime";
    public const string MaximumBlockBytes = "maximumBlockBytes";
    public const string MaximumTransactions = "maximumTransactions";
    public const string BlockGas = "blockGas";
}

/// <summary>The numbers in force, all within their ranges. Times are milliseconds, sizes bytes. Immutable.</summary>
public sealed class ProtocolParameters
{
    private readonly ulong[] _values;

    internal ProtocolParameters(ParameterTable table, ulong[] values)
    {
        Table = table;
        _values = values;
    }

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

    /// <summary>Changes several values at once, or none: null and the first fault.</summary>
    public ProtocolParameters? TryWith(IEnumerable<(string Name, ulong Value)> changes, out RefusalCode fault)
    {
        ulong[] values = [.. _values];
        foreach ((string name, ulong value) in changes)
        {
            fault = Table.Check(name, value);
            if (fault != RefusalCode.None)
            {
                return null;
            }

            values[Table.IndexOf(name)] = value;
        }

        fault = RefusalCode.None;
        return new ProtocolParameters(Table, values);
    }

    /// <summary>As <see cref="TryWith"/>, for values known to be good.</summary>
    /// <exception cref="ArgumentException">A name is unknown or a value out of range.</exception>
    public ProtocolParameters With(params (string Name, ulong Value)[] changes) =>
        TryWith(changes, out RefusalCode fault) ?? throw new ArgumentException(fault.ToString(), nameof(changes));

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

    public ulong EvidenceAgeBlocks => Get(ParameterNames.EvidenceAgeBlocks);

    public ulong EvidenceAgeTime => Get(ParameterNames.EvidenceAgeTime);

    /// <summary>Bytes of a block's header and body.</summary>
    public int MaximumBlockBytes => (int)Get(ParameterNames.MaximumBlockBytes);

    public int MaximumTransactions => (int)Get(ParameterNames.MaximumTransactions);

    /// <summary>Sum of the maximum gas of the transactions that a proposer selects; a wish of the network to its proposers, no rule of validity.</summary>
    public ulong BlockGas => Get(ParameterNames.BlockGas);

    private ulong Get(string name) => _values[Table.IndexOf(name)];
}
