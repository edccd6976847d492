using System.Net;
using Theseus.Node;

namespace Theseus.Rpc;

/// <summary>Everything that a node serves over HTTP, in one place: API, probes, metrics and explorer.</summary>
public sealed class NodeFront : IAsyncDisposable
{
    private readonly Dispatcher _dispatcher;
    private readonly NodeMetrics _metrics;
    private readonly HttpFront _front;

    private NodeFront(Dispatcher dispatcher, NodeMetrics metrics, HttpFront front) =>
        (_dispatcher, _metrics, _front) = (dispatcher, metrics, front);

    /// <summary>Where it listens, with the port that was picked.</summary>
    public IPEndPoint EndPoint => _front.EndPoint;

    /// <summary>Opens the port.</summary>
    /// <param name="node">What is served.</param>
    /// <param name="endpoint">Where to listen; port 0 picks one.</param>
    /// <param name="failed">Told of a method's bug or a broken device.</param>
    /// <param name="cancellation">Of the start.</param>
    /// <exception cref="IOException">The port is in use.</exception>
    public static async Task<NodeFront> StartAsync(ChainNode node, IPEndPoint endpoint, Action<string, Exception> failed,
        CancellationToken cancellation)
    {
        Dispatcher dispatcher = new ChainMethods(node).Dispatcher();
        dispatcher.Failed = failed;
        NodeMetrics metrics = new(node);
        try
        {
            FrontProbes probes = new(() => node.Health, () => node.Warning, metrics.WriteAsync);
            ConnectionLimits limits = new ConnectionLimits().Within(node.ClientConnections);
            return new NodeFront(dispatcher, metrics, await HttpFront.StartAsync(endpoint, dispatcher, probes, cancellation, limits));
        }
        catch
        {
            metrics.Dispose();
            dispatcher.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _front.DisposeAsync();
        _metrics.Dispose();
        _dispatcher.Dispose();
    }
}
