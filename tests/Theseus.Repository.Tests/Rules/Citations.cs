using System.Text.RegularExpressions;

namespace Theseus.Repository.Tests.Rules;

/// <summary>Finds citations in a text and says which of them lead nowhere.</summary>
internal static partial class Citations
{
    /// <summary>What in a text cites something that does not exist, or cites in a form that is not one of ours.</summary>
    public static IEnumerable<string> Faults(RulePages pages, string text)
    {
        foreach (Match match in Numbered().Matches(text))
        {
            string page = match.Groups[1].Value;
            foreach (Match number in Number().Matches(match.Groups[2].Value))
            {
                if (!pages.Has(page, number.Value))
                {
                    yield return $"{page} {number.Value}";
                }
            }
        }

        foreach (Match match in NamedPart().Matches(text)
            .Where(match => !RulePages.Names(match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value)))
        {
            yield return match.Value;
        }

        foreach (Match match in Passes().Matches(text))
        {
            if (!pages.HasPass(match.Groups[1].Value))
            {
                yield return match.Value;
            }
        }

        foreach (Match match in Label().Matches(text))
        {
            string label = match.Value;
            bool known = label[0] switch
            {
                'N' => pages.Has("consensus", label),
                'P' => pages.Has("record", label),
                _ => pages.HasBehaviour(label),
            };
            if (!known)
            {
                yield return label;
            }
        }

        foreach (Match match in Decision().Matches(text).Where(match => !pages.HasDecision(match.Groups[1].Value)))
        {
            yield return match.Value;
        }

        foreach (Match match in HouseRule().Matches(text).Where(match => !pages.HasHouseRule(match.Groups[1].Value)))
        {
            yield return match.Value;
        }

        foreach (Match match in Document().Matches(text).Where(match => !Repository.Exists(match.Value.TrimEnd('.', '/'))))
        {
            yield return match.Value;
        }

        foreach (Match match in Unknown().Matches(text))
        {
            yield return match.Value;
        }
    }

    /// <summary>How many citations a text has, of any known form.</summary>
    public static int Count(string text) =>
        Numbered().Count(text) + Label().Count(text) + Decision().Count(text) + HouseRule().Count(text) + Document().Count(text);

    // "consensus N9 to N11", "record P5, P16", "execution 1, 4, 8.2", "move 2.4"
    [GeneratedRegex(@"\b(consensus|record|execution|move) ((?:[NP]\d{1,2}|(?:10|\d)(?:\.\d{1,2})?)(?![\d,]\d|\d)" +
        @"(?:(?:, | and | to |\.\.)(?:[NP]\d{1,2}|(?:10|\d)(?:\.\d{1,2})?)(?![\w%]))*)")]
    private static partial Regex Numbered();

    // "execution 4, loading gas": the part stands in the section
    [GeneratedRegex(@"\b(execution|move) ((?:10|\d)(?:\.\d{1,2})?), (?!consensus|record|move|pass|and )([A-Za-z][A-Za-z ]+)(?=[).,;:]|$)")]
    private static partial Regex NamedPart();

    [GeneratedRegex(@"[NP]?\d+(?:\.\d+)?")]
    private static partial Regex Number();

    [GeneratedRegex(@"\bpass(?:es)? (\d+[a-z]?)\b")]
    private static partial Regex Passes();

    // "F22", "C56", "N10" by themselves; not P1001, U64, or the vectors V1 to V3
    [GeneratedRegex(@"(?<![\w.#\-\\])[CFRMLSNP]\d{1,2}(?![\w\-])")]
    private static partial Regex Label();

    [GeneratedRegex(@"\bdecisions? (\d{4})\b")]
    private static partial Regex Decision();

    [GeneratedRegex(@"\b[Hh]ouse rule (\d+)\b")]
    private static partial Regex HouseRule();

    [GeneratedRegex(@"\bdocs/[\w./-]+")]
    private static partial Regex Document();

    // forms of other libraries, and ours with the wrong letter; CitationsTests has one of each
    [GeneratedRegex(@"\b[Dd]esign(?: page)?:? ?\d[\d.]*|\bdesign: ?\S+" +
        @"|\b[Rr]eference(?: (?:libra|flow|move|consensus|starknet))? \d[\d.]*" +
        @"|\b(?:record|execution|consensus|move),? ""\w+|\b(?:libra|flow|starknet) \d[\d.]*|\bdocs: \S+" +
        @"|\b[CFRMLSNP]\d{1,2}[a-z]\b|\bconsensus [A-MO-Z]\d+|\brecord [A-OQ-Z]\d+" +
        @"|\b(?:execution|move) [A-Z]\d+|\bplan \d|\b[Ii]ssue \d|\bpage \d")]
    private static partial Regex Unknown();
}
