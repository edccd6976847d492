using Theseus.Move.Runtime;

namespace Theseus.Execution.Tests;

/// <summary>execution 6: the newest four snapshots are kept; the one used longest ago leaves.</summary>
public class CodeCacheTests
{
    [Fact]
    public void TheFourSnapshotsUsedLastAreKept()
    {
        StackRules rules = Chain.Oldest;
        CodeCache cache = new(rules);
        for (byte i = 1; i <= 4; i++)
        {
            cache.Add(Snapshot(i));
        }

        cache.Add(Snapshot(1)); // it is here
        Assert.Equal([1, 2, 3, 4], Known());

        Assert.Equal(RootOf(1), cache.Of(new RegistryOnly(1)).CodeRoot); // used: now 2 is the oldest
        cache.Add(Snapshot(5));
        Assert.Equal([1, 3, 4, 5], Known());

        Known(); // looking moves nobody
        cache.Add(Snapshot(6));
        Assert.Equal([1, 4, 5, 6], Known());

        int[] Known() => [.. Enumerable.Range(1, 9).Where(i => cache.Known(new RegistryOnly((byte)i)) is not null)];

        CodeSnapshot Snapshot(byte number) => CodeSnapshot.Load(RootOf(number), rules.Move, rules.Natives, static _ => null);
    }

    private static Hash32 RootOf(byte number) => new(Enumerable.Repeat(number, Hash32.Length).ToArray());

    /// <summary>A state with a code root and nothing else.</summary>
    private sealed class RegistryOnly(byte number) : IStateReader
    {
        // 0x1::code::Registry: upgrades u64, then the root with its length
        public byte[]? TryGet(StateKey key) => [0, 0, 0, 0, 0, 0, 0, 0, Hash32.Length, .. RootOf(number).ToArray()];
    }
}
