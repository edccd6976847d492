using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>
/// Replays a height from the log (consensus N14, N15), which signs nothing and sends nothing: what it leaves open is carried out
/// afterwards.
/// </summary>
internal sealed class HeightReplay(EngineDevices devices, LoggedCore core, SigningDesk signing, OpenHeight height)
{
    private readonly ReplayOutcome _outcome = new();

    // effects of contents that were logged before anybody had signed for them
    private readonly List<Effect> _open = [];

    /// <summary>Replays the entries.</summary>
    /// <param name="entries">The height's, from its first one on.</param>
    /// <returns>The effects that are still to be carried out; null if the height had not begun.</returns>
    public IReadOnlyList<Effect>? Run(IReadOnlyList<LogEntry> entries)
    {
        Dictionary<ValueId, ReadOnlyMemory<byte>> contents = [];
        foreach (LogEntry entry in entries)
        {
            switch (entry.Kind)
            {
                case EntryKind.Input or EntryKind.Recovered:
                    Replay(entry);
                    break;
                case EntryKind.Content when ContentMessage.TryDecode(entry.Body.Span, ChainedLog.MaximumEntry) is { } content:
                    contents[content.Value] = content.Content;
                    break;
                default:
                    break; // certificates and evidence kept: the inputs lead to them again
            }
        }

        foreach ((ValueId value, ReadOnlyMemory<byte> content) in contents)
        {
            Keep(value, content);
        }

        _open.AddRange(_outcome.Open(core.State));
        return core.State.Height == height.Number ? _open : null;
    }

    private void Replay(LogEntry entry)
    {
        if (InputEncoding.TryDecode(entry.Body.Span, height.Verifier, out _) is not { } input)
        {
            signing.Abstain(height.Number, AbstainReason.ReplayDiffers);
            return;
        }

        if (entry.Kind == EntryKind.Input && !_outcome.Expects(input))
        {
            signing.Abstain(height.Number, AbstainReason.ReplayDiffers); // consensus N15
        }

        if (input is Input.ValueReady { BuiltForRound: < 0 } received && !core.State.Tracks(received.Value))
        {
            return; // nobody has signed for it yet
        }

        _outcome.Take(input);
        foreach (Effect effect in core.Replay(input))
        {
            _outcome.Take(effect);
        }
    }

    // What a log holds is subject to the same rule as what peers send: content is kept of values that are signed for, and is its value's.
    private void Keep(ValueId value, ReadOnlyMemory<byte> content)
    {
        if (!core.State.Tracks(value) || !devices.Content(value, content.Span))
        {
            return;
        }

        height.Contents.TryAdd(value, content, core.State.Tracks);
        if (!core.State.HasContent(value))
        {
            // written before its value was signed for
            _open.AddRange(core.Apply(new Input.ValueReady(core.State.Height, value, Rounds.Nil)));
        }
    }
}
