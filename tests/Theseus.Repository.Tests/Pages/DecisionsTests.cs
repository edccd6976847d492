using System.Text.RegularExpressions;

namespace Theseus.Repository.Tests.Pages;

/// <summary>The index of decisions lists every decision by the title that its page has.</summary>
public partial class DecisionsTests
{
    [Fact]
    public void TheIndexIsTheFolder()
    {
        string[] pages = [.. Repository.Files("docs/decisions", ".md").Where(file => Path.GetFileName(file) != "README.md")
            .Select(file => (Title: Title().Match(File.ReadAllText(file)), Name: Path.GetFileName(file)))
            .Select(page => $"| {page.Title.Groups[1].Value} | [{page.Title.Groups[2].Value}]({page.Name}) |")];
        string[] index = [.. Tables.Rows("docs/decisions/README.md", "no.", "decision").Select(row => $"| {row[0]} | {row[1]} |")];
        string missing = string.Join('\n', pages.Except(index)), gone = string.Join('\n', index.Except(pages));
        Assert.True(missing.Length == 0 && gone.Length == 0, $"docs/decisions/README.md lacks:\n{missing}\nand has in excess:\n{gone}");
        Assert.Equal(index.Order(StringComparer.Ordinal), index);
    }

    [GeneratedRegex(@"^# (\d{4}) (.+)")]
    private static partial Regex Title();
}
