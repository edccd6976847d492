using System.CommandLine;
using Theseus.Consensus;
using Theseus.Engine;

namespace Theseus.Cli.Commands;

/// <summary>theseus db: looks into data folders.</summary>
internal static class DbCommands
{
    public static Command Db() => new("db",
        "Look into data folders\n\nExample: theseus db supply --dir .theseus/localnet/n1") { AuditVotes(), SupplyCommand.Supply() };

    private static Command AuditVotes()
    {
        Argument<string[]> homes = new("dir") { Description = "Data folders of nodes, running or not (or their consensus folders)",
            Arity = ArgumentArity.OneOrMore };
        Option<bool> json = CommonOptions.Json();
        Command command = new(
            "audit-votes",
            "Prove that no validator contradicted itself: looks through the consensus logs of all given nodes for double votes, "
                + "double proposals "
            + "and amnesia\n\nExample:\n  theseus db audit-votes .theseus/localnet/n1 .theseus/localnet/n2")
        {
            homes, json,
        };
        command.SetAction(parsed => Run(parsed.GetValue(homes)!, parsed.GetValue(json)));
        return command;
    }

    private static int Run(IReadOnlyList<string> homes, bool json)
    {
        VoteAudit audit = new();
        List<AuditedLog> logs = [.. homes.Select(home => Read(home, audit))];
        bool clean = audit.Offences.Count == 0;
        if (json)
        {
            Terminal.Json(new
            {
                clean,
                logs,
                votes = audit.Votes,
                own = audit.Own,
                heights = audit.Votes == 0 ? null : new { from = audit.LowestHeight, to = audit.HighestHeight },
                conflicts = audit.Offences.Select(found => new { offence = found.Kind.ToString(), first = Row(found.First), second = Row(
                    found.Second) }),
            });
            return clean ? ExitCode.Clean : ExitCode.Failure;
        }

        Terminal.Table(["log", "entries", "heights", "bytes unread"], logs.Select(log => new[] { log.Home, $"{log.Entries}",
            $"{log.Heights}", $"{log.UnreadBytes}" }));
        Terminal.Fields(
            ("votes", $"{audit.Votes} (one for each validator, height, round and type), {audit.Own} signed by these nodes"),
            ("heights", audit.Votes == 0 ? "none" : $"{audit.LowestHeight} to {audit.HighestHeight}"),
            ("conflicts", $"{audit.Offences.Count}"));
        foreach (FoundOffence found in audit.Offences)
        {
            Terminal.Print($"validator {found.First.Validator} {Describe(found)}:");
            Print(found.First);
            Print(found.Second);
        }

        return clean ? ExitCode.Clean : ExitCode.Failure;
    }

    private static string Describe(FoundOffence found) => found.Kind switch
    {
        EvidenceKind.Amnesia => $"signed a prevote in height {found.First.Height} that its earlier precommit forbids (amnesia)",
        _ => $"signed two {found.First.Kind}s in height {found.First.Height} round {found.First.Round}",
    };

    private static void Print(FoundMessage found) => Terminal.Print(
        $"  {found.Kind} of round {found.Round}, value {found.Value?.ToString() ?? "nil"}, valid round {found.ValidRound}, "
        + $"signature {Convert.ToHexStringLower(found.Signature.Span)}, in {found.Source}");

    private static object Row(FoundMessage found) => new
    {
        validator = found.Validator.ToString(),
        height = found.Height,
        round = found.Round,
        type = found.Kind.ToString(),
        value = found.Value?.ToString(),
        validRound = found.ValidRound,
        signature = Convert.ToHexStringLower(found.Signature.Span),
        log = found.Source,
    };

    private static AuditedLog Read(string home, VoteAudit audit)
    {
        string folder = Path.Combine(home, "consensus");
        folder = Directory.Exists(folder) ? folder : home;
        IReadOnlyList<string> files = Directory.Exists(folder)
            ? new Place("<dir>", folder) { Unreadable = ExitCode.DataFolder }.Files(ChainedLog.Prefix + "*",
                SearchOption.TopDirectoryOnly)
            : [];
        if (files.Count == 0)
        {
            throw new CommandFailure($"no consensus log in {home}; give a node's data folder, such as .theseus/localnet/n1",
                ExitCode.DataFolder);
        }

        long entries = 0;
        long heights = 0;
        long unread = 0;
        foreach (string file in files)
        {
            byte[] bytes = ReadAll(file);
            SegmentReader segment = new(bytes);
            while (segment.TryRead(out LogEntry entry))
            {
                entries++;
                heights += entry.Kind == EntryKind.HeightStart ? 1 : 0;
                audit.Add(home, entry);
            }

            unread += segment.Unread; // a torn tail, or what a running node is just writing
        }

        return new AuditedLog(home, files.Count, entries, heights, unread);
    }

    /// <summary>Bytes of a segment that is read: many times what a node writes into one.</summary>
    private const long MaximumSegment = 1 << 30;

    // A running node holds its log open for writing and may drop an old segment meanwhile.
    private static byte[] ReadAll(string file)
    {
        try
        {
            return new Place("<dir>", file) { Unreadable = ExitCode.DataFolder }.Read(MaximumSegment);
        }
        catch (CommandFailure) when (!Path.Exists(file))
        {
            return [];
        }
    }

    private sealed record AuditedLog(string Home, int Segments, long Entries, long Heights, long UnreadBytes);
}
