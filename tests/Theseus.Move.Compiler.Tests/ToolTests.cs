using System.Text;
using Theseus.Move.Compiler.Packages;
using Theseus.Move.Compiler.Testing;
using Theseus.Move.Compiler.Tests.Support;
using Theseus.Move.Format;
using Theseus.Protocol;

namespace Theseus.Move.Compiler.Tests;

/// <summary>Test runner, coverage, mutation, packages, metadata, disassembler, determinism.</summary>
public class ToolTests
{
    // ---- test runner ----

    [Fact]
    public void ExpectedFailuresMatchByCodeAndLocation()
    {
        TestReport report = MoveTests.Run("""
            module 0x42::lib { const EBAD: u64 = 5; public fun fail() { abort EBAD } }
            module 0x42::m {
                use 0x42::lib;
                const EOWN: u64 = 5;
                #[test] #[expected_failure] fun any() { abort 1 }
                #[test] #[expected_failure(abort_code = 1, location = Self)] fun own() { abort 1 }
                #[test] #[expected_failure(abort_code = 1, location = Self)] fun wrong_code() { abort 2 }
                #[test] #[expected_failure(abort_code = 5, location = 0x42::lib)] fun other() { lib::fail() }
                #[test] #[expected_failure(abort_code = lib::EBAD)] fun by_name() { lib::fail() }
                #[test] #[expected_failure(abort_code = EOWN)] fun wrong_location() { lib::fail() }
                #[test] #[expected_failure(arithmetic_error, location = Self)] fun overflow() { let x = 255u8; x + 1; }
                #[test] #[expected_failure] fun no_failure() {}
                #[test] fun surprise() { abort 3 }
                #[test] fun endless() { loop {} }
                #[test] #[expected_failure(out_of_gas, location = Self)] fun endless_as_expected() { loop {} }
            }
            """, gas: 10_000);
        Assert.Equal(
            ["any", "own", "other", "by_name", "overflow", "endless_as_expected"],
            report.Results.Where(r => r.Passed).Select(r => r.Test.Function));
        Assert.Equal(
            ["wrong_code", "wrong_location", "no_failure", "surprise", "endless"],
            report.Results.Where(r => !r.Passed).Select(r => r.Test.Function));
        Assert.Equal("aborted with 3 in 0x0000000000000000000000000000000000000000000000000000000000000042::m",
            report.Results.Single(r => r.Test.Function == "surprise").Message);
        Assert.Equal(13, report.Results.Single(r => r.Test.Function == "surprise").Location!.Value.Line);
    }

    [Fact]
    public void TestItemsExistInTestModeOnly()
    {
        const string text = "module 0x42::m { #[test_only] use 0x42::absent; #[test_only] struct T {} #[test_only] fun helper() {} "
            + "#[test] fun t() {} public fun f() {} }";
        CompiledModule module = Assert.Single(Sources.Compile(text).Modules);
        Assert.Empty(module.StructDefinitions);
        Assert.Single(module.FunctionDefinitions);
        Assert.Equal(["E03002 1:35"], Sources.Places(Sources.CompileTests(text)).Where(p => p[0] == 'E'));
    }

    // ---- coverage and mutation ----

    private const string Covered = """
        module 0x42::m {
            public fun choose(x: u64): u64 {
                if (x > 1) { return 1 };
                2
            }
            public fun untouched() {}
            fun hidden() {}
            #[test] fun t() { assert!(choose(0) == 2, 1); }
        }
        """;

    [Fact]
    public void CoverageCountsInstructionsOfEnteredBlocks()
    {
        ModuleCoverage coverage = Assert.Single(MoveTests.Run(Covered, coverage: true).Coverage!.Modules);
        // choose: MoveLoc LdU64 Gt BrFalse | LdU64 Ret | LdU64 Ret; untouched and hidden: Ret each; t does not count
        Assert.Equal(10, coverage.Instructions);
        Assert.Equal(6, coverage.Covered);
        Assert.Equal(600, coverage.PerMille);
        Assert.Equal(["untouched"], coverage.NeverEntered);
        Assert.Equal(3, coverage.Missed[0].Line);
    }

    [Fact]
    public void AnAssertThatNoTestNeedsSurvivesItsRemoval()
    {
        SourceTree tree = new()
        {
            ["p/Move.toml"] = "[package]\nname = \"P\"\n[addresses]\nme = \"0x42\"\n",
            ["p/sources/m.move"] = """
                module me::m {
                    public fun f(x: u64) {
                        assert!(x > 0, 1);
                        assert!(x < 100, 2);
                    }
                    #[test] fun ok() { f(5); assert!(true, 9); }
                    #[test] #[expected_failure(abort_code = 1, location = Self)] fun low() { f(0) }
                }
                """,
        };
        AssertSite survivor = Assert.Single(AssertMutation.Survivors(tree, "p", null, new PackageOptions(),
            new TestOptions { Natives = MoveTests.Natives }));
        Assert.Equal(("f", 1, 4), (survivor.Function, survivor.Index, survivor.Location.Line));
    }

    // ---- packages ----

    private static SourceTree Packages(string top, string below) => new()
    {
        ["top/Move.toml"] = top,
        ["top/sources/t.move"] = "module top::t { public fun f(): u64 { below::b::g() } }",
        ["top/tests/t_tests.move"] = "#[test_only] module top::t_tests { #[test] fun t() { assert!(top::t::f() == 3, 1); } }",
        ["below/Move.toml"] = below,
        ["below/sources/b.move"] = "module below::b { public fun g(): u64 { 3 } }",
    };

    [Fact]
    public void PackagesBuildInOrderWithSharedAddresses()
    {
        SourceTree tree = Packages(
            "# a comment\n[package]\nname = \"Top\" # another\nversion = '1.2.3'\n[addresses]\ntop = \"0x2\"\nbelow = "
                + "\"0x3\"\n[dependencies]\nBelow = { local = \"../below\" }\n",
            "[package]\nname = \"Below\"\n[addresses]\nbelow = \"_\"\n");
        PackageBuildResult build = PackageBuild.Build(tree, "top", new PackageOptions { TestMode = true });
        Assert.True(build.Success, DiagnosticRenderer.Render(build.Diagnostics));
        Assert.Equal(["Below", "Top"], build.Packages.Select(p => p.Name));
        Assert.Equal("1.2.3", build.Root!.Manifest.Version);
        Assert.Equal(["0x3::b", "0x2::t", "0x2::t_tests"], build.Units.Select(u => u.Id.ToString()));
        TestReport report = TestRunner.Run(build, new TestOptions { Natives = MoveTests.Natives });
        Assert.Equal((1, 0), (report.Passed, report.Failed));
        Assert.Equal(2, PackageBuild.Build(tree, "top").Units.Count()); // no tests outside of test mode
    }

    [Theory]
    // below stays open
    [InlineData("[package]\nname = \"Top\"\n[addresses]\ntop = \"0x2\"\n[dependencies]\nBelow = { local = \"../below\" }\n", "E12002")]
    [InlineData("[package]\nname = \"Top\"\n[addresses]\ntop = \"0x2\"\n[dependencies]\nBelow = { local = \"../nowhere\" }\n", "E12001")]
    [InlineData("[package]\nname = \"Top\"\n[dependencies]\nBelow = { git = \"x\" }\n", "E12001")]
    [InlineData("[package\nname = \"Top\"\n", "E12001")]
    [InlineData("[package]\nname = \"Top\"\nname = \"Again\"\n", "E12001")]
    [InlineData("[package]\nname = \"Top\"\n[addresses]\ntop = \"two\"\n", "E12001")]
    [InlineData("[package]\nversion = \"1\"\n", "E12001")]
    [InlineData("[package]\nname = \"Top\"\n[dependencies]\nTop = { local = \"../top\" }\n", "E12001")] // itself
    public void WrongManifestsAreDiagnostics(string top, string code)
    {
        PackageBuildResult build = PackageBuild.Build(Packages(top, "[package]\nname = \"Below\"\n[addresses]\nbelow = \"_\"\n"), "top");
        Assert.False(build.Success);
        Assert.Equal(code, Assert.Single(build.Diagnostics).Code);
    }

    [Fact]
    public void RenamedAndDevelopmentAddressesHold()
    {
        SourceTree tree = Packages(
            "[package]\nname = \"Top\"\n[addresses]\ntop = \"_\"\n[dev-addresses]\ntop = \"0x9\"\n[dependencies]\nBelow = { local = "
                + "\"../below\", addr_subst = { below = \"lower\" } }\n",
            "[package]\nname = \"Below\"\n[addresses]\nlower = \"0x5\"\n");
        tree["below/sources/b.move"] = "module lower::b { public fun g(): u64 { 3 } }";
        PackageBuildResult build = PackageBuild.Build(tree, "top", new PackageOptions { TestMode = true });
        Assert.True(build.Success, DiagnosticRenderer.Render(build.Diagnostics));
        Assert.Equal(["0x5::b", "0x9::t", "0x9::t_tests"], build.Units.Select(u => u.Id.ToString()));
        Assert.False(PackageBuild.Build(tree, "top").Success); // top has a value in test mode only
    }

    // ---- metadata ----

    [Fact]
    public void MetadataListsViewsEventsAndDocumentedErrors()
    {
        Compilation compilation = Sources.Compile("""
            module 0x42::m {
                /// The second.
                const EB: u64 = 2;
                /// The first
                /// of two lines.
                const E_A: u64 = 1;
                const OTHER: u64 = 3;
                const EWIDE: u128 = 4;
                #[event] struct Z has drop, store {}
                #[event] struct A has drop, store {}
                #[view] public fun b(): u64 { EB + OTHER }
                #[view] public fun a(): u64 { E_A + (EWIDE as u64) }
            }
            """);
        Metadata entry = Assert.Single(compilation.Units[0].Module!.Metadata);
        Assert.Equal("theseus::metadata_v1", Encoding.ASCII.GetString(entry.Key));
        // views a, b · events A, Z · errors (1, E_A, text), (2, EB, text): BCS by hand
        string expected = "02" + "0161" + "0162" + "02" + "0141" + "015a" + "02"
            + "0100000000000000" + "03455f41" + "17" + Convert.ToHexStringLower("The first of two lines."u8)
            + "0200000000000000" + "024542" + "0b" + Convert.ToHexStringLower("The second."u8);
        Assert.Equal(expected, Convert.ToHexStringLower(entry.Value));
    }

    // ---- output ----

    [Fact]
    public void TheFrameworkCompilesVerifiesAndRoundTrips()
    {
        SourceTree tree = Sources.Tree("framework");
        string[] roots = ["move-stdlib", "theseus-policy", "theseus-framework"];
        foreach (string root in roots.Where(r => tree.TryGet(r + "/Move.toml", out _)))
        {
            PackageBuildResult build = PackageBuild.Build(tree, root);
            Assert.Empty(build.Diagnostics.Where(d => d.Severity == Severity.Error).Select(d => d.ToString()));
            foreach (CompiledModule module in build.Units.Select(u => u.Module!))
            {
                byte[] bytes = ModuleWriter.Write(module);
                DecodeResult<CompiledModule> read = ModuleReader.ReadModule(bytes);
                Assert.NotNull(read.Value);
                Assert.Equal(bytes, ModuleWriter.Write(read.Value)); // M1
            }
        }
    }

    [Fact]
    public void EqualSourcesGiveEqualBytes()
    {
        SourceTree tree = Sources.Tree("framework");
        static string Digest(PackageBuildResult build) => string.Join('\n',
            build.Units.Select(u =>
                $"{u.Id} {Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(ModuleWriter.Write(u.Module!)))}"));
        Assert.Equal(Digest(PackageBuild.Build(tree, "theseus-framework")), Digest(PackageBuild.Build(tree, "theseus-framework")));
    }

    [Fact]
    public void ModulesComeAfterWhatTheyUse()
    {
        Compilation compilation = Sources.Compile("module 0x42::a { public fun f() { 0x42::z::g() } } module 0x42::z { public fun g() "
            + "{} } module 0x42::b {}");
        Assert.Equal(["z", "a", "b"], compilation.Units.Select(u => u.Id.Name));
    }

    [Fact]
    public void BytecodeServesAsADependency()
    {
        Compilation library = Sources.Compile("module 0x42::lib { struct S<T: copy> has copy, drop { t: T } public fun make<T: "
            + "copy>(t: T): S<T> { S { t } } public fun read(s: &S<u64>): u64 { s.t } }");
        CompilerOptions options = new() { Libraries = [.. library.Modules] };
        Assert.True(Sources.Compile("module 0x42::m { use 0x42::lib; public fun f(): u64 { lib::read(&lib::make(7)) } }", options).Success);
        Assert.Equal(["E04007 1:43"], Sources.Places(Sources.Compile("module 0x42::m { use 0x42::lib; fun f() { lib::read(&7u8); } }",
            options)));
    }

    [Fact]
    public void DependenciesAreCheckedAgainstButNotCompiled()
    {
        SourceDependency dependency = new(SourceTree.Of("d.move",
            "module std::d { public fun f(): u64 { not_checked } public inline fun i(x: u64): u64 { x + 1 } }"), Sources.Addresses);
        Compilation compilation = Sources.Compile("module 0x42::m { public fun g(): u64 { std::d::f() + std::d::i(2) } }",
            new CompilerOptions { Dependencies = [dependency] });
        Assert.Empty(Sources.Places(compilation));
        Assert.Equal("m", Assert.Single(compilation.Units).Id.Name);
    }

    [Fact]
    public void TheDisassemblerResolvesNames()
    {
        CompiledSource unit = Sources.Compile("module 0x42::m { struct S<T> has copy, drop { t: T } public fun get<T: copy + drop>(s: "
            + "&S<T>): (T, T) { let x = s.t; (x, x) } }").Units[0];
        string expected = """
            // Move bytecode v6
            module 0x0000000000000000000000000000000000000000000000000000000000000042::m {

                struct S<T0> has copy, drop {
                    t: T0,
                }

                public fun get<T0: copy + drop>(s: &S<T0>): (T0, T0) {
                    local 1 x: T0
                    0: MoveLoc 0 (s)
                    1: ImmBorrowFieldGeneric S.t<T0>
                    2: ReadRef
                    3: StLoc 1 (x)
                    4: CopyLoc 1 (x)
                    5: MoveLoc 1 (x)
                    6: Ret
                }
            }

            """;
        Assert.Equal(expected.ReplaceLineEndings("\n"), Disassembler.Text(unit.Module!, unit.Map));
    }

    // found by fuzzing: a file need not be verified, and its reader does not count the types of a vector's instruction
    [Fact]
    public void TheDisassemblerShowsAVectorInstructionOfNoType()
    {
        CompiledModule module = Sources.Compile("module 0x42::m { public fun f(a: u64): vector<u64> { vector[a, a] } }").Units[0].Module!;
        byte[] bytes = ModuleWriter.Write(module);
        Instruction pack = module.FunctionDefinitions[0].Code!.Code.Single(instruction => instruction.Opcode == Opcode.VecPack);
        int at = bytes.AsSpan().IndexOf((byte[])[(byte)Opcode.VecPack, (byte)pack.Index, 2, 0, 0, 0, 0, 0, 0, 0]);
        int empty = module.Signatures.ToList().FindIndex(signature => signature.Tokens.Count == 0);
        bytes[at + 1] = (byte)empty;
        CompiledModule mutant = ModuleReader.ReadModule(bytes).Value!;
        Assert.NotNull(Verify.Verifier.Check(mutant, new Rules.VerifierLimits()));
        Assert.Contains(": VecPack , 2\n", Disassembler.Text(mutant), StringComparison.Ordinal);
    }

    [Fact]
    public void TheSourceMapNamesLinesAndLocals()
    {
        FunctionSourceMap map = Sources.Compile("module 0x42::m {\n    fun f(a: u64): u64 {\n        let b = a + 1;\n        b * b\n  "
            + "  }\n}").Units[0].Map.Functions[0];
        Assert.Equal(["a", "b"], map.LocalNames);
        Assert.Equal(new SourceLocation("a.move", 3, 17), map.At(2)); // MoveLoc LdU64 Add
        Assert.Equal(new SourceLocation("a.move", 4, 9), map.At(6)); // StLoc CopyLoc MoveLoc Mul
    }
}
