using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Theseus.Rpc;

/// <summary>
/// Sockets of which no more are accepted than may be open: who has been told to go holds a descriptor until the connection has ended, and
/// the next one waits in the system's queue. Without it a burst takes descriptors that the rest of the node needs.
/// </summary>
/// <param name="sockets">The transport that is bounded.</param>
/// <param name="most">Connections that are open at once.</param>
internal sealed class BoundedTransport(IConnectionListenerFactory sockets, int most) : IConnectionListenerFactory
{
    /// <inheritdoc/>
    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new Listener(await sockets.BindAsync(endpoint, cancellationToken), most);

    private sealed class Listener(IConnectionListener inner, int most) : IConnectionListener
    {
        private readonly SemaphoreSlim _room = new(most);
        private readonly CancellationTokenSource _unbound = new();

        public EndPoint EndPoint => inner.EndPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            try
            {
                await _room.WaitAsync(_unbound.Token);
            }
            catch (OperationCanceledException)
            {
                return null; // nothing is accepted any more
            }

            ConnectionContext? connection = null;
            try
            {
                connection = await inner.AcceptAsync(cancellationToken);
            }
            finally
            {
                if (connection is null)
                {
                    _room.Release();
                }
            }

            connection?.ConnectionClosed.Register(() => _room.Release());
            return connection;
        }

        public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            await _unbound.CancelAsync();
            await inner.UnbindAsync(cancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            await _unbound.CancelAsync();
            await inner.DisposeAsync();
        }
    }
}
