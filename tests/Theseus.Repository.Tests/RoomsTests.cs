using System.Xml.Linq;

namespace Theseus.Repository.Tests;

/// <summary>The rooms and their arrows, exactly as ARCHITECTURE.md lists them.</summary>
public class RoomsTests
{
    private static readonly Dictionary<string, string[]> Arrows = new()
    {
        ["Theseus.Consensus"] = [],
        ["Theseus.Engine"] = ["Theseus.Consensus"],
        ["Theseus.Protocol"] = ["Theseus.Consensus"],
        ["Theseus.Move"] = ["Theseus.Protocol"],
        ["Theseus.Move.Compiler"] = ["Theseus.Move"],
        ["Theseus.Execution"] = ["Theseus.Move"],
        ["Theseus.Storage"] = ["Theseus.Protocol"],
        ["Theseus.Network"] = ["Theseus.Protocol"],
        ["Theseus.Node"] = ["Theseus.Engine", "Theseus.Execution", "Theseus.Network", "Theseus.Storage"],
        ["Theseus.Client"] = ["Theseus.Protocol"],
        ["Theseus.Rpc"] = ["Theseus.Client", "Theseus.Node"],
        ["Theseus.Simulation"] = ["Theseus.Node"],
        ["Theseus.Cli"] = ["Theseus.Move.Compiler", "Theseus.Rpc", "Theseus.Simulation"],
    };

    [Fact]
    public void TheSourceProjectsAreExactlyTheRooms()
    {
        string[] found = [.. Directory.GetDirectories(Path.Combine(Repository.Root, "src")).Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal)];
        Assert.Equal(Arrows.Keys.Order(StringComparer.Ordinal), found);
    }

    [Fact]
    public void ProjectReferencesAreExactlyTheArrows()
    {
        foreach ((string project, string[] arrows) in Arrows)
        {
            XDocument file = XDocument.Load(Path.Combine(Repository.Root, "src", project, project + ".csproj"));
            string[] references = [.. file.Descendants("ProjectReference").Select(node => Path.GetFileNameWithoutExtension(node.Attribute("Include")!.Value.Replace('\\', '/'))).Order(StringComparer.Ordinal)];
            Assert.True(arrows.SequenceEqual(references), $"{project} references [{string.Join(", ", references)}], the house says [{string.Join(", ", arrows)}]");
        }
    }

    [Fact]
    public void PureRoomsAreMarkedPureAndHostsAsHosts()
    {
        foreach (string project in Arrows.Keys)
        {
            XDocument file = XDocument.Load(Path.Combine(Repository.Root, "src", project, project + ".csproj"));
            string? purity = file.Descendants("Purity").SingleOrDefault()?.Value;
            string? expected = Repository.PureProjects.Contains(project) ? "pure" : project is "Theseus.Engine" or "Theseus.Node" ? "host" : null;
            Assert.True(purity == expected, $"{project} is marked '{purity}', the house says '{expected}'");
        }
    }

    [Fact]
    public void EveryProjectPinsItsPackagesCentrallyAndHasALockFile()
    {
        foreach (string project in Repository.Files("src", ".csproj").Concat(Repository.Files("tests", ".csproj")))
        {
            XDocument file = XDocument.Load(project);
            Assert.DoesNotContain(file.Descendants("PackageReference"), node => node.Attribute("Version") is not null);
            Assert.True(File.Exists(Path.Combine(Path.GetDirectoryName(project)!, "packages.lock.json")), $"{Repository.Relative(project)} has no packages.lock.json");
        }
    }
}
