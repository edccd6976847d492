using System.Text;
using Theseus.Move.Compiler.Tests.Support;

namespace Theseus.Move.Compiler.Tests.Limits;

/// <summary>Types that unfold to trees of millions of parts, from a few lines of Move. // fault 63</summary>
public class TypeTowerTests
{
    /// <summary>Far above what compiling and running two dozen structs takes, far below the gigabytes of 2^22 parts.</summary>
    private const long Bound = 64 << 20;

    /// <summary>struct A0 { a: vector of A1, b: vector of A1 } and so on, down to a struct of one number.</summary>
    private static string Tower(int levels, string parameter, string argument, string test)
    {
        StringBuilder text = new("module 0x42::m {\n");
        for (int i = 0; i < levels; i++)
        {
            string below = $"vector<A{i + 1}{argument}>";
            text.Append($"struct A{i}{parameter} has key, store, drop {{ a: {below}, b: {below} }}\n");
        }

        return text.Append($"struct A{levels}{parameter} has key, store, drop {{ x: u64 }}\n#[test] fun t() {{ {test} }}\n}}").ToString();
    }

    // fault 63: 22 levels; its variants by a type argument, a value, an equality and an empty vector
    [Theory]
    [InlineData("", "", "assert!(!exists<A0>(@0x1), 1);")]
    [InlineData("<phantom T>", "<T>", "assert!(!exists<A0<u8>>(@0x1), 1);")]
    [InlineData("<phantom T>", "<T>", "assert!(!exists<A0<A0<A0<u8>>>>(@0x1), 1);")]
    [InlineData("", "", "let v = vector<A0>[]; let _ = &v == &vector<A0>[];")]
    [InlineData("", "", "let s = A0 { a: vector[], b: vector[] }; let A0 { a: _, b: _ } = s;")]
    public void TwentyTwoLevelsCostTheirDistinctTypes(string parameter, string argument, string test)
    {
        string text = Tower(22, parameter, argument, test);
        MoveTests.Pass(text, 1); // what is made once in a process
        long before = GC.GetAllocatedBytesForCurrentThread();
        MoveTests.Pass(text, 1);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Bound);
    }
}
