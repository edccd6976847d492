using Theseus.Node;

namespace Theseus.Rpc.Tests;

/// <summary>Probes of a node that is well.</summary>
internal static class TestProbes
{
    public static readonly FrontProbes Ready = new(() => Health(true, null), static () => null, static _ => Task.CompletedTask);

    public static NodeHealth Health(bool isLive, string? notReady) => new(isLive, notReady, false, TimeSpan.Zero, TimeSpan.Zero,
        NodeHealth.BasePatience, null);
}
