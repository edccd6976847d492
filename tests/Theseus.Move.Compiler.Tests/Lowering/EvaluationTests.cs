using Theseus.Move.Compiler.Testing;
using Theseus.Move.Compiler.Tests.Support;

namespace Theseus.Move.Compiler.Tests.Lowering;

/// <summary>What programs compute: values by hand, run on the interpreter.</summary>
public class EvaluationTests
{
    private const string Head = """
        module 0x42::m {
            struct S has copy, drop { a: u64, b: u64 }
            struct N has copy, drop { s: S, c: u64 }
            fun log(v: &mut u64, digit: u64): u64 { *v = *v * 10 + digit; digit }
            fun pair(x: u64): (u64, u64) { (x, x + 1) }
            fun fact(n: u64): u64 { if (n == 0) 1 else n * fact(n - 1) }

        """;

    private static TestReport Run(string body) => MoveTests.Run(Head + "#[test] fun t() { " + body + " } }");

    [Theory]
    [InlineData("1 + 2 * 3", "7")]
    [InlineData("(1 + 2) * 3", "9")]
    [InlineData("10 - 3 - 2", "5")] // from the left
    [InlineData("100 / 7 / 2", "7")]
    [InlineData("100 % 7 * 2", "4")]
    [InlineData("1 << 3 + 1", "16")] // sums bind tighter than shifts
    [InlineData("6 & 3 | 8", "10")]
    [InlineData("6 ^ 3 & 1", "7")] // & before ^
    [InlineData("1 | 6 ^ 2", "5")] // ^ before |
    [InlineData("(255u8 as u64) + 1", "256")]
    [InlineData("((300 as u16) as u64) / 3", "100")]
    [InlineData("0xFF", "255")]
    [InlineData("1_000_000", "1000000")]
    [InlineData("18446744073709551615", "18446744073709551615")]
    [InlineData("if (true) 1 else 2", "1")]
    [InlineData("if (1 > 2) 1 else if (2 > 1) 5 else 3", "5")]
    [InlineData("{ let x = 2; x * x }", "4")]
    [InlineData("{ let x = 1; { let x = 2; x; }; x }", "1")] // shadowing ends with its block
    [InlineData("{ let x = 1; let x = x + 1; x }", "2")]
    [InlineData("{ let (a, b) = pair(3); a * 10 + b }", "34")]
    [InlineData("{ let (a, b) = (1, 2); (a, b) = (b, a); a * 10 + b }", "21")] // a swap
    [InlineData("{ let S { a, b: c } = S { a: 1, b: 2 }; a * 10 + c }", "12")]
    [InlineData("{ let n = N { s: S { a: 1, b: 2 }, c: 3 }; let N { s: S { a, b }, c } = n; a * 100 + b * 10 + c }", "123")]
    [InlineData("{ let s = S { a: 1, b: 2 }; s.a = 5; s.a + s.b }", "7")]
    [InlineData("{ let n = N { s: S { a: 1, b: 2 }, c: 3 }; n.s.b = 9; n.s.b }", "9")]
    [InlineData("{ let s = S { a: 1, b: 2 }; let t = s; t.a = 8; s.a }", "1")] // a copy is another value
    [InlineData("{ let x = 1; let r = &mut x; *r = 7; x }", "7")]
    [InlineData("{ let s = S { a: 1, b: 2 }; let S { a, b } = &mut s; *a = 4; *b = 5; s.a * 10 + s.b }", "45")]
    [InlineData("{ let i = 0; while (i < 5) { i = i + 1 }; i }", "5")]
    [InlineData("{ let i = 0; loop { i = i + 1; if (i == 4) break }; i }", "4")]
    [InlineData("{ let i = 0; let s = 0; while (i < 6) { i = i + 1; if (i % 2 == 0) continue; s = s + i }; s }", "9")]
    [InlineData("{ let i = 0; let n = 0; while (i < 3) { let j = 0; "
        + " while (j < 3) { j = j + 1; if (j == 2) break; n = n + 1 }; i = i + 1 }; n }", "3")]
    [InlineData("fact(10)", "3628800")]
    [InlineData("{ let v = 0; log(&mut v, 1) + log(&mut v, 2) * log(&mut v, 3); v }", "123")] // left to right
    [InlineData("{ let v = 0; let _s = S { b: log(&mut v, 1), a: log(&mut v, 2) }; v }", "12")] // fields as written
    [InlineData("{ let v = 0; let s = S { b: log(&mut v, 1), a: log(&mut v, 2) }; s.a * 10 + s.b }", "21")]
    [InlineData("{ let v = 0; if (false && log(&mut v, 1) == 1) {}; v }", "0")] // the right side is not asked
    [InlineData("{ let v = 0; if (true || log(&mut v, 1) == 1) {}; v }", "0")]
    [InlineData("{ let v = 0; if (true && log(&mut v, 1) == 1 || log(&mut v, 2) == 2) {}; v }", "1")]
    [InlineData("{ let v = 0; let b = log(&mut v, 1) == 2 || log(&mut v, 2) == 2; if (b) v else 0 }", "12")]
    [InlineData("{ let x = 5; x + { x = 7; x } }", "12")] // the left side was read before
    [InlineData("{ let x = 5; let y = { x = x + 1; x } + x; y }", "12")]
    [InlineData("{ let v = 0; (log(&mut v, 1), log(&mut v, 2)); v }", "12")]
    [InlineData("{ let x = if (true) { 3 } else { abort 1 }; x }", "3")]
    [InlineData("{ let f = S { a: 1, b: 2 } == S { a: 1, b: 2 }; if (f) 1 else 0 }", "1")]
    [InlineData("{ let f = &S { a: 1, b: 2 } != &S { a: 1, b: 3 }; if (f) 1 else 0 }", "1")]
    [InlineData("{ let r = if (true) &1 else &2; *r }", "1")]
    [InlineData("*&S { a: 4, b: 5 }.b", "5")]
    [InlineData("(return: u64)", null)] // leaves before the assert
    public void AnExpressionHasItsValue(string expression, string? value) =>
        Assert.Equal([], Run(value is null ? $"let _x = {expression};" : $"assert!(({expression}) == {value}, 1);")
            .Results.Where(r => !r.Passed).Select(r => r.Message));

    [Theory]
    [InlineData("255u8 + 1", "ArithmeticError")]
    [InlineData("0u64 - 1", "ArithmeticError")]
    [InlineData("1u8 / 0", "ArithmeticError")]
    [InlineData("1u8 % 0", "ArithmeticError")]
    [InlineData("1u8 << 8", "ArithmeticError")]
    [InlineData("(256u16 as u8)", "ArithmeticError")]
    [InlineData("(((1u256 << 255) - 1 + (1u256 << 255)) + 1)", "ArithmeticError")]
    [InlineData("fact(21)", "ArithmeticError")] // 21! has 66 bits
    [InlineData("{ abort 9; 1 }", "Aborted")]
    [InlineData("{ assert!(1 == 2, 9); 1 }", "Aborted")]
    public void AnExpressionFails(string expression, string status) =>
        Assert.Equal(status, Assert.Single(Run($"let x = {expression}; x;").Results).Status.Major.ToString());
}
