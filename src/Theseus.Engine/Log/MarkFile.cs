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
    public const int SlotSize = 1024;

    private const int MaximumSignBytes = 512;

    private readonly IDiskFile _file;
    private ulong _sequence;

    public MarkFile(IDisk disk, string name)
    {
        _file = disk.Open(name);
        for (int slot = 0; slot < 2; slot++)
        {
            if (Read(slot) is { } found && (Current is null || found.Sequence > _sequence))
            {
                (_sequence, Current) = found;
            }
        }

        IsBroken = Current is null && _file.Length > 0;
    }

    public IDiskFile File => _file;

    public Mark? Current { get; private set; }

    /// <summary>The file has bytes and no readable slot: what was signed is unknown, so nothing may be signed (F8).</summary>
    public bool IsBroken { get; }

    /// <summary>Writes the mark over the older slot; durable after a sync of <see cref="File"/>.</summary>
    public void Write(Mark mark)
    {
        ulong sequence = _sequence + 1;
        CanonicalWriter body = new(SlotSize);
        body.U64(sequence).U64(mark.Height).I32(mark.Round).U8((byte)mark.Kind).Bytes(mark.SignBytes).Bytes(mark.Signature.Span).Value(mark.LogHead);
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
        Mark mark = new(reader.U64(), reader.I32(), (SignKind)reader.U8(), reader.Bytes(MaximumSignBytes).ToArray(), new ByteString(reader.Bytes(Canonical.MaximumSignature)), reader.Value());
        reader.End();
        return reader.Failed ? null : (sequence, mark);
    }
}
