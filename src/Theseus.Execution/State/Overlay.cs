namespace Theseus.Execution;

/// <summary>Writes on top of a state: a block's, a transaction's, or a probe's that is thrown away.</summary>
public sealed class Overlay(IStateReader below) : IStateReader
{
    private readonly Dictionary<StateKey, byte[]?> _writes = []; // only looked up; Changes() sorts

    /// <inheritdoc/>
    public byte[]? TryGet(StateKey key) => _writes.TryGetValue(key, out byte[]? value) ? value : below.TryGet(key);

    /// <summary>Puts writes on top.</summary>
    public void Apply(WriteSet writes)
    {
        foreach (StateWrite write in writes.Writes)
        {
            _writes[write.Key] = write.Value;
        }
    }

    /// <summary>Puts one value on top; null deletes.</summary>
    public void Put(StateKey key, byte[]? value) => _writes[key] = value;

    /// <summary>The writes that change something against the state below (execution 3).</summary>
    public WriteSet Changes()
    {
        List<StateWrite> changes = new(_writes.Count);
        foreach ((StateKey key, byte[]? value) in _writes.OrderBy(static entry => entry.Key))
        {
            byte[]? before = below.TryGet(key);
            bool same = before is null ? value is null : value is not null && before.AsSpan().SequenceEqual(value);
            if (!same)
            {
                changes.Add(new StateWrite(key, value));
            }
        }

        return WriteSet.From(changes);
    }
}
