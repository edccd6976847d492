using System.Text.RegularExpressions;

namespace Theseus.Repository.Tests;

/// <summary>Rules of the house that a reader of text can check.</summary>
public partial class SourceTests
{
    /// <summary>House rule 7.</summary>
    public const int Ceiling = 800;

    [Fact]
    public void NoSourceFileIsLongerThanTheCeiling()
    {
        string[] tooLong = [.. new[] { "src", "tests", "framework", "explorer" }
            .SelectMany(folder => Repository.Files(folder, ".cs", ".move", ".js"))
            .Where(file => File.ReadLines(file).Count() > Ceiling)
            .Select(Repository.Relative)];
        Assert.Empty(tooLong);
    }

    [Fact]
    public void NoTypeIsNamedAfterNothing()
    {
        string[] vague = [.. Repository.Files("src", ".cs").SelectMany(file => VagueName().Matches(File.ReadAllText(file)).Select(match => $"{Repository.Relative(file)}: {match.Value}"))];
        Assert.Empty(vague);
    }

    [Fact]
    public void LinksInDocumentsLeadSomewhere()
    {
        List<string> dead = [];
        foreach (string file in Directory.EnumerateFiles(Repository.Root, "*.md").Concat(Repository.Files("docs", ".md")).Concat(Repository.Files("framework", ".md")).Concat(Repository.Files("examples", ".md")))
        {
            foreach (Match match in Link().Matches(File.ReadAllText(file)))
            {
                string target = match.Groups[1].Value.Split('#')[0];
                if (target.Length > 0 && !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith("mailto:", StringComparison.Ordinal) &&
                    !Path.Exists(Path.Combine(Path.GetDirectoryName(file)!, target)))
                {
                    dead.Add($"{Repository.Relative(file)}: {match.Groups[1].Value}");
                }
            }
        }

        Assert.Empty(dead);
    }

    [Fact]
    public void TheDocumentsOfTheHouseExist()
    {
        foreach (string name in new[] { "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "UPGRADING.md", "LICENSE", "theseus", "test", ".ci/run" })
        {
            Assert.True(File.Exists(Path.Combine(Repository.Root, name)), $"{name} is missing");
        }
    }

    [Fact]
    public void StacksPointBackwardsOnly()
    {
        // arrow Vn -> Vn-1 only (execution 5)
        foreach (string file in Repository.Files("src/Theseus.Execution", ".cs").Where(file => Repository.Relative(file).Contains("/Stacks/V", StringComparison.Ordinal)))
        {
            int own = int.Parse(StackFolder().Match(Repository.Relative(file)).Groups[1].Value);
            foreach (Match match in StackName().Matches(File.ReadAllText(file)))
            {
                int other = int.Parse(match.Groups[1].Value);
                Assert.True(other == own || other == own - 1, $"{Repository.Relative(file)} mentions V{other}");
            }
        }
    }

    [Fact]
    public void TheMoveRoomKnowsNeitherVersionsNorStacks()
    {
        string[] found = [.. Repository.Files("src/Theseus.Move", ".cs").Where(file => StackName().IsMatch(File.ReadAllText(file)) || File.ReadAllText(file).Contains("ComponentVersion", StringComparison.Ordinal)).Select(Repository.Relative)];
        Assert.Empty(found);
    }

    [GeneratedRegex(@"\b(?:class|record|struct|interface)\s+(?:struct\s+)?\w*(?:Manager|Helper|Helpers|Util|Utils|Utility|Impl)\b")]
    private static partial Regex VagueName();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"/Stacks/V(\d+)/")]
    private static partial Regex StackFolder();

    [GeneratedRegex(@"Stacks\.V(\d+)\b")]
    private static partial Regex StackName();
}
