using System.Text.RegularExpressions;

namespace Theseus.Repository.Tests.Rules;

/// <summary>What may be cited: numbered headings of the pages of rules, rows of the behaviours, decisions, rules of the house.</summary>
internal sealed partial class RulePages
{
    private readonly Dictionary<string, IReadOnlySet<string>> _headings;
    private readonly HashSet<string> _passes;
    private readonly HashSet<string> _decisions;
    private readonly HashSet<string> _houseRules;

    /// <summary>Reads the pages of this checkout.</summary>
    public RulePages()
    {
        _headings = new Dictionary<string, IReadOnlySet<string>>(StringComparer.Ordinal)
        {
            ["consensus"] = Headings("consensus"),
            ["record"] = Headings("record-rules"),
            ["execution"] = Headings("execution-rules"),
            ["move"] = Headings("move-rules"),
        };
        _passes = [.. Rows("move-rules", PassRow())];
        _decisions = [.. Repository.Files("docs/decisions", ".md").Select(file => Path.GetFileName(file)[..4])];
        _houseRules = [.. HouseRule().Matches(Repository.Read("CONTRIBUTING.md")).Select(match => match.Groups[1].Value)];
        Behaviours = BehaviourRow().Matches(Page("behaviours"))
            .Select(match => new Behaviour(match.Groups[1].Value, match.Groups[2].Value.Trim(), match.Groups[3].Value.Trim())).ToArray();
    }

    /// <summary>Rows of behaviours.md in the page's order.</summary>
    public IReadOnlyList<Behaviour> Behaviours { get; }

    /// <summary>Whether a page has that numbered heading, e.g. <c>execution</c> and <c>8.2</c>.</summary>
    public bool Has(string page, string number) => _headings[page].Contains(number);

    /// <summary>Whether the text of a numbered section, with its subsections, names a part so: <c>execution 4, loading gas</c>.</summary>
    public static bool Names(string page, string number, string part)
    {
        string text = Page(page + "-rules");
        int start = text.IndexOf($"## {number} ", StringComparison.Ordinal);
        string next = number.Contains('.', StringComparison.Ordinal) ? "\n##" : "\n## ";
        int end = start < 0 ? -1 : text.IndexOf(next, start, StringComparison.Ordinal);
        return start >= 0 && text[start..(end < 0 ? text.Length : end)].Contains(part, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whether the verifier has that pass, e.g. <c>11e</c>; a whole group such as 11 counts.</summary>
    public bool HasPass(string pass) => _passes.Contains(pass);

    /// <summary>Whether behaviours.md has the row, e.g. <c>C56</c>.</summary>
    public bool HasBehaviour(string label) => Behaviours.Any(row => row.Label == label);

    public bool HasDecision(string number) => _decisions.Contains(number);

    public bool HasHouseRule(string number) => _houseRules.Contains(number);

    public static string Page(string name) => Repository.Read($"docs/protocol/{name}.md");

    private static HashSet<string> Headings(string page) => [.. Rows(page, Heading())];

    private static IEnumerable<string> Rows(string page, Regex pattern) =>
        pattern.Matches(Page(page)).Select(match => match.Groups[1].Value);

    [GeneratedRegex(@"^#{2,3} ([NP]?\d+(?:\.\d+)?) ", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^\| (\d+[a-f]?)\*? ", RegexOptions.Multiline)]
    private static partial Regex PassRow();

    [GeneratedRegex(@"^(\d+)\. ", RegexOptions.Multiline)]
    private static partial Regex HouseRule();

    [GeneratedRegex(@"^\| ([CFRMLS]\d+) \| (.*?) \| (.*?) \|$", RegexOptions.Multiline)]
    private static partial Regex BehaviourRow();
}

/// <summary>A row of behaviours.md.</summary>
/// <param name="Label">e.g. C56.</param>
/// <param name="Sentence">What must show.</param>
/// <param name="ShownBy">Tests, or a dated reason.</param>
internal sealed record Behaviour(string Label, string Sentence, string ShownBy);
