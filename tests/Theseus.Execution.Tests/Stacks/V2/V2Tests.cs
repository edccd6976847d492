namespace Theseus.Execution.Tests;

/// <summary>What is particular to stack "v2".</summary>
public class V2Tests
{
    /// <summary>
    /// Names the rules. A change here renames the stack. How to make the id anew while the stack is open stands at the test of "v1".
    /// </summary>
    [Fact]
    public void ItsIdIsThis() => Assert.Equal("558540a73750408a92e2f79886cee2c4c481f7eba3773143c567f26667dbb0c7",
        Stacks.V2.Stack.Rules.Manifest().Id.ToString());

    [Theory]
    [InlineData("abc", "a", 0ul)]
    [InlineData("abc", "c", 2ul)]
    [InlineData("abc", "", 0ul)]
    [InlineData("abc", "z", 3ul)] // corrected: the length
    [InlineData("", "z", 0ul)]
    public void IndexOfAnAbsentPartIsTheLength(string text, string part, ulong index)
    {
        Chain chain = new(stack: "v2");
        Assert.Equal(Chain.U64(index),
            chain.View("lab", "index_of", Chain.Bytes(System.Text.Encoding.UTF8.GetBytes(text)),
                Chain.Bytes(System.Text.Encoding.UTF8.GetBytes(part)))[0]);
    }

    [Fact]
    public void ABlockOfTransfersRuns()
    {
        Chain chain = new(stack: "v2");
        TransactionOutput output = chain.Run(chain.Alice, Chain.Transfer(chain.Bob.Address, 5)).Success();
        Assert.Equal((1_000 * Chain.Unit) + 5, chain.Balance(chain.Bob.Address));
        Assert.Equal((1_000 * Chain.Unit) - 5 - output.Receipt.GasUsed, chain.Balance(chain.Alice.Address));
    }

    [Fact]
    public void TheFrameworkMayUseItsNatives()
    {
        Chain chain = new(
            Framework.Compile(
                ("hash.move", "native fun native_sha2_256",
                    "#[view] public fun keccak256(data: vector<u8>): vector<u8> { native_keccak256(data) } native fun native_keccak256(data: vector<u8>): vector<u8>; native fun native_sha2_256"),
                ("fixed_point32.move", "public fun raw(x: FixedPoint32): u64 { x.value }",
                    "public fun raw(x: FixedPoint32): u64 { x.value } #[view] public fun sqrt(raw: u64): u64 { native_sqrt(raw) } native fun native_sqrt(raw: u64): u64;")),
            "v2");
        Assert.Equal("4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45",
            Convert.ToHexStringLower(chain.View("hash", "keccak256", Chain.Bytes("abc"u8))[0].AsSpan(1)));
        // sqrt(2.25) = 1.5: 2.25 x 2^32 to 1.5 x 2^32
        Assert.Equal(Chain.U64(6_442_450_944), chain.View("fixed_point32", "sqrt", Chain.U64(9_663_676_416))[0]);
    }
}
