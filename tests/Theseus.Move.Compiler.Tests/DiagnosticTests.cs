using Theseus.Move.Compiler.Tests.Support;

namespace Theseus.Move.Compiler.Tests;

/// <summary>
/// Wrong programs, a kind each. Codes, lines and columns were written down from the language's rules before the compiler ran.
/// </summary>
public class DiagnosticTests
{
    private static void Refused(string body, params string[] expected)
    {
        // line 1 is the module's head, so that line 2 is the first line of the body
        Compilation compilation = Sources.Compile("module 0x42::m {\n" + body + "\n}\n");
        Assert.Equal(expected, Sources.Places(compilation));
        Assert.Empty(compilation.Units);
        Assert.False(compilation.Success);
    }

    // ---- 01 syntax ----

    [Fact]
    public void ACharacterOutsideTheLanguageIsNamed() => Refused("    fun f() { ` }", "E01001 2:15");

    [Fact]
    public void AMissingSemicolonIsReportedAtTheNextToken() =>
        Refused("    fun f() {\n        let x = 1\n        x;\n    }", "E01002 4:9");

    [Fact]
    public void ADuplicateVisibilityIsRefused() => Refused("    public public fun f() {}", "E02001 2:12");

    [Fact]
    public void APublicConstantIsRefused() => Refused("    public const A: u64 = 1;", "E01003 2:5");

    [Fact]
    public void ADecimalThatNoTypeHoldsIsRefused() =>
        Refused("    fun f(): u256 { 115792089237316195423570985008687907853269984665640564039457584007913129639936 }", "E01006 2:21");

    [Fact]
    public void ASuffixThatIsTooSmallIsRefused() => Refused("    fun f(): u8 { 256u8 }", "E01006 2:19");

    [Fact]
    public void AnUnknownEscapeIsRefused() => Refused("    fun f(): vector<u8> { b\"a\\q\" }", "E01007 2:30");

    [Fact]
    public void AnOddHexStringIsRefused() => Refused("    fun f(): vector<u8> { x\"abc\" }", "E01008 2:27");

    [Fact]
    public void ACallIsNoPlaceToAssignTo() => Refused("    fun g(): u64 { 1 }\n    fun f() { g() = 2; }", "E01009 3:15");

    [Fact]
    public void IndexingIsOnlyForSpecifications() => Refused("    fun f(v: vector<u64>): u64 { v[0] }", "E01010 2:34");

    [Fact]
    public void CompoundAssignmentIsMove2() => Refused("    fun f() { let x = 1; x += 1; }", "E01002 2:29");

    [Fact]
    public void ReceiverCallsAreMove2() => Refused("    fun f(v: vector<u64>): u64 { v.length() }", "E01002 2:42");

    [Fact]
    public void EnumsAreMove2() => Refused("    enum Colour { Red, Green }", "E01002 2:5");

    [Fact]
    public void TheFirstSyntaxErrorOfAFileIsTheOnlyOne() =>
        Refused("    fun f( {}\n    fun g() {}\n    fun h() { let = 1; }", "E01002 2:12");

    // ---- 02 declarations ----

    [Fact]
    public void TwoFunctionsOfOneNameAreRefused() => Refused("    fun f() {}\n    fun f() {}", "E02001 3:9");

    [Fact]
    public void TwoFieldsOfOneNameAreRefused() => Refused("    struct S { a: u64, a: u8 }", "E02001 2:24");

    [Fact]
    public void AModuleWithoutAddressIsRefused()
    {
        Compilation compilation = Sources.Compile("module m {}");
        Assert.Equal(["E02004 1:8"], Sources.Places(compilation));
    }

    [Fact]
    public void ModulesInACycleAreRefused()
    {
        Compilation compilation = Sources.Compile("module 0x42::a {\n    use 0x42::b;\n    public fun f() { b::g() }\n}\nmodule "
            + "0x42::b {\n    use 0x42::a;\n    public fun g() { a::f() }\n}\n");
        Assert.Equal(["E02004 3:22"], Sources.Places(compilation));
    }

    [Fact]
    public void AStructNameStartsWithACapital() => Refused("    struct s {}", "E02010 2:12");

    [Fact]
    public void AModuleIsNoFriendOfItself() => Refused("    friend 0x42::m;", "E02011 2:5");

    [Fact]
    public void AnExtraneousAcquiresIsRefused() => Refused("    struct R has key {}\n    fun f() acquires R {}", "E02002 3:22");

    [Fact]
    public void APhantomParameterIsNoFieldType() => Refused("    struct S<phantom T> { x: T }", "E02013 2:30");

    // ---- 03 names ----

    [Fact]
    public void ANamedAddressNeedsAValue() => Refused("    fun f(): address { @nobody }", "E03001 2:25");

    [Fact]
    public void AnUnknownModuleIsNamed() => Refused("    use 0x42::missing;", "E03002 2:9");

    [Fact]
    public void AnUnknownMemberIsNamed() => Refused("    fun f() { Self::g() }", "E03003 2:15");

    [Fact]
    public void AnUnknownTypeIsNamed() => Refused("    fun f(_x: Coin) {}", "E03004 2:15");

    [Fact]
    public void AnUnknownFunctionIsNamed() => Refused("    fun f() { g() }", "E03005 2:15");

    [Fact]
    public void AFunctionIsNoType() => Refused("    fun f() {}\n    fun g(_x: f) {}", "E03006 3:15");

    [Fact]
    public void TooManyTypeArguments() => Refused("    struct S {}\n    fun f(_s: &S<u64>) {}", "E03007 3:16");

    [Fact]
    public void TooFewTypeArguments() => Refused("    fun f(_v: vector) {}", "E03008 2:15");

    [Fact]
    public void AnUnknownLocalIsNamed() => Refused("    fun f(): u64 { y }", "E03009 2:20");

    [Fact]
    public void AnUnknownFieldIsNamed() => Refused("    struct S has drop { a: u64 }\n    fun f(s: S): u64 { s.b }", "E03010 3:24");

    [Fact]
    public void ABuiltinNamesNoFunction() => Refused("    fun move_to() {}", "E03011 2:9");

    // ---- 04 types ----

    [Fact]
    public void APrivateFunctionIsClosedToOthers()
    {
        Compilation compilation = Sources.Compile("module 0x42::a {\n    fun hidden() {}\n}\nmodule 0x42::b {\n    fun f() { "
            + "0x42::a::hidden() }\n}\n");
        Assert.Equal(["E04001 5:15"], Sources.Places(compilation));
    }

    [Fact]
    public void AFriendFunctionIsClosedToStrangers()
    {
        Compilation compilation = Sources.Compile("module 0x42::a {\n    public(friend) fun near() {}\n}\nmodule 0x42::b {\n    fun "
            + "f() { 0x42::a::near() }\n}\n");
        Assert.Equal(["E04001 5:15"], Sources.Places(compilation));
    }

    [Fact]
    public void FieldsArePrivateToTheModule()
    {
        Compilation compilation = Sources.Compile("module 0x42::a {\n    struct S has drop { v: u64 }\n}\nmodule 0x42::b {\n    fun "
            + "f(s: 0x42::a::S): u64 { s.v }\n}\n");
        Assert.Equal(["E04001 5:33"], Sources.Places(compilation));
    }

    [Fact]
    public void ArithmeticWorksOnIntegers() => Refused("    fun f(): bool { true + false }", "E04003 2:21", "E04003 2:28");

    [Fact]
    public void AReferenceIsNoTypeArgument() => Refused("    fun f(_v: vector<&u64>) {}", "E04004 2:15");

    [Fact]
    public void ATupleIsNoValue() => Refused("    fun f() { let _x = (1, 2); }", "E04005 2:19");

    [Fact]
    public void AnImmutableReferenceIsNotMutable() => Refused("    fun g(_x: &mut u64) {}\n    fun f(x: &u64) { g(x) }",
        "E04006 3:22");

    [Fact]
    public void AWrongAnnotationIsRefused() => Refused("    fun f() { let _x: u64 = true; }", "E04007 2:23");

    [Fact]
    public void BothBranchesHaveOneType() => Refused("    fun f(c: bool): u64 { if (c) 1 else false }", "E04007 2:27");

    [Fact]
    public void ANumberHasNoFields() => Refused("    fun f(x: u64): u64 { x.a }", "E04009 2:26");

    [Fact]
    public void AnEmptyVectorNeedsAType() => Refused("    fun f() { vector[]; }", "E04010 2:15");

    [Fact]
    public void AStructIsNoConstant() => Refused("    struct S has copy, drop {}\n    const C: S = S {};", "E04012 3:14",
        "E04013 3:18");

    [Fact]
    public void ACallIsNoConstant() => Refused("    fun f(): u64 { 1 }\n    const C: u64 = f();", "E04013 3:20");

    [Fact]
    public void ABreakNeedsALoop() => Refused("    fun f() { break }", "E04014 2:15");

    [Fact]
    public void TooFewArguments() => Refused("    fun g(_a: u64, _b: u64) {}\n    fun f() { g(1) }", "E04016 3:15");

    [Fact]
    public void TooManyArguments() => Refused("    fun g() {}\n    fun f() { g(1) }", "E04017 3:15");

    [Fact]
    public void AStructDoesNotContainItself() => Refused("    struct S { next: vector<S> }", "E04018 2:29");

    [Fact]
    public void InstantiationsMustNotGrow() => Refused("    struct B<T> { t: T }\n    fun f<T>() { f<B<T>>() }", "E04019 3:18");

    [Fact]
    public void MissingAcquiresIsReportedWhereTheResourceIsTouched() =>
        Refused("    struct R has key { v: u64 }\n    fun f(): u64 { borrow_global<R>(@0x1).v }", "E04020 3:20");

    [Fact]
    public void AnInferredTypeMustHoldTheNumber() => Refused("    fun f(): u8 { 256 }", "E04021 2:19");

    [Fact]
    public void AFunctionValueIsMove2() => Refused("    fun f(_g: |u64|u64) {}", "E01010 2:15");

    // ---- 05 abilities ----

    [Fact]
    public void AValueWithoutDropIsNotIgnored() => Refused("    struct S {}\n    fun f() { S {}; }", "E05001 3:15");

    [Fact]
    public void AValueWithoutCopyIsNotCopied() => Refused("    struct S {}\n    fun f(s: S): (S, S) { (copy s, s) }", "E05001 3:28");

    [Fact]
    public void AFieldLimitsItsStruct() => Refused("    struct A {}\n    struct B has copy { a: A }", "E05001 3:28");

    [Fact]
    public void KeyNeedsFieldsWithStore() => Refused("    struct A has drop {}\n    struct B has key { a: A }", "E05001 3:27");

    [Fact]
    public void AConstraintIsCheckedAtTheCall() => Refused("    struct S {}\n    fun g<T: drop>() {}\n    fun f() { g<S>() }",
        "E05001 4:15");

    [Fact]
    public void AGlobalNeedsKey() => Refused("    struct S has store {}\n    fun f(): bool { exists<S>(@0x1) }", "E05001 3:21");

    // ---- 06 moves ----

    [Fact]
    public void AMovedValueIsNotUsedAgain() =>
        Refused("    struct S {}\n    fun g(_s: S) { abort 0 }\n    fun f(s: S) {\n        g(s);\n        g(s);\n    }", "E06002 6:11");

    [Fact]
    public void ALocalIsAssignedBeforeUse() => Refused("    fun f(): u64 {\n        let x: u64;\n        x\n    }", "E06002 4:9");

    [Fact]
    public void ALocalAssignedOnOnePathOnlyIsNotUsed() =>
        Refused("    fun f(c: bool): u64 {\n        let x;\n        if (c) x = 1;\n        x\n    }", "E06002 5:9");

    [Fact]
    public void AValueWithoutDropIsNotLeftBehind() => Refused("    struct S {}\n    fun f() {\n        let _s = S {};\n    }",
        "E06001 4:22");

    // ---- 07 references ----

    [Fact]
    public void AReferenceToALocalIsNotReturned() => Refused("    fun f(): &u64 {\n        let x = 1;\n        &x\n    }",
        "E07004 4:9");

    [Fact]
    public void ABorrowedLocalIsNotMoved() =>
        Refused("    struct S has drop {}\n    fun g(_s: S) {}\n    fun f(s: S): bool {\n        let r = &s;\n        g(move s);\n    "
            + "    r == r\n    }", "E07003 6:11");

    [Fact]
    public void ABorrowedLocalIsNotOverwritten() =>
        Refused("    fun f(): u64 {\n        let x = 1;\n        let r = &x;\n        x = 2;\n        x + *r\n    }", "E07003 5:9");

    // ---- 08 constants ----

    [Fact]
    public void AConstantMustNotOverflow() => Refused("    const C: u8 = 200 + 100;", "E08001 2:19");

    [Fact]
    public void AConstantMustNotDivideByZero() => Refused("    const C: u64 = 1 / 0;", "E08001 2:20");

    // ---- 10 and 11 tests ----

    [Fact]
    public void ATestNeedsValuesForItsParameters()
    {
        Compilation compilation = Sources.CompileTests("module 0x42::m {\n    #[test]\n    fun t(_a: signer) {}\n}\n");
        Assert.Equal(["E10005 3:11"], Sources.Places(compilation));
    }

    [Fact]
    public void ExpectedFailureBelongsToATest()
    {
        Compilation compilation = Sources.CompileTests("module 0x42::m {\n    #[expected_failure]\n    fun t() {}\n}\n");
        Assert.Equal(["E10004 3:9"], Sources.Places(compilation));
    }

    [Fact]
    public void AttributesHaveTheirPlaces()
    {
        Compilation compilation = Sources.CompileTests("module 0x42::m {\n    #[view]\n    struct S {}\n    #[event]\n    fun f() "
            + "{}\n    #[view]\n    fun g() {}\n}\n");
        Assert.Equal(["E02015 2:7", "E02015 4:7", "E10004 6:7"], Sources.Places(compilation));
    }

    [Fact]
    public void AnExpectedFailureNamesItsKind()
    {
        Compilation compilation = Sources.CompileTests("module 0x42::m {\n    #[test]\n    #[expected_failure = 1]\n    fun t() {}\n  "
            + "  #[test]\n    #[expected_failure(abort_code = 1u8, location = Self)]\n    fun u() {}\n}\n");
        Assert.Equal(["E10003 3:26", "E10003 6:24"], Sources.Places(compilation));
    }

    [Fact]
    public void ALiteralAbortCodeWithoutLocationIsAWarning()
    {
        Compilation compilation = Sources.CompileTests("module 0x42::m {\n    #[test]\n    #[expected_failure(abort_code = 1)]\n    "
            + "fun t() { abort 1 }\n}\n");
        Assert.True(compilation.Success);
        Assert.Equal(["W10007 3:24"], Sources.Places(compilation));
    }

    [Fact]
    public void FriendsInACycleAreRefused()
    {
        Compilation compilation = Sources.Compile("module 0x42::a {\n    friend 0x42::b;\n}\nmodule 0x42::b {\n    friend 0x42::a;\n}\n");
        Assert.Equal(["E02004 5:5"], Sources.Places(compilation));
    }

    [Fact]
    public void ANativeStructIsNotMadeInMove() => Refused("    native struct N;\n    fun f() { N {}; }", "E04015 3:15");

    [Fact]
    public void AGlobalBorrowExcludesAnotherOne() =>
        Refused("    struct R has key { v: u64 }\n    fun f() acquires R {\n        let a = borrow_global_mut<R>(@0x1);\n        let "
            + "b = borrow_global_mut<R>(@0x2);\n        a.v = b.v;\n    }", "E07002 5:17");

    [Fact]
    public void AFrozenReferenceExcludesWriting() =>
        Refused("    fun f(x: &mut u64): u64 {\n        let r: &u64 = x;\n        *x = 1;\n        *r\n    }", "E07003 4:9");

    // ---- warnings ----

    [Fact]
    public void WarningsDoNotStopACompilation()
    {
        Compilation compilation = Sources.Compile("""
            module 0x42::a { public fun f() {} }
            module 0x42::m {
                use 0x42::a;
                fun f(unused: u64): u64 {
                    let x = 1;
                    x = 2;
                    return 3;
                    4
                }
                struct S<T> {}
            }
            """);
        Assert.True(compilation.Success);
        Assert.Equal(["W09001 3:15", "W09002 4:11", "W09003 5:13", "W09003 6:9", "W09005 8:9", "W09006 10:14"],
            Sources.Places(compilation));
    }

    [Fact]
    public void ARenderedDiagnosticShowsLineAndCaret()
    {
        Compilation compilation = Sources.Compile("module 0x42::m {\n    fun f(): u64 { y }\n}\n");
        string expected = "error[E03009]: unbound variable\n --> a.move:2:20\n2 |     fun f(): u64 { y }\n  |                    ^ "
            + "there is no local 'y' in scope\n\n";
        Assert.Equal(expected, DiagnosticRenderer.Render(compilation.Diagnostics));
    }
}
