using System.Collections.Concurrent;

namespace Theseus.Move.Runtime;

/// <summary>
/// One object for each closed type of a snapshot, so that what is known of a type is kept once however often it is named: work over
/// types follows their graph, not the tree that it unfolds to. Bounded; contents never show in a result.
/// </summary>
internal sealed class TypeTable
{
    /// <summary>Types kept, some 150 bytes each. A single type has far fewer parts.</summary>
    private const int Capacity = 65_536;

    private readonly ConcurrentDictionary<RuntimeType, RuntimeType> _types = new();
    private int _count;

    /// <summary>The object that stands for this type.</summary>
    public RuntimeType Shared(RuntimeType made)
    {
        if (_types.TryGetValue(made, out RuntimeType? known))
        {
            return known;
        }

        if (_count >= Capacity)
        {
            _types.Clear(); // types in use stay as they are; they are only no longer shared with later ones
            _count = 0;
        }

        _count++; // an approximate count suffices: it only bounds memory
        return _types.GetOrAdd(made, made);
    }
}
