using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>Contents of values of the current height and the one before it (until it is sealed), by value id (consensus N9).</summary>
internal sealed class ContentStore
{
    /// <summary>Contents a height at most: those of the rounds kept and of polkas. What comes later is fetched again when it matters.</summary>
    private const int MaximumPerHeight = 32;

    private Dictionary<ValueId, ReadOnlyMemory<byte>> _current = [];
    private Dictionary<ValueId, ReadOnlyMemory<byte>> _previous = [];

    public bool TryGet(ValueId value, out ReadOnlyMemory<byte> content) => _current.TryGetValue(value, out content) || _previous.TryGetValue(value, out content);

    public bool Has(ValueId value) => _current.ContainsKey(value);

    public bool TryAdd(ValueId value, ReadOnlyMemory<byte> content) => _current.Count < MaximumPerHeight && _current.TryAdd(value, content);

    public void NextHeight()
    {
        _previous = _current;
        _current = [];
    }
}
