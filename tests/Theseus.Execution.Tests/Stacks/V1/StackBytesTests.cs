using Theseus.Move.Natives;
using Theseus.Move.Rules;

namespace Theseus.Execution.Tests;

/// <summary>A stack's bytes, encoded by hand from the numbers of stack "v1" (docs/protocol/stack.md). // fault 19</summary>
public class StackBytesTests
{
    /// <summary>Written from the page's tables, number by number, with nothing of the encoder.</summary>
    [Fact]
    public void TheBytesAreThoseOfThePage()
    {
        StackRules rules = Stacks.V1.Stack.Rules with
        {
            Name = "sample",
            Natives = Stacks.V1.Stack.Rules.Natives.Pick([new NativeId("table", "contains_box"), new NativeId("hash", "native_sha2_256")]),
            Blocks = new HookRules(7, [new("block", "end", "(u64)")], [new("account", ["coin", "genesis"])])
            {
                Abilities = [new AbilityRule("coin", "Coin", "store")],
            },
            ServiceEvents = new ServiceEventRules([("versions", "Schedule")], 1, 2, 3, 4, 5),
            Vectors = Hash32.FromHex(new string('7', 64)),
        };
        List<byte> value = [];
        Numbers(value, 6, 1_000); // machine
        // verifier
        Numbers(value, 8_000_000, 80_000_000, 32, 128, 256, 200, 64, 1_000, 1_024, 5, 32, 1_024, 10_000, 100, 4_096, 10, 4, 65_535, 60_000);
        value.AddRange([1, 1, 1]);
        Numbers(value, 1, 2, 2, 2, 30, 10, 30, 30, 15, 30, 10, 10, 20, 50, 100, 10, 50, 100, 100, 150, 2_147_483_647); // verifier costs
        Numbers(value, 1_024, 1_024, 128, 256, 128, 1_048_576, 1_024, 4_194_304, 1_048_576, 536_870_912, 67_108_864); // limits
        Numbers(value, 2, 4, 4, 10, 64); // memory costs
        GasTable gas = rules.Move.Gas;
        Numbers(
            value, gas.Simple, gas.Arithmetic, gas.WideArithmetic, gas.WideMultiply, gas.Borrow, gas.Call, gas.CallPerArgument,
                gas.TypeNode, gas.Pack, gas.PackPerField, gas.Global,
            gas.Vector, gas.Constant, gas.ConstantByte, gas.Word, gas.CopyBase, gas.StateRead, gas.StateReadByte,
                gas.StateWrite, gas.StateWriteByte, gas.Event, gas.EventByte,
            gas.LoadByte, gas.VerifyUnit, gas.BcsByte, gas.BcsWord, gas.NativeBase, gas.HashBase, gas.HashByte,
                gas.SignatureVerify, gas.SignatureVerifyByte, gas.KeyCheck,
            gas.SquareRoot, gas.SearchBytes);
        value.Add(0); // behaviours
        string sha = "hash::native_sha2_256(vector<u8>):vector<u8>", contains =
            "table::contains_box<copy+drop,_,_>(&0x1::table::Table<T0,T1>,T0):bool";
        value.Add(2);
        Text(value, sha);
        value.AddRange([1, 0, 0, 0]);
        Text(value, contains);
        value.AddRange([1, 0, 0, 0]);
        Numbers(value, 2_000_000, 50_000_000, 500, 1, 1_000_000, 1_000_000, 60_000, 10, 100_000, 120_000_000, 50); // transactions
        Numbers(value, 7); // hooks
        value.Add(1);
        Text(value, "block", "end", "(u64)");
        value.Add(1);
        Text(value, "account");
        value.Add(2);
        Text(value, "coin", "genesis");
        value.Add(1);
        Text(value, "coin", "Coin", "store");
        value.Add(1); // service events
        Text(value, "versions", "Schedule");
        Numbers(value, 1, 2, 3, 4, 5);
        Numbers(value, 2_000_000, 8_388_608); // views
        Numbers(value, 100_000_000, 1_000, 1_000, 1_024); // framework
        Numbers(value, 255, 65_535, 255, 255, 255, 255, 255, 65_535, 65_535, 1_023, 65_535, 65_535, 256, 255); // format
        Numbers(value, 16, 2, 16, 4, 2); // memory
        Numbers(value, 65_536, 1_048_576, 4_096, 32, 255, 255, 8, 32); // transactions
        Numbers(value, 100_001, 100_002, 100_003, 100_004, 100_005, 100_006, 100_007, 100_008, 100_009, 100_010); // failures
        Assert.Equal(Convert.ToHexStringLower([.. value]), Convert.ToHexStringLower(StackRulesCodec.Encode(rules)));

        List<byte> manifest = [];
        Text(manifest, "execution", "sample");
        manifest.AddRange([1, 0, 0, 0, 2]);
        Text(manifest, sha, contains);
        manifest.AddRange(Hashing.Sha3([.. value]).ToArray());
        manifest.AddRange(Enumerable.Repeat((byte)0x77, 32));
        Assert.Equal(Hashing.Sha3([.. manifest]), rules.Manifest().Id);
    }

    private static void Numbers(List<byte> bytes, params long[] values)
    {
        foreach (long value in values)
        {
            for (int i = 0; i < 8; i++)
            {
                bytes.Add((byte)(value >> (8 * i)));
            }
        }
    }

    private static void Text(List<byte> bytes, params string[] texts)
    {
        foreach (string text in texts)
        {
            Assert.InRange(text.Length, 1, 127);
            bytes.Add((byte)text.Length);
            bytes.AddRange(System.Text.Encoding.ASCII.GetBytes(text));
        }
    }
}
