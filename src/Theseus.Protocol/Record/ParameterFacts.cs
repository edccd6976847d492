namespace Theseus.Protocol;

/// <summary>A parameter table and the record's values as execution sees them (native block_context::get).</summary>
public static class ParameterFacts
{
    /// <summary>The first field number after those of the block itself.</summary>
    public const byte FirstField = 10;

    /// <summary>
    /// BCS of a field; every list has one item for each definition, ascending by name. 10 names · 11 values: of record(H), defaults of
    /// what others keep · 12, 13 least and greatest values · 14 codes · 15 homes · 16 relations. A relation is its code, then its lesser
    /// terms, then its greater terms, each list led by its length; a term is a factor and two places, counted from 1, where 0 is none.
    /// </summary>
    /// <returns>Empty for an unknown field.</returns>
    public static byte[] Encode(ProtocolParameters parameters, byte field)
    {
        IReadOnlyList<ParameterDefinition> all = parameters.Table.All;
        BcsWriter writer = new(1_024);
        switch (field)
        {
            case 10: writer.List(all, static (w, item) => w.Text(item.Name)); break;
            case 11: writer.List(all, (w, item) => w.U64(parameters.Find(item.Name) ?? item.Default)); break;
            case 12: writer.List(all, static (w, item) => w.U64(item.Minimum)); break;
            case 13: writer.List(all, static (w, item) => w.U64(item.Maximum)); break;
            case 14: writer.List(all, static (w, item) => w.U64(item.Code)); break;
            case 15: writer.List(all, static (w, item) => w.U8((byte)item.Home)); break;
            case 16: writer.List(Relations(parameters.Table), static (w, number) => w.U64(number)); break;
        }

        return writer.ToArray();
    }

    private static List<ulong> Relations(ParameterTable table)
    {
        List<ulong> numbers = [];
        foreach (ParameterRelation relation in table.Relations)
        {
            numbers.Add(relation.Code);
            foreach (IReadOnlyList<ParameterTerm> side in (IReadOnlyList<ParameterTerm>[])[relation.Lesser, relation.Greater])
            {
                numbers.Add((ulong)side.Count);
                numbers.AddRange(side.SelectMany(term => (ulong[])[term.Factor, PlaceOf(table, term.First), PlaceOf(table, term.Second)]));
            }
        }

        return numbers;
    }

    private static ulong PlaceOf(ParameterTable table, string? name)
    {
        for (int i = 0; i < table.All.Count; i++)
        {
            if (string.Equals(table.All[i].Name, name, StringComparison.Ordinal))
            {
                return (ulong)i + 1;
            }
        }

        return 0;
    }
}
