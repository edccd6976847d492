using System.Text;
using Theseus.Move.Compiler.Tests.Support;

namespace Theseus.Move.Compiler.Tests;

/// <summary>No input makes the compiler fail: faults of the input are diagnostics, and no diagnostic is a fault of the compiler.</summary>
public class RobustnessTests
{
    /// <summary>A fault of the compiler, and code of its own making that the verifier refuses.</summary>
    private static readonly string[] Faults = ["E99003", "E99004"];

    private static Compilation Survives(string text)
    {
        Compilation compilation = Sources.CompileTests(text);
        Assert.DoesNotContain(compilation.Diagnostics, d => Faults.Contains(d.Code));
        Assert.Equal(compilation.Success, !compilation.Diagnostics.Any(d => d.Severity == Severity.Error));
        DiagnosticRenderer.Render(compilation.Diagnostics);
        return compilation;
    }

    [Fact]
    public void RandomTextIsRefusedWithoutAFault()
    {
        Random random = new(20_240_501);
        for (int round = 0; round < 300; round++)
        {
            byte[] bytes = new byte[random.Next(400)];
            random.NextBytes(bytes);
            Survives(Encoding.Latin1.GetString(bytes));
        }
    }

    [Fact]
    public void RandomSequencesOfTokensAreSurvived()
    {
        string[] tokens =
        [
            "module", "script", "0x1::m", "fun", "f", "struct", "S", "has", "key", "{", "}", "(", ")", "<", ">", ",", ";", ":", "::",
                "let", "x", "=", "==",
            "if", "else", "while", "loop", "break", "return", "abort", "1", "2u8", "true", "b\"a\"", "x\"00\"", "vector", "[", "]",
                "&", "&mut", "*", "+", "|", "||", "&&", "as", "u8", "u64",
            "move", "copy", "use", "friend", "const", "C", "acquires", "borrow_global", "public", "entry", "inline", "native", "spec",
                "@0x1", "#[test]", "assert!", "_", ".", "!", "phantom", "drop",
        ];
        Random random = new(7);
        for (int round = 0; round < 2_000; round++)
        {
            StringBuilder text = new("module 0x42::m { fun f(x: u64) { ");
            for (int i = random.Next(30); i >= 0; i--)
            {
                text.Append(tokens[random.Next(tokens.Length)]).Append(' ');
            }

            Survives(text.Append(" } }").ToString());
        }
    }

    [Fact]
    public void CutAndMutatedProgramsAreSurvived()
    {
        string[] programs = [.. Sources.Tree("framework").Files.Where(f => f.Key.EndsWith(".move", StringComparison.Ordinal))
            .Select(f => f.Value), Program];
        Random random = new(99);
        for (int round = 0; round < 400; round++)
        {
            string program = programs[random.Next(programs.Length)];
            int from = random.Next(program.Length);
            int length = Math.Min(random.Next(40), program.Length - from);
            string other = programs[random.Next(programs.Length)];
            int at = random.Next(other.Length);
            Survives(program.Remove(from, length).Insert(from, other.Substring(at, Math.Min(random.Next(40), other.Length - at))));
        }
    }

    private const string Program = """
        module 0x42::bank {
            struct Account has key { balance: u64, log: vector<Entry> }
            struct Entry has store, drop, copy { amount: u64, incoming: bool }
            const EEMPTY: u64 = 1;
            inline fun each(v: &vector<u64>, f: |&u64|) { let i = 0; while (i < 1) { f(&i); i = i + 1 }; v; }
            public fun put(s: &signer) { move_to(s, Account { balance: 0, log: vector[] }) }
            public fun take(a: address, n: u64): u64 acquires Account {
                let account = borrow_global_mut<Account>(a);
                assert!(account.balance >= n, EEMPTY);
                account.balance = account.balance - n;
                let Entry { amount, incoming: _ } = Entry { amount: n, incoming: false };
                let total = 0;
                each(&vector[1, 2], |x| { total = total + *x });
                if (total > 3 && amount > 1 || n == 2) { amount } else { total }
            }
        }
        """;

    [Fact]
    public void TheSeedOfTheMutantsIsACorrectProgram() => Assert.Empty(Sources.Places(Sources.Compile(Program)));

    [Theory]
    [InlineData("(", ")")]
    [InlineData("{", "}")]
    [InlineData("!", "")]
    [InlineData("&", "")]
    [InlineData("*", "")]
    [InlineData("if (true) ", " else 2")]
    [InlineData("loop ", "")]
    [InlineData("vector[", "]")]
    [InlineData("f(", ")")]
    [InlineData("S { x: ", "}")]
    [InlineData("|x| ", "")]
    [InlineData("return ", "")]
    [InlineData("1 + ", "")]
    [InlineData("a.", "")]
    [InlineData("(", " as u8)")]
    public void DeepNestingIsADiagnostic(string open, string close)
    {
        const int depth = 20_000;
        StringBuilder text = new("module 0x42::m { fun f() { ");
        text.Insert(text.Length, open, depth).Append('1').Insert(text.Length, close, depth).Append(" } }");
        Assert.False(Survives(text.ToString()).Success);
    }

    [Theory]
    [InlineData("vector<", ">")]
    [InlineData("&", "")]
    [InlineData("(", ")")]
    [InlineData("|", "|")]
    public void DeepTypesAreADiagnostic(string open, string close)
    {
        const int depth = 20_000;
        StringBuilder text = new("module 0x42::m { fun f(x: ");
        text.Insert(text.Length, open, depth).Append("u8").Insert(text.Length, close, depth).Append(") {} }");
        Assert.False(Survives(text.ToString()).Success);
    }

    [Fact]
    public void AllowedNestingCompiles()
    {
        // 40 parentheses and 60 sums are ordinary
        string text = "module 0x42::m { public fun f(): u64 { " + new string('(', 40) + "1" + new string(')',
            40) + string.Concat(Enumerable.Repeat(" + 1", 60)) + " } }";
        Assert.True(Survives(text).Success);
    }

    [Fact]
    public void TypesThatDoubleWithEachStatementAreBounded()
    {
        StringBuilder text = new("module 0x42::m { struct P<A, B> has drop { a: A, b: B } fun p<T: drop>(_x: &T): P<T, T> { abort 0 } "
            + "fun f() { let x0 = 1u8;\n");
        for (int i = 1; i < 60; i++)
        {
            text.Append($"let x{i} = p(&x{i - 1});\n");
        }

        Compilation compilation = Survives(text.Append("} }").ToString());
        Assert.Contains(compilation.Diagnostics, d => d.Code is "E99002" or "E04008");
    }

    [Fact]
    public void InliningThatDoublesWithEachLevelIsBounded()
    {
        StringBuilder text = new("module 0x42::m { inline fun f0(x: u64): u64 { x + 1 }\n");
        for (int i = 1; i < 40; i++)
        {
            text.Append($"inline fun f{i}(x: u64): u64 {{ f{i - 1}(x) + f{i - 1}(x) }}\n");
        }

        Compilation compilation = Survives(text.Append("public fun g(): u64 { f39(1) } }").ToString());
        Assert.Contains(compilation.Diagnostics, d => d.Code == "E99002");
    }

    [Fact]
    public void TooManyLocalsAreADiagnostic()
    {
        StringBuilder text = new("module 0x42::m { public fun f(): u64 { let s = 0;\n");
        for (int i = 0; i < 300; i++)
        {
            text.Append($"let x{i} = s + 1; s = s + x{i} * x{i};\n");
        }

        Compilation compilation = Survives(text.Append("s } }").ToString());
        Assert.Contains(compilation.Diagnostics, d => d.Code == "E99002");
    }

    [Fact]
    public void AHugeSourceIsRefusedAtOnce()
    {
        Compilation compilation = Survives(new string(' ', 17 * 1024 * 1024));
        Assert.Equal(["E99002 1:1"], Sources.Places(compilation));
    }

    [Fact]
    public void AFloodOfErrorsIsCut()
    {
        string text = "module 0x42::m { fun f() {" + string.Concat(Enumerable.Range(0, 5_000).Select(i => $" y{i};\n")) + "} }";
        Assert.Equal(1_000, Survives(text).Diagnostics.Count);
    }

    // fault 64: what only the writer of the format checked, by name, count and place
    [Theory]
    [InlineData("module 0x42::m { fun f(): u64 { *15 } }", "E04007 1:34")]
    [InlineData("script { #[test] fun main() {} }", "E10005 1:12")]
    [InlineData("script { native fun main(); }", "E02005 1:10")]
    [InlineData("script { inline fun main() {} }", "E02005 1:21")]
    [InlineData("module 0x42::m { fun f(): u64 { 0.x } }", "E04009 1:33")]
    [InlineData("module 0x42::m { fun f() { &mut 1 = 2; } }", "E01009 1:28")]
    public void SingleFaultsHaveTheirPlaces(string text, string place) =>
        Assert.Equal([place], Sources.Places(Survives(text)).Where(p => p[0] == 'E'));

    // fault 64
    [Theory]
    [InlineData("module 0x42::m { fun NAME() {} }")]
    [InlineData("module 0x42::NAME { }")]
    [InlineData("module 0x42::m { struct NAME {} }")]
    [InlineData("module 0x42::m { struct S { NAME: u64 } }")]
    [InlineData("module 0x42::m { const NAME: u64 = 1; }")]
    [InlineData("module 0x42::m { fun f(NAME: u64) {} }")]
    [InlineData("module 0x42::m { fun f() { let NAME = 1; } }")]
    [InlineData("module 0x42::m { use 0x42::NAME; }")]
    [InlineData("module 0x42::m { #[NAME] fun f() {} }")]
    [InlineData("script { fun NAME() {} }")]
    public void ANameOf70000LettersIsALimitWithItsPlace(string text)
    {
        Compilation compilation = Survives(text.Replace("NAME", new string('N', 70_000), StringComparison.Ordinal));
        Assert.Contains(compilation.Diagnostics, d => d.Code == "E99002" && d.Line == 1
            && d.Column == text.IndexOf("NAME", StringComparison.Ordinal) + 1);
    }

    // fault 64: counts at and beyond what the format holds
    [Theory]
    [InlineData("struct S { ", "f#: u64, ", " }", 300)]
    [InlineData("fun f(", "p#: u64, ", ") { abort 0 }", 300)]
    [InlineData("fun f<", "T#, ", ">() {}", 300)]
    [InlineData("struct S<", "phantom T#, ", "> {}", 300)]
    [InlineData("fun f(): (", "u64, ", "u64) { abort 0 }", 300)]
    [InlineData("fun f() { let (", "a#, ", "b) = abort 0; }", 300)]
    [InlineData("fun f(): u64 { ", "if (true) { ", "1", 300)]
    [InlineData("const C: vector<u8> = b\"", "a", "\";", 70_000)]
    [InlineData("fun f(): vector<u8> { b\"", "a", "\" }", 70_000)]
    [InlineData("fun f(): vector<u64> { vector[", "#, ", "0] }", 20_000)]
    [InlineData("fun f(): u64 { 0 ", "+ # ", "}", 1_000)]
    [InlineData("struct R has key {} fun f() acquires ", "R, ", "R { move_from<R>(@1); }", 300)]
    [InlineData("struct S has ", "copy, ", "drop {}", 300)]
    [InlineData("friend 0x42::m; ", "#[a] ", "fun f() {}", 2_000)]
    [InlineData("", "#[a#] fun f#() {} ", "", 2_000)]
    [InlineData("#[", "a(", "b", 1_000)]
    [InlineData("fun f(c: bool) { ", "while (c) { ", "", 500)]
    [InlineData("fun f(c: bool): u64 { ", "if (c) { 1 } else ", "{ 2 } }", 2_000)]
    [InlineData("inline fun g(f: |u64|u64): u64 { f(1) } fun f(): u64 { ", "g(|x| x + ", "1", 150)]
    public void CountsEndInAProgramOrALimit(string open, string part, string close, int count)
    {
        StringBuilder text = new("module 0x42::m { " + open);
        for (int i = 0; i < count; i++)
        {
            text.Append(part.Replace("#", i.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal));
        }

        Survives(text.Append(close).Append(" }").ToString());
    }

    // fault 69
    [Theory]
    [InlineData(200)]
    [InlineData(500)]
    public void ChainsOfElseIfCompile(int count)
    {
        string chain = string.Concat(Enumerable.Range(0, count).Select(i => $"if (x == {i}) {{ {i + 1} }} else "));
        Assert.True(Survives("module 0x42::m { public fun f(x: u64): u64 { " + chain + "{ 0 } } }").Success);
    }

    // fault 69: a stated limit with its number
    [Fact]
    public void LongerChainsOfElseIfNameTheirLimit()
    {
        string chain = string.Concat(Enumerable.Range(0, 5_000).Select(i => $"if (x == {i}) {{ {i + 1} }} else "));
        Diagnostic error = Assert.Single(Survives("module 0x42::m { public fun f(x: u64): u64 { " + chain + "{ 0 } } }").Diagnostics);
        Assert.Equal("E99001", error.Code);
        Assert.Contains("200", error.Message, StringComparison.Ordinal);
    }

    // fault 69
    [Fact]
    public void SeventyThousandFunctionsAreALimit()
    {
        StringBuilder text = new("module 0x42::m {\n");
        for (int i = 0; i < 70_000; i++)
        {
            text.Append($"fun f{i}() {{}}\n");
        }

        Diagnostic error = Assert.Single(Survives(text.Append('}').ToString()).Diagnostics);
        Assert.Equal(("E99002", 1, 14), (error.Code, error.Line, error.Column));
        Assert.Contains("65535", error.Message.Replace(",", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    // fault 67
    [Fact]
    public void AnUnclosedCommentIsAWarning()
    {
        Compilation compilation = Survives("module 0x42::m { public fun f() {} }\n/** never closed");
        Assert.True(compilation.Success);
        Assert.Equal(["W01004 2:1"], Sources.Places(compilation));
        Assert.Single(compilation.Units);
    }
}
