using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>
/// The mark's file: two slots of 1,024 bytes, written in turn, so that a torn write leaves the older one. A slot:
/// <code>
/// length u32 | body | SHA3-256 of body
/// body: sequence u64 | height u64 | round i32 | kind u8 | sign bytes (ULEB length) | signature (ULEB length) | log head 32
/// </code>
/// </summary>
public sealed class MarkFile
{
    /// <summary>Bytes of a slot.</summary>
    public const int SlotSize = 1024;

    private const int MaximumSignBytes = 512;

    private const int Slots = 2;

    private readonly IDiskFile _file;
    private ulong _sequence;

    /// <summary>Opens the mark, or makes it where the log proves that nothing was signed yet.</summary>
    /// <param name="disk">The disk of the mark and of the log.</param>
    /// <param name="name">The file's name.</param>
    /// <exception cref="IOException">The disk fails.</exception>
    public MarkFile(IDisk disk, string name)
    {
        _file = disk.Open(name);
        for (int slot = 0; slot < Slots; slot++)
        {
            if (Read(slot) is { } found && (Current is null || found.Sequence > _sequence))
            {
                (_sequence, Current) = found;
            }
        }

        if (Current is not null)
        {
            return;
        }

        OwnMessages signed = OwnMessageSearch.In(disk);
        bool isHalfMade = _file.Length > 0 && IsBlank();
        Fault = signed == OwnMessages.Possible
            ? $"the signer's mark '{name}' is {Describe(isHalfMade)}, and the log shows that this key has signed before"
            : _file.Length > 0 && !isHalfMade ? $"the signer's mark '{name}' cannot be read"
            : isHalfMade && signed == OwnMessages.Unknown
            ? $"the signer's mark '{name}' is empty, and there is no log to prove that nothing was signed"
            : null;
        if (Fault is null && isHalfMade)
        {
            _file.Truncate(0); // a crash came between making the file and the first signature
        }
    }

    /// <summary>The file, to be synced together with the log.</summary>
    public IDiskFile File => _file;

    /// <summary>The newest mark; null if nothing was signed, or what was signed is unknown.</summary>
    public Mark? Current { get; private set; }

    /// <summary>Why it is unknown what was signed, so that nothing may be (F8); null while it is known.</summary>
    public string? Fault { get; }

    /// <summary>Writes the mark over the older slot; durable after a sync of <see cref="File"/>.</summary>
    public void Write(Mark mark)
    {
        ulong sequence = _sequence + 1;
        CanonicalWriter body = new(SlotSize);
        body.U64(sequence).U64(mark.Height).I32(mark.Round).U8((byte)mark.Kind)
            .Bytes(mark.SignBytes).Bytes(mark.Signature.Span).Value(mark.LogHead);
        CanonicalWriter slot = new(SlotSize);
        slot.U32((uint)body.Length).Raw(body.Written).Raw(Sha3.Hash256(body.Written));
        if (slot.Length > SlotSize)
        {
            throw new InvalidOperationException("a mark exceeds its slot");
        }

        slot.Raw(new byte[SlotSize - slot.Length]);
        if (_file.Length == 0 && sequence % 2 == 1)
        {
            _file.Append(new byte[SlotSize]); // slot 0 exists before slot 1 is written
        }

        _file.Write((long)(sequence % 2) * SlotSize, slot.Written);
        (_sequence, Current) = (sequence, mark);
    }

    private string Describe(bool isHalfMade) => _file.Length == 0 ? "missing" : isHalfMade ? "empty" : "unreadable";

    // all zeros, and no longer than the file ever is
    private bool IsBlank()
    {
        byte[] bytes = new byte[(Slots * SlotSize) + 1];
        int length = _file.Read(0, bytes);
        return length < bytes.Length && !bytes.AsSpan(0, length).ContainsAnyExcept((byte)0);
    }

    private (ulong Sequence, Mark Mark)? Read(int slot)
    {
        byte[] bytes = new byte[SlotSize];
        if (_file.Read((long)slot * SlotSize, bytes) < SlotSize)
        {
            return null;
        }

        CanonicalReader outer = new(bytes);
        int length = (int)uint.Min(outer.U32(), SlotSize);
        ReadOnlySpan<byte> body = outer.Raw(length);
        ReadOnlySpan<byte> sum = outer.Raw(Sha3.Length);
        if (outer.Failed || body.IsEmpty || !sum.SequenceEqual(Sha3.Hash256(body)))
        {
            return null;
        }

        CanonicalReader reader = new(body);
        ulong sequence = reader.U64();
        Mark mark = new(
            reader.U64(), reader.I32(), (SignKind)reader.U8(), reader.Bytes(MaximumSignBytes).ToArray(),
            new ByteString(reader.Bytes(Canonical.MaximumSignature)), reader.Value());
        reader.End();
        return reader.Failed ? null : (sequence, mark);
    }
}
