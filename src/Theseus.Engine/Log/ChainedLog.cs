using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>The kinds of log entries.</summary>
public enum EntryKind : byte
{
    /// <summary>The first of a height (consensus N15).</summary>
    HeightStart = 1,

    /// <summary>An input of the core in canonical form; own messages are inputs too.</summary>
    Input = 2,

    /// <summary>An own message found in the signer's mark only (consensus N14).</summary>
    Recovered = 3,

    /// <summary>A value's content: signers keep it until the height is sealed (consensus N9, N16).</summary>
    Content = 4,

    /// <summary>A commit certificate or evidence that the core wants kept, as a message.</summary>
    Message = 5,
}

/// <summary>An entry as read back.</summary>
public readonly record struct LogEntry(EntryKind Kind, ReadOnlyMemory<byte> Body);

/// <summary>
/// The node's one log (consensus N14): appended, hash-chained, in segments. A segment is named <c>log-</c> and its number in 16
/// hex digits:
/// <code>
/// header  "THLG" | format u16 | 0 u16 | number u64 | head before the first entry 32
/// entry   length u32 of kind and body | kind u8 | body | head 32 = SHA3-256(head before | kind | body)
/// </code>
/// Entries are buffered, written by <see cref="Flush"/> and durable after a sync of <see cref="File"/>. What follows the first
/// entry that does not fit its chain is cut off at opening. Zeros may follow the last entry of the last segment: reserved space.
/// </summary>
public sealed class ChainedLog
{
    /// <summary>The format that a height's first entry names (consensus N15).</summary>
    public const ushort Format = 1;

    /// <summary>Bytes of an entry at most: the largest content of a value and a margin.</summary>
    public const int MaximumEntry = 64 * 1024 * 1024;

    /// <summary>A new segment is begun at the first height above this size, so that old heights can be dropped.</summary>
    public const int SegmentSize = 16 * 1024 * 1024;

    /// <summary>What the names of all segments begin with.</summary>
    public const string Prefix = "log-";

    /// <summary>
    /// Space is reserved in such steps: a sync of a file that grows writes its size too, which costs about half as much again.
    /// </summary>
    private const int Reservation = 1024 * 1024;

    private const int HeaderSize = SegmentReader.HeaderSize;

    private readonly IDisk _disk;
    private readonly List<string> _segments = [];
    private readonly List<LogEntry> _lastHeight = [];
    private readonly LogChain _hash = new();
    private readonly CanonicalWriter _buffer = new(64 * 1024);
    private ulong _number;
    private long _reserved;

    private ChainedLog(IDisk disk, IDiskFile file)
    {
        _disk = disk;
        File = file;
    }

    /// <summary>The current segment's file.</summary>
    public IDiskFile File { get; private set; }

    /// <summary>The head after the last entry.</summary>
    public ValueId Head { get; private set; }

    /// <summary>The head after the last synced entry.</summary>
    public ValueId SyncedHead { get; private set; }

    /// <summary>The entries read back from the last height's first one on; empty once a new height is begun.</summary>
    public IReadOnlyList<LogEntry> LastHeight => _lastHeight;

    /// <summary>Whether the head that was sought at opening stands in the chain.</summary>
    public bool FoundSought { get; private set; }

    /// <summary>Bytes cut off at opening, without reserved space.</summary>
    public long Cut { get; private set; }

    /// <summary>Reads the log back, cuts what does not fit, and looks for a head.</summary>
    public static ChainedLog Open(IDisk disk, ValueId? sought)
    {
        string[] names = [.. disk.List().Where(static name => name.StartsWith(Prefix, StringComparison.Ordinal))];
        ChainedLog log = new(disk, disk.Open(names.Length > 0 ? names[0] : Name(0)));
        bool whole = names.Length > 0;
        for (int i = 0; i < names.Length; i++)
        {
            if (!whole)
            {
                log.Cut += disk.Open(names[i]).Length;
                disk.Delete(names[i]); // behind a break nothing can be believed
                continue;
            }

            log.File = disk.Open(names[i]);
            log._segments.Add(names[i]);
            whole = log.ReadSegment(first: i == 0, sought);
        }

        if (log.File.Length < HeaderSize)
        {
            log.Begin();
        }

        log.SyncedHead = log.Head;
        return log;
    }

    /// <summary>Appends an entry to the buffer.</summary>
    public void Append(EntryKind kind, ReadOnlySpan<byte> body)
    {
        Head = _hash.Chain(Head, kind, body);
        _buffer.U32((uint)body.Length + 1).U8((byte)kind).Raw(body).Value(Head);
        const int WriteAbove = 256 * 1024; // bounds the buffer; what is written early is merely not synced yet
        if (_buffer.Length > WriteAbove)
        {
            Flush();
        }
    }

    /// <summary>
    /// Begins a height: in a new segment if the current one is large. Older segments but the last are dropped: their heights
    /// are decided and durable.
    /// </summary>
    public void BeginHeight()
    {
        _lastHeight.Clear();
        if (File.Length + _buffer.Length < SegmentSize)
        {
            return;
        }

        Flush();
        File.Truncate(File.Length); // only the last segment has space behind its entries
        _disk.Sync([File]);
        SyncedHead = Head;
        File.Dispose();
        _reserved = 0;
        _number++;
        File = _disk.Open(Name(_number));
        Begin();
        while (_segments.Count > 2)
        {
            _disk.Delete(_segments[0]);
            _segments.RemoveAt(0);
        }
    }

    /// <summary>Writes the buffer to the file.</summary>
    public void Flush()
    {
        if (_buffer.Length > 0)
        {
            long end = File.Length + _buffer.Length;
            if (end > _reserved)
            {
                _reserved = end + Reservation;
                File.Reserve(_reserved);
            }

            File.Append(_buffer.Written);
            _buffer.Clear();
        }
    }

    /// <summary>Notes that everything flushed was synced.</summary>
    public void Synced() => SyncedHead = Head;

    private static string Name(ulong number) => Prefix + number.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);

    private void Begin()
    {
        File.Truncate(0);
        CanonicalWriter header = new(HeaderSize);
        header.Raw("THLG"u8).U16(Format).U16(0).U64(_number).Value(Head);
        File.Append(header.Written);
        if (_segments.Count == 0 || _segments[^1] != File.Name)
        {
            _segments.Add(File.Name);
        }
    }

    private bool ReadSegment(bool first, ValueId? sought)
    {
        byte[] bytes = new byte[File.Length];
        int length = File.Read(0, bytes);
        SegmentReader segment = new(bytes.AsMemory(0, length));
        if (!segment.IsKnown || (!first && segment.Head != Head))
        {
            Cut += length;
            File.Truncate(0);
            return false;
        }

        _number = segment.Number;
        FoundSought |= segment.Head == sought;
        while (segment.TryRead(out LogEntry entry))
        {
            FoundSought |= segment.Head == sought;
            if (entry.Kind == EntryKind.HeightStart)
            {
                _lastHeight.Clear();
            }

            _lastHeight.Add(entry);
        }

        Head = segment.Head;
        int unread = segment.Unread;
        if (segment.Offset < length)
        {
            Cut += unread;
            File.Truncate(segment.Offset);
        }

        return unread == 0;
    }
}
