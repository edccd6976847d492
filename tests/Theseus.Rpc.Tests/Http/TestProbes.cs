using Theseus.Node;

namespace Theseus.Rpc.Tests;

/// <summary>Probes of a node that is well.</summary>
internal static class TestProbes
{
    public static readonly FrontProbes Ready = new(
        () => true, () => new ReadinessReport(ReadyState.Ready, null, TimeSpan.Zero, TimeSpan.Zero, []), static _ => Task.CompletedTask);
}
