using System.Collections.Frozen;
using Theseus.Move.Runtime;

namespace Theseus.Move.Natives;

/// <summary>A native function at 0x1.</summary>
public readonly record struct NativeId(string Module, string Name) : IComparable<NativeId>
{
    public int CompareTo(NativeId other)
    {
        int order = string.CompareOrdinal(Module, other.Module);
        return order != 0 ? order : string.CompareOrdinal(Name, other.Name);
    }

    /// <summary>hash::sha2_256</summary>
    public override string ToString() => $"{Module}::{Name}";
}

/// <summary>
/// A function of the host. Pure in its arguments, the state view and the transaction's facts; charges before it works, never calls back into Move, keeps no reference.
/// Answers the abort code, or null after it has given its results to <see cref="NativeCall.Return(in Value)"/> in order.
/// </summary>
public delegate ulong? NativeFunction(NativeCall call);

/// <summary>The natives of one set of rules, by name. Natives stand at 0x1 only (execution 4).</summary>
public sealed class NativeTable
{
    private readonly FrozenDictionary<NativeId, NativeFunction> _functions;

    public NativeTable(IEnumerable<KeyValuePair<NativeId, NativeFunction>> functions)
    {
        _functions = functions.ToFrozenDictionary();
        Names = [.. _functions.Keys.Order()];
    }

    public static NativeTable Empty { get; } = new([]);

    /// <summary>Sorted by module, then name.</summary>
    public IReadOnlyList<NativeId> Names { get; }

    public NativeFunction? Find(NativeId id) => _functions.GetValueOrDefault(id);

    /// <summary>This table and more; a name that exists is replaced.</summary>
    public NativeTable With(IEnumerable<KeyValuePair<NativeId, NativeFunction>> more)
    {
        SortedDictionary<NativeId, NativeFunction> all = [];
        foreach (NativeId name in Names)
        {
            all[name] = _functions[name];
        }

        foreach ((NativeId name, NativeFunction function) in more)
        {
            all[name] = function;
        }

        return new NativeTable(all);
    }

    /// <summary>Only the named functions, each of which must exist.</summary>
    public NativeTable Pick(IEnumerable<NativeId> names) => new(names.Select(name => KeyValuePair.Create(name, _functions[name])));
}
