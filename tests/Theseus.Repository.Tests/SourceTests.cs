using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

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

    /// <summary>What the engine does belongs to its parts, each in one file; its loop only calls them (consensus N18).</summary>
    [Fact]
    public void TheEnginesLoopIsOneShortFileAndItsPartsAreWhole()
    {
        string loop = Assert.Single(
            Repository.Files("src/Theseus.Engine", ".cs"),
            static file => Path.GetFileName(file).StartsWith("EngineLoop", StringComparison.Ordinal));
        Assert.InRange(File.ReadLines(loop).Count(), 1, 300);
        string[] partial = [.. Repository.Files("src/Theseus.Engine", ".cs")
            .Where(static file => !Repository.Relative(file).Contains("/Devices/", StringComparison.Ordinal)) // P/Invoke is generated
            .Where(static file => Repository.Syntax(file).DescendantTokens().Any(static token => token.IsKind(SyntaxKind.PartialKeyword)))
            .Select(Repository.Relative)];
        Assert.Empty(partial);
    }

    [Fact]
    public void NoTypeIsNamedAfterNothing()
    {
        string[] vague = [.. Repository.Files("src", ".cs").SelectMany(file =>
            VagueName().Matches(File.ReadAllText(file)).Select(match => $"{Repository.Relative(file)}: {match.Value}"))];
        Assert.Empty(vague);
    }

    /// <summary>House rule 10: a test's name is a sentence in the case of every other method.</summary>
    [Fact]
    public void NamesOfTestsAreInOneStyle()
    {
        string[] other = [.. Repository.Files("tests", ".cs").SelectMany(file =>
            NameWithUnderscore().Matches(File.ReadAllText(file)).Select(match => $"{Repository.Relative(file)}: {match.Groups[1].Value}"))];
        Assert.Empty(other);
    }

    [Fact]
    public void LinksInDocumentsLeadSomewhere()
    {
        List<string> dead = [];
        foreach (string file in Repository.Documents())
        {
            foreach (string link in Link().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value))
            {
                if (!link.Contains(':', StringComparison.Ordinal) && !Leads(file, link))
                {
                    dead.Add($"{Repository.Relative(file)}: {link}");
                }
            }
        }

        Assert.Empty(dead);
    }

    [Fact]
    public void TheDocumentsOfTheHouseExist()
    {
        string[] names =
            ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "UPGRADING.md", "LICENSE", "theseus", "test", ".ci/run"];
        foreach (string name in names)
        {
            Assert.True(Repository.Exists(name), $"{name} is missing");
        }
    }

    [Fact]
    public void StacksPointBackwardsOnly()
    {
        // arrow Vn -> Vn-1 only (execution 5)
        foreach (string file in Repository.Files("src/Theseus.Execution/Stacks", ".cs")
            .Where(file => file.Contains("/Stacks/V", StringComparison.Ordinal)))
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
        string[] found = [.. Repository.Files("src/Theseus.Move", ".cs")
            .Where(file => VersionOrStack().IsMatch(File.ReadAllText(file))).Select(Repository.Relative)];
        Assert.Empty(found);
    }

    [GeneratedRegex(@"public (?:static )?(?:async )?(?:Task|void|ValueTask) (\w*_\w*)\(")]
    private static partial Regex NameWithUnderscore();

    [GeneratedRegex(@"\b(?:class|record|struct|interface)\s+(?:struct\s+)?\w*(?:Manager|Helper|Helpers|Util|Utils|Utility|Impl)\b")]
    private static partial Regex VagueName();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    /// <summary>The target exists, and if it is a page with an anchor, it has the heading.</summary>
    private static bool Leads(string file, string link)
    {
        string[] parts = link.Split('#');
        string target = parts[0].Length == 0 ? file : Path.Combine(Path.GetDirectoryName(file)!, parts[0]);
        return Path.Exists(target)
            && (parts.Length == 1 || File.ReadLines(target).Where(line => line.StartsWith('#')).Any(line => Slug(line) == parts[1]));
    }

    private static string Slug(string heading) =>
        string.Concat(heading.TrimStart('#').Trim().ToLowerInvariant()
            .Where(c => char.IsLetterOrDigit(c) || c is ' ' or '-' or '_')).Replace(' ', '-');

    [GeneratedRegex(@"\bStacks\.V\d+\b|ComponentVersion")]
    private static partial Regex VersionOrStack();

    [GeneratedRegex(@"/Stacks/V(\d+)/")]
    private static partial Regex StackFolder();

    [GeneratedRegex(@"Stacks\.V(\d+)\b")]
    private static partial Regex StackName();
}
