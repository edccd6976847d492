using Theseus.Move.Format;
using Theseus.Move.Runtime;

namespace Theseus.Execution.Tests;

/// <summary>What is particular to stack "v1".</summary>
public class V1Tests
{
    /// <summary>
    /// Names the rules. A change here renames the stack, and every chain that began with it would look for one that nobody has.
    /// While the stack is open and no chain lives on it: run <c>-method "*ItsIdIsThis" -printMaxStringLength 0</c>
    /// after the corpora are made anew (<see cref="CorpusGenerator"/>), and take over the id that it found.
    /// </summary>
    [Fact]
    public void ItsIdIsThis() => Assert.Equal("ab0cc1e09ca89c0c341894f2e873f17ec4918ebb25137d15edb1562e2191313d",
        Stacks.V1.Stack.Rules.Manifest().Id.ToString());

    [Fact]
    public void ItHasTwentyEightNatives()
    {
        Assert.Equal(28, Stacks.V1.Stack.Rules.Natives.Names.Count);
        Assert.DoesNotContain(Stacks.V1.Stack.Rules.Natives.Names, name => name.Name is "native_keccak256" or "native_sqrt");
        Assert.Equal(Stacks.V1.Stack.Rules.Manifest().Natives, Stacks.V1.Stack.Rules.Natives.Signatures);
    }

    [Theory]
    [InlineData("abc", "a", 0ul)]
    [InlineData("abc", "c", 2ul)]
    [InlineData("abc", "", 0ul)]
    [InlineData("abc", "z", 0ul)] // the old meaning of an absent part
    [InlineData("", "z", 0ul)]
    public void IndexOfAnAbsentPartIsZero(string text, string part, ulong index)
    {
        Chain chain = new(stack: "v1");
        Assert.Equal(Chain.U64(index), chain.View("lab", "index_of", Chain.Bytes(System.Text.Encoding.UTF8.GetBytes(text)),
            Chain.Bytes(System.Text.Encoding.UTF8.GetBytes(part)))[0]);
    }

    // fault 92: the texts in the table are those of the framework's own declarations
    [Fact]
    public void EveryNativeOfTheFrameworkIsDeclaredAsTheTableSays()
    {
        HashSet<string> declared = [];
        foreach (byte[] blob in Framework.Modules)
        {
            CompiledModule module = ModuleReader.ReadModule(blob).Value!;
            declared.UnionWith(module.FunctionDefinitions.Where(definition => definition.IsNative)
                .Select(definition => FunctionSignature.Of(module, module.FunctionHandles[definition.Handle])));
        }

        Assert.Empty(Stacks.V1.Stack.Rules.Natives.Signatures.Except(declared));
    }
}
