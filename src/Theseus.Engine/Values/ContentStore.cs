using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>
/// Contents of values of the current height and the one before it (until it is sealed), by value id (consensus N9). Only contents of
/// values that the core tracks are kept, which a validator of the set has signed for: so their number is bounded by the core's, and no
/// content keeps another one out.
/// </summary>
/// <param name="before">The contents of the height before it; null at the first height of this run.</param>
internal sealed class ContentStore(ContentStore? before)
{
    private readonly Dictionary<ValueId, ReadOnlyMemory<byte>> _current = [];

    // of one height and no more: those before it are the application's to serve
    private readonly Dictionary<ValueId, ReadOnlyMemory<byte>>? _previous = before?._current;

    /// <summary>Contents of the current height that are kept.</summary>
    public int Count => _current.Count;

    /// <summary>The content of a value of the current height or the one before it.</summary>
    public bool TryGet(ValueId value, out ReadOnlyMemory<byte> content) =>
        _current.TryGetValue(value, out content) || _previous?.TryGetValue(value, out content) == true;

    /// <summary>Whether the content of a value of the current height is here.</summary>
    public bool Has(ValueId value) => _current.ContainsKey(value);

    /// <summary>Keeps a content, and forgets those of values that are not tracked any more.</summary>
    /// <param name="value">A value that is tracked, or was built here.</param>
    /// <param name="content">Its content; the caller has checked that it is.</param>
    /// <param name="isTracked">Whether the core still has a use for a value.</param>
    /// <returns>False if it was here already.</returns>
    public bool TryAdd(ValueId value, ReadOnlyMemory<byte> content, Func<ValueId, bool> isTracked)
    {
        foreach (ValueId old in _current.Keys.Where(old => !isTracked(old)).ToArray())
        {
            _current.Remove(old);
        }

        return _current.TryAdd(value, content);
    }
}
