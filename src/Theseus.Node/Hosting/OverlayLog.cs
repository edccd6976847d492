using Microsoft.Extensions.Logging;
using Theseus.Network;

namespace Theseus.Node;

/// <summary>
/// The lines that overlays cause in the node's log. Strangers can cause as many openings and refusals as they like, so lines have a rate;
/// what exceeds it is counted, and the next line says how much it was. The metrics count everything (<see cref="PeerMisbehaviour"/>).
/// </summary>
/// <param name="clock">For the rate.</param>
/// <param name="log">The node's log.</param>
public sealed class OverlayLog(TimeProvider clock, ILogger log)
{
    /// <summary>Lines at once: a localnet of 16 that starts, on three overlays, both ways.</summary>
    public const int Burst = 100;

    /// <summary>Lines per second afterwards.</summary>
    public const int PerSecond = 2;

    private readonly Lock _gate = new();
    private double _tokens = Burst;
    private long _at = clock.GetTimestamp();
    private long _skipped;

    /// <summary>
    /// Writes the line of an event, if it has one and the rate allows it. Failures are always written: peers cannot cause them at will.
    /// </summary>
    public void Write(OverlayEvent happened)
    {
        string name = happened.What.Name();
        switch (happened.What)
        {
            case OverlayHappening.Refused when happened.Reason == CloseReason.Duplicate:
                break; // nodes that dial each other keep one session: every start does it
            case OverlayHappening.Banned or OverlayHappening.Refused or OverlayHappening.Displaced:
                if (Take(always: false, out string leftOut))
                {
                    log.PeerRefused(happened.Overlay, name, $"{happened.Peer}", happened.Reason, $"{happened.Detail}", leftOut);
                }

                break;
            case OverlayHappening.Failed or OverlayHappening.AcceptFailed or OverlayHappening.DialFailed:
                Take(always: true, out leftOut);
                log.OverlayFailed(happened.Overlay, name, $"{happened.Detail}", leftOut);
                break;
            case OverlayHappening.Opened or OverlayHappening.Closed:
                if (Take(always: false, out leftOut))
                {
                    string peer = happened.Peer?.ToString()[..8] ?? "";
                    log.SessionChanged(happened.Overlay, name, peer, happened.Reason, $"{happened.Detail}", leftOut);
                }

                break;
        }
    }

    private bool Take(bool always, out string leftOut)
    {
        lock (_gate)
        {
            long now = clock.GetTimestamp();
            _tokens = double.Min(Burst, _tokens + (clock.GetElapsedTime(_at, now).TotalSeconds * PerSecond));
            _at = now;
            leftOut = _skipped == 0 ? "" : $" ({_skipped} lines of overlays were left out before it)";
            if (!always && _tokens < 1)
            {
                _skipped++;
                return false;
            }

            _tokens -= always ? 0 : 1;
            _skipped = 0;
            return true;
        }
    }
}
