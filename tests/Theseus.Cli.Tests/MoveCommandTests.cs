using System.Diagnostics;
using System.Text.Json.Nodes;
using Theseus.Cli.Framework;

namespace Theseus.Cli.Tests;

/// <summary>theseus move … on packages on disk.</summary>
public sealed class MoveCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private CommandResult Run(params IReadOnlyList<string> arguments)
    {
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, "theseus")) { RedirectStandardOutput = true,
            RedirectStandardError = true, UseShellExecute = false, WorkingDirectory = _folder.Path };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return new CommandResult(process.ExitCode, output.Result, errors);
    }

    private void Write(string file, string text)
    {
        string path = _folder.Sub(file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    /// <summary>Two packages; app depends on lib.</summary>
    private void Packages(string body = "assert!(app::twice(4) == 8, 1);")
    {
        Write("lib/Move.toml", "[package]\nname = \"Lib\"\nversion = \"1.0.0\"\n[addresses]\nlib = \"0x41\"\n");
        Write("lib/sources/base.move", "module lib::base { public fun two(): u64 { 2 } }");
        Write("app/Move.toml",
            "[package]\nname = \"App\"\nversion = \"1.0.0\"\n[addresses]\napp = \"0x42\"\n[dependencies]\nLib = { local = \"../lib\" }\n");
        Write("app/sources/app.move", "module app::app "
            + "{\n    use lib::base;\n    public fun twice(n: u64): u64 { n * base::two() }\n    public fun unused(): u64 { 3 }\n}\n");
        Write("app/tests/app_tests.move", "#[test_only]\nmodule app::app_tests "
            + "{\n    use app::app;\n    #[test]\n    fun doubles() {\n        " + body + "\n    }\n    #[test]\n    fun other() {}\n}\n");
    }

    [Fact]
    public void APackageIsBuiltWithItsLocalDependencies()
    {
        Packages();
        CommandResult built = Run("move", "build", "--path", "app");
        Assert.True(built.Code == 0, built.Errors);
        Assert.Equal(["app.mv"], Directory.GetFiles(_folder.Sub("app/build/App/modules")).Select(Path.GetFileName));
        CommandResult text = Run("move", "disassemble", "app/build/App/modules/app.mv");
        Assert.Equal(0, text.Code);
        Assert.Contains("public fun twice", text.Output);
        Assert.Contains("41::base::two", text.Output);
    }

    [Theory] // fault 33
    [InlineData("local = \"FOLDER/lib\"")]
    [InlineData("local = 'FOLDER/lib'")]
    [InlineData("local = \"FOLDER/app/../lib/\"")]
    [InlineData("local = '../lib'")]
    public void ADependencyMayBeNamedByItsAbsolutePath(string local)
    {
        Packages();
        string manifest = File.ReadAllText(_folder.Sub("app/Move.toml"));
        string named = local.Replace("FOLDER", _folder.Path, StringComparison.Ordinal);
        Write("app/Move.toml", manifest.Replace("local = \"../lib\"", named, StringComparison.Ordinal));
        CommandResult built = Run("move", "build", "--path", "app");
        Assert.True(built.Code == 0, built.Errors);
        Assert.True(File.Exists(_folder.Sub("app/build/App/modules/app.mv")));
    }

    [Theory] // fault 64
    [InlineData("module app::app { public fun f(): u64 { *15 } }", "app.move:1:")]
    [InlineData("script { #[test] fun main() {} }", "app.move:1:")]
    [InlineData("module app::app { public fun LONG() {} }", "app.move:1:")]
    [InlineData("module app::app { struct LONG has drop {} }", "app.move:1:")]
    public void AMistakeIsNoInternalError(string source, string place)
    {
        Packages();
        File.Delete(_folder.Sub("app/tests/app_tests.move"));
        string first = source.Contains("struct", StringComparison.Ordinal) ? "F" : "f";
        Write("app/sources/app.move", source.Replace("LONG", first + new string('n', 70_000), StringComparison.Ordinal));
        CommandResult built = Run("move", "test", "--path", "app");
        Assert.Equal(1, built.Code);
        Assert.Contains(place, built.Errors);
        Assert.DoesNotContain("error[E99001]", built.Errors);
        Assert.DoesNotContain("error[E99003]", built.Errors);
        Assert.DoesNotContain("theseus: this should not happen", built.Errors);
    }

    [Fact]
    public void AnErrorNamesFileAndLine()
    {
        Packages();
        Write("app/sources/app.move", "module app::app {\n    public fun wrong(): u64 { true }\n}\n");
        CommandResult built = Run("move", "build", "--path", "app");
        Assert.Equal(1, built.Code);
        Assert.Contains("app/sources/app.move:2:", built.Errors);
        CommandResult json = Run("move", "build", "--path", "app", "--json");
        Assert.Equal(1, json.Code);
        Assert.False(json.Json["success"]!.GetValue<bool>());
        Assert.Contains(json.Json["diagnostics"]!.AsArray(), found => found!["line"]!.GetValue<int>() == 2);
    }

    [Fact]
    public void PassingTestsEndWithZeroAndSayWhatTheyReach()
    {
        Packages();
        CommandResult tested = Run("move", "test", "--path", "app", "--coverage");
        Assert.True(tested.Code == 0, tested.Output + tested.Errors);
        Assert.Contains("App: 2 passed, 0 failed", tested.Output);
        Assert.Contains("never entered: 0x42::app::unused", tested.Output);
    }

    [Fact]
    public void AFailingTestEndsWithOneAndOneLine()
    {
        Packages("assert!(app::twice(4) == 9, 7);");
        CommandResult tested = Run("move", "test", "--package-dir", "app");
        Assert.Equal(1, tested.Code);
        Assert.Contains("FAIL 0x42::app_tests::doubles at app/tests/app_tests.move:6:", tested.Output);
        Assert.Contains("aborted with 7", tested.Output);
        Assert.Contains("App: 1 passed, 1 failed", tested.Output);
        CommandResult filtered = Run("move", "test", "--path", "app", "--filter", "::other", "--json");
        Assert.Equal(0, filtered.Code);
        JsonNode test = Assert.Single(filtered.Json["tests"]!.AsArray())!;
        Assert.EndsWith("42::app_tests::other", test["name"]!.ToString());
        Assert.Equal(1, Run("move", "test", "--path", "app", "--filter", "nothing like it").Code);
    }

    [Fact]
    public void AFolderWithoutAPackageIsAWrongArgument()
    {
        CommandResult built = Run("move", "build", "--path", "nowhere");
        Assert.Equal(2, built.Code);
        Assert.Contains("Move.toml is missing", built.Errors);
        Write("text.mv", "no bytecode");
        CommandResult text = Run("move", "disassemble", "text.mv");
        Assert.Equal(1, text.Code);
        Assert.Contains("is not Move bytecode", text.Errors);
    }

    [Fact]
    public void PathsStartAtTheSharedFolderOfAPackageAndItsDependencies()
    {
        Packages();
        PackageFolder folder = PackageFolder.Read(_folder.Sub("app"));
        Assert.Equal("app", folder.Root);
        Assert.Equal(["app/Move.toml", "app/sources/app.move", "app/tests/app_tests.move", "lib/Move.toml", "lib/sources/base.move"],
            folder.Tree.Paths);
    }

    [Fact]
    public void SourcesAreText()
    {
        Packages();
        File.WriteAllBytes(_folder.Sub("app/sources/app.move"), [0xff, 0xfe, 0x00]);
        Assert.Contains("not UTF-8", Assert.Throws<CommandFailure>(() => PackageFolder.Read(_folder.Sub("app"))).Message);
    }
}
