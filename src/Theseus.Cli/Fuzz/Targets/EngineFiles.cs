using Theseus.Consensus;
using Theseus.Engine;

namespace Theseus.Cli.Fuzz.Targets;

/// <summary>The files of a validator's consensus folder: its log and its signer's mark.</summary>
internal static class EngineFiles
{
    private const string MarkName = "mark";

    /// <summary>A segment of a log and a mark, as production code writes them.</summary>
    public static (byte[] Segment, byte[] Mark) Written(FuzzChain chain, ConsensusSamples samples)
    {
        MemoryDisk disk = new();
        ChainedLog log = ChainedLog.Open(disk, null);
        log.BeginHeight();
        ulong height = (ulong)samples.Decided.Count;
        log.Append(EntryKind.HeightStart, new HeightStart(height, [samples.Set.Id], samples.Set.Id, ChainedLog.Format).Encode());
        log.Append(EntryKind.Input, InputEncoding.Encode(new Input.StartHeight(
            height, samples.Set, chain.Validators[0].Id, Timeouts.Localnet)));
        foreach (ConsensusMessage.OfVote vote in samples.Messages.OfType<ConsensusMessage.OfVote>())
        {
            log.Append(EntryKind.Input, InputEncoding.Encode(new Input.OwnVote(vote.Vote)));
        }

        log.Flush();
        log.Synced();
        LocalSigner signer = new(new Node.NodeKey(chain.Validators[0].Seed), disk, MarkName);
        foreach (int round in (int[])[0, 1])
        {
            Vote vote = new(VoteType.Prevote, height, round, null, Rounds.Nil, chain.Validators[0].Id);
            signer.Sign(new SignRequest(SignKind.Prevote, height, round, SignBytes.Of(samples.Context, vote), log.Head));
        }

        return (Content(disk, log.File.Name), Content(disk, MarkName));
    }

    /// <summary>Opens a log whose only segment has this content, and audits it.</summary>
    public static void ReadSegment(byte[] input)
    {
        SegmentReader reader = new(input);
        VoteAudit audit = new();
        while (reader.TryRead(out LogEntry entry))
        {
            audit.Add("fuzz", entry);
        }

        MemoryDisk disk = new();
        IDiskFile file = disk.Open(ChainedLog.Prefix + "0000000000000000");
        file.Append(input);
        ChainedLog.Open(disk, null);
        OwnMessageSearch.In(disk);
    }

    /// <summary>Opens a signer whose mark has this content.</summary>
    public static void ReadMark(byte[] input)
    {
        MemoryDisk disk = new();
        disk.Open(MarkName).Append(input);
        _ = new MarkFile(disk, MarkName).Current;
    }

    private static byte[] Content(MemoryDisk disk, string name)
    {
        IDiskFile file = disk.Open(name);
        byte[] bytes = new byte[file.Length];
        file.Read(0, bytes);
        return bytes;
    }
}
