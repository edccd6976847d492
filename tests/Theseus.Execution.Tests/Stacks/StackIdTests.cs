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
}
