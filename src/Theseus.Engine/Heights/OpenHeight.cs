using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>
/// A height that was opened: its rules and everything that belongs to it alone. Made when the application opens the height, while the one
/// before it may still be under way, and replaced whole when the next one begins: so nothing of a height is left over in the next.
/// </summary>
/// <param name="rules">What governs it, as the application said.</param>
/// <param name="before">The height before it, whose contents are still given to others; null at the first height of this run.</param>
/// <param name="devices">For its signatures and its proposals.</param>
internal sealed class OpenHeight(AppReply.HeightOpened rules, OpenHeight? before, EngineDevices devices)
{
    // values whose verdict the core asked for before their content was here; bounded by what the core tracks
    private readonly SortedDictionary<ValueId, List<Effect.AskVerdict>> _awaiting = [];

    // 0 until it begins
    private long _begunAt;

    // 0 until it is decided
    private long _decidedAt;

    /// <summary>What governs it.</summary>
    public AppReply.HeightOpened Rules => rules;

    /// <summary>Its number.</summary>
    public ulong Number => rules.Height;

    /// <summary>Checks its messages.</summary>
    public Verifier Verifier { get; } = new(devices.Signatures, rules.Context, rules.Set, rules.Height);

    /// <summary>Its verified messages that came before it begins.</summary>
    public EarlyInputs Early { get; } = new();

    /// <summary>Its contents, and those of the height before it.</summary>
    public ContentStore Contents { get; } = new(before?.Contents);

    /// <summary>Its contents that are to be asked for.</summary>
    public WantedContents Wanted { get; } = new();

    /// <summary>What this node proposes in it.</summary>
    public ProposalStream Proposal { get; } = new(devices.Transport);

    /// <summary>It begins now.</summary>
    public void Begin(long now) => _begunAt = now;

    /// <summary>It is decided now.</summary>
    public void Decide(long now) => _decidedAt = now;

    /// <summary>From when on the next height may begin, if this one is executed here (consensus N6).</summary>
    public long IntervalEnds => _begunAt + rules.BlockInterval;

    /// <summary>From when on the next height begins though this one is not executed here (consensus N6).</summary>
    public long PatienceEnds => _decidedAt + rules.ExecutionPatience;

    /// <summary>
    /// Keeps a content that was checked against its value. What nobody of the set has signed for is not kept, whoever sends it
    /// (consensus N9).
    /// </summary>
    /// <param name="value">The value.</param>
    /// <param name="content">Its content.</param>
    /// <param name="isBuilt">Whether it was built here: nobody has signed for it yet.</param>
    /// <param name="isTracked">Whether the core has a use for a value.</param>
    /// <returns>Whether the core is to be told.</returns>
    public bool TryKeep(ValueId value, ReadOnlyMemory<byte> content, bool isBuilt, Func<ValueId, bool> isTracked)
    {
        Wanted.Remove(value);
        return (isBuilt || isTracked(value)) && (Contents.TryAdd(value, content, isTracked) || isBuilt);
    }

    /// <summary>What the application is to be asked for a verdict; null while the content is not here, and then it waits.</summary>
    /// <param name="ask">What the core asks.</param>
    /// <param name="isTracked">Whether the core has a use for a value.</param>
    public AppRequest.Validate? Question(Effect.AskVerdict ask, Func<ValueId, bool> isTracked)
    {
        if (Contents.TryGet(ask.Value, out ReadOnlyMemory<byte> content))
        {
            return new AppRequest.Validate(ask.Height, ask.Value, ask.FreshRound, ask.Proposer, ask.ReceivedAt, content, ask.Polka);
        }

        if (!_awaiting.TryGetValue(ask.Value, out List<Effect.AskVerdict>? asks))
        {
            foreach (ValueId old in _awaiting.Keys.Where(old => !isTracked(old)).ToArray())
            {
                _awaiting.Remove(old);
            }

            asks = [];
            _awaiting.Add(ask.Value, asks);
        }

        asks.Add(ask);
        return null;
    }

    /// <summary>Takes out the questions that waited for a value's content.</summary>
    public IReadOnlyList<Effect.AskVerdict> TakeAwaiting(ValueId value) =>
        _awaiting.Remove(value, out List<Effect.AskVerdict>? asks) ? asks : [];
}
