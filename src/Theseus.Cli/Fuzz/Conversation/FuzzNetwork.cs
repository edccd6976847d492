using Theseus.Consensus;
using Theseus.Engine;
using Theseus.Protocol;

namespace Theseus.Cli.Fuzz.Conversation;

/// <summary>Three honest validators, one whose key a liar holds, a stranger, and later a node that must catch up. One thread, one
/// clock.</summary>
internal sealed class FuzzNetwork : IDisposable
{
    /// <summary>Virtual milliseconds in which the honest must decide a height, whatever the liar does: some ten rounds of a
    /// localnet.</summary>
    private const long HeightPatience = 120_000;

    /// <summary>Pumps without time passing; more means that a frame begets frames without end.</summary>
    private const int MostPumps = 20_000;

    private readonly FuzzChain _chain;
    private readonly FuzzClock _clock;
    private readonly PumpContext _context = new();
    private readonly SynchronizationContext? _before = SynchronizationContext.Current;
    private readonly List<FuzzNode> _nodes = [];
    private readonly string _folder;
    private long _lastProgress;
    private ulong _lowest;

    public FuzzNetwork(FuzzChain chain, FuzzRandom random, ICaseTrace trace, string folder)
    {
        SynchronizationContext.SetSynchronizationContext(_context);
        _chain = chain;
        _folder = folder;
        _clock = new FuzzClock(chain.Genesis.Time + 1_000);
        _lastProgress = _clock.Milliseconds;
        int liar = random.Below(chain.Validators.Count);
        for (int i = 0; i < chain.Validators.Count; i++)
        {
            if (i != liar)
            {
                _nodes.Add(new FuzzNode($"n{i}", chain, chain.Validators[i].Id, chain.Validators[i], (_clock, Wires, _context, folder)));
            }
        }

        Liar = new Liar(chain, chain.Validators[liar], Wires, random, trace, _nodes, () => _clock.Milliseconds);
    }

    public MemoryNetwork Wires { get; } = new();

    public Liar Liar { get; }

    public ulong Lowest => _nodes.Min(node => node.Head.Height);

    /// <summary>Runs until all honest nodes have executed a height, the liar acting all the time.</summary>
    /// <exception cref="FuzzFault">They do not, or one of them breaks.</exception>
    public void RunTo(ulong height)
    {
        while (Lowest < height)
        {
            Settle();
            if (Lowest > _lowest)
            {
                (_lowest, _lastProgress) = (Lowest, _clock.Milliseconds);
            }

            if (_clock.Milliseconds - _lastProgress > HeightPatience)
            {
                throw new FuzzFault("conversation", [], $"no height for {HeightPatience} ms: {Describe()}");
            }

            Liar.Act();
            Settle();
            long? next = _nodes.Select(node => node.Loop.NextDueIn).Append(_clock.NextDueIn).Where(static due => due is not null).Min();
            _clock.Advance(long.Clamp(next ?? 50, 1, 50));
        }
    }

    /// <summary>A node with an empty disk that everybody, the liar too, gives the past.</summary>
    public void AddFollower()
    {
        byte[] id = new byte[ValidatorId.Length];
        id[0] = 0xfe;
        _nodes.Add(new FuzzNode("follower", _chain, new ValidatorId(id), null, (_clock, Wires, _context, _folder)));
        (_lowest, _lastProgress) = (0, _clock.Milliseconds);
    }

    /// <summary>All honest nodes have decided the same.</summary>
    /// <exception cref="FuzzFault">They have not.</exception>
    public void JudgeAgreement()
    {
        for (ulong height = 1; height <= Lowest; height++)
        {
            if (_nodes.Select(node => BlockCodec.IdOf(node.Chain.Store.Header(height)!)).Distinct().Count() != 1)
            {
                throw new FuzzFault("conversation", [], $"honest nodes decided different blocks at height {height}");
            }
        }
    }

    /// <summary>How far the liar came.</summary>
    public Reached Reached
    {
        get
        {
            Block[] blocks = [.. Enumerable.Range(1, (int)Lowest).Select(height => _nodes[0].Chain.Store.Block((ulong)height)!)];
            return new Reached(
                1, blocks.Length, blocks.Count(block => block.Header.Proposer == Liar.Address),
                    blocks.Count(static block => block.Header.Round > 0),
                blocks.Sum(static block => block.Body.Evidence.Count), blocks.Sum(static block => block.Body.Transactions.Count));
        }
    }

    public void Dispose()
    {
        foreach (FuzzNode node in _nodes)
        {
            node.Dispose();
        }

        SynchronizationContext.SetSynchronizationContext(_before);
    }

    private void Settle()
    {
        for (int pumps = 0; PumpAll(); pumps++)
        {
            if (pumps > MostPumps)
            {
                throw new FuzzFault("conversation", [], $"frames without end while the clock stands: {Describe()}");
            }
        }

        Wires.Faults.Clear();
    }

    private bool PumpAll()
    {
        bool any = false;
        foreach (FuzzNode node in _nodes)
        {
            any |= node.Pump();
        }

        Liar.Listen();
        return any;
    }

    private string Describe() => string.Join("; ", _nodes.Select(node =>
        $"{node.Name} executed {node.Head.Height}, in height {node.Loop.Core.Height} round {node.Loop.Core.Round} {node.Loop.Core.Step}"));
}

/// <summary>What conversations came to: a fuzzer whose mutants are all refused at the door tries nothing.</summary>
/// <param name="Conversations">Networks.</param>
/// <param name="Heights">Heights that the honest decided.</param>
/// <param name="LiarBlocks">Of these, blocks that the liar proposed.</param>
/// <param name="LateHeights">Decided in a round above 0.</param>
/// <param name="Evidence">Offences in blocks.</param>
/// <param name="Transactions">Transactions in blocks.</param>
internal readonly record struct Reached(long Conversations, long Heights, long LiarBlocks, long LateHeights, long Evidence,
    long Transactions)
{
    public Reached And(Reached other) => new(
        Conversations + other.Conversations, Heights + other.Heights, LiarBlocks + other.LiarBlocks, LateHeights + other.LateHeights,
        Evidence + other.Evidence, Transactions + other.Transactions);

    public override string ToString() => FormattableString.Invariant($"{Conversations} networks, {Heights} heights: ")
        + FormattableString.Invariant($"the liar's {LiarBlocks}, late {LateHeights}, offences {Evidence}, transactions {Transactions}");
}
