using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>
/// One proposal's stream from one peer: parts in any order, doubled, with Fin first or last, make one content in order (C59).
/// Bounded by the height's largest content.
/// </summary>
public sealed class IncomingStream(int maximumContent)
{
    private readonly SortedDictionary<int, ReadOnlyMemory<byte>> _parts = [];
    private int _size;
    private int _delivered;

    public bool IsOpened { get; private set; }

    public StreamFin? Fin { get; private set; }

    /// <summary>The stream broke its bounds; nothing more is taken.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Init was verified: parts may go to the application.</summary>
    public void Open() => IsOpened = true;

    public void Take(StreamFin fin) => Fin ??= fin;

    public void Take(StreamPart part)
    {
        // at most as many parts as would fit if each but the last had 1 KiB
        const int LeastSize = 1024;
        if (IsBroken || _parts.ContainsKey(part.Index))
        {
            return;
        }

        _size += part.Bytes.Length;
        if (_size > maximumContent || part.Index > maximumContent / LeastSize || part.Bytes.IsEmpty)
        {
            IsBroken = true;
            _parts.Clear();
            return;
        }

        _parts.Add(part.Index, part.Bytes);
    }

    /// <summary>Parts that are next in order and were not given before.</summary>
    public IEnumerable<(int Index, ReadOnlyMemory<byte> Bytes)> TakeNext()
    {
        while (IsOpened && _parts.TryGetValue(_delivered, out ReadOnlyMemory<byte> bytes))
        {
            yield return (_delivered++, bytes);
        }
    }

    /// <summary>The content, if Fin and all its parts are here and match; null otherwise. A mismatch breaks the stream.</summary>
    public ReadOnlyMemory<byte>? TryComplete()
    {
        if (IsBroken || Fin is not { } fin || _parts.Count < fin.Count)
        {
            return null;
        }

        byte[] content = new byte[_size];
        int offset = 0;
        for (int i = 0; i < fin.Count; i++)
        {
            if (!_parts.TryGetValue(i, out ReadOnlyMemory<byte> bytes))
            {
                return null;
            }

            bytes.CopyTo(content.AsMemory(offset));
            offset += bytes.Length;
        }

        ReadOnlyMemory<byte> whole = content.AsMemory(0, offset);
        if (new ValueId(Sha3.Hash256(whole.Span)) != fin.Commitment)
        {
            IsBroken = true;
            return null;
        }

        return whole;
    }
}
