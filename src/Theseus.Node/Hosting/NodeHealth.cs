namespace Theseus.Node;

/// <summary>
/// The state of a node, by the one definition that health checks, status, logs, metrics and the judgement of peers share. It is up to date
/// when its newest block is not older than <see cref="Patience"/> by this machine's clock, and it is not catching up.
/// </summary>
/// <param name="IsLive">All loops of the node run. When one has ended, the process is about to end too.</param>
/// <param name="NotReady">Why the node should get no requests, in a sentence; null while it is ready.</param>
/// <param name="IsStalled">
/// No block was executed for longer than <see cref="Patience"/>, and the node knows of none to catch up with: an alarm.
/// </param>
/// <param name="SinceBlock">Time since this node executed a block, or since it started.</param>
/// <param name="HeadAge">Age of the newest block by this machine's clock; zero if the block is from the future.</param>
/// <param name="Patience">The time without a block that is not an alarm yet.</param>
/// <param name="End">Why the node ended; null while it runs.</param>
public sealed record NodeHealth(
    bool IsLive, string? NotReady, bool IsStalled, TimeSpan SinceBlock, TimeSpan HeadAge, TimeSpan Patience, NodeEnd? End)
{
    /// <summary>Time without a block, beside two block intervals, that is still normal: a few rounds that fail.</summary>
    public static readonly TimeSpan BasePatience = TimeSpan.FromSeconds(10);

    /// <summary>Judges a node.</summary>
    /// <param name="end">Why it ended; null while it runs.</param>
    /// <param name="halted">Why it no longer takes part; null while it does.</param>
    /// <param name="isSyncing">Whether heights that others served wait to be executed.</param>
    /// <param name="sinceBlock">Time since it executed a block, or since it started.</param>
    /// <param name="headAge">Age of the newest block by this machine's clock.</param>
    /// <param name="blockInterval">The chain's block interval.</param>
    public static NodeHealth Of(NodeEnd? end, string? halted, bool isSyncing, TimeSpan sinceBlock, TimeSpan headAge, TimeSpan blockInterval)
    {
        TimeSpan patience = BasePatience + (2 * blockInterval);
        bool isStalled = !isSyncing && sinceBlock > patience;
        string? notReady =
            end is not null ? $"{end.Message}; {end.Advice}"
            : halted is not null ? halted
            : isSyncing ? "catching up"
            : isStalled ? $"no block for {sinceBlock.TotalSeconds:0} s"
            : headAge > patience && headAge - sinceBlock <= patience
                ? $"no block for {headAge.TotalSeconds:0} s" // it was young when it came: neither behind nor a wrong clock
            : headAge > patience
                ? $"the newest block is {headAge.TotalSeconds:0} s old: still catching up, or this machine's clock is wrong"
            : null;
        TimeSpan age = headAge < TimeSpan.Zero ? TimeSpan.Zero : headAge;
        return new NodeHealth(end is null, notReady, isStalled, sinceBlock, age, patience, end);
    }

    /// <summary>Whether the newest block tells enough of the present to judge peers by it.</summary>
    public bool IsCurrent => IsLive && !IsStalled && HeadAge <= Patience;
}
