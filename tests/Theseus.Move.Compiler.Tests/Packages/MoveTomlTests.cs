using Theseus.Move.Compiler.Packages;
using Theseus.Protocol;

namespace Theseus.Move.Compiler.Tests.Packages;

/// <summary>Manifests: what each part means, and where what is wrong with it is told.</summary>
public class MoveTomlTests
{
    private const string Head = "[package]\nname = \"Top\"\n";

    private static PackageBuildResult Build(string manifest, PackageOptions? options = null) => PackageBuild.Build(
        new SourceTree
        {
            ["top/Move.toml"] = manifest,
            ["top/sources/t.move"] = "module 0x2::t { public fun f(): u64 { 3 } }",
            ["below/Move.toml"] = "[package]\nname = \"Below\"\n[addresses]\nbelow = \"_\"\n[dev-addresses]\nbelow = \"0x77\"\n",
            ["below/sources/b.move"] = "module below::b { public fun g(): u64 { 3 } }",
            ["lib/deep/Move.toml"] = "[package]\nname = \"Deep\"\n[addresses]\nd = \"0x4\"\n",
            ["lib/deep/sources/d.move"] = "module d::d { public fun g(): u64 { 3 } }",
        },
        "top",
        options);

    // fault 68: each is refused, at its place
    [Theory]
    [InlineData("", "E12001 1:1")]
    [InlineData("[package]\n", "E12001 1:1")]
    [InlineData("[package]\nname = 1\n", "E12001 2:8")]
    [InlineData("[package]\nname = \"\"\n", "E12001 2:8")]
    [InlineData("[package]\nname = \"../up\"\n", "E12001 2:8")]
    [InlineData("[package]\nname = [\"Top\"]\n", "E12001 2:8")]
    [InlineData("package = \"Top\"\n", "E12001 1:11")]
    [InlineData(Head + "version = 1\n", "E12001 3:11")]
    [InlineData(Head + "version = \"1.0\"\n", "E12001 3:11")]
    [InlineData(Head + "version = \"a.b.c\"\n", "E12001 3:11")]
    [InlineData(Head + "authors = \"me\"\n", "E12001 3:11")]
    [InlineData(Head + "authors = [1]\n", "E12001 3:11")]
    [InlineData(Head + "license = 3\n", "E12001 3:11")]
    [InlineData(Head + "addresses = 3\n", null)] // a key of [package] that means nothing
    [InlineData(Head + "[addresses]\na = 1\n", "E12001 4:5")]
    [InlineData(Head + "[addresses]\na = \"two\"\n", "E12001 4:5")]
    [InlineData(Head + "[addresses]\na = { b = \"0x1\" }\n", "E12001 4:5")]
    [InlineData(Head + "[addresses]\n\"a-b\" = \"0x1\"\n", "E12001 4:1")]
    [InlineData(Head + "[addresses]\n1a = \"0x1\"\n", "E12001 4:1")]
    [InlineData(Head + "[dev-addresses]\na = \"_\"\n", "E12001 4:5")]
    [InlineData(Head + "[dev-addresses]\na = \"0x1\"\nb = \"0x1\"\n", "E12001 5:5")]
    [InlineData(Head + "[addresses]\na = \"0x1\"\n[dev-addresses]\na = \"0x2\"\n", "E12001 6:5")]
    [InlineData(Head + "[dependencies]\nBelow = \"../below\"\n", "E12001 4:1")]
    [InlineData(Head + "[dependencies]\nBelow = { git = \"x\", rev = \"y\" }\n", "E12001 4:1")]
    [InlineData(Head + "[dependencies]\nBelow = { local = 3 }\n", "E12001 4:19")]
    [InlineData(Head + "[dependencies]\nBelow = { local = \"\" }\n", "E12001 4:19")]
    [InlineData(Head + "[dependencies]\nBelow = { local = \"../below\", rev = \"x\" }\n", "E12001 4:31")]
    [InlineData(Head + "[dependencies]\nBelow = { local = \"../below\", addr_subst = 3 }\n", "E12001 4:44")]
    [InlineData(Head + "[dependencies]\nBelow = { local = \"../below\", addr_subst = { below = 3 } }\n", "E12001 4:54")]
    [InlineData(Head + "dependencies = 3\n[dev-dependencies]\nBelow = 1\n", "E12001 5:1")]
    [InlineData(Head + "[dependencies]\nBelow = { local = \"../nowhere\" }\n", "E12001 4:1")]
    [InlineData(Head + "[dependencies]\nBelow = { local = \"/abs/below\" }\n", "E12001 4:1")]
    public void WrongPartsAreRefusedWhereTheyStand(string manifest, string? place)
    {
        PackageBuildResult build = Build(manifest);
        string[] errors = [.. build.Diagnostics.Where(d => d.Severity == Severity.Error).Select(d => $"{d.Code} {d.Line}:{d.Column}")];
        Assert.Equal(place is null ? [] : [place], errors);
        Assert.Equal(place is null, build.Success);
    }

    // fault 68: what TOML itself refuses
    [Theory]
    [InlineData("[package]\nname = \"A\"\n[package]\nversion = \"1.0.0\"\n")]
    [InlineData(Head + "[dev-addresses]\na = \"0x1\"\n[dev-addresses]\nb = \"0x2\"\n")]
    [InlineData(Head + "name = \"Again\"\n")]
    [InlineData(Head + "[addresses]\na = \"0x1\"\na = \"0x2\"\n")]
    [InlineData("[package\nname = \"Top\"\n")]
    [InlineData("[package]\nname = \"Top\n")]
    [InlineData("[package]\nname = \n")]
    [InlineData("[[package]]\nname = \"Top\"\n")]
    [InlineData("[package]\nname \"Top\"\n")]
    [InlineData("[package]\nname = \"Top\" version = \"1.0.0\"\n")]
    [InlineData("[package]\nname = \"\\q\"\n")]
    [InlineData("[package]\nname = \"\\ud800\"\n")] // found by fuzzing: escapes that name no character
    [InlineData("[package]\nname = \"\\U00110000\"\n")]
    [InlineData("[package]\nname = \"\\u\\u\\u\\u\\u\\u\\u\\u\\u\"\n")]
    public void TextThatIsNotTOMLIsRefused(string manifest)
    {
        PackageBuildResult build = Build(manifest);
        Assert.False(build.Success);
        Assert.Equal("E12001", Assert.Single(build.Diagnostics).Code);
    }

    [Theory]
    [InlineData('[')]
    [InlineData('{')]
    public void DeepNestingIsRefused(char open)
    {
        PackageBuildResult build = Build(Head + "authors = " + new string(open, 100_000));
        Assert.False(build.Success);
        Assert.Equal("E12001", Assert.Single(build.Diagnostics).Code);
    }

    [Fact]
    public void LongManifestsAreRefused() =>
        Assert.Equal("E12001", Assert.Single(Build(Head + "# " + new string('x', 300_000)).Diagnostics).Code);

    [Fact]
    public void UnknownPartsAreWarnings()
    {
        PackageBuildResult build = Build(Head + "[adresses]\na = \"0x1\"\n");
        Assert.True(build.Success);
        Assert.Equal(["W12003 3:2"], build.Diagnostics.Select(d => $"{d.Code} {d.Line}:{d.Column}"));
    }

    [Theory]
    [InlineData(Head + "version = \"1.2.3\"\nauthors = [\"a\", \"b\"]\nlicense = \"MIT\"\nupgrade_policy = \"compatible\"\n", "1.2.3")]
    [InlineData("package = { name = \"Top\", version = \"1.2.3\" }\n", "1.2.3")]
    [InlineData("package.name = \"Top\"\npackage.version = '1.2.3'\n", "1.2.3")]
    [InlineData("# first\n\n[ package ] # second\n\"name\" = \"\"\"Top\"\"\"\n", "0.0.0")]
    [InlineData("[package]\r\nname = \"Top\"\r\n[build]\r\nlanguage_version = \"1.0\"\r\n", "0.0.0")]
    public void TheWaysOfWritingTablesMeanTheSame(string manifest, string version)
    {
        PackageBuildResult build = Build(manifest);
        Assert.True(build.Success, DiagnosticRenderer.Render(build.Diagnostics));
        Assert.Equal(("Top", version), (build.Root!.Name, build.Root.Manifest.Version));
    }

    [Theory]
    [InlineData("[dependencies]\nDeep = { local = \"../lib/deep\" }\n")]
    [InlineData("[dependencies.Deep]\nlocal = \"../lib/deep\"\n")]
    [InlineData("[dependencies]\nDeep.local = \"..//lib/./deep/\"\n")]
    [InlineData("[dependencies]\nDeep = { local = \"../below/../lib/deep\" }\n")]
    [InlineData("[dependencies]\nDeep = { local = '..\\lib\\deep' }\n")]
    public void DependenciesAreFoundByTheirPaths(string dependencies)
    {
        PackageBuildResult build = Build(Head + dependencies);
        Assert.True(build.Success, DiagnosticRenderer.Render(build.Diagnostics));
        Assert.Equal(["Deep", "Top"], build.Packages.Select(p => p.Name));
    }

    // fault 33
    [Theory]
    [InlineData("/home/all/lib/deep", "/home/all")]
    [InlineData("/home/all/lib/../lib/deep/", "/home/all/")]
    [InlineData("/lib/deep", "/")]
    public void AbsolutePathsAreFoundFromTheFolderOfTheTree(string path, string folder)
    {
        PackageBuildResult build = Build(Head + $"[dependencies]\nDeep = {{ local = \"{path}\" }}\n",
            new PackageOptions { Folder = folder });
        Assert.True(build.Success, DiagnosticRenderer.Render(build.Diagnostics));
        Assert.Equal("lib/deep", build.Packages[0].Path);
    }

    // fault 33: outside of the tree nothing is found, and the message keeps the path
    [Fact]
    public void AbsolutePathsElsewhereFindNothing()
    {
        PackageBuildResult build = Build(Head + "[dependencies]\nDeep = { local = \"/other/deep\" }\n",
            new PackageOptions { Folder = "/home/all" });
        Assert.Equal(["E12001 4:1"], build.Diagnostics.Select(d => $"{d.Code} {d.Line}:{d.Column}"));
    }

    // fault 65: values from the command line, from development, or none
    [Theory]
    [InlineData(null, false, false, null)]
    [InlineData("below=0x9", false, false, "0x9")]
    [InlineData(null, true, false, "0x55")]
    [InlineData("below=0x9", true, false, "0x9")]
    [InlineData(null, false, true, "0x55")]
    [InlineData("below=0x9", false, true, "0x9")]
    [InlineData("nobody=0x9", false, false, null)]
    public void OpenAddressesTakeTheirValues(string? given, bool fromDevelopment, bool test, string? value)
    {
        SortedDictionary<string, Address> addresses = new(StringComparer.Ordinal);
        if (given is not null)
        {
            addresses[given.Split('=')[0]] = Address.Parse(given.Split('=')[1]);
        }

        PackageBuildResult build = Build(
            Head + "[dependencies]\nBelow = { local = \"../below\" }\n[dev-addresses]\nbelow = \"0x55\"\n",
            new PackageOptions { Addresses = addresses, OpenAddressesFromDevelopment = fromDevelopment, TestMode = test });
        Assert.Equal(value is not null, build.Success);
        if (value is not null)
        {
            Assert.Equal(Address.Parse(value), build.Packages[0].Addresses["below"]);
        }
        else
        {
            Assert.Contains(build.Diagnostics, d => d.Code == "E12002");
        }
    }

    // fault 65: whoever builds with addresses of development is told so
    [Fact]
    public void AValueOfDevelopmentIsAWarning()
    {
        PackageBuildResult build = Build(
            Head + "[dependencies]\nBelow = { local = \"../below\" }\n[dev-addresses]\nbelow = \"0x55\"\n",
            new PackageOptions { OpenAddressesFromDevelopment = true });
        Assert.True(build.Success);
        Diagnostic warning = Assert.Single(build.Diagnostics);
        Assert.Equal("W12004 1:1", $"{warning.Code} {warning.Line}:{warning.Column}");
        Assert.Contains("'below'", warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AGivenValueDoesNotReplaceOneOfTheManifest()
    {
        SortedDictionary<string, Address> addresses = new(StringComparer.Ordinal) { ["a"] = Address.Parse("0x9") };
        PackageBuildResult build = Build(Head + "[addresses]\na = \"0x8\"\n", new PackageOptions { Addresses = addresses });
        Assert.Equal("E12002", Assert.Single(build.Diagnostics).Code);
    }

    [Theory]
    [InlineData("addr_subst = { below = \"0x9\" }", "below", "0x9")]
    [InlineData("addr_subst = { mine = \"below\" }", "mine", "0x9")]
    [InlineData("addr-subst = { below = \"0x9\" }", "below", "0x9")]
    public void SubstitutionsAssignAndRename(string substitution, string name, string value)
    {
        PackageBuildResult build = Build(
            Head + (name == "mine" ? "[addresses]\nmine = \"0x9\"\n"
                : "") + "[dependencies]\nBelow = { local = \"../below\", " + substitution + " }\n");
        Assert.True(build.Success, DiagnosticRenderer.Render(build.Diagnostics));
        Assert.Equal(Address.Parse(value), build.Root!.Addresses[name]);
        Assert.Equal(Address.Parse(value), build.Packages[0].Addresses["below"]);
    }

    [Theory]
    [InlineData("addr_subst = { x = \"nothing\" }")]
    [InlineData("addr_subst = { nothing = \"0x9\" }")]
    public void SubstitutionsOfUnknownNamesAreRefused(string substitution) =>
        Assert.Contains(Build(Head + "[dependencies]\nBelow = { local = \"../below\", " + substitution + " }\n").Diagnostics, d =>
            d.Code == "E12002");
}
