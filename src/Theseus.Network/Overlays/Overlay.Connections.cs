using System.Net;
using System.Net.Sockets;
using Theseus.Protocol;

namespace Theseus.Network;

/// <summary>How sessions come about: the accept loop, the dial loops, and the table of places.</summary>
public sealed partial class Overlay
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(5);

    // Ends only with the overlay: whatever the system or a peer does to one connection, the next one is accepted.
    private async Task AcceptLoopAsync(TcpListener listener)
    {
        bool isTold = false;
        while (!_stop.IsCancellationRequested)
        {
            Socket? socket = null;
            try
            {
                await _room.WaitAsync(_stop.Token); // those that were told to end are ending: the next one waits in the system's queue
                bool isTaken = false;
                try
                {
                    socket = await listener.AcceptSocketAsync(_stop.Token);
                    isTold = false;
                    isTaken = Take(socket);
                }
                finally
                {
                    if (!isTaken)
                    {
                        _room.Release();
                    }
                }
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                socket?.Dispose();
                if (_stop.IsCancellationRequested)
                {
                    return;
                }

                Tell(ref isTold, OverlayHappening.AcceptFailed, e);
                if (e is SocketException { SocketErrorCode: SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable })
                {
                    GiveUpAStranger(); // of all that this overlay holds, a stranger's connection is worth least
                }

                await PauseAsync(FirstRetry);
            }
        }
    }

    // Whether its place in the room is given back by the task that it has now.
    private bool Take(Socket socket)
    {
        CancellationTokenSource displaced = new();
        if (AddressOf(socket) is IPAddress address
            && _gate.Enter(address, () => _ = displaced.CancelAsync()) is HandshakeGate.Ticket ticket)
        {
            Track(AcceptedAsync(socket, ticket, displaced.Token));
            return true;
        }

        socket.Dispose();
        return false;
    }

    private static IPAddress? AddressOf(Socket socket)
    {
        try
        {
            return (socket.RemoteEndPoint as IPEndPoint)?.Address;
        }
        catch (SocketException)
        {
            return null; // the connection is gone already
        }
    }

    private async Task AcceptedAsync(Socket socket, HandshakeGate.Ticket ticket, CancellationToken displaced)
    {
        try
        {
            Session? session;
            try
            {
                SessionOpener.Attempt attempt = new(socket, IsDialer: false, Expected: null, _stop.Token, displaced);
                session = await _opener.OpenAsync(attempt, _port);
            }
            finally
            {
                _gate.Leave(ticket);
            }

            if (session is not null)
            {
                await RunAsync(session);
            }
        }
        finally
        {
            _room.Release();
        }
    }

    // Ends only with the overlay.
    private async Task DialLoopAsync(EndPoint endpoint, Hash32? expected)
    {
        TimeSpan pause = FirstRetry;
        bool isTold = false;
        do
        {
            // While the peer's own connection stands there is nothing to dial.
            if (_dialled.TryGetValue(endpoint, out Hash32 key) && (_sessions.ContainsKey(key) || Scores.IsBanned(key)))
            {
                pause = FirstRetry;
                continue;
            }

            bool lasted = false;
            try
            {
                if (await DialAsync(endpoint, expected) is Session session)
                {
                    isTold = false;
                    _dialled[endpoint] = session.Peer;
                    _gate.Know(session.Remote.Address);
                    lasted = await RunAsync(session);
                }
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                Tell(ref isTold, OverlayHappening.DialFailed, e);
            }

            pause = lasted ? FirstRetry : TimeSpan.FromTicks(long.Min(pause.Ticks * 2, LongestRetry.Ticks));
        }
        while (await PauseAsync(pause));
    }

    private async Task<Session?> DialAsync(EndPoint endpoint, Hash32? expected)
    {
        Socket socket = endpoint is IPEndPoint
            ? new(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
            : new(SocketType.Stream, ProtocolType.Tcp); // a name: of either family
        try
        {
            using CancellationTokenSource slow = new(_limits.HandshakeTime, _clock);
            using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, slow.Token);
            await socket.ConnectAsync(endpoint, deadline.Token);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            return null; // nobody there, for now
        }

        SessionOpener.Attempt attempt = new(socket, IsDialer: true, expected, _stop.Token, CancellationToken.None);
        return await _opener.OpenAsync(attempt, _port);
    }

    // Once, until it works again: a log must not fill with what repeats five times a second.
    private void Tell(ref bool isTold, OverlayHappening what, Exception e)
    {
        if (e is not SocketException)
        {
            Report(OverlayHappening.Failed, null, CloseReason.None, e.ToString());
        }
        else if (!isTold)
        {
            isTold = true;
            Report(what, null, CloseReason.Lost, e.Message);
        }
    }

    /// <summary>Into the peer table, frames until the session ends, and out of it. True when the session had a place.</summary>
    private async Task<bool> RunAsync(Session session)
    {
        session.IsReserved = IsReserved(session.Peer);
        CloseReason refusal = Admit(session);
        if (refusal != CloseReason.None)
        {
            Report(OverlayHappening.Refused, session.Peer, refusal, session.Remote.ToString());
            await session.RefuseAsync(refusal, frame => ReceiveAsync(session, frame), Share(session).LargeFrames);
            return false;
        }

        if (session.IsReserved)
        {
            _gate.Know(session.Remote.Address);
        }

        Report(OverlayHappening.Opened, session.Peer, CloseReason.None, session.Remote.ToString());
        Task writing = session.WriteLoopAsync();
        using (_stop.Token.Register(() => session.Close(CloseReason.Shutdown)))
        {
            _opened?.Invoke(session);
            CloseReason blame = await session.ReadLoopAsync(frame => ReceiveAsync(session, frame), Share(session).LargeFrames);
            if (blame != CloseReason.None)
            {
                Scores.Penalize(session.Peer, PeerScores.BanAt);
                Report(OverlayHappening.Banned, session.Peer, CloseReason.Banned, blame.ToString());
            }

            _sessions.TryRemove(new KeyValuePair<Hash32, Session>(session.Peer, session));
            await writing;
            OverlayHappening end = session.ClosedByPeer ? OverlayHappening.ClosedByPeer : OverlayHappening.Closed;
            Report(end, session.Peer, session.Reason, session.Remote.ToString());
        }

        return session.Reason != CloseReason.Duplicate;
    }

    /// <summary>
    /// Two nodes that dial each other keep the connection whose dialer has the smaller key: both decide alike. A peer that dials
    /// again has given up its older connection, so the new one takes its place.
    /// </summary>
    private CloseReason Admit(Session session)
    {
        Session? leaver = null;
        lock (_sessions)
        {
            if (_stop.IsCancellationRequested)
            {
                return CloseReason.Shutdown;
            }

            session.Order = ++_arrivals;
            if (_sessions.TryGetValue(session.Peer, out Session? standing))
            {
                bool isSmaller = _identity.PublicKey < session.Peer;
                bool isBetter = session.IsDialer == standing.IsDialer ? !session.IsDialer : session.IsDialer == isSmaller;
                bool keepNew = isBetter || standing.IsClosed;
                if (!keepNew)
                {
                    return CloseReason.Duplicate;
                }

                _sessions[session.Peer] = session;
                standing.Close(CloseReason.Duplicate);
                return CloseReason.None;
            }

            if (!Places.TryTake(_limits, Guest(session), Guests(), out Hash32? leaves))
            {
                return CloseReason.TooManyPeers;
            }

            if (leaves is Hash32 key)
            {
                _sessions.TryRemove(key, out leaver);
            }

            _sessions[session.Peer] = session;
        }

        Displace(leaver);
        return CloseReason.None;
    }

    private void GiveUpAStranger()
    {
        Session? leaver = null;
        lock (_sessions)
        {
            if (Places.Heaviest(Guests()) is Guest stranger)
            {
                _sessions.TryRemove(stranger.Peer, out leaver);
            }
        }

        Displace(leaver);
    }

    private void Displace(Session? leaver)
    {
        if (leaver is not null)
        {
            Report(OverlayHappening.Displaced, leaver.Peer, CloseReason.TooManyPeers, leaver.Remote.ToString());
            leaver.Close(CloseReason.TooManyPeers);
        }
    }

    private Guest[] Guests() => [.. _sessions.Select(static pair => pair.Value).OrderBy(static session => session.Order).Select(Guest)];

    private static Guest Guest(Session session) => new(session.Peer, session.Remote.Address, session.IsDialer, session.IsReserved);
}
