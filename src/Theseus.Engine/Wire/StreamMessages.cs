using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>
/// Opens a proposal's stream, signed by the proposer (consensus N11). Canonical: height u64 | round i32 | proposer 32 |
/// signature (ULEB length). Signed under the tag of init: height u64 | round i32.
/// </summary>
public sealed record StreamInit(ulong Height, int Round, ValidatorId Proposer, ByteString Signature)
{
    /// <summary>What a proposer signs to open its stream.</summary>
    public static byte[] SignBytesOf(SignContext context, ulong height, int round) =>
        SignBytes.Of(context, SignKind.Init, new CanonicalWriter(16).U64(height).I32(round).Written);

    /// <summary>The canonical bytes.</summary>
    public byte[] Encode() => new CanonicalWriter(160).U64(Height).I32(Round).Validator(Proposer).Bytes(Signature.Span).ToArray();

    /// <summary>Reads an Init; null if the bytes are not its canonical form.</summary>
    public static StreamInit? TryDecode(ReadOnlySpan<byte> bytes)
    {
        CanonicalReader reader = new(bytes);
        StreamInit init = new(reader.U64(), reader.I32(), reader.Validator(), reader.ReadSignature());
        reader.End();
        return reader.Failed ? null : init;
    }
}

/// <summary>A part of a proposal's content. Canonical: height u64 | round i32 | index u32 | bytes (ULEB length).</summary>
public sealed record StreamPart(ulong Height, int Round, int Index, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Bytes of a part at most.</summary>
    public const int MaximumSize = 64 * 1024;

    /// <summary>The canonical bytes.</summary>
    public byte[] Encode() => new CanonicalWriter(32 + Bytes.Length).U64(Height).I32(Round).U32((uint)Index).Bytes(Bytes.Span).ToArray();

    /// <summary>Reads a part; null if the bytes are not its canonical form.</summary>
    public static StreamPart? TryDecode(ReadOnlySpan<byte> bytes)
    {
        CanonicalReader reader = new(bytes);
        StreamPart part = new(reader.U64(), reader.I32(), (int)uint.Min(reader.U32(), int.MaxValue), reader.Bytes(MaximumSize).ToArray());
        reader.End();
        return reader.Failed ? null : part;
    }
}

/// <summary>
/// Ends a stream: the signed proposal, the number of parts and SHA3-256 of the content. Canonical: signed proposal | count u32
/// | commitment 32.
/// </summary>
public sealed record StreamFin(Signed<Proposal> Proposal, int Count, ValueId Commitment)
{
    /// <summary>The canonical bytes.</summary>
    public byte[] Encode() => new CanonicalWriter(256).Write(Proposal).U32((uint)Count).Value(Commitment).ToArray();

    /// <summary>Reads a Fin; null if the bytes are not its canonical form.</summary>
    public static StreamFin? TryDecode(ReadOnlySpan<byte> bytes)
    {
        CanonicalReader reader = new(bytes);
        StreamFin fin = new(reader.ReadSignedProposal(), (int)uint.Min(reader.U32(), int.MaxValue), reader.Value());
        reader.End();
        return reader.Failed ? null : fin;
    }
}

/// <summary>
/// Asks a signer for a value's content (consensus N9), or gives it. Canonical: value 32 | content (ULEB length; empty in a
/// request).
/// </summary>
public sealed record ContentMessage(ValueId Value, ReadOnlyMemory<byte> Content)
{
    /// <summary>The canonical bytes.</summary>
    public byte[] Encode() => new CanonicalWriter(40 + Content.Length).Value(Value).Bytes(Content.Span).ToArray();

    /// <summary>Reads a content message; null if the bytes are not its canonical form.</summary>
    public static ContentMessage? TryDecode(ReadOnlySpan<byte> bytes, int maximum)
    {
        CanonicalReader reader = new(bytes);
        ContentMessage message = new(reader.Value(), reader.Bytes(maximum).ToArray());
        reader.End();
        return reader.Failed ? null : message;
    }
}
