using System.Text.RegularExpressions;

namespace Theseus.Repository.Tests.Pages;

/// <summary>Where a public page says that a test looks after something, it names the test, and the test lives.</summary>
public partial class ClaimsTests
{
    [Fact]
    public void APageThatPromisesATestNamesIt()
    {
        List<string> faults = [];
        foreach ((string where, string paragraph) in Paragraphs())
        {
            if (Promise().IsMatch(paragraph) && !Named().IsMatch(paragraph))
            {
                faults.Add($"{where}: \"{Promise().Match(paragraph).Value}\" names no test");
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Fact]
    public void TestsThatPagesNameExist()
    {
        List<string> faults = [];
        foreach ((string where, string paragraph) in Paragraphs())
        {
            faults.AddRange(Named().Matches(paragraph).Select(match => match.Groups[1].Value)
                .Where(name => !Rules.Tests.All.Contains(name)).Select(name => $"{where}: there is no test '{name}'"));
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Theory]
    [InlineData("A test reads every project file.", true)]
    [InlineData("A repository test checks it.", true)]
    [InlineData("a test walks every pair", true)]
    [InlineData("`theseus move test` runs unit tests.", false)]
    [InlineData("A node runs a self-test of such cases.", false)]
    [InlineData("A test must fail when the code is wrong.", false)]
    public void TheSearchSeesPromises(string text, bool promise) => Assert.Equal(promise, Promise().IsMatch(text));

    private static IEnumerable<(string Where, string Text)> Paragraphs() =>
        Repository.Documents()
            .SelectMany(file => File.ReadAllText(file).Split("\n\n").Select(paragraph => (Repository.Relative(file), paragraph)));

    [GeneratedRegex(@"\b[Aa]\s+(?:repository\s+)?test\s+(?!must|of|command|that|is\b|has\b)\w+s\b")]
    private static partial Regex Promise();

    // `Suite: Class.Method`; behaviours.md explains the form with words that begin in lower case
    [GeneratedRegex(@"`([A-Z][A-Za-z.]*: [A-Z]\w+\.[A-Z]\w+)`")]
    private static partial Regex Named();
}
