using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>What heights a node has. A claim: it starts requests, never more (F13). Canonical: tip u64 | lowest u64.</summary>
public sealed record StatusMessage(ulong Tip, ulong Lowest)
{
    /// <summary>The canonical bytes.</summary>
    public byte[] Encode() => new CanonicalWriter(16).U64(Tip).U64(Lowest).ToArray();

    /// <summary>Reads a status; null if the bytes are not its canonical form.</summary>
    public static StatusMessage? TryDecode(ReadOnlySpan<byte> bytes)
    {
        CanonicalReader reader = new(bytes);
        StatusMessage status = new(reader.U64(), reader.U64());
        reader.End();
        return reader.Failed ? null : status;
    }
}

/// <summary>Asks for decided heights. Canonical: request u32 | from u64 | count u32.</summary>
public sealed record RangeRequest(uint Request, ulong From, int Count)
{
    /// <summary>The canonical bytes.</summary>
    public byte[] Encode() => new CanonicalWriter(16).U32(Request).U64(From).U32((uint)Count).ToArray();

    /// <summary>Reads a request; null if the bytes are not its canonical form.</summary>
    public static RangeRequest? TryDecode(ReadOnlySpan<byte> bytes)
    {
        CanonicalReader reader = new(bytes);
        RangeRequest request = new(reader.U32(), reader.U64(), (int)uint.Min(reader.U32(), int.MaxValue));
        reader.End();
        return reader.Failed ? null : request;
    }
}

/// <summary>
/// Gives a prefix of the range asked for. Canonical: request u32 | from u64 | count | (commit certificate | content (ULEB
/// length))*.
/// </summary>
public sealed record RangeReply(uint Request, ulong From, IReadOnlyList<DecidedHeight> Heights)
{
    /// <summary>Heights of a reply at most.</summary>
    public const int MaximumHeights = 32;

    /// <summary>The canonical bytes.</summary>
    public byte[] Encode()
    {
        CanonicalWriter writer = new(4096);
        writer.U32(Request).U64(From).Uleb((uint)Heights.Count);
        foreach (DecidedHeight height in Heights)
        {
            writer.Write(height.Certificate).Bytes(height.Content.Span);
        }

        return writer.ToArray();
    }

    /// <summary>Reads a reply; null if the bytes are not its canonical form.</summary>
    public static RangeReply? TryDecode(ReadOnlySpan<byte> bytes, int maximumContent)
    {
        CanonicalReader reader = new(bytes);
        uint request = reader.U32();
        ulong from = reader.U64();
        int count = reader.Count(MaximumHeights);
        List<DecidedHeight> heights = [];
        for (int i = 0; i < count && !reader.Failed; i++)
        {
            heights.Add(new DecidedHeight(reader.ReadCommit(), reader.Bytes(maximumContent).ToArray()));
        }

        reader.End();
        return reader.Failed ? null : new RangeReply(request, from, heights);
    }
}
