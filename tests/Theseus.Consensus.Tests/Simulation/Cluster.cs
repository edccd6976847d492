namespace Theseus.Consensus.Tests;

/// <summary>
/// Cores on a seeded schedule: messages are delayed, reordered, doubled and, before the network heals, lost. Byzantine
/// places sign whatever comes to their mind in every round they hear of.
/// </summary>
internal sealed class Cluster
{
    private const int HealsAt = 20_000;
    private const int Deadline = 400_000;

    private readonly Committee _committee;
    private readonly Random _random;
    private readonly bool[] _byzantine;
    private readonly State[] _states;
    private readonly HashSet<ValueId>[] _content;
    private readonly PriorityQueue<(int Node, Func<Input?> Input), (long Time, long Order)> _events = new();
    private readonly ValueId[] _values = [Committee.A, Committee.B, Committee.C];
    private readonly int[] _lastMischief;
    private long _now;
    private long _order;

    public Cluster(int validators, int byzantine, int seed)
    {
        _committee = Committee.Of(validators);
        _random = new Random(seed);
        _byzantine = new bool[validators];
        foreach (int i in Enumerable.Range(0, validators).OrderBy(_ => _random.Next()).Take(byzantine))
        {
            _byzantine[i] = true;
        }

        _states = [.. Enumerable.Range(0, validators).Select(_ => new State())];
        _content = [.. Enumerable.Range(0, validators).Select(_ => new HashSet<ValueId>())];
        _lastMischief = [.. Enumerable.Repeat(-1, validators)];
        Decisions = new CommitCertificate?[validators];
    }

    public CommitCertificate?[] Decisions { get; }

    public List<Evidence> Evidence { get; } = [];

    public List<Effect> Log { get; } = [];

    public int MostTallies { get; private set; }

    public IEnumerable<int> Correct => Enumerable.Range(0, _byzantine.Length).Where(i => !_byzantine[i]);

    public Committee Committee => _committee;

    public void Run()
    {
        foreach (int i in Correct)
        {
            Take(i, new Input.StartHeight(Committee.Height, _committee.Set, _committee.Set.Members[i].Id, Timeouts.Localnet));
        }

        while (_now < Deadline && Correct.Any(i => Decisions[i] is null)
            && _events.TryDequeue(out (int Node, Func<Input?> Input) next, out (long Time, long Order) at))
        {
            _now = at.Time;
            if (next.Input() is { } input)
            {
                Take(next.Node, input);
            }
        }
    }

    private void Take(int node, Input input)
    {
        IReadOnlyList<Effect> effects = Core.Step(_states[node], input).Effects;
        MostTallies = int.Max(MostTallies, _states[node].Tallies.Count);
        foreach (Effect effect in effects)
        {
            Log.Add(effect);
            Carry(node, effect);
        }
    }

    private void Carry(int node, Effect effect)
    {
        switch (effect)
        {
            case Effect.SignVote vote:
                Take(node, new Input.OwnVote(_committee.Sign(vote.Vote)));
                break;
            case Effect.SignProposal proposal:
                Take(node, new Input.OwnProposal(_committee.Sign(proposal.Proposal)));
                break;
            case Effect.Send send:
                foreach (int to in Enumerable.Range(0, _states.Length)
                    .Where(i => i != node && (send.To is null || send.To == _committee.Set.Members[i].Id)))
                {
                    Deliver(to, send.Message);
                }

                break;
            case Effect.Schedule timer:
                At(timer.Milliseconds, node, () => new Input.TimeoutElapsed(timer.Kind, timer.Height, timer.Round));
                break;
            case Effect.AskValue ask:
                ValueId built = _values[_random.Next(_values.Length)];
                At(_random.Next(50), node, () => Hold(node, built, ask.Round));
                break;
            case Effect.AskVerdict ask:
                At(_random.Next(300), node, () => Judge(node, ask));
                break;
            case Effect.Fetch fetch:
                At(50 + _random.Next(500), node, () => Hold(node, fetch.Value, -1));
                break;
            case Effect.Decide decide:
                Decisions[node] = decide.Certificate;
                foreach (int to in Correct.Where(i => i != node))
                {
                    // what the host does for late voters (N9)
                    At(HealsAt + _random.Next(3000), to, () =>
                        _states[to].Step == Step.Decided ? null
                        : new Input.CommitIn(_committee.Verifier.Verify(decide.Certificate, out _)!));
                }

                break;
            case Effect.Report { Kind: ReportKind.EvidenceFound } report:
                Evidence.Add(report.Evidence!);
                break;
            default:
                break;
        }
    }

    private Input Judge(int node, Effect.AskVerdict ask) =>
        _content[node].Contains(ask.Value)
            ? new Input.Verdict(ask.Height, ask.Value, ask.FreshRound, Judgement.Valid, 0)
            : new Input.Verdict(ask.Height, ask.Value, ask.FreshRound, Judgement.Unknown, 256);

    private Input.ValueReady Hold(int node, ValueId value, int builtFor)
    {
        _content[node].Add(value);
        if (builtFor < 0)
        {
            At(1, node, () => new Input.Verdict(Committee.Height, value, -1, Judgement.Valid, 0));
        }

        return new Input.ValueReady(Committee.Height, value, builtFor);
    }

    private void Deliver(int to, ConsensusMessage message)
    {
        if (_byzantine[to])
        {
            Mischief(to, message);
            return;
        }

        bool lossy = _now < HealsAt;
        if (lossy && _random.Next(100) < 25)
        {
            return;
        }

        int copies = _random.Next(100) < 10 ? 2 : 1;
        for (int i = 0; i < copies; i++)
        {
            At(1 + _random.Next(lossy ? 2500 : 100), to, () => Receive(to, message));
        }
    }

    private Input? Receive(int to, ConsensusMessage message)
    {
        Verifier verifier = _committee.Verifier;
        switch (message)
        {
            case ConsensusMessage.OfVote vote:
                return _states[to].IsRedundant(vote.Vote.Message) ? null : new Input.VoteIn(verifier.Verify(vote.Vote, out _)!);
            case ConsensusMessage.OfProposal proposal:
                At(_random.Next(200), to, () => Hold(to, proposal.Proposal.Message.Value, -1));
                return new Input.ProposalIn(verifier.Verify(proposal.Proposal, out _)!, (ulong)_now);
            case ConsensusMessage.OfPolka polka:
                return new Input.PolkaIn(verifier.Verify(polka.Certificate, out _)!);
            case ConsensusMessage.OfRound round:
                return new Input.RoundIn(verifier.Verify(round.Certificate, out _)!);
            default:
                return null;
        }
    }

    // Equivocates, forgets locks, lies about valid rounds, tells everyone something else; in each round a few times.
    private void Mischief(int self, ConsensusMessage message)
    {
        int round = message switch
        {
            ConsensusMessage.OfVote vote => vote.Vote.Message.Round,
            ConsensusMessage.OfProposal proposal => proposal.Proposal.Message.Round,
            _ => -1,
        };
        if (round < 0 || (round == _lastMischief[self] && _random.Next(100) < 90))
        {
            return;
        }

        _lastMischief[self] = round;
        round += _random.Next(100) < 10 ? _random.Next(3) : 0;
        foreach (int to in Correct)
        {
            if (_committee.ProposerOf(round) == self)
            {
                Deliver(to, new ConsensusMessage.OfProposal(_committee.Proposal(round, Any(), _random.Next(-1, round))));
            }

            ValueId? value = _random.Next(4) == 0 ? null : Any();
            Deliver(to, new ConsensusMessage.OfVote(_committee.Prevote(self, round, value, value is null ? -1 : _random.Next(-1, round)),
                0));
            Deliver(to, new ConsensusMessage.OfVote(_committee.Precommit(self, round, _random.Next(4) == 0 ? null : Any()), 0));
        }
    }

    private ValueId Any() => _values[_random.Next(_values.Length)];

    private void At(long delay, int node, Func<Input?> input) => _events.Enqueue((node, input), (_now + delay, _order++));
}
