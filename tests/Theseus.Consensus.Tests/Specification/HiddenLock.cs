namespace Theseus.Consensus.Tests.Specification;

/// <summary>
/// A height with a hidden lock, on a seeded schedule in virtual time. In round 0 the proposal reaches just over a third of all
/// validators;
/// the faulty ones, just under a third, add their prevotes towards those only. So these lock, nobody else knows of the polka, and the
/// round
/// ends without a decision. From round 1 on the faulty ones are silent and all messages arrive within 80 ms.
/// </summary>
/// <remarks>
/// The paper's rule is the core's but for the escape "or the same value" (lines 23 and 29), which its host adds here: where the core asks
/// for a nil prevote and is locked on the very value that is proposed, the host lets it sign the value.
/// </remarks>
internal sealed class HiddenLock
{
    private const long Deadline = 600_000;

    private readonly Committee _committee;
    private readonly Random _random;
    private readonly bool _paper;
    private readonly bool _sameValue;
    private readonly int _buildTime;
    private readonly bool[] _faulty;
    private readonly bool[] _locks;
    private readonly State[] _states;
    private readonly HashSet<ValueId>[] _content;
    private readonly PriorityQueue<(int Node, Input Input), (long Time, long Order)> _events = new();
    private readonly ulong _height;
    private readonly bool _certificates;
    private long _now;
    private long _order;

    /// <param name="validators">How many, with equal power.</param>
    /// <param name="seed">Of the schedule and of who is what.</param>
    /// <param name="paper">Whether the escape is added.</param>
    /// <param name="sameValue">Whether every proposer builds the same value, else each its own.</param>
    /// <param name="buildTime">Milliseconds until a value is built.</param>
    /// <param name="certificates">Whether polka certificates are delivered (consensus N9).</param>
    public HiddenLock(int validators, int seed, bool paper, bool sameValue, int buildTime, bool certificates = true)
    {
        _committee = Committee.Of(validators);
        _random = new Random(seed);
        (_paper, _sameValue, _buildTime, _certificates) = (paper, sameValue, buildTime, certificates);
        _height = (ulong)(1000 + seed); // another order of proposers
        _faulty = new bool[validators];
        _locks = new bool[validators];
        _states = [.. Enumerable.Range(0, validators).Select(_ => new State())];
        _content = [.. Enumerable.Range(0, validators).Select(_ => new HashSet<ValueId>())];
        int faulty = (validators - 1) / 3;
        int first = Proposer(0);
        int[] others = [.. Enumerable.Range(0, validators).Where(i => i != first).OrderBy(_ => _random.Next())];
        foreach (int i in others.Take(faulty))
        {
            _faulty[i] = true;
        }

        int quorum = (int)_committee.Set.Quorum;
        _locks[first] = true; // it proposes, and its proposal reaches just enough
        foreach (int i in others.Skip(faulty).Take(quorum - faulty - 1))
        {
            _locks[i] = true;
        }

        Decisions = new CommitCertificate?[validators];
    }

    public CommitCertificate?[] Decisions { get; }

    public IEnumerable<int> Correct => Enumerable.Range(0, _faulty.Length).Where(i => !_faulty[i]);

    /// <summary>The second round above 0 that a correct validator proposes in: the paper's bound for progress after
    /// stabilisation.</summary>
    public int SecondCorrectRound =>
        Enumerable.Range(1, _faulty.Length * 2).Where(round => !_faulty[Proposer(round)]).Skip(1).First();

    /// <summary>The rounds above 0 in which a correct validator had to propose until all had decided.</summary>
    public int CorrectRounds => Enumerable.Range(1, Last).Count(round => !_faulty[Proposer(round)]);

    /// <summary>The round of the last decision.</summary>
    public int Last => Correct.Max(i => Decisions[i]!.Round);

    /// <summary>Virtual time of the last decision, in milliseconds.</summary>
    public long Milliseconds { get; private set; }

    public int Locked => Correct.Count(i => _states[i].LockedRound == 0);

    public void Run()
    {
        foreach (int i in Correct)
        {
            Take(i, new Input.StartHeight(_height, _committee.Set, _committee.Set.Members[i].Id, Timeouts.Localnet));
        }

        while (_now < Deadline && Correct.Any(i => Decisions[i] is null)
            && _events.TryDequeue(out (int Node, Input Input) next, out (long Time, long Order) at))
        {
            _now = at.Time;
            Take(next.Node, next.Input);
        }

        Milliseconds = _now;
    }

    private int Proposer(int round) => _committee.ProposerOf(round, _height);

    private void Take(int node, Input input)
    {
        foreach (Effect effect in Core.Step(_states[node], input).Effects)
        {
            Carry(node, effect);
        }
    }

    private void Carry(int node, Effect effect)
    {
        switch (effect)
        {
            case Effect.SignVote { Vote: var vote }:
                Take(node, new Input.OwnVote(_committee.Sign(Escape(node, vote))));
                break;
            case Effect.SignProposal { Proposal: var proposal }:
                Take(node, new Input.OwnProposal(_committee.Sign(proposal)));
                break;
            case Effect.Send send:
                Deliver(node, send);
                break;
            case Effect.Schedule timer:
                At(timer.Milliseconds, node, new Input.TimeoutElapsed(timer.Kind, timer.Height, timer.Round));
                break;
            case Effect.AskValue ask:
                ValueId built = _sameValue ? Committee.A : new ValueId(Sha3.Hash256([(byte)node, (byte)ask.Round]));
                _content[node].Add(built);
                At(_buildTime, node, new Input.ValueReady(_height, built, ask.Round));
                break;
            case Effect.AskVerdict ask when _content[node].Contains(ask.Value):
                At(1, node, new Input.Verdict(_height, ask.Value, ask.FreshRound, Judgement.Valid, 0));
                break;
            case Effect.Fetch fetch:
                _content[node].Add(fetch.Value);
                At(100, node, new Input.ValueReady(_height, fetch.Value, -1));
                At(101, node, new Input.Verdict(_height, fetch.Value, -1, Judgement.Valid, 0));
                break;
            case Effect.Decide decide:
                Decisions[node] = decide.Certificate;
                break;
            default:
                break;
        }
    }

    // lines 23 and 29: "or the same value"
    private Vote Escape(int node, Vote vote) =>
        _paper && vote is { Type: VoteType.Prevote, Value: null } && _states[node].CurrentProposal is { } proposal
        && proposal.Round == vote.Round && proposal.Value == _states[node].LockedValue && proposal.ValidRound < _states[node].LockedRound
            ? vote with { Value = proposal.Value, ValidRound = proposal.ValidRound } : vote;

    private void Deliver(int from, Effect.Send send)
    {
        (Input? input, int round) = Verified(send.Message);
        if (input is null)
        {
            return;
        }

        foreach (int to in Correct.Where(i => i != from && (send.To is null || send.To == _committee.Set.Members[i].Id)))
        {
            if (input is Input.ProposalIn proposal)
            {
                if (round == 0 && !_locks[to])
                {
                    continue;
                }

                ValueId value = proposal.Proposal.Item.Message.Value;
                long delay = Delay();
                _content[to].Add(value);
                At(delay, to, new Input.ValueReady(_height, value, -1));
                At(delay, to, input);
                if (round == 0)
                {
                    FaultyPrevotes(to, value);
                }
            }
            else
            {
                At(Delay(), to, input);
            }
        }

        if (input is Input.ProposalIn { Proposal.Item.Message: { Round: 0, Value: var own } })
        {
            FaultyPrevotes(from, own);
        }
    }

    private void FaultyPrevotes(int to, ValueId value)
    {
        for (int i = 0; i < _faulty.Length; i++)
        {
            if (_faulty[i])
            {
                At(Delay(), to, new Input.VoteIn(_committee.Verified(_committee.Prevote(i, 0, value, height: _height))));
            }
        }
    }

    private (Input? Input, int Round) Verified(ConsensusMessage message)
    {
        Verifier verifier = _committee.VerifierOf(_height);
        return message switch
        {
            ConsensusMessage.OfVote vote => (new Input.VoteIn(verifier.Verify(vote.Vote, out _)!), vote.Vote.Message.Round),
            ConsensusMessage.OfProposal proposal =>
                (new Input.ProposalIn(verifier.Verify(proposal.Proposal, out _)!, (ulong)_now), proposal.Proposal.Message.Round),
            ConsensusMessage.OfPolka polka when _certificates =>
                (new Input.PolkaIn(verifier.Verify(polka.Certificate, out _)!), polka.Certificate.Round),
            ConsensusMessage.OfRound round => (new Input.RoundIn(verifier.Verify(round.Certificate, out _)!), round.Certificate.Round),
            _ => (null, 0),
        };
    }

    private long Delay() => 20 + _random.Next(60);

    private void At(long delay, int node, Input input) => _events.Enqueue((node, input), (_now + delay, _order++));
}
