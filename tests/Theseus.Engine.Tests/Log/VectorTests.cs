using System.Text.Json.Nodes;
using Theseus.Consensus;

namespace Theseus.Engine.Tests;

/// <summary>docs/protocol/vectors/log.json, which was not made by this code.</summary>
public class VectorTests
{
    private static readonly JsonNode Vectors = JsonNode.Parse(File.ReadAllText(Find("docs/protocol/vectors/log.json")))!;

    [Fact]
    public void ASegmentHasTheBytesOfTheVectors()
    {
        MemoryDisk disk = new();
        ChainedLog log = ChainedLog.Open(disk, null);
        foreach (JsonNode? entry in Vectors["entries"]!.AsArray())
        {
            log.Append((EntryKind)entry!["kind"]!.GetValue<int>(), Bytes(entry["body"]));
            Assert.Equal(new ValueId(Bytes(entry["head"])), log.Head);
        }

        log.Flush();
        Assert.Equal(Vectors["segmentName"]!.GetValue<string>(), log.File.Name);
        Assert.Equal(Bytes(Vectors["segment"]), ReadAll(log.File));
    }

    [Fact]
    public void AReaderFindsTheEntriesAndStopsAtAnyFlippedBit()
    {
        byte[] segment = Bytes(Vectors["segment"]);
        JsonArray entries = Vectors["entries"]!.AsArray();
        SegmentReader reader = new(segment);
        for (int i = 0; i < entries.Count; i++)
        {
            Assert.True(reader.TryRead(out LogEntry entry));
            Assert.Equal(entries[i]!["kind"]!.GetValue<int>(), (int)entry.Kind);
            Assert.Equal(Bytes(entries[i]!["body"]), entry.Body.ToArray());
        }

        Assert.False(reader.TryRead(out _));
        Assert.Equal(segment.Length, reader.Offset);

        // a flip anywhere costs the entry that it is in and all after it; one in the header's head costs all of them
        for (int at = 0; at < segment.Length; at += 7)
        {
            byte[] rotten = [.. segment];
            rotten[at] ^= 0x10;
            SegmentReader broken = new(rotten);
            int whole = 0;
            while (broken.TryRead(out LogEntry entry))
            {
                Assert.Equal(Bytes(entries[whole]!["body"]), entry.Body.ToArray());
                whole++;
            }

            bool isInNumber = at is >= 8 and < 16; // it only names the next segment: nothing hashes it
            Assert.True(isInNumber ? whole == entries.Count : whole < entries.Count && broken.Offset <= int.Max(48, at + 1),
                $"flip at {at}: {whole} entries, offset {broken.Offset}");
        }
    }

    [Fact]
    public void AHeightStartHasTheBytesOfTheVectors()
    {
        JsonNode vector = Vectors["heightStart"]!;
        HeightStart start = new(
            ulong.Parse(vector["height"]!.GetValue<string>()),
            [.. vector["modules"]!.AsArray().Select(module => new ValueId(Bytes(module)))], new ValueId(Bytes(vector["setId"])),
            vector["logFormat"]!.GetValue<ushort>());
        Assert.Equal(Bytes(vector["bytes"]), start.Encode());
        HeightStart back = HeightStart.TryDecode(start.Encode())!;
        Assert.Equal((start.Height, start.SetId, start.LogFormat), (back.Height, back.SetId, back.LogFormat));
        Assert.Equal(start.Modules, back.Modules);
    }

    [Fact]
    public void TheMarksFileHasTheBytesOfTheVectors()
    {
        JsonNode vector = Vectors["mark"]!;
        MemoryDisk disk = new();
        MarkFile file = new(disk, "mark");
        string[] after = ["fileAfterOne", "fileAfterTwo"];
        for (int i = 0; i < 2; i++)
        {
            JsonNode signature = vector["signatures"]!.AsArray()[i]!;
            file.Write(new Mark(
                ulong.Parse(signature["height"]!.GetValue<string>()), signature["round"]!.GetValue<int>(),
                (SignKind)signature["kind"]!.GetValue<int>(),
                Bytes(vector["signBytes"]), new ByteString(Bytes(vector["signature"])), new ValueId(Bytes(vector["logHead"]))));
            Assert.Equal(Bytes(vector[after[i]]), ReadAll(file.File));
        }

        Assert.Equal(SignKind.Precommit, new MarkFile(disk, "mark").Current!.Kind);
    }

    private static byte[] ReadAll(IDiskFile file)
    {
        byte[] bytes = new byte[file.Length];
        Assert.Equal(bytes.Length, file.Read(0, bytes));
        return bytes;
    }

    private static byte[] Bytes(JsonNode? hex) => Convert.FromHexString(hex!.GetValue<string>());

    private static string Find(string file)
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, file)))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder?.FullName ?? throw new InvalidOperationException("the tests run outside the repository"), file);
    }
}
