using System.Collections;
using System.Reflection;
using Theseus.Move.Format;
using Theseus.Move.Natives;
using Theseus.Move.Rules;

namespace Theseus.Execution.Tests;

/// <summary>The stack's id, byte for byte (docs/protocol/stack.md). // fault 19</summary>
public class StackIdTests
{
    /// <summary>
    /// Every property of the rule value, however deep, is changed once: each change is another id. A property that somebody adds and
    /// forgets to encode fails here.
    /// </summary>
    [Fact]
    public void ChangingAnyPropertyChangesTheId()
    {
        StackRules rules = Chain.Oldest;
        HashSet<Hash32> seen = [rules.Manifest().Id];
        int changes = 0;
        foreach ((string path, object changed) in Changes(rules, "rules"))
        {
            changes++;
            Assert.True(seen.Add(((StackRules)changed).Manifest().Id), $"{path} is not part of the stack's id");
        }

        Assert.True(changes > 120, $"only {changes} changes were tried");
    }

    private static IEnumerable<(string Path, object Changed)> Changes(object value, string path)
    {
        switch (value)
        {
            case long number: return [(path, number + 1)];
            case ulong number: return [(path, number + 1)];
            case int number: return [(path, number + 1)];
            case uint number: return [(path, number + 1)];
            case bool flag: return [(path, !flag)];
            case string text: return [(path, text + "x")];
            case Hash32: return [(path, Hash32.FromHex(new string('9', 64)))];
            case ValueTuple<string, string> pair: return [(path + ".1", (pair.Item1 + "x", pair.Item2)),
                (path + ".2", (pair.Item1, pair.Item2 + "x"))];
            case NativeTable table: return Changes(table, path);
            case IList list: return Changes(list, path);
            default: return OfRecord(value, path);
        }
    }

    private static IEnumerable<(string, object)> Changes(NativeTable table, string path)
    {
        Native first = table.All.First();
        yield return (path + " less one", table.Pick(table.Names.Skip(1)));
        yield return (path + " semantics", table.With([first with { Semantics = first.Semantics + 1 }]));
        yield return (path + " signature", table.With([first with { Signature = "(u8)" }]));
    }

    private static IEnumerable<(string, object)> Changes(IList list, string path)
    {
        Type element = list.GetType().GetInterfaces().Single(
            face => face.IsGenericType && face.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)).GetGenericArguments()[0];
        yield return (path + " less one", Array(element, list.Cast<object>().Skip(1)));
        foreach ((string inner, object changed) in Changes(list[0]!, path + "[0]"))
        {
            yield return (inner, Array(element, list.Cast<object>().Skip(1).Prepend(changed)));
        }
    }

    private static Array Array(Type element, IEnumerable<object> items)
    {
        object[] all = [.. items];
        Array array = System.Array.CreateInstance(element, all.Length);
        all.CopyTo(array, 0);
        return array;
    }

    private static IEnumerable<(string, object)> OfRecord(object record, string path)
    {
        MethodInfo clone = record.GetType().GetMethod("<Clone>$")!;
        foreach (PropertyInfo property in record.GetType().GetProperties(BindingFlags.Instance | BindingFlags.Public)
            .Where(property => property.CanWrite))
        {
            foreach ((string inner, object changed) in Changes(property.GetValue(record)!, $"{path}.{property.Name}"))
            {
                object copy = clone.Invoke(record, null)!;
                property.SetValue(copy, changed);
                yield return (inner, copy);
            }
        }
    }

    /// <summary>Written from the page's tables, number by number, with nothing of the encoder.</summary>
    [Fact]
    public void TheBytesAreThoseOfThePage()
    {
        StackRules rules = Chain.Oldest with
        {
            Name = "sample",
            Natives = Chain.Oldest.Natives.Pick([new NativeId("table", "contains_box"), new NativeId("hash", "native_sha2_256")]),
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

    /// <summary>
    /// Every named number of the machine and of the stack's code is either encoded or known to show in no result: who adds one decides.
    /// </summary>
    [Fact]
    public void EveryNamedNumberIsInTheIdOrShowsInNoResult()
    {
        SortedSet<string> encoded = [.. Whole(typeof(FormatLimits)), .. Whole(typeof(MachineWords)), .. Whole(typeof(FailedMajor)),
            "GasTable.TicksPerUnit", "StackRules.Contract"];
        SortedSet<string> unseen =
        [
            "CodeCache.Capacity", "CodeSnapshot.MaximumParsed", "CodeSnapshot.MaximumScripts", "LoadedFunction.MaximumInstances",
            "TypeTable.Capacity", // caches
            "FrameworkState.RootOffset", "ReferenceSafetyPass.None", "TableNatives.Box", "TableNatives.Key", "Value.Aggregate",
            "GasMeter.Unlimited", "NativeCall.MaximumResults", "SpareChunks.Maximum", "SpareChunks.Size", "SpareChunks.Frames",
            "GlobalStore.Few", // places, marks and room
            "ModuleMetadata.MaximumItems", // FormatLimits.MetadataValueBytes
            "StandardNatives.InvalidArgument", "StringNatives.InvalidRange", "TableNatives.AlreadyExists", "TableNatives.NotFound",
            "TestNatives.UnequalLengths", "VectorError.Index", "VectorError.PopEmpty", "VectorError.UnpackLength", // semantics, corpus
        ];
        Assembly[] rooms = [typeof(StackRules).Assembly, typeof(MoveRules).Assembly];
        SortedSet<string> found = [.. rooms.SelectMany(room => room.GetTypes()).Where(type => !type.IsEnum)
            .Where(type => !type.Name.Contains('<', StringComparison.Ordinal))
            .SelectMany(type => type.GetFields(
                BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
                .Where(field => field.IsLiteral && field.FieldType != typeof(string) && !field.FieldType.IsEnum)
                .Select(field => $"{type.Name}.{field.Name}"))];
        Assert.Equal(encoded.Union(unseen).Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));

        static IEnumerable<string> Whole(Type type) =>
            type.GetFields().Where(field => field.IsLiteral).Select(field => $"{type.Name}.{field.Name}");
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
