using Theseus.Cli.Commands;
using Theseus.Cli.Framework;
using Theseus.Move.Compiler;
using Theseus.Move.Compiler.Packages;
using Theseus.Move.Compiler.Testing;
using Theseus.Protocol;

namespace Theseus.Cli.Tests;

/// <summary>The framework's own unit tests: all pass, they reach what users can call, and no guard of authority or
/// money is without one.</summary>
public sealed class FrameworkTests
{
    /// <summary>Instructions reached, in thousandths, at least.</summary>
    private const int LeastCoverage = 900;

    private static readonly SourceTree Sources = PackageFolder.ReadAll(Repository.Folder("framework"));

    private static readonly TestOptions Options = new() { Natives = MoveCommands.TestTable("v1") };

    public static TheoryData<string> Packages => ["move-stdlib", "theseus-policy", "theseus-framework"];

    [Theory]
    [MemberData(nameof(Packages))]
    public void EveryTestPassesAndEveryPublicFunctionIsEntered(string package)
    {
        PackageBuildResult built = PackageBuild.Build(Sources, package, new PackageOptions { TestMode = true });
        Assert.True(built.Success, DiagnosticRenderer.Render(built.Diagnostics));
        TestReport report = TestRunner.Run(built, Options with { Coverage = true });
        Assert.Empty(report.Results.Where(result => !result.Passed)
            .Select(result => $"{result.Name} at {result.Location}: {result.Message}"));
        Assert.NotEmpty(report.Results);
        Assert.Empty(report.Coverage!.Modules.SelectMany(module => module.NeverEntered.Select(name => $"{module.Module}::{name}")));
        Assert.True(report.Coverage.PerMille >= LeastCoverage, $"coverage of {package} is {report.Coverage.PerMille} per mille");
    }
}

/// <summary>Deleting any one assert! of a module of authority or money fails a test. Several classes, so that they run
/// side by side.</summary>
public abstract class AssertsMatter(params IReadOnlyList<string> modules)
{
    [Fact]
    public void NoAssertIsWithoutATest()
    {
        SourceTree sources = PackageFolder.ReadAll(Repository.Folder("framework"));
        IReadOnlyList<AssertSite> survivors = AssertMutation.Survivors(
            sources, FrameworkRelease.RootPackage, [.. modules.Select(module => new ModuleId(Address.One, module))],
                new PackageOptions(), new TestOptions { Natives = MoveCommands.TestTable("v1") });
        Assert.Empty(survivors.Select(site => $"{site.Module}::{site.Function} at {site.Location}"));
    }
}

public sealed class GovernanceAssertsMatter() : AssertsMatter("governance");

public sealed class CodeAssertsMatter() : AssertsMatter("code");

public sealed class CoinAssertsMatter() : AssertsMatter("coin");

public sealed class StakeAssertsMatter() : AssertsMatter("stake");

public sealed class OtherAssertsMatter()
    : AssertsMatter("account", "consensus_config", "fee_parameters", "genesis", "reconfiguration", "system_addresses",
    "transaction_validation", "versions");
