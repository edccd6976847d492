using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>
/// After a restart (consensus N14, N15): the undecided height is replayed from the log, which signs nothing; own messages are
/// sent again verbatim.
/// </summary>
public sealed partial class EngineLoop
{
    private void Open()
    {
        Mark? mark = _signing.Mark;
        if (!_core.Open(mark?.LogHead) && mark is not null)
        {
            _signing.Abstain(mark.Height, AbstainReason.LogLost); // F7, F8
        }

        Request(new AppRequest.OpenHeight(0));
    }

    /// <summary>Replays the height if the log has it.</summary>
    /// <returns>Whether the height is thereby begun (or the engine halted).</returns>
    private bool Recover(AppReply.HeightOpened opened)
    {
        LogEntry[] entries = [.. _core.LastHeight];
        HeightStart? start = entries is [{ Kind: EntryKind.HeightStart } first, ..] ? HeightStart.TryDecode(first.Body.Span) : null;
        _devices.Events(new EngineEvent.Recovered(opened.Height, _core.Cut, entries.Length));
        if (start is null || start.Height < opened.Height)
        {
            return false; // F15: what the log has is decided already
        }

        if (start.Height > opened.Height)
        {
            _signing.Abstain(start.Height, AbstainReason.ApplicationBehind);
            return false;
        }

        if (start.LogFormat != ChainedLog.Format || start.SetId != opened.Set.Id || !start.Modules.SequenceEqual(opened.Modules))
        {
            Halt(HaltReason.MissingModule, $"the log of height {start.Height} was written under other modules");
            return true;
        }

        OpenHeight height = new(opened, null, _devices);
        _heights.Enter(height);
        if (!Replay(height, entries))
        {
            _heights.Leave(); // the crash came before the height's first input: begin it as usual
            return false;
        }

        RecoverFromMark();
        SendAgain();
        Carry();
        _contents.WantProposed();
        return true;
    }

    private bool Replay(OpenHeight height, LogEntry[] entries)
    {
        ReplayOutcome outcome = new();
        Dictionary<ValueId, ReadOnlyMemory<byte>> contents = [];
        foreach (LogEntry entry in entries)
        {
            switch (entry.Kind)
            {
                case EntryKind.Input or EntryKind.Recovered:
                    if (InputEncoding.TryDecode(entry.Body.Span, height.Verifier, out _) is not { } input)
                    {
                        _signing.Abstain(height.Number, AbstainReason.ReplayDiffers);
                        break;
                    }

                    if (entry.Kind == EntryKind.Input && !outcome.Expects(input))
                    {
                        _signing.Abstain(height.Number, AbstainReason.ReplayDiffers); // consensus N15
                    }

                    if (input is Input.ValueReady { BuiltForRound: < 0 } received && !_state.Tracks(received.Value))
                    {
                        break; // nobody has signed for it yet
                    }

                    outcome.Take(input);
                    foreach (Effect effect in _core.Replay(input))
                    {
                        outcome.Take(effect);
                    }

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
            TakeReplayed(height, value, content);
        }

        foreach (Effect effect in outcome.Open(_state))
        {
            _effects.Enqueue(effect);
        }

        return _state.Height == height.Number;
    }

    // What a log holds is subject to the same rule as what peers send: content is kept of values that are signed for, and is its value's.
    private void TakeReplayed(OpenHeight height, ValueId value, ReadOnlyMemory<byte> content)
    {
        if (!_state.Tracks(value) || !_devices.Content(value, content.Span))
        {
            return;
        }

        height.Contents.TryAdd(value, content, _state.Tracks);
        if (!_state.HasContent(value))
        {
            // written before its value was signed for
            Input.ValueReady ready = new(_state.Height, value, Rounds.Nil);
            foreach (Effect effect in _core.Apply(ready))
            {
                _effects.Enqueue(effect);
            }
        }
    }

    // consensus N14: the mark was durable before the log: its message may have left, so it stands
    private void RecoverFromMark()
    {
        if (_signing.OnlyInMark(_state) is { } own)
        {
            CarryOut(_core.ApplyRecovered(own));
        }
    }

    // C36, C37: byte for byte
    private void SendAgain()
    {
        if (_state.OwnProposal is { } proposal)
        {
            _devices.Transport.Broadcast(FrameOf(new ConsensusMessage.OfProposal(proposal)));
        }

        if (_state.OwnPrevote is { } prevote)
        {
            _devices.Transport.Broadcast(FrameOf(new ConsensusMessage.OfVote(prevote, NilReason.None)));
        }

        if (_state.OwnPrecommit is { } precommit)
        {
            _devices.Transport.Broadcast(FrameOf(new ConsensusMessage.OfVote(precommit, NilReason.None)));
        }
    }
}
