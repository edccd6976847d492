namespace Theseus.Engine.Tests;

public sealed class FileDiskTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("theseus-disk").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(0)] // files are synced in turn
    [InlineData(20)] // each sync seems to take 20 ms: side by side after the first
    public void A_sync_leaves_every_file_whole_and_hides_no_error(int milliseconds)
    {
        using FileDisk disk = new(_folder, new LateClock(milliseconds));
        IDiskFile[] files = [.. Enumerable.Range(0, 2).Select(i => disk.Open($"f{i}"))];
        for (int turn = 0; turn < 20; turn++)
        {
            foreach (IDiskFile file in files)
            {
                file.Append([(byte)turn]);
            }

            disk.Sync(files);
        }

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

        public override long GetTimestamp() => _now += milliseconds;
    }
}
