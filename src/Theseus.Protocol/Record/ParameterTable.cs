namespace Theseus.Protocol;

/// <summary>Who keeps the value of a parameter.</summary>
public enum ParameterHome : byte
{
    /// <summary>The protocol record; in force one block after it is recorded (record P3).</summary>
    Record = 0,

    /// <summary>The framework's own state (0x1::consensus_config). The record checks its range and keeps it in its history.</summary>
    Framework = 1,

    /// <summary>Nobody: a fact of the chain's state at the moment of the check. It cannot be set.</summary>
    Chain = 2,
}

/// <summary>A number that governance may change within a range (record P3).</summary>
/// <param name="Code">
/// Names it in the abort code in Move when the value is out of range. Stable, above zero, unique among definitions and relations.
/// </param>
/// <param name="Name">As events and the API name it.</param>
/// <param name="Default">A localnet's value.</param>
/// <param name="Minimum">Least legal value.</param>
/// <param name="Maximum">Greatest legal value.</param>
/// <param name="Unit">Of the value.</param>
/// <param name="Meaning">A sentence for people.</param>
/// <param name="Home">Who keeps the value.</param>
public sealed record ParameterDefinition(
    ushort Code, string Name, ulong Default, ulong Minimum, ulong Maximum, string Unit, string Meaning,
    ParameterHome Home = ParameterHome.Record);

/// <summary>A factor times at most two parameters; without names a constant.</summary>
/// <param name="Factor">Above zero.</param>
/// <param name="First">A parameter, or null.</param>
/// <param name="Second">A second one, only beside a first.</param>
public readonly record struct ParameterTerm(ulong Factor, string? First = null, string? Second = null);

/// <summary>What must hold between parameters: the sum of the lesser terms is at most the sum of the greater terms.</summary>
/// <param name="Code">Reason of the abort code in Move when it is broken; as <see cref="ParameterDefinition.Code"/>.</param>
/// <param name="Name">The parameter that it bounds, a dot, and what bounds it.</param>
/// <param name="Lesser">At least one term.</param>
/// <param name="Greater">At least one term.</param>
/// <param name="Meaning">A sentence for people: what would go wrong.</param>
public sealed record ParameterRelation(
    ushort Code, string Name, IReadOnlyList<ParameterTerm> Lesser, IReadOnlyList<ParameterTerm> Greater, string Meaning);

/// <summary>
/// The one definition of the numbers that governance sets, their ranges and their relations. The record checks by it, and
/// 0x1::consensus_config gets this very table as facts of the block (<see cref="ParameterFacts"/>), so the two cannot differ.
/// </summary>
public sealed class ParameterTable
{
    /// <param name="definitions">In any order.</param>
    /// <param name="relations">In the order in which they are judged.</param>
    /// <exception cref="ArgumentException">
    /// A name or code is used twice or unknown; a default is out of range or breaks a relation.
    /// </exception>
    /// <exception cref="OverflowException">A relation could exceed 128 bits.</exception>
    public ParameterTable(IEnumerable<ParameterDefinition> definitions, IEnumerable<ParameterRelation>? relations = null)
    {
        ParameterDefinition[] sorted = [.. definitions];
        Array.Sort(sorted, static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        All = sorted;
        Definitions = [.. sorted.Where(static definition => definition.Home == ParameterHome.Record)];
        Relations = [.. relations ?? []];
        SortedSet<ushort> codes = [];
        for (int i = 0; i < sorted.Length; i++)
        {
            ParameterDefinition item = sorted[i];
            if (item.Code == 0 || !codes.Add(item.Code) || (i > 0 && item.Name == sorted[i - 1].Name)
                || item.Default < item.Minimum || item.Default > item.Maximum)
            {
                throw new ArgumentException($"bad definition of {item.Name}", nameof(definitions));
            }
        }

        foreach (ParameterRelation relation in Relations)
        {
            if (relation.Code == 0 || !codes.Add(relation.Code))
            {
                throw new ArgumentException($"code {relation.Code} of {relation.Name} is used twice", nameof(relations));
            }

            Sum(relation.Lesser, Maximum);
            Sum(relation.Greater, Maximum);
        }

        Defaults = new ProtocolParameters(this, [.. Definitions.Select(static definition => definition.Default)]);
        if (FirstBroken(name => Find(name)!.Default) is { } broken)
        {
            throw new ArgumentException($"the defaults break {broken.Name}", nameof(relations));
        }

        ulong? Maximum(string name) => Find(name)?.Maximum ?? throw new ArgumentException($"unknown name {name}", nameof(relations));
    }

    /// <summary>The parameters that the record keeps, ascending by name.</summary>
    public IReadOnlyList<ParameterDefinition> Definitions { get; }

    /// <summary>All definitions, whoever keeps the value, ascending by name.</summary>
    public IReadOnlyList<ParameterDefinition> All { get; }

    /// <summary>In the order in which they are judged.</summary>
    public IReadOnlyList<ParameterRelation> Relations { get; }

    /// <summary>The record's parameters at their defaults.</summary>
    public ProtocolParameters Defaults { get; }

    /// <summary>The place of a name among <see cref="Definitions"/>, or -1.</summary>
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

    /// <summary>The definition of a name, whoever keeps the value, or null.</summary>
    public ParameterDefinition? Find(string name)
    {
        foreach (ParameterDefinition definition in All)
        {
            if (string.Equals(definition.Name, name, StringComparison.Ordinal))
            {
                return definition;
            }
        }

        return null;
    }

    /// <summary>
    /// Whether a value may be set by its range alone: None, UnknownParameter (also for facts of the chain) or ParameterOutOfRange.
    /// </summary>
    public RefusalCode Check(string name, ulong value) =>
        Find(name) is not { Home: not ParameterHome.Chain } definition ? RefusalCode.UnknownParameter
        : value < definition.Minimum || value > definition.Maximum ? RefusalCode.ParameterOutOfRange
        : RefusalCode.None;

    /// <summary>The first relation that does not hold, or null.</summary>
    /// <param name="values">Values within their ranges; null for one that is not known here: its relations are passed over.</param>
    /// <param name="changed">
    /// Only relations that name one of these are judged: what has come to be broken by other causes must not stand in the way of
    /// another change. Null judges all.
    /// </param>
    public ParameterRelation? FirstBroken(Func<string, ulong?> values, IReadOnlyCollection<string>? changed = null)
    {
        foreach (ParameterRelation relation in Relations)
        {
            bool concerned = changed is null
                || relation.Lesser.Concat(relation.Greater).Any(term => changed.Contains(term.First) || changed.Contains(term.Second));
            if (concerned && Sum(relation.Lesser, values) is { } lesser && Sum(relation.Greater, values) is { } greater && lesser > greater)
            {
                return relation;
            }
        }

        return null;
    }

    private static UInt128? Sum(IReadOnlyList<ParameterTerm> terms, Func<string, ulong?> values)
    {
        UInt128 sum = 0;
        foreach (ParameterTerm term in terms)
        {
            ulong? first = term.First is null ? 1 : values(term.First);
            ulong? second = term.Second is null ? 1 : values(term.Second);
            if (first is null || second is null)
            {
                return null;
            }

            sum = checked(sum + ((UInt128)term.Factor * first.Value * second.Value));
        }

        return sum;
    }
}
