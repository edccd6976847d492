using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>What a log tells of the messages that were signed with its node's key.</summary>
public enum OwnMessages
{
    /// <summary>There is no log: it tells nothing.</summary>
    Unknown = 0,

    /// <summary>A log is there, and holds none.</summary>
    None,

    /// <summary>It holds some, or a part of it cannot be read.</summary>
    Possible,
}

/// <summary>Reads a log without changing it, to learn whether anything was signed (consensus N14).</summary>
public static class OwnMessageSearch
{
    /// <summary>Looks through all segments of a disk.</summary>
    /// <exception cref="IOException">The disk fails.</exception>
    public static OwnMessages In(IDisk disk)
    {
        string[] segments = [.. disk.List().Where(static name => name.StartsWith(ChainedLog.Prefix, StringComparison.Ordinal))];
        if (segments.Length == 0)
        {
            return OwnMessages.Unknown;
        }

        foreach (string name in segments)
        {
            using IDiskFile file = disk.Open(name);
            byte[] bytes = new byte[file.Length];
            SegmentReader reader = new(bytes.AsMemory(0, file.Read(0, bytes)));
            if (!reader.IsKnown && bytes.AsSpan().ContainsAnyExcept((byte)0))
            {
                return OwnMessages.Possible;
            }

            while (reader.TryRead(out LogEntry entry))
            {
                if (entry.Kind == EntryKind.Recovered || (entry.Kind == EntryKind.Input && IsOwn(entry.Body.Span)))
                {
                    return OwnMessages.Possible;
                }
            }
        }

        return OwnMessages.None;
    }

    private static bool IsOwn(ReadOnlySpan<byte> input)
    {
        InputEncoding.TryReadMessage(input, out bool isOwn);
        return isOwn;
    }
}
