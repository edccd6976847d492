using System.Text.RegularExpressions;
using System.Xml.Linq;
using Theseus.Repository.Tests.Pages;

namespace Theseus.Repository.Tests;

/// <summary>The rooms and their arrows, read from ARCHITECTURE.md's tables and compared with the projects.</summary>
public partial class RoomsTests
{
    private static readonly string[] Header = ["room", "duty", "references", "kind"];

    /// <summary>What ARCHITECTURE.md says: the rooms that each room references, and its kind.</summary>
    private static readonly Lazy<IReadOnlyDictionary<string, (string[] Arrows, string Kind)>> Map = new(() =>
        Tables.Rows("ARCHITECTURE.md", Header).ToDictionary(
            row => Tables.Code(row[0]),
            row => (row[2] == "–" ? [] : Sorted(row[2].Split(", ").Select(room => "Theseus." + room)), row[3]),
            StringComparer.Ordinal));

    [Fact]
    public void TheSourceProjectsAreExactlyTheRooms()
    {
        string[] found = Sorted(Directory.GetDirectories(Repository.Absolute("src")).Select(folder => Path.GetFileName(folder)!));
        Assert.Equal(Sorted(Map.Value.Keys), found);
    }

    [Fact]
    public void ProjectReferencesAreExactlyTheArrows()
    {
        foreach ((string project, (string[] arrows, _)) in Map.Value)
        {
            string[] references = Sorted(Project(project).Descendants("ProjectReference")
                .Select(node => Path.GetFileNameWithoutExtension(node.Attribute("Include")!.Value.Replace('\\', '/'))));
            Assert.True(arrows.SequenceEqual(references),
                $"{project} references [{string.Join(", ", references)}], ARCHITECTURE.md says [{string.Join(", ", arrows)}]");
        }
    }

    [Fact]
    public void PureRoomsAreMarkedPureAndHostsAsHosts()
    {
        foreach ((string project, (_, string kind)) in Map.Value)
        {
            string? purity = Project(project).Descendants("Purity").SingleOrDefault()?.Value;
            string? expected = kind is "pure" or "host" ? kind : null;
            Assert.True(kind is "pure" or "host" or "device" or "edge", $"{project} is of the unknown kind '{kind}'");
            Assert.True(purity == expected, $"{project} is marked '{purity}', ARCHITECTURE.md says '{kind}'");
        }

        Assert.Equal(Sorted(Repository.PureProjects), Sorted(Map.Value.Where(room => room.Value.Kind == "pure").Select(room => room.Key)));
    }

    /// <summary>The arrows of the drawing are those of the table: a reader believes the drawing first.</summary>
    [Fact]
    public void TheDrawingHasNoArrowThatTheTableLacks()
    {
        string page = Repository.Read("ARCHITECTURE.md");
        foreach (string name in Drawing().Matches(page.Split("```")[1]).Select(match => match.Value))
        {
            Assert.True(Map.Value.ContainsKey("Theseus." + name), $"the drawing shows {name}, which is not a room");
        }
    }

    [Fact]
    public void TheSuitesAreExactlyTheListedOnes()
    {
        string[] listed = Sorted(Tables.Rows("ARCHITECTURE.md", "suite", "runs on").Select(row => Tables.Code(row[0])));
        string[] found = Sorted(Directory.GetDirectories(Repository.Absolute("tests")).Select(folder => Path.GetFileName(folder)!)
            .Where(name => name.EndsWith(".Tests", StringComparison.Ordinal)).Select(name => name["Theseus.".Length..^".Tests".Length]));
        Assert.Equal(listed, found);
    }

    [Fact]
    public void FoldersAndFilesThatTheMapNamesExist()
    {
        List<string> missing = [];
        foreach (IReadOnlyList<string> row in Tables.Rows("ARCHITECTURE.md", "folder", "holds"))
        {
            missing.AddRange(CodeSpan().Matches(row[0]).Select(match => match.Groups[1].Value).Where(path => !Repository.Exists(path)));
        }

        foreach (IReadOnlyList<string> row in Tables.Rows("ARCHITECTURE.md", "looking for", "go to"))
        {
            missing.AddRange(CodeSpan().Matches(row[1]).Select(match => match.Groups[1].Value)
                .Where(path => path.Contains('/', StringComparison.Ordinal) && !Repository.Exists("src/Theseus." + path)
                    && !Repository.Exists(path)));
        }

        Assert.Empty(missing);
    }

    [Fact]
    public void EveryProjectPinsItsPackagesCentrallyAndHasALockFile()
    {
        foreach (string project in Repository.Files("src", ".csproj").Concat(Repository.Files("tests", ".csproj")))
        {
            XDocument file = XDocument.Load(project);
            Assert.DoesNotContain(file.Descendants("PackageReference"), node => node.Attribute("Version") is not null);
            string locks = Path.Combine(Path.GetDirectoryName(project)!, "packages.lock.json");
            Assert.True(File.Exists(locks), $"{Repository.Relative(project)} has no packages.lock.json");
        }
    }

    private static XDocument Project(string name) => XDocument.Load(Repository.Absolute($"src/{name}/{name}.csproj"));

    private static string[] Sorted(IEnumerable<string> names) => [.. names.Order(StringComparer.Ordinal)];

    [GeneratedRegex(@"[A-Z][A-Za-z.]+")]
    private static partial Regex Drawing();

    [GeneratedRegex(@"`([\w./-]+)`")]
    private static partial Regex CodeSpan();
}
