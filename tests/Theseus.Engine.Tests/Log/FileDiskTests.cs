namespace Theseus.Engine.Tests;

public sealed class FileDiskTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("theseus-disk").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(0, 20 * 2 * 2)] // in turn: each of the two files is timed, which takes two looks at the clock
    [InlineData(20, (2 * 2) + (19 * 2))] // each look comes 20 ms later: in turn once, then side by side, timed as one
    public void ASyncLeavesEveryFileWholeAndHidesNoError(int milliseconds, int looks)
    {
        LateClock clock = new(milliseconds);
        using FileDisk disk = new(_folder, clock);
        IDiskFile[] files = [.. Enumerable.Range(0, 2).Select(i => disk.Open($"f{i}"))];
        for (int turn = 0; turn < 20; turn++)
        {
            foreach (IDiskFile file in files)
            {
                file.Append([(byte)turn]);
            }

            disk.Sync(files);
        }

        Assert.Equal(looks, clock.Looks);
        foreach (IDiskFile file in files)
        {
            Assert.Equal(Enumerable.Range(0, 20).Select(static i => (byte)i), File.ReadAllBytes(Path.Combine(_folder, file.Name)));
        }

        // whichever of them cannot be synced, the caller hears of it
        for (int broken = 0; broken < files.Length; broken++)
        {
            IDiskFile[] some = [.. files];
            some[broken] = disk.Open("broken");
            some[broken].Dispose();
            Assert.Throws<ObjectDisposedException>(() => disk.Sync(some));
        }

        disk.Sync(files);
        foreach (IDiskFile file in files)
        {
            file.Dispose();
        }
    }

    /// <summary>Every look at it finds it so much later.</summary>
    private sealed class LateClock(int milliseconds) : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => 1000;

        public int Looks { get; private set; }

        public override long GetTimestamp()
        {
            Looks++;
            return _now += milliseconds;
        }
    }
}
