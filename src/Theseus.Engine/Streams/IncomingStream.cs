using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>
/// One proposal's stream from one peer: parts in any order, doubled, with Fin first or last, make one content in order (C59). Bounded by
/// the height's largest content.
/// </summary>
/// <param name="maximumContent">Bytes of the content at most.</param>
public sealed class IncomingStream(int maximumContent)
{
    /// <summary>A sender that cuts finer than this is not taken: it bounds the number of parts.</summary>
    private const int LeastPartSize = 1024;

    private readonly SortedDictionary<int, ReadOnlyMemory<byte>> _parts = [];
    private int _size;
    private int _delivered;
    private int _inOrder; // parts from the first one on without a gap

    /// <summary>Init was verified.</summary>
    public bool IsOpened { get; private set; }

    /// <summary>The proposal that ends the stream, as the sender has it: not verified.</summary>
    public StreamFin? Fin { get; private set; }

    /// <summary>The stream broke its bounds or does not match its Fin; nothing more is taken.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Nothing more is taken: its content was used, or it broke.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Whether Fin and all parts that it counts are here.</summary>
    public bool IsComplete => !IsClosed && Fin is { } fin && _inOrder >= fin.Count;

    /// <summary>Init was verified: parts may go to the application.</summary>
    public void Open() => IsOpened = true;

    /// <summary>Takes the end of the stream; a second one is ignored.</summary>
    public void Take(StreamFin fin) => Fin ??= fin;

    /// <summary>Takes a part; a second one of its index is ignored.</summary>
    public void Take(StreamPart part)
    {
        if (IsClosed || _parts.ContainsKey(part.Index))
        {
            return;
        }

        if (part.Bytes.IsEmpty || part.Bytes.Length > maximumContent - _size || part.Index > maximumContent / LeastPartSize)
        {
            Break();
            return;
        }

        _size += part.Bytes.Length;
        _parts.Add(part.Index, part.Bytes);
        while (_parts.ContainsKey(_inOrder))
        {
            _inOrder++;
        }
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
        if (!IsComplete)
        {
            return null;
        }

        byte[] content = new byte[_size];
        int offset = 0;
        for (int i = 0; i < Fin!.Count; i++)
        {
            _parts[i].CopyTo(content.AsMemory(offset));
            offset += _parts[i].Length;
        }

        ReadOnlyMemory<byte> whole = content.AsMemory(0, offset);
        if (new ValueId(Sha3.Hash256(whole.Span)) != Fin.Commitment)
        {
            Break();
            return null;
        }

        return whole;
    }

    /// <summary>Forgets the parts and takes nothing more.</summary>
    public void Close()
    {
        IsClosed = true;
        _parts.Clear();
    }

    private void Break()
    {
        IsBroken = true;
        Close();
    }
}
