using System.Collections.Frozen;
using Theseus.Move.Format;
using Theseus.Move.Runtime;

namespace Theseus.Move.Natives;

/// <summary>The name of a native function at 0x1.</summary>
public readonly record struct NativeId(string Module, string Name) : IComparable<NativeId>
{
    /// <summary>By module, then name, ordinal.</summary>
    public int CompareTo(NativeId other)
    {
        int order = string.CompareOrdinal(Module, other.Module);
        return order != 0 ? order : string.CompareOrdinal(Name, other.Name);
    }

    /// <summary>hash::sha2_256</summary>
    public override string ToString() => $"{Module}::{Name}";
}

/// <summary>
/// A function of the host. Pure in its arguments, the state view and the transaction's facts; charges before it works, never
/// calls back into Move, keeps no reference.
/// Answers the abort code, or null after it has given its results to <see cref="NativeCall.Return(in Value)"/> in order.
/// </summary>
public delegate ulong? NativeFunction(NativeCall call);

/// <summary>A native with all that a stack promises of it.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Signature">
/// Its types as <see cref="FunctionSignature.TypesOf"/> spells them: a declaration that differs in anything is not this native.
/// </param>
/// <param name="Semantics">Names what it does and charges: another meaning is another number, so that the stack gets another id.</param>
/// <param name="Function">The function.</param>
public sealed record Native(NativeId Id, string Signature, uint Semantics, NativeFunction Function)
{
    /// <summary><c>module::name</c> and signature, as in a manifest and in <c>0x1::versions</c>.</summary>
    public string Text => Id + Signature;
}

/// <summary>The natives of one set of rules, by name. Natives stand at 0x1 only (execution 4).</summary>
public sealed class NativeTable
{
    private readonly FrozenDictionary<NativeId, Native> _natives;

    /// <param name="natives">Each name once.</param>
    public NativeTable(IEnumerable<Native> natives)
    {
        _natives = natives.ToFrozenDictionary(static native => native.Id);
        Names = [.. _natives.Keys.Order()];
        Signatures = [.. Names.Select(name => _natives[name].Text).Order(StringComparer.Ordinal)];
    }

    /// <summary>No natives.</summary>
    public static NativeTable Empty { get; } = new([]);

    /// <summary>Sorted by module, then name.</summary>
    public IReadOnlyList<NativeId> Names { get; }

    /// <summary>Name and signature of each, sorted: what the chain is told of a stack.</summary>
    public IReadOnlyList<string> Signatures { get; }

    /// <summary>Every native, sorted by name.</summary>
    public IEnumerable<Native> All => Names.Select(name => _natives[name]);

    /// <summary>The native of a name, null when there is none.</summary>
    public Native? Find(NativeId id) => _natives.GetValueOrDefault(id);

    /// <summary>This table and more; a name that exists is replaced.</summary>
    public NativeTable With(IEnumerable<Native> more)
    {
        SortedDictionary<NativeId, Native> all = [];
        foreach (Native native in All.Concat(more))
        {
            all[native.Id] = native;
        }

        return new NativeTable(all.Values);
    }

    /// <summary>Only the named functions, each of which must exist.</summary>
    public NativeTable Pick(IEnumerable<NativeId> names) => new(names.Select(name => _natives[name]));
}
