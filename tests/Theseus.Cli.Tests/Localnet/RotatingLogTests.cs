using Theseus.Cli.Localnet;

namespace Theseus.Cli.Tests.Localnet;

/// <summary>A node's log has a bound, and what is behind it may fail.</summary>
public sealed class RotatingLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact] // fault 38
    public void TwoFilesOfABoundedSizeHoldTheNewestLines()
    {
        string path = _folder.Sub("node.log");
        using (RotatingLog log = new(path, maximumBytes: 100))
        {
            for (int i = 0; i < 50; i++)
            {
                log.Write($"line {i:00}"); // 8 bytes: 12 fit
            }
        }

        string[] lines = [.. File.ReadAllLines(RotatingLog.Previous(path)), .. File.ReadAllLines(path)];
        Assert.Equal(Enumerable.Range(50 - lines.Length, lines.Length).Select(i => $"line {i:00}"), lines);
        Assert.InRange(lines.Length, 13, 24);
        Assert.All([path, RotatingLog.Previous(path)], file => Assert.InRange(new FileInfo(file).Length, 1, 100));
    }

    [Fact] // fault 38: what an earlier run wrote counts
    public void ALogThatIsGoneOnWithKeepsItsBound()
    {
        string path = _folder.Sub("node.log");
        File.WriteAllText(path, new string('x', 99) + "\n");
        using RotatingLog log = new(path, maximumBytes: 100);
        log.Write("first");
        Assert.Equal("first\n", File.ReadAllText(path));
        Assert.Equal(100, new FileInfo(RotatingLog.Previous(path)).Length);
    }

    [Fact] // fault 30: a device that takes nothing ends nobody, and the loss is told when it takes lines again
    public void WhatCannotBeWrittenIsCountedAndTold()
    {
        string path = _folder.Sub("node.log");
        File.CreateSymbolicLink(path, "/dev/full");
        using RotatingLog log = new(path);
        log.Write("one");
        log.Write("two");
        File.Delete(path);
        log.Write("three");
        string[] lines = File.ReadAllLines(path);
        Assert.Equal(2, lines.Length);
        Assert.Contains("2 lines could not be written", lines[0]);
        Assert.Equal("three", lines[1]);
    }
}
