using Theseus.Network;

namespace Theseus.Node;

/// <summary>
/// The lines that overlays cause in the node's log. Strangers can cause as many openings and refusals as they like, so lines have a rate;
/// what exceeds it is counted, and the next line says how much it was. The metrics count everything (<see cref="PeerMisbehaviour"/>).
/// </summary>
/// <param name="clock">For the rate.</param>
/// <param name="log">Takes a line.</param>
public sealed class OverlayLog(TimeProvider clock, Action<string> log)
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
        string? line = happened.What switch
        {
            OverlayHappening.Refused when happened.Reason == CloseReason.Duplicate => null, // nodes that dial each other keep one session: every start does it
            OverlayHappening.Banned or OverlayHappening.Refused or OverlayHappening.Displaced =>
                $"warning: {happened.Overlay} {name} {happened.Peer} {happened.Reason} {happened.Detail}",
            OverlayHappening.Failed or OverlayHappening.AcceptFailed or OverlayHappening.DialFailed =>
                $"error: {happened.Overlay} {name}: {happened.Detail}",
            OverlayHappening.Opened or OverlayHappening.Closed =>
                $"{happened.Overlay} {name} {happened.Peer?.ToString()[..8]} {happened.Reason} {happened.Detail}",
            _ => null,
        };
        bool isFailure = happened.What is OverlayHappening.Failed or OverlayHappening.AcceptFailed or OverlayHappening.DialFailed;
        if (line is not null && Take(isFailure, out long skipped))
        {
            log(skipped == 0 ? line : $"{line} ({skipped} lines of overlays were left out before it)");
        }
    }

    private bool Take(bool always, out long skipped)
    {
        lock (_gate)
        {
            long now = clock.GetTimestamp();
            _tokens = double.Min(Burst, _tokens + (clock.GetElapsedTime(_at, now).TotalSeconds * PerSecond));
            _at = now;
            skipped = _skipped;
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
