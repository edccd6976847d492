using System.Globalization;
using System.Text.RegularExpressions;

namespace Theseus.Repository.Tests.Rules;

/// <summary>The rules live in docs/protocol, and what the code cites is there.</summary>
public partial class CitationsTests
{
    private static readonly Lazy<RulePages> Pages = new(() => new RulePages());

    [Fact]
    public void EveryCitationLeadsToARule()
    {
        string[] dead = [.. Comments.All.SelectMany(citing =>
            Citations.Faults(Pages.Value, citing.Text).Concat(PaperLines(citing)).Select(fault => $"{citing.Where}: {fault}"))];
        Assert.True(dead.Length == 0, $"{dead.Length} citations lead nowhere:\n{string.Join('\n', dead)}");
    }

    [Fact]
    public void CitationsInDocumentsLeadToARule()
    {
        List<string> dead = [];
        foreach (string file in Repository.Documents())
        {
            dead.AddRange(Citations.Faults(Pages.Value, File.ReadAllText(file))
                .Where(fault => !fault.StartsWith("docs/", StringComparison.Ordinal)) // links are checked as links
                .Select(fault => $"{Repository.Relative(file)}: {fault}"));
        }

        Assert.True(dead.Count == 0, string.Join('\n', dead));
    }

    /// <summary>The search itself: a form that it does not see would never fail.</summary>
    [Theory]
    [InlineData("consensus N14", 0)]
    [InlineData("consensus N9 to N11", 0)]
    [InlineData("consensus N77", 2)] // as a citation of the page, and as a label
    [InlineData("(record P5, P16)", 0)]
    [InlineData("record P20", 2)]
    [InlineData("(execution 1, 4, 8.2).", 0)]
    [InlineData("(execution 4, loading gas)", 0)]
    [InlineData("(execution 4, loading sand)", 1)]
    [InlineData("(move 2.4, reference safety).", 0)]
    [InlineData("execution 8.11", 1)]
    [InlineData("execution 4, 8.77", 1)]
    [InlineData("voting 240 blocks, execution 30 and 200", 0)]
    [InlineData("move 2.4, pass 11e", 0)]
    [InlineData("move 2.4, pass 11z", 1)]
    [InlineData("move 9.9", 1)]
    [InlineData("F22, C56 and R18", 0)]
    [InlineData("F31", 1)]
    [InlineData("C61", 1)]
    [InlineData("S46", 1)]
    [InlineData("S36b", 1)]
    [InlineData("U64 and V1, P1001", 0)]
    [InlineData("decision 0030", 0)]
    [InlineData("decision 0019", 1)]
    [InlineData("House rule 7", 0)]
    [InlineData("House rule 70", 1)]
    [InlineData("docs/protocol/log.md", 0)]
    [InlineData("docs/protocol/nothing.md", 1)]
    [InlineData("(record, \"A node that\")", 1)]
    [InlineData("(design 4)", 1)]
    [InlineData("(design: networks)", 1)]
    [InlineData("(reference 7.2)", 1)]
    [InlineData("(reference libra 4.1)", 1)]
    [InlineData("(docs: operations)", 1)]
    [InlineData("consensus L28", 1)]
    [InlineData("a reference to a value; by design, no docs", 0)]
    public void TheSearchSeesEveryForm(string text, int faults) => Assert.Equal(faults, Citations.Faults(Pages.Value, text).Count());

    [Fact]
    public void TheSearchFindsTheCitationsThatAreThere()
    {
        // 480 when this was written; far fewer would mean that the search has gone blind
        int found = Comments.All.Sum(citing => Citations.Count(citing.Text));
        Assert.True(found > 300, $"{found} citations found");
    }

    [Fact]
    public void TheBehavioursAreComplete()
    {
        IEnumerable<string> expected = new (char Label, int Rows)[] { ('C', 60), ('F', 30), ('R', 40), ('M', 40), ('L', 40), ('S', 45) }
            .SelectMany(part => Enumerable.Range(1, part.Rows).Select(row => $"{part.Label}{row}"));
        Assert.Equal(expected, Pages.Value.Behaviours.Select(row => row.Label));
        Assert.DoesNotContain(Pages.Value.Behaviours, row => row.Sentence.Length < 10);
    }

    [Fact]
    public void EveryBehaviourNamesLivingTestsOrADatedReason()
    {
        List<string> faults = [];
        foreach (Behaviour row in Pages.Value.Behaviours)
        {
            if (Reason().Match(row.ShownBy) is { Success: true } reason)
            {
                if (!DateOnly.TryParseExact(reason.Groups[1].Value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
                {
                    faults.Add($"{row.Label}: {reason.Groups[1].Value} is not a date");
                }

                continue;
            }

            IEnumerable<string> named = row.ShownBy.Split("<br>").Select(name => name.Trim('`'));
            faults.AddRange(named.Where(name => !Tests.All.Contains(name)).Select(name => $"{row.Label}: there is no test '{name}'"));
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    /// <summary>In the core, S22 would be read as a line of the paper: those are cited as "line 22".</summary>
    private static IEnumerable<string> PaperLines(Citing citing) =>
        citing.Where.StartsWith("src/Theseus.Consensus/", StringComparison.Ordinal)
            ? PaperLine().Matches(citing.Text).Select(match => match.Value)
            : [];

    [GeneratedRegex(@"(?<!\w)S\d{2}(?!\w)")]
    private static partial Regex PaperLine();

    [GeneratedRegex(@"^(\d{4}-\d{2}-\d{2}): \S.{8,}$")]
    private static partial Regex Reason();
}
