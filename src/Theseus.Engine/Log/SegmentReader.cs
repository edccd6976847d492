using System.Buffers.Binary;
using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>
/// Reads one segment of a log (layout: <see cref="ChainedLog"/>) without touching its file: also the log of a running node, or
/// a copy.
/// </summary>
public sealed class SegmentReader
{
    internal const int HeaderSize = 4 + 2 + 2 + 8 + ValueId.Length;

    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly LogChain _chain = new();

    /// <param name="bytes">The whole file.</param>
    public SegmentReader(ReadOnlyMemory<byte> bytes)
    {
        _bytes = bytes;
        CanonicalReader header = new(bytes.Span);
        bool known = header.Raw(4).SequenceEqual("THLG"u8) & header.U16() == ChainedLog.Format & header.U16() == 0;
        Number = header.U64();
        Head = header.Value();
        IsKnown = known && !header.Failed;
        Offset = IsKnown ? HeaderSize : 0;
    }

    /// <summary>Whether it begins with a header of the known format. If not, nothing is read.</summary>
    public bool IsKnown { get; }

    /// <summary>The segment's number.</summary>
    public ulong Number { get; }

    /// <summary>The head after the last entry read; before the first one, that of the segment before.</summary>
    public ValueId Head { get; private set; }

    /// <summary>Where the next entry begins; the rest does not fit the chain, or is reserved space.</summary>
    public int Offset { get; private set; }

    /// <summary>Bytes from <see cref="Offset"/> on that are no reserved space: zeros at the end do not count.</summary>
    public int Unread => _bytes.Span[Offset..].TrimEnd((byte)0).Length;

    /// <summary>The next entry; false at the end and at the first break of the chain.</summary>
    public bool TryRead(out LogEntry entry)
    {
        entry = default;
        int left = _bytes.Length - Offset;
        if (!IsKnown || left < sizeof(uint) + 1 + ValueId.Length)
        {
            return false;
        }

        uint size = BinaryPrimitives.ReadUInt32LittleEndian(_bytes.Span[Offset..]);
        if (size is 0 or > ChainedLog.MaximumEntry || size > left - sizeof(uint) - ValueId.Length)
        {
            return false;
        }

        int start = Offset + sizeof(uint);
        int end = start + (int)size;
        LogEntry found = new((EntryKind)_bytes.Span[start], _bytes[(start + 1)..end]);
        ValueId head = _chain.Chain(Head, found.Kind, found.Body.Span);
        if (head != new ValueId(_bytes.Span.Slice(end, ValueId.Length)))
        {
            return false;
        }

        (Head, Offset, entry) = (head, end + ValueId.Length, found);
        return true;
    }
}
