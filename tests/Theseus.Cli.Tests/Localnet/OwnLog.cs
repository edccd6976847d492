using Theseus.Consensus;
using Theseus.Engine;

namespace Theseus.Cli.Tests.Localnet;

/// <summary>What a node's consensus log says about its part in each height.</summary>
internal static class OwnLog
{
    public static IReadOnlyList<LogEntry> Entries(string home)
    {
        List<LogEntry> entries = [];
        foreach (string file in Directory.EnumerateFiles(Path.Combine(home, "consensus"), "log-*").Order(StringComparer.Ordinal))
        {
            using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            SegmentReader segment = new(bytes);
            while (segment.TryRead(out LogEntry entry))
            {
                entries.Add(entry);
            }
        }

        return entries;
    }

    /// <summary>The heights that the node began, and those in which it signed a precommit.</summary>
    public static (SortedSet<ulong> Begun, SortedSet<ulong> Precommitted) Heights(string home)
    {
        SortedSet<ulong> begun = [];
        SortedSet<ulong> precommitted = [];
        foreach (LogEntry entry in Entries(home))
        {
            if (entry.Kind == EntryKind.HeightStart && HeightStart.TryDecode(entry.Body.Span) is { } start)
            {
                begun.Add(start.Height);
            }
            else if (entry.Kind is EntryKind.Input or EntryKind.Recovered
                && InputEncoding.TryReadMessage(entry.Body.Span, out bool isOwn) is ConsensusMessage.OfVote vote && isOwn
                && vote.Vote.Message.Type == VoteType.Precommit)
            {
                precommitted.Add(vote.Height);
            }
        }

        return (begun, precommitted);
    }
}
