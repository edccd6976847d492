using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>
/// The core and the log before it (consensus N14): no input reaches the state that was not appended first. What is own is durable, and
/// the signer's mark with it, before it counts. Effects are handed back, to be carried out by the caller in their order.
/// </summary>
internal sealed class LoggedCore(EngineDevices devices)
{
    // changed by Core.Step alone, and by it only behind an append or in a replay of what was appended
    private readonly State _state = new();

    // null until Open; from then on the same one
    private ChainedLog? _log;

    /// <summary>The core's state, to be read.</summary>
    public State State => _state;

    /// <summary>Whether the log was opened.</summary>
    public bool IsOpen => _log is not null;

    /// <summary>The head of what is durable: a mark names it.</summary>
    public ValueId SyncedHead => Log.SyncedHead;

    /// <summary>What the log held of its last height when it was opened; empty once a height was begun.</summary>
    public IReadOnlyList<LogEntry> LastHeight => Log.LastHeight;

    /// <summary>Bytes that were cut off at opening.</summary>
    public long Cut => Log.Cut;

    private ChainedLog Log => _log ?? throw new InvalidOperationException("the log is not open");

    /// <summary>Opens the log.</summary>
    /// <param name="sought">The head that the signer's mark names; null without a mark.</param>
    /// <returns>Whether the log has that head: otherwise what was synced is lost (F7, F8).</returns>
    /// <exception cref="IOException">The disk fails.</exception>
    public bool Open(ValueId? sought)
    {
        _log = ChainedLog.Open(devices.Disk, sought);
        return _log.FoundSought;
    }

    /// <summary>Begins a height in the log (consensus N15).</summary>
    public void BeginHeight(HeightStart start)
    {
        Log.BeginHeight();
        Log.Append(EntryKind.HeightStart, start.Encode());
    }

    /// <summary>One input: into the log, through the core.</summary>
    public IReadOnlyList<Effect> Apply(Input input)
    {
        Log.Append(EntryKind.Input, InputEncoding.Encode(input));
        return Step(input);
    }

    /// <summary>An own message that was just signed: durable together with its mark, then it counts.</summary>
    public IReadOnlyList<Effect> ApplyOwn(Input own) => ApplyDurable(EntryKind.Input, own);

    /// <summary>An own message that only the mark remembered.</summary>
    public IReadOnlyList<Effect> ApplyRecovered(Input own) => ApplyDurable(EntryKind.Recovered, own);

    /// <summary>An input that the log has already.</summary>
    public IReadOnlyList<Effect> Replay(Input input) => Step(input);

    /// <summary>A value's content, before the input that says that it is here (consensus N16).</summary>
    public void WriteContent(ValueId value, ReadOnlyMemory<byte> content) =>
        Log.Append(EntryKind.Content, new ContentMessage(value, content).Encode());

    /// <summary>
    /// What the core wants kept. A decision becomes durable by the application's answer to Decide, which carries certificate and content
    /// (consensus N16), so the log need only outlive the process: after a power failure the precommits, which are synced, decide again.
    /// </summary>
    public void Keep(ConsensusMessage message)
    {
        Log.Append(EntryKind.Message, Canonical.Encode(message));
        if (message is ConsensusMessage.OfCommit)
        {
            Log.Flush();
        }
        else
        {
            Sync(withMark: false);
        }
    }

    /// <summary>Makes durable what was appended.</summary>
    public void Sync() => Sync(withMark: false);

    private IReadOnlyList<Effect> ApplyDurable(EntryKind kind, Input own)
    {
        Log.Append(kind, InputEncoding.Encode(own));
        Sync(withMark: true);
        return Step(own);
    }

    private void Sync(bool withMark)
    {
        Log.Flush();
        if (withMark && devices.Signer?.MarkFile is { } mark)
        {
            devices.Disk.Sync([Log.File, mark]);
        }
        else
        {
            devices.Disk.Sync([Log.File]);
        }

        Log.Synced();
    }

    private IReadOnlyList<Effect> Step(Input input) => Core.Step(_state, input).Effects;
}
