using Theseus.Consensus;

namespace Theseus.Engine.Tests;

public class ChainedLogTests
{
    private const string FirstSegment = "log-0000000000000000";
    private const int HeaderSize = 48;

    [Fact]
    public void C42APowerFailureKeepsExactlyTheSyncedEntries()
    {
        MemoryDisk disk = new();
        ChainedLog log = ChainedLog.Open(disk, null);
        Write(disk, log, 3);
        ValueId head = log.SyncedHead;
        log.Append(EntryKind.Input, [9]);
        log.Flush();
        disk.Crash();
        ChainedLog again = ChainedLog.Open(disk, head);
        Assert.Equal([0, 1, 2], again.LastHeight.Skip(1).Select(e => (int)e.Body.Span[0]));
        Assert.True(again.FoundSought);
        Assert.Equal(head, again.Head);
        Assert.Equal(0, again.Cut);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(9)]
    public void C41ABrokenEntryKKeepsExactlyTheEntriesBeforeIt(int k)
    {
        MemoryDisk disk = new();
        ChainedLog log = ChainedLog.Open(disk, null);
        Write(disk, log, 10);
        ValueId head = log.Head;
        long length = disk.Open(FirstSegment).Length;
        int startEntry = 4 + 1 + new HeightStart(1, [], default, 1).Encode().Length + 32;
        const int Entry = 4 + 1 + 1 + 32;
        disk.Rot(FirstSegment, HeaderSize + startEntry + (k * Entry) + 5); // the body byte of entry k
        ChainedLog again = ChainedLog.Open(disk, head);
        Assert.Equal(Enumerable.Range(0, k), again.LastHeight.Skip(1).Select(e => (int)e.Body.Span[0]));
        Assert.False(again.FoundSought);
        Assert.Equal((10 - k) * Entry, again.Cut);
        Assert.Equal(length - again.Cut, disk.Open(FirstSegment).Length);
    }

    [Fact]
    public void EveryFlippedBitIsFound()
    {
        MemoryDisk sample = new();
        Write(sample, ChainedLog.Open(sample, null), 3);
        long length = sample.Open(FirstSegment).Length;
        for (long offset = 0; offset < length; offset++)
        {
            MemoryDisk disk = new();
            ChainedLog log = ChainedLog.Open(disk, null);
            Write(disk, log, 3);
            disk.Rot(FirstSegment, offset);
            bool intact = ChainedLog.Open(disk, log.Head).FoundSought;
            Assert.Equal(offset is >= 8 and < 16, intact); // the segment's number is not chained, its name says it too
        }
    }

    [Fact]
    public void ATornTailIsCutAndTheLogGoesOn()
    {
        for (int keep = 0; keep <= 1000; keep += 50)
        {
            MemoryDisk disk = new();
            ChainedLog log = ChainedLog.Open(disk, null);
            Write(disk, log, 2);
            log.Append(EntryKind.Input, new byte[100]);
            log.Flush();
            disk.Crash(_ => keep);
            ChainedLog again = ChainedLog.Open(disk, null);
            Assert.InRange(again.LastHeight.Count, 3, 4);
            again.Append(EntryKind.Input, [7]);
            again.Flush();
            ChainedLog third = ChainedLog.Open(disk, again.Head);
            Assert.True(third.FoundSought);
            Assert.Equal(7, third.LastHeight[^1].Body.Span[0]);
        }
    }

    [Fact]
    public void LargeLogsAreCutIntoSegmentsAndOldOnesDropped()
    {
        MemoryDisk disk = new();
        ChainedLog log = ChainedLog.Open(disk, null);
        Fill(disk, log, heights: 12, new byte[6 * 1024 * 1024]);

        Assert.InRange(disk.List().Count, 2, 3);
        ChainedLog again = ChainedLog.Open(disk, log.Head);
        Assert.True(again.FoundSought);
        Assert.Equal(12UL, HeightStart.TryDecode(again.LastHeight[0].Body.Span)!.Height);
        Assert.Equal(2, again.LastHeight.Count);
    }

    [Fact]
    public void OnlyTheLastSegmentHasReservedSpaceBehindItsEntriesAndItCountsAsNothing()
    {
        MemoryDisk disk = new();
        ChainedLog log = ChainedLog.Open(disk, null);
        Fill(disk, log, heights: 3, new byte[9 * 1024 * 1024]);

        disk.Crash();
        string[] names = [.. disk.List()];
        Assert.Equal(2, names.Length);
        SegmentReader[] segments = [.. names.Select(name => ReadOut(disk, name))];
        Assert.Equal([true, false], segments.Zip(names, (segment, name) => segment.Offset == disk.Open(name).Length));
        Assert.Equal([0, 0], segments.Select(static segment => segment.Unread));

        // what is no zero is no reserved space
        disk.Rot(names[1], disk.Open(names[1]).Length - 1);
        Assert.Equal(disk.Open(names[1]).Length - segments[1].Offset, ReadOut(disk, names[1]).Unread);
        ChainedLog again = ChainedLog.Open(disk, log.Head);
        Assert.True(again.FoundSought);
        Assert.NotEqual(0, again.Cut);
        Assert.Equal(3UL, HeightStart.TryDecode(again.LastHeight[0].Body.Span)!.Height);
    }

    [Fact]
    public void TheFirstEntryOfAHeightReadsBack()
    {
        HeightStart start = new(77, [new ValueId(Enumerable.Repeat((byte)1, 32).ToArray())],
            new ValueId(Enumerable.Repeat((byte)2, 32).ToArray()), 1);
        HeightStart again = HeightStart.TryDecode(start.Encode())!;
        Assert.Equal((start.Height, start.SetId, start.LogFormat), (again.Height, again.SetId, again.LogFormat));
        Assert.Equal(start.Modules, again.Modules);
        Assert.Null(HeightStart.TryDecode(start.Encode().AsSpan(1)));
    }

    [Fact]
    public void FilesOfTheFileSystemKeepTheLog()
    {
        string folder = Directory.CreateTempSubdirectory("theseus-log").FullName;
        try
        {
            using FileDisk disk = new(folder, TimeProvider.System);
            ChainedLog log = ChainedLog.Open(disk, null);
            Write(disk, log, 3);
            LocalSigner signer = new(new Keys.Key(0), disk);
            signer.Sign(new SignRequest(SignKind.Prevote, 4, 1, [1, 2], log.Head));
            disk.Sync([log.File, signer.MarkFile!]);
            long written = log.File.Length;
            log.File.Dispose();
            signer.MarkFile!.Dispose();
            // reserved space
            Assert.InRange(new FileInfo(Path.Combine(folder, FirstSegment)).Length, OperatingSystem.IsLinux() ? written + 1 : written,
                written + (1024 * 1024));

            using FileDisk second = new(folder, TimeProvider.System);
            Assert.Equal([FirstSegment, "mark"], second.List());
            ChainedLog again = ChainedLog.Open(second, log.Head);
            Assert.True(again.FoundSought);
            Assert.Equal(0, again.Cut);
            Assert.Equal(written, new FileInfo(Path.Combine(folder, FirstSegment)).Length);
            Assert.Equal(4, again.LastHeight.Count);
            LocalSigner back = new(new Keys.Key(0), second);
            Assert.Equal((4UL, 1, SignKind.Prevote), (back.Mark!.Height, back.Mark.Round, back.Mark.Kind));
            again.File.Truncate(10);
            Assert.Equal(10, again.File.Length);
            again.File.Dispose();
            back.MarkFile!.Dispose();
            second.Delete(FirstSegment);
            Assert.Equal(["mark"], second.List());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Fill(MemoryDisk disk, ChainedLog log, ulong heights, byte[] block)
    {
        for (ulong height = 1; height <= heights; height++)
        {
            log.BeginHeight();
            log.Append(EntryKind.HeightStart, new HeightStart(height, [], default, 1).Encode());
            log.Append(EntryKind.Content, block);
            log.Flush();
            disk.Sync([log.File]);
            log.Synced();
        }
    }

    private static SegmentReader ReadOut(MemoryDisk disk, string name)
    {
        IDiskFile file = disk.Open(name);
        byte[] bytes = new byte[file.Length];
        Assert.Equal(bytes.Length, file.Read(0, bytes));
        SegmentReader segment = new(bytes);
        while (segment.TryRead(out _))
        {
            // to the end of its entries
        }

        return segment;
    }

    private static void Write(IDisk disk, ChainedLog log, int entries)
    {
        log.BeginHeight();
        log.Append(EntryKind.HeightStart, new HeightStart(1, [], default, 1).Encode());
        for (int i = 0; i < entries; i++)
        {
            log.Append(EntryKind.Input, [(byte)i]);
        }

        log.Flush();
        disk.Sync([log.File]);
        log.Synced();
    }
}
