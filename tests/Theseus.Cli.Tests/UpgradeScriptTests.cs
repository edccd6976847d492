using Theseus.Cli.Commands;
using Theseus.Cli.Framework;
using Theseus.Client;
using Theseus.Execution;
using Theseus.Move.Format;
using Theseus.Protocol;

namespace Theseus.Cli.Tests;

/// <summary>Script packages against a chain that runs this checkout's framework, without a node.</summary>
public sealed class UpgradeScriptTests : IDisposable
{
    private static readonly FrameworkRelease Base = FrameworkRelease.FromSources(Repository.Folder("framework"));

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static ChainCode Chain(IReadOnlyList<string>? natives = null) => new(
        7, Base.CodeRoot, new SortedDictionary<string,
            byte[]>(Base.ModulesByName.ToDictionary(module => module.Name, module => module.Bytes), StringComparer.Ordinal),
        natives ?? StackTable.BuiltIn()[0].Create().Manifest.Natives);

    private FrameworkRelease Changed(Action<string> change)
    {
        FrameworkCopy.Make(Repository.Folder("framework"), _folder.Sub("framework"));
        change(_folder.Sub("framework"));
        return FrameworkRelease.Build(PackageFolder.ReadAll(_folder.Sub("framework")));
    }

    private FrameworkRelease WithFunction() =>
        Changed(copy => FrameworkCopy.Add(copy, "theseus-framework", "timestamp",
            "#[view] public fun now_milliseconds(): u64 { block_context::time_micros() / 1000 }"));

    [Fact]
    public void TheSameFrameworkNeedsNoUpgrade()
    {
        FrameworkDifference difference = UpgradeScripts.Compare(Base, Chain());
        Assert.Empty(difference.Changes);
        Assert.Equal(Base.CodeRoot, difference.ExpectedRoot);
    }

    [Fact]
    public void OnlyChangedModulesAreInTheScriptAndEverythingIsAConstantOfIt()
    {
        FrameworkRelease next = WithFunction();
        FrameworkDifference difference = UpgradeScripts.Compare(next, Chain());
        Assert.Empty(difference.Objections);
        ManifestModule change = Assert.Single(difference.Changes);
        Assert.Equal(("timestamp", "changed"), (change.Name, change.Change));
        Assert.Equal(next.CodeRoot, difference.ExpectedRoot);

        ScriptPackage package = UpgradeScripts.Framework(next, Chain(), difference);
        CompiledScript script = ModuleReader.ReadScript(package.Script).Value!;
        Assert.Empty(script.TypeParameters);
        Assert.Empty(script.Signatures[script.Parameters].Tokens);
        HashSet<string> constants = [.. script.Constants.Select(constant => Convert.ToHexStringLower(constant.Data))];
        Assert.Contains("20" + Base.CodeRoot, constants);
        Assert.Contains("20" + next.CodeRoot, constants);
        Assert.Contains("20" + next.SourceDigest, constants);
        byte[] module = next.ModulesByName.Single(found => found.Name == "timestamp").Bytes;
        Assert.Contains(Convert.ToHexStringLower(new BcsWriter().Bytes(module).ToArray()), constants);
        Assert.Equal(Hashing.Sha3(package.Script).ToString(), package.Manifest.ScriptHash);
    }

    [Fact]
    public void ABundleMayBeLargerThanAConstant()
    {
        FrameworkRelease next = Changed(copy =>
        {
            foreach (string module in (string[])["timestamp", "chain_id", "consensus_config"])
            {
                FrameworkCopy.Add(copy, "theseus-framework", module,
                    $"public fun ballast(): vector<u8> {{ x\"{new string('a', 2 * 30_000)}\" }}");
            }
        });
        FrameworkDifference difference = UpgradeScripts.Compare(next, Chain());
        Assert.Empty(difference.Objections);
        Assert.True(UpgradeScripts.Framework(next, Chain(), difference).Script.Length > 90_000);
    }

    [Fact]
    public void AModuleTooLargeToPublishIsRefused()
    {
        FrameworkRelease next = Changed(copy => FrameworkCopy.Add(copy, "theseus-framework", "timestamp", $"public fun "
            + $"ballast(): vector<u8> {{ x\"{new string('a', 2 * 60_000)}\" }}"));
        Assert.Contains("at most 60000", Assert.Single(UpgradeScripts.Compare(next, Chain()).Objections));
    }

    [Fact]
    public void EqualInputsGiveEqualFiles()
    {
        FrameworkRelease next = WithFunction();
        foreach (string name in (string[])["one", "two"])
        {
            UpgradeScripts.Framework(next, Chain(), UpgradeScripts.Compare(next, Chain())).Write(_folder.Sub(name));
        }

        foreach (string file in (string[])["script.move", "script.mv", "script_sha3", "manifest.json"])
        {
            Assert.Equal(File.ReadAllBytes(Path.Combine(_folder.Sub("one"), file)),
                File.ReadAllBytes(Path.Combine(_folder.Sub("two"), file)));
        }

        Assert.DoesNotContain(_folder.Path, File.ReadAllText(Path.Combine(_folder.Sub("one"), "manifest.json")));
    }

    [Fact]
    public void ATamperedScriptIsRefusedBeforeItIsSent()
    {
        FrameworkRelease next = WithFunction();
        string folder = _folder.Sub("up");
        UpgradeScripts.Framework(next, Chain(), UpgradeScripts.Compare(next, Chain())).Write(folder);
        (byte[] script, Hash32 hash) = ScriptPackage.ReadScript(folder);
        Assert.Equal(Hashing.Sha3(script), hash);
        script[^1] ^= 1;
        File.WriteAllBytes(Path.Combine(folder, "script.mv"), script);
        Assert.Contains("was changed after it was made", Assert.Throws<CommandFailure>(() => ScriptPackage.ReadScript(folder)).Message);
        File.Delete(Path.Combine(folder, "script_sha3"));
        Assert.Contains("script_sha3 is missing", Assert.Throws<CommandFailure>(() => ScriptPackage.ReadScript(folder)).Message);
    }

    [Fact]
    public void NewAbilitiesAreWarnedOf()
    {
        // fault 93: no caller breaks, so it is no objection
        FrameworkRelease next = Changed(copy =>
        {
            FrameworkCopy.Replace(copy, "theseus-framework", "coin", " Coin<phantom T> has", " Coin<phantom T> has copy, drop,");
            FrameworkCopy.Replace(copy, "theseus-framework", "fee_parameters", "has key, copy, drop {", "has key, copy, drop, store {");
        });
        IReadOnlyList<string> warnings = UpgradeScripts.Compare(next, Chain()).Warnings;
        Assert.Equal(
            [
                "0x1::coin::Coin gets the ability copy, drop: values of it could do what they could not before",
                "0x1::fee_parameters::FeeParameters gets the ability store: values of it could do what they could not before",
            ],
            warnings);

        // the ballot: read from the script itself, which may come from anybody with any manifest
        byte[] script = UpgradeScripts.Framework(next, Chain(), UpgradeScripts.Compare(next, Chain())).Script;
        Assert.Equal(warnings, UpgradeScripts.WarningsOf(script, Chain()));
        Assert.Throws<CommandFailure>(() => UpgradeScripts.WarningsOf([1, 2, 3], Chain()));
    }

    [Fact]
    public void IncompatibleChangesAreNamedByRule()
    {
        FrameworkRelease next = Changed(copy =>
        {
            FrameworkCopy.Replace(copy, "theseus-framework", "stake",
                "#[view]\n    /// Votes missed in the running epoch.\n    public fun missed", "fun missed");
            FrameworkCopy.Replace(copy, "theseus-framework", "stake", "has_pool(validator: address)",
                "has_pool(validator: address, _: u64)");
        });
        IReadOnlyList<string> objections = UpgradeScripts.Compare(next, Chain()).Objections;
        Assert.Contains(objections, objection => objection.Contains("0x1::stake", StringComparison.Ordinal)
            && objection.Contains("rule 9", StringComparison.Ordinal) && objection.Contains("missed", StringComparison.Ordinal));
        Assert.Contains(objections, objection => objection.Contains("0x1::stake", StringComparison.Ordinal)
            && objection.Contains("rule 11", StringComparison.Ordinal));
    }

    [Fact]
    public void ANativeThatAStackInQuestionLacksIsRefused()
    {
        FrameworkRelease next = Changed(copy => FrameworkCopy.Add(copy, "move-stdlib", "hash", "public fun twice(data: "
            + "vector<u8>): vector<u8> { native_sha2_256(native_sha2_256(data)) }"));
        Assert.Empty(UpgradeScripts.Compare(next, Chain()).Objections);
        ChainCode without = Chain([.. StackTable.BuiltIn()[0]
            .Create().Manifest.Natives.Where(name => !name.StartsWith("hash::native_sha2_256(", StringComparison.Ordinal))]);
        Assert.Contains("hash::native_sha2_256", Assert.Single(UpgradeScripts.Compare(next, without).Objections));
    }

    [Fact]
    public void AModuleOfTheChainThatTheSourcesLackStays()
    {
        ChainCode chain = Chain();
        byte[] orphan = chain.Modules["jail"];
        chain.Modules["zombie"] = orphan;
        ChainCode more = chain with { CodeRoot = ExecutionRoots.OfCode(chain.Modules.Select(module => (module.Key, module.Value))) };
        FrameworkDifference difference = UpgradeScripts.Compare(WithFunction(), more);
        Assert.Equal(["zombie"], difference.Kept);
        SortedDictionary<string, byte[]> after = new(chain.Modules, StringComparer.Ordinal);
        foreach (ReleaseModule module in difference.Bundle)
        {
            after[module.Name] = module.Bytes;
        }

        Assert.Equal(ExecutionRoots.OfCode(after.Select(module => (module.Key, module.Value))), difference.ExpectedRoot);
    }

    [Fact]
    public void AScheduleNamesTheStackAndItsNatives()
    {
        StackEntry second = StackTable.BuiltIn().Single(entry => entry.Name == "v2");
        ScriptPackage package = UpgradeScripts.Schedule(Base, second, 2, 40);
        Assert.Equal(package.Script, UpgradeScripts.Schedule(Base, second, 2, 40).Script);
        Assert.Equal("20" + second.ModuleId,
            Convert.ToHexStringLower(Assert.Single(ModuleReader.ReadScript(package.Script).Value!.Constants,
            constant => constant.Data.Length == 33).Data));
        Assert.Contains("versions::schedule(&framework, string::utf8(b\"execution\"), 2, MODULE_ID, natives, 40)", package.Source);
        Assert.Equal(30, package.Manifest.Schedule!.Natives.Count);
        Assert.Contains("hash::native_keccak256(vector<u8>):vector<u8>", package.Manifest.Schedule.Natives);
        Assert.NotEqual(package.Script, UpgradeScripts.Schedule(Base, second, 2, 41).Script);
    }

    [Theory]
    [InlineData("+40", 40)]
    [InlineData("+1", 1)]
    public void ADelayIsRelative(string text, ulong blocks) => Assert.Equal(blocks, UpgradeCommands.Delay(text));

    [Theory]
    [InlineData("40")]
    [InlineData("+0")]
    [InlineData("+-3")]
    [InlineData("")]
    public void AnythingElseIsNoDelay(string text) =>
        Assert.Equal(ExitCode.Usage, Assert.Throws<CommandFailure>(() => UpgradeCommands.Delay(text)).Code);

    [Fact]
    public void AbortsAreExplainedByTheModulesOwnErrors()
    {
        CompiledModule governance = ModuleReader.ReadModule(Base.ModulesByName.Single(module => module.Name == "governance").Bytes).Value!;
        ErrorName error = Outcomes.Find(ModuleMetadata.Of(governance)!, 0x50005)!.Value;
        Assert.Equal("ENOT_A_VALIDATOR", error.Name);
        Assert.Contains("Only a validator in force votes", error.Doc);
        Assert.Null(Outcomes.Find(ModuleMetadata.Of(governance)!, 0x5ffff));
    }

    [Theory]
    [InlineData(new ulong[] { 1000, 1000, 1000, 1000 }, 2667, 3, "3 of 4")]
    [InlineData(new ulong[] { 1, 1, 1 }, 3, 3, "3 of 3")]
    [InlineData(new ulong[] { 1, 1, 1, 1, 1 }, 4, 4, "4 of 5")]
    [InlineData(new ulong[] { 5, 1, 1 }, 5, 1, "5 of 7 voting power (1 of 3 validators at least)")]
    public void MoreThanTwoThirdsAreNeeded(ulong[] powers, ulong needed, int fewest, string needs)
    {
        Electorate electorate = new([.. powers.Select((power, i) => new ValidatorInfo($"0x{i}", "0x", power, null, null))]);
        Assert.Equal(needed, electorate.Needed);
        Assert.Equal(fewest, electorate.Fewest);
        Assert.Equal(needs, electorate.Needs);
    }

    [Fact]
    public void PossessionIsProvenAsTheFrameworkChecksIt()
    {
        byte[] seed = [.. Enumerable.Repeat((byte)1, 32)];
        // the same bytes as in the framework's own test of joining
        Assert.Equal(
            "95e3d0a162e0bf6d4a47ee15d1966d5727d2ad2123d7cc375104d4998a147bece107659aee30baa771aa42734f99c127f4eaf69d66378493"
            + "b187a707ab22ee0a",
            Convert.ToHexStringLower(ValidatorCommands.Proof(seed, Address.FromShort(0xb1))));
    }
}
