using Theseus.Move.Compiler.Packages;
using Theseus.Move.Compiler.Testing;
using Theseus.Move.Compiler.Tests.Support;

namespace Theseus.Move.Compiler.Tests.Packages;

/// <summary>
/// Packages as people publish them elsewhere: natives of their own, open addresses, specifications in files of their own (faults
/// 65, 67).
/// </summary>
public class PublicPackageTests
{
    private static readonly SourceTree Tree = new()
    {
        ["std/Move.toml"] = "[package]\nname = \"Std\"\nversion = \"1.5.0\"\n[addresses]\nstd = \"_\"\n[dev-addresses]\nstd = \"0x1\"\n",
        ["std/sources/debug.move"] = """
            module std::debug {
                native public fun print<T>(x: &T);
                native public fun print_stack_trace();
                #[test_only] use std::hash;
                #[test_only] public fun print_hash(bytes: vector<u8>) { print(&hash::sha3_256(bytes)) }
            }
            """,
        ["std/sources/hash.move"] = "module std::hash { native public fun sha2_256(data: vector<u8>): vector<u8>; native public fun "
            + "sha3_256(data: vector<u8>): vector<u8>; }",
        ["std/sources/signer.move"] = """
            module std::signer {
                native public fun borrow_address(s: &signer): &address;
                public fun address_of(s: &signer): address { *borrow_address(s) }
            }
            """,
        ["std/sources/bcs.move"] = "module std::bcs { native public fun to_bytes<T>(v: &T): vector<u8>; }",
        ["std/sources/vector.move"] = """
            module std::vector {
                #[bytecode_instruction] native public fun length<T>(v: &vector<T>): u64;
                #[bytecode_instruction] native public fun borrow<T>(v: &vector<T>, i: u64): &T;
            }
            """,
        ["std/sources/unit_test.move"] = "#[test_only] module std::unit_test { native public fun "
            + "create_signers_for_testing(num_signers: u64): vector<signer>; }",
        ["app/Move.toml"] = "[package]\nname = \"App\"\n[addresses]\napp = \"_\"\n[dev-addresses]\napp = \"0xA\"\nstd = "
            + "\"0x1\"\n[dependencies]\nStd = { local = \"../std\" }\n",
        ["app/sources/app.move"] = """
            module app::app {
                native struct Handle has store;
                native public fun open(): u64;
                #[test_only] use std::debug;
                #[test_only] use std::unit_test::create_signers_for_testing;
                public entry fun answer(): u64 { 42 }
                #[lint::skip(x)] public fun plain() {}
                #[test] fun prints() {
                    debug::print(&7u64); debug::print(&vector[true, false]); debug::print_hash(b"a"); debug::print_stack_trace(); }
                #[test] fun signers() {
                    let s = create_signers_for_testing(2);
                    let first = std::signer::address_of(vector::borrow(&s, 0));
                    let second = std::signer::address_of(vector::borrow(&s, 1));
                    assert!(vector::length(&s) == 2 && first != second, 1);
                }
                #[test] fun bytes() { assert!(std::bcs::to_bytes(&258u16) == x"0201", 1); }
                #[test] #[expected_failure(abort_code = 3, location = Self)] fun fails() { abort 3 }
            }
            """,
        ["app/sources/app.spec.move"] = "spec app::app { use std::vector; spec plain { ensures true; } }",
    };

    private static PackageOptions Language => new() { Verifier = LanguageRules.Verifier };

    // fault 65: the natives, the entry function with a result, the attribute of a tool; fault 67: the `use` of the specification
    [Fact]
    public void TheirTestsRunUnderTheRulesOfTheLanguage()
    {
        PackageBuildResult build = PackageBuild.Build(Tree, "app", Language with { TestMode = true });
        Assert.True(build.Success, DiagnosticRenderer.Render(build.Diagnostics));
        List<string> printed = [];
        TestReport report = TestRunner.Run(build, new TestOptions { Natives = LanguageNatives.AddTo(MoveTests.Natives, printed.Add),
            Rules = LanguageRules.Rules });
        Assert.Equal([], report.Results.Where(r => !r.Passed).Select(r => $"{r.Name}: {r.Message}"));
        Assert.Equal(["[debug] 7", "[debug] [true, false]"], printed.Take(2));
        Assert.Equal("[debug] x\"80084bf2fba02475726feb2cab2d8215eab14bc6bdd8bfb2c8151257032ecd8b\"", printed[2]); // SHA3-256 of "a"
    }

    // fault 65
    [Fact]
    public void TheRulesOfTheChainAreAnOption()
    {
        PackageOptions chain = new() { OpenAddressesFromDevelopment = true };
        PackageBuildResult build = PackageBuild.Build(Tree, "app", chain);
        Assert.False(build.Success);
        Assert.All(build.Diagnostics.Where(d => d.Severity == Severity.Error), d => Assert.Equal("E99005", d.Code));
        Assert.True(PackageBuild.Build(Tree, "app", chain with { Verifier = LanguageRules.Verifier }).Success);
    }

    // fault 65
    [Fact]
    public void InlineFunctionsOfTheLibraryRun()
    {
        SourceTree tree = new()
        {
            ["app/Move.toml"] = "[package]\nname = \"App\"\n[dependencies]\nStd = { local = \"../move-stdlib\" }\n",
            ["app/sources/app.move"] = """
                module 0xA::app {
                    use std::vector;
                    struct Item has copy, drop { n: u64 }
                    fun total(items: vector<Item>): u64 { vector::fold(vector::map(items, |i| { let Item { n } = i; n }), 0, |a, b| a + b) }
                    #[test] fun sums() { assert!(total(vector[Item { n: 1 }, Item { n: 2 }]) == 3, 1); }
                    #[test] fun nested() {
                        let seen = 0;
                        vector::for_each(vector[vector[1, 2], vector[3]], |inner| vector::for_each(inner, |e| seen = seen * 10 + e));
                        assert!(seen == 123, 1);
                        vector::enumerate_ref(&vector[5, 6], |i, e| if (vector::any(&vector[i], |k| *k == 1)) { seen = *e });
                        assert!(seen == 6, 2);
                    }
                }
                """,
        };
        foreach (KeyValuePair<string, string> file in Sources.Tree("framework").Files)
        {
            tree[file.Key] = file.Value;
        }

        PackageBuildResult build = PackageBuild.Build(tree, "app", new PackageOptions { TestMode = true });
        Assert.True(build.Success, DiagnosticRenderer.Render(build.Diagnostics));
        TestReport report = TestRunner.Run(build, new TestOptions { Natives = MoveTests.Natives });
        Assert.Equal((2, 0), (report.Passed, report.Failed));
    }

    [Fact]
    public void TheLibraryPassesItsTestsOfVectors()
    {
        SourceTree tree = Sources.Tree("framework");
        PackageBuildResult build = PackageBuild.Build(tree, "move-stdlib", new PackageOptions { TestMode = true });
        Assert.True(build.Success, DiagnosticRenderer.Render(build.Diagnostics));
        TestReport report = TestRunner.Run(build, new TestOptions { Natives = MoveTests.Natives, Filter = "vector_tests" });
        Assert.Equal([], report.Results.Where(r => !r.Passed).Select(r => $"{r.Name}: {r.Message}"));
    }
}
