namespace Theseus.Protocol;

/// <summary>
/// State with the writes of unsealed blocks over it (record P5): an SOS drops the overlay, so no stored value is ever
/// rewritten.
/// </summary>
public sealed class StateOverlay : IStateReader
{
    private readonly IStateReader _below;
    private readonly Dictionary<StateKey, byte[]?> _writes;

    /// <summary>Puts writes over a state.</summary>
    /// <param name="below">The state before them; it must not change while this is used.</param>
    /// <param name="writes">The writes.</param>
    public StateOverlay(IStateReader below, WriteSet writes)
    {
        _below = below;
        _writes = new Dictionary<StateKey, byte[]?>(writes.Writes.Count);
        foreach (StateWrite write in writes.Writes)
        {
            _writes[write.Key] = write.Value;
        }
    }

    /// <inheritdoc/>
    public byte[]? TryGet(StateKey key) => _writes.TryGetValue(key, out byte[]? value) ? value : _below.TryGet(key);
}

/// <summary>The state of nothing, below everything.</summary>
public sealed class EmptyState : IStateReader
{
    /// <summary>The only one.</summary>
    public static readonly EmptyState Instance = new();

    /// <inheritdoc/>
    public byte[]? TryGet(StateKey key) => null;
}
