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
    public void A_character_outside_the_language_is_named() => Refused("    fun f() { ` }", "E01001 2:15");

    [Fact]
    public void A_missing_semicolon_is_reported_at_the_next_token() =>
        Refused("    fun f() {\n        let x = 1\n        x;\n    }", "E01002 4:9");

    [Fact]
    public void A_duplicate_visibility_is_refused() => Refused("    public public fun f() {}", "E02001 2:12");

    [Fact]
    public void A_public_constant_is_refused() => Refused("    public const A: u64 = 1;", "E01003 2:5");

    [Fact]
    public void A_decimal_that_no_type_holds_is_refused() =>
        Refused("    fun f(): u256 { 115792089237316195423570985008687907853269984665640564039457584007913129639936 }", "E01006 2:21");

    [Fact]
    public void A_suffix_that_is_too_small_is_refused() => Refused("    fun f(): u8 { 256u8 }", "E01006 2:19");

    [Fact]
    public void An_unknown_escape_is_refused() => Refused("    fun f(): vector<u8> { b\"a\\q\" }", "E01007 2:30");

    [Fact]
    public void An_odd_hex_string_is_refused() => Refused("    fun f(): vector<u8> { x\"abc\" }", "E01008 2:27");

    [Fact]
    public void A_call_is_no_place_to_assign_to() => Refused("    fun g(): u64 { 1 }\n    fun f() { g() = 2; }", "E01009 3:15");

    [Fact]
    public void Indexing_is_only_for_specifications() => Refused("    fun f(v: vector<u64>): u64 { v[0] }", "E01010 2:34");

    [Fact]
    public void Compound_assignment_is_Move_2() => Refused("    fun f() { let x = 1; x += 1; }", "E01002 2:29");

    [Fact]
    public void Receiver_calls_are_Move_2() => Refused("    fun f(v: vector<u64>): u64 { v.length() }", "E01002 2:42");

    [Fact]
    public void Enums_are_Move_2() => Refused("    enum Colour { Red, Green }", "E01002 2:5");

    [Fact]
    public void The_first_syntax_error_of_a_file_is_the_only_one() =>
        Refused("    fun f( {}\n    fun g() {}\n    fun h() { let = 1; }", "E01002 2:12");

    // ---- 02 declarations ----

    [Fact]
    public void Two_functions_of_one_name_are_refused() => Refused("    fun f() {}\n    fun f() {}", "E02001 3:9");

    [Fact]
    public void Two_fields_of_one_name_are_refused() => Refused("    struct S { a: u64, a: u8 }", "E02001 2:24");

    [Fact]
    public void A_module_without_address_is_refused()
    {
        Compilation compilation = Sources.Compile("module m {}");
        Assert.Equal(["E02004 1:8"], Sources.Places(compilation));
    }

    [Fact]
    public void Modules_in_a_cycle_are_refused()
    {
        Compilation compilation = Sources.Compile("module 0x42::a {\n    use 0x42::b;\n    public fun f() { b::g() }\n}\nmodule "
            + "0x42::b {\n    use 0x42::a;\n    public fun g() { a::f() }\n}\n");
        Assert.Equal(["E02004 3:22"], Sources.Places(compilation));
    }

    [Fact]
    public void A_struct_name_starts_with_a_capital() => Refused("    struct s {}", "E02010 2:12");

    [Fact]
    public void A_module_is_no_friend_of_itself() => Refused("    friend 0x42::m;", "E02011 2:5");

    [Fact]
    public void An_extraneous_acquires_is_refused() => Refused("    struct R has key {}\n    fun f() acquires R {}", "E02002 3:22");

    [Fact]
    public void A_phantom_parameter_is_no_field_type() => Refused("    struct S<phantom T> { x: T }", "E02013 2:30");

    // ---- 03 names ----

    [Fact]
    public void A_named_address_needs_a_value() => Refused("    fun f(): address { @nobody }", "E03001 2:25");

    [Fact]
    public void An_unknown_module_is_named() => Refused("    use 0x42::missing;", "E03002 2:9");

    [Fact]
    public void An_unknown_member_is_named() => Refused("    fun f() { Self::g() }", "E03003 2:15");

    [Fact]
    public void An_unknown_type_is_named() => Refused("    fun f(_x: Coin) {}", "E03004 2:15");

    [Fact]
    public void An_unknown_function_is_named() => Refused("    fun f() { g() }", "E03005 2:15");

    [Fact]
    public void A_function_is_no_type() => Refused("    fun f() {}\n    fun g(_x: f) {}", "E03006 3:15");

    [Fact]
    public void Too_many_type_arguments() => Refused("    struct S {}\n    fun f(_s: &S<u64>) {}", "E03007 3:16");

    [Fact]
    public void Too_few_type_arguments() => Refused("    fun f(_v: vector) {}", "E03008 2:15");

    [Fact]
    public void An_unknown_local_is_named() => Refused("    fun f(): u64 { y }", "E03009 2:20");

    [Fact]
    public void An_unknown_field_is_named() => Refused("    struct S has drop { a: u64 }\n    fun f(s: S): u64 { s.b }", "E03010 3:24");

    [Fact]
    public void A_builtin_names_no_function() => Refused("    fun move_to() {}", "E03011 2:9");

    // ---- 04 types ----

    [Fact]
    public void A_private_function_is_closed_to_others()
    {
        Compilation compilation = Sources.Compile("module 0x42::a {\n    fun hidden() {}\n}\nmodule 0x42::b {\n    fun f() { "
            + "0x42::a::hidden() }\n}\n");
        Assert.Equal(["E04001 5:15"], Sources.Places(compilation));
    }

    [Fact]
    public void A_friend_function_is_closed_to_strangers()
    {
        Compilation compilation = Sources.Compile("module 0x42::a {\n    public(friend) fun near() {}\n}\nmodule 0x42::b {\n    fun "
            + "f() { 0x42::a::near() }\n}\n");
        Assert.Equal(["E04001 5:15"], Sources.Places(compilation));
    }

    [Fact]
    public void Fields_are_private_to_the_module()
    {
        Compilation compilation = Sources.Compile("module 0x42::a {\n    struct S has drop { v: u64 }\n}\nmodule 0x42::b {\n    fun "
            + "f(s: 0x42::a::S): u64 { s.v }\n}\n");
        Assert.Equal(["E04001 5:33"], Sources.Places(compilation));
    }

    [Fact]
    public void Arithmetic_works_on_integers() => Refused("    fun f(): bool { true + false }", "E04003 2:21", "E04003 2:28");

    [Fact]
    public void A_reference_is_no_type_argument() => Refused("    fun f(_v: vector<&u64>) {}", "E04004 2:15");

    [Fact]
    public void A_tuple_is_no_value() => Refused("    fun f() { let _x = (1, 2); }", "E04005 2:19");

    [Fact]
    public void An_immutable_reference_is_not_mutable() => Refused("    fun g(_x: &mut u64) {}\n    fun f(x: &u64) { g(x) }",
        "E04006 3:22");

    [Fact]
    public void A_wrong_annotation_is_refused() => Refused("    fun f() { let _x: u64 = true; }", "E04007 2:23");

    [Fact]
    public void Both_branches_have_one_type() => Refused("    fun f(c: bool): u64 { if (c) 1 else false }", "E04007 2:27");

    [Fact]
    public void A_number_has_no_fields() => Refused("    fun f(x: u64): u64 { x.a }", "E04009 2:26");

    [Fact]
    public void An_empty_vector_needs_a_type() => Refused("    fun f() { vector[]; }", "E04010 2:15");

    [Fact]
    public void A_struct_is_no_constant() => Refused("    struct S has copy, drop {}\n    const C: S = S {};", "E04012 3:14",
        "E04013 3:18");

    [Fact]
    public void A_call_is_no_constant() => Refused("    fun f(): u64 { 1 }\n    const C: u64 = f();", "E04013 3:20");

    [Fact]
    public void A_break_needs_a_loop() => Refused("    fun f() { break }", "E04014 2:15");

    [Fact]
    public void Too_few_arguments() => Refused("    fun g(_a: u64, _b: u64) {}\n    fun f() { g(1) }", "E04016 3:15");

    [Fact]
    public void Too_many_arguments() => Refused("    fun g() {}\n    fun f() { g(1) }", "E04017 3:15");

    [Fact]
    public void A_struct_does_not_contain_itself() => Refused("    struct S { next: vector<S> }", "E04018 2:29");

    [Fact]
    public void Instantiations_must_not_grow() => Refused("    struct B<T> { t: T }\n    fun f<T>() { f<B<T>>() }", "E04019 3:18");

    [Fact]
    public void Missing_acquires_is_reported_where_the_resource_is_touched() =>
        Refused("    struct R has key { v: u64 }\n    fun f(): u64 { borrow_global<R>(@0x1).v }", "E04020 3:20");

    [Fact]
    public void An_inferred_type_must_hold_the_number() => Refused("    fun f(): u8 { 256 }", "E04021 2:19");

    [Fact]
    public void A_function_value_is_Move_2() => Refused("    fun f(_g: |u64|u64) {}", "E01010 2:15");

    // ---- 05 abilities ----

    [Fact]
    public void A_value_without_drop_is_not_ignored() => Refused("    struct S {}\n    fun f() { S {}; }", "E05001 3:15");

    [Fact]
    public void A_value_without_copy_is_not_copied() => Refused("    struct S {}\n    fun f(s: S): (S, S) { (copy s, s) }", "E05001 3:28");

    [Fact]
    public void A_field_limits_its_struct() => Refused("    struct A {}\n    struct B has copy { a: A }", "E05001 3:28");

    [Fact]
    public void Key_needs_fields_with_store() => Refused("    struct A has drop {}\n    struct B has key { a: A }", "E05001 3:27");

    [Fact]
    public void A_constraint_is_checked_at_the_call() => Refused("    struct S {}\n    fun g<T: drop>() {}\n    fun f() { g<S>() }",
        "E05001 4:15");

    [Fact]
    public void A_global_needs_key() => Refused("    struct S has store {}\n    fun f(): bool { exists<S>(@0x1) }", "E05001 3:21");

    // ---- 06 moves ----

    [Fact]
    public void A_moved_value_is_not_used_again() =>
        Refused("    struct S {}\n    fun g(_s: S) { abort 0 }\n    fun f(s: S) {\n        g(s);\n        g(s);\n    }", "E06002 6:11");

    [Fact]
    public void A_local_is_assigned_before_use() => Refused("    fun f(): u64 {\n        let x: u64;\n        x\n    }", "E06002 4:9");

    [Fact]
    public void A_local_assigned_on_one_path_only_is_not_used() =>
        Refused("    fun f(c: bool): u64 {\n        let x;\n        if (c) x = 1;\n        x\n    }", "E06002 5:9");

    [Fact]
    public void A_value_without_drop_is_not_left_behind() => Refused("    struct S {}\n    fun f() {\n        let _s = S {};\n    }",
        "E06001 4:22");

    // ---- 07 references ----

    [Fact]
    public void A_reference_to_a_local_is_not_returned() => Refused("    fun f(): &u64 {\n        let x = 1;\n        &x\n    }",
        "E07004 4:9");

    [Fact]
    public void A_borrowed_local_is_not_moved() =>
        Refused("    struct S has drop {}\n    fun g(_s: S) {}\n    fun f(s: S): bool {\n        let r = &s;\n        g(move s);\n    "
            + "    r == r\n    }", "E07003 6:11");

    [Fact]
    public void A_borrowed_local_is_not_overwritten() =>
        Refused("    fun f(): u64 {\n        let x = 1;\n        let r = &x;\n        x = 2;\n        x + *r\n    }", "E07003 5:9");

    // ---- 08 constants ----

    [Fact]
    public void A_constant_must_not_overflow() => Refused("    const C: u8 = 200 + 100;", "E08001 2:19");

    [Fact]
    public void A_constant_must_not_divide_by_zero() => Refused("    const C: u64 = 1 / 0;", "E08001 2:20");

    // ---- 10 and 11 tests ----

    [Fact]
    public void A_test_needs_values_for_its_parameters()
    {
        Compilation compilation = Sources.CompileTests("module 0x42::m {\n    #[test]\n    fun t(_a: signer) {}\n}\n");
        Assert.Equal(["E10005 3:11"], Sources.Places(compilation));
    }

    [Fact]
    public void Expected_failure_belongs_to_a_test()
    {
        Compilation compilation = Sources.CompileTests("module 0x42::m {\n    #[expected_failure]\n    fun t() {}\n}\n");
        Assert.Equal(["E10004 3:9"], Sources.Places(compilation));
    }

    [Fact]
    public void Attributes_have_their_places()
    {
        Compilation compilation = Sources.CompileTests("module 0x42::m {\n    #[view]\n    struct S {}\n    #[event]\n    fun f() "
            + "{}\n    #[view]\n    fun g() {}\n}\n");
        Assert.Equal(["E02015 2:7", "E02015 4:7", "E10004 6:7"], Sources.Places(compilation));
    }

    [Fact]
    public void An_expected_failure_names_its_kind()
    {
        Compilation compilation = Sources.CompileTests("module 0x42::m {\n    #[test]\n    #[expected_failure = 1]\n    fun t() {}\n  "
            + "  #[test]\n    #[expected_failure(abort_code = 1u8, location = Self)]\n    fun u() {}\n}\n");
        Assert.Equal(["E10003 3:26", "E10003 6:24"], Sources.Places(compilation));
    }

    [Fact]
    public void A_literal_abort_code_without_location_is_a_warning()
    {
        Compilation compilation = Sources.CompileTests("module 0x42::m {\n    #[test]\n    #[expected_failure(abort_code = 1)]\n    "
            + "fun t() { abort 1 }\n}\n");
        Assert.True(compilation.Success);
        Assert.Equal(["W10007 3:24"], Sources.Places(compilation));
    }

    [Fact]
    public void Friends_in_a_cycle_are_refused()
    {
        Compilation compilation = Sources.Compile("module 0x42::a {\n    friend 0x42::b;\n}\nmodule 0x42::b {\n    friend 0x42::a;\n}\n");
        Assert.Equal(["E02004 5:5"], Sources.Places(compilation));
    }

    [Fact]
    public void A_native_struct_is_not_made_in_Move() => Refused("    native struct N;\n    fun f() { N {}; }", "E04015 3:15");

    [Fact]
    public void A_global_borrow_excludes_another_one() =>
        Refused("    struct R has key { v: u64 }\n    fun f() acquires R {\n        let a = borrow_global_mut<R>(@0x1);\n        let "
            + "b = borrow_global_mut<R>(@0x2);\n        a.v = b.v;\n    }", "E07002 5:17");

    [Fact]
    public void A_frozen_reference_excludes_writing() =>
        Refused("    fun f(x: &mut u64): u64 {\n        let r: &u64 = x;\n        *x = 1;\n        *r\n    }", "E07003 4:9");

    // ---- warnings ----

    [Fact]
    public void Warnings_do_not_stop_a_compilation()
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
    public void A_rendered_diagnostic_shows_line_and_caret()
    {
        Compilation compilation = Sources.Compile("module 0x42::m {\n    fun f(): u64 { y }\n}\n");
        string expected = "error[E03009]: unbound variable\n --> a.move:2:20\n2 |     fun f(): u64 { y }\n  |                    ^ "
            + "there is no local 'y' in scope\n\n";
        Assert.Equal(expected, DiagnosticRenderer.Render(compilation.Diagnostics));
    }
}
