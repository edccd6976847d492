using System.Globalization;
using Theseus.Protocol;
using Theseus.Protocol.V1;

namespace Theseus.Repository.Tests.Pages;

/// <summary>docs/protocol/record.md lists every parameter and relation as the record judges them.</summary>
public class ParameterPageTests
{
    private const string Page = "docs/protocol/record.md";

    [Fact]
    public void EveryParameterIsListedWithItsRange()
    {
        IEnumerable<string> code = ParameterDefinitions.Table.All.Where(definition => definition.Home != ParameterHome.Chain)
            .Select(definition => string.Create(
            CultureInfo.InvariantCulture,
            $"{definition.Name} {definition.Code} {definition.Default:N0} {definition.Minimum:N0} to {definition.Maximum:N0} {definition.Unit}"));
        IEnumerable<string> page = Tables.Rows(Page, "parameter", "code")
            .Select(row => $"{Tables.Code(row[0])} {row[1]} {row[2]} {row[3]} {row[4]}");
        Equal(code, page);
    }

    [Fact]
    public void EveryRelationIsListed()
    {
        IEnumerable<string> code = ParameterDefinitions.Table.Relations.Select(relation =>
            $"{relation.Code} {relation.Name}: {Terms(relation.Lesser)} ≤ {Terms(relation.Greater)}");
        IEnumerable<string> page = Tables.Rows(Page, "code", "relation")
            .Select(row => $"{row[0]} {Tables.Code(row[1])}: {row[2].Replace("`", "", StringComparison.Ordinal)}");
        Equal(code, page);
    }

    private static string Terms(IEnumerable<ParameterTerm> terms) => string.Join(" + ", terms.Select(Term));

    private static string Term(ParameterTerm term)
    {
        List<string> factors = [.. new[] { term.First, term.Second }.OfType<string>()];
        if (term.Factor != 1 || factors.Count == 0)
        {
            factors.Insert(0, term.Factor.ToString("N0", CultureInfo.InvariantCulture));
        }

        return string.Join(" × ", factors);
    }

    private static void Equal(IEnumerable<string> code, IEnumerable<string> page)
    {
        string[] inCode = [.. code], onPage = [.. page];
        string missing = string.Join('\n', inCode.Except(onPage)), gone = string.Join('\n', onPage.Except(inCode));
        Assert.True(missing.Length == 0 && gone.Length == 0, $"{Page} lacks:\n{missing}\nand has, unlike the code:\n{gone}");
    }
}
