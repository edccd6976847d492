using Theseus.Consensus;

namespace Theseus.Cli.Replay;

/// <summary>A validator of the multi-node model and the core that stands for it, at one height.</summary>
internal sealed class NetworkNode
{
    private const string Invalid = "invalid"; // the one value that the models call invalid

    private readonly NetworkReplay _replay;
    private readonly IReadOnlyList<(string Name, ulong Power)> _turns;
    private readonly string _name;
    private readonly int _chain; // what was decided before this height
    private readonly List<NetworkInput> _heard = [];
    private readonly HashSet<string> _contents = [];
    private readonly Dictionary<(VoteType Type, int Round), Vote> _asked = []; // own votes, by what the core asked for
    private readonly HashSet<string> _timers = [];
    private readonly HashSet<int> _proposed = []; // rounds in which the core has signed a proposal
    private readonly Dictionary<string, int> _marks = []; // the highest round that each validator was heard in
    private readonly Rarities _rounds = new([], [], []);
    private readonly List<string> _inputs = [];
    private readonly List<string> _model = [];
    private readonly List<string> _said = [];
    private readonly List<string> _early = []; // by the core, not yet by the model
    private Standing _last = new(Rounds.Nil, "", Rounds.Nil, null, Rounds.Nil, null);
    private ReplayCore _core;

    public NetworkNode(NetworkReplay replay, ModelNode before, ModelNode model)
    {
        _replay = replay;
        _name = model.Name;
        Height = model.State.Height;
        _chain = before.Chain.Count;
        int n = model.Validators.Count;
        _turns = [.. Enumerable.Range(0, n).Select(place => model.Validators[(place + 1) % n])]; // the models begin with the second
        _core = Create();
    }

    public long Height { get; }

    /// <summary>The valid round of an own prevote for a value, if the core asked for one.</summary>
    public int? Signed(int round, string value) =>
        _asked.TryGetValue((VoteType.Prevote, round), out Vote? vote) && _core.NameOf(vote.Value) == value ? vote.ValidRound : null;

    /// <summary>Begins the height, with what had come for it before.</summary>
    public void Begin(ModelNode before)
    {
        _core.Start();
        foreach (ItfValue certificate in before.Whole["incomingCertificates"].Items)
        {
            ModelVote[] votes = [.. certificate.Items.Select(ModelVote.Read)];
            if (votes.Length > 0 && votes.All(vote => vote.Height == Height))
            {
                Feed(new NetworkInput.Certified(votes));
            }
        }

        foreach (ItfValue vote in before.Whole["incomingVotes"].Items)
        {
            if (ModelVote.Read(vote) is var one && one.Height == Height)
            {
                Feed(new NetworkInput.Voted(one));
            }
        }
    }

    public void Take(NetworkInput input, ModelNode before)
    {
        if (input is NetworkInput.Elapsed elapsed)
        {
            _core.Elapse(elapsed.Kind, before.State.Round);
        }
        else if (input is NetworkInput.Built built)
        {
            _contents.Add(built.Value);
            _core.Content(built.Value, before.State.Round);
        }
        else
        {
            Feed(input);
        }

        Answer(_core, _contents);
    }

    /// <summary>Adds a row if the model has nothing pending.</summary>
    public void Compare(int index, NetworkInput input, ModelOutput output, ModelNode now, List<ReplayRow> rows)
    {
        if (input is not NetworkInput.Inner || _inputs.Count == 0)
        {
            _inputs.Add(input.Words);
        }

        if (output.Words.Length > 0 && output.Kind != "Skip")
        {
            _model.Add(output.Words);
        }

        Collect();
        if (!now.Drained)
        {
            return;
        }

        NetworkComparison comparison = new(now, _core, _last, _model, [.. _early, .. _said], _timers, _proposed, _asked, _chain, _rounds,
            _inputs.Exists(static words => words.EndsWith(" timeout", StringComparison.Ordinal)), _early.Count > 0);
        bool agrees = comparison.Agrees;
        rows.Add(new ReplayRow(index, _name, string.Join(", ", _inputs), comparison.ModelWords, comparison.CoreWords,
            agrees ? [] : comparison.Reasons, agrees));
        _early.Clear();
        _early.AddRange(comparison.Early);
        _inputs.Clear();
        _model.Clear();
        _said.Clear();
        if (comparison.MustFollow)
        {
            Follow(now, comparison.Reasons.Contains(Accepted.Certificate));
        }

        _last = Standing.Of(_core);
    }

    private void Collect()
    {
        foreach (Effect effect in _core.Effects)
        {
            switch (effect)
            {
                case Effect.SignVote vote:
                    _asked[(vote.Vote.Type, vote.Vote.Round)] = vote.Vote;
                    _said.Add(ReplayCore.Words(vote.Vote.Type, vote.Vote.Round, _core.NameOf(vote.Vote.Value)));
                    break;
                case Effect.SignProposal { Proposal: var proposal }:
                    _proposed.Add(proposal.Round);
                    _said.Add(ReplayCore.ProposalWords(proposal.Round, _core.NameOf(proposal.Value)!, proposal.ValidRound));
                    break;
                case Effect.AskValue ask:
                    _said.Add($"GetValue@{ask.Round}");
                    break;
                case Effect.Decide decide:
                    _said.Add(ModelOutput.DecidedWords(decide.Certificate.Round, _core.NameOf(decide.Certificate.Value)!));
                    break;
                case Effect.Schedule { Kind: not TimeoutKind.Rebroadcast } timer:
                    _said.Add(ReplayCore.TimerWords(timer.Kind.ToString(), timer.Round));
                    _timers.Add(ReplayCore.TimerWords(timer.Kind.ToString(), timer.Round));
                    break;
                default:
                    break;
            }
        }

        _core.Forget();
    }

    // rounds in which the core has to know less, or knows more, than the model
    private void Note(NetworkInput input)
    {
        if (input is NetworkInput.Proposed { Proposal: { Value: Invalid } proposal } && proposal.Height == Height)
        {
            _rounds.Invalid.Add(proposal.Round);
            if (proposal.ValidRound >= 0)
            {
                _rounds.Again.Add(proposal.Round);
            }
        }

        foreach (ModelVote vote in input is NetworkInput.Voted one ? [one.Vote] : input is NetworkInput.Certified many ? many.Votes : [])
        {
            int mark = _marks.GetValueOrDefault(vote.Voter, Rounds.Nil);
            if (vote.Round > _core.Round && vote.Round < mark)
            {
                _rounds.Thinned.Add(vote.Round);
            }

            // a lower vote that is held makes room for a higher one
            if (mark > _core.Round && vote.Round > mark)
            {
                _rounds.Thinned.Add(mark);
            }

            _marks[vote.Voter] = int.Max(mark, vote.Round);
        }
    }

    private void Feed(NetworkInput input)
    {
        Note(input);
        _heard.Add(input);
        Hear(_core, input, _contents, withheld: null);
    }

    private void Hear(ReplayCore core, NetworkInput input, HashSet<string> contents, Func<string, bool>? withheld)
    {
        switch (input)
        {
            case NetworkInput.Proposed { Proposal: var proposal } when proposal.Height == Height && core.Knows(proposal.Proposer):
                bool content = proposal.Value != Invalid && proposal.Proposer == core.ProposerOf(int.Max(proposal.Round, 0))
                    && withheld?.Invoke(proposal.Value) != true;
                if (content && contents.Add(proposal.Value))
                {
                    core.Content(proposal.Value);
                    core.Judge(proposal.Value, Rounds.Nil, Judgement.Valid);
                }

                core.Hear(proposal.Proposer, proposal.Round, proposal.Value, proposal.ValidRound);
                break;
            case NetworkInput.Voted { Vote: var vote } when vote.Height == Height && core.Knows(vote.Voter):
                Hear(core, vote);
                break;
            case NetworkInput.Certified { Votes: [var first, ..] votes } when votes.All(vote => vote.Height == Height
                && core.Knows(vote.Voter))
                && first.Value is not null && votes.All(vote => vote.Type == first.Type && vote.Round == first.Round
                    && vote.Value == first.Value):
                if (first.Type == VoteType.Prevote)
                {
                    core.HearPolka(first.Round, first.Value, ValidRound(first), votes.Select(static vote => vote.Voter));
                }
                else
                {
                    core.HearCommit(first.Round, first.Value, votes.Select(static vote => vote.Voter));
                }

                break;
            default:
                break;
        }

        Answer(core, contents);
    }

    private static void Answer(ReplayCore core, HashSet<string> contents) =>
        core.Answer((value, _) => value == Invalid ? Judgement.Invalid : contents.Contains(value) ? Judgement.Valid : Judgement.None);

    // an own vote counts when the trace delivers it: until then it is not durable (consensus N14)
    private void Hear(ReplayCore core, ModelVote vote)
    {
        if (vote.Voter == _name && core == _core && _asked.TryGetValue((vote.Type, vote.Round), out Vote? own)
            && core.NameOf(own.Value) == vote.Value)
        {
            core.Own(own);
            return;
        }

        core.Hear(core.Sign(vote.Type, vote.Voter, vote.Round, vote.Value, vote.Value is null ? Rounds.Nil : ValidRound(vote)));
    }

    private int ValidRound(ModelVote vote) => vote.Type == VoteType.Precommit || vote.Value is null ? Rounds.Nil
        : _replay.ValidRoundOf(vote.Voter, Height, vote.Round, vote.Value);

    private ReplayCore Create()
    {
        ulong height = (ulong)Height + 1;
        return ReplayCore.Committee(height, _turns) is { } committee ? new ReplayCore(height, committee.Set, committee.Ids, _name)
            : throw new TraceFault($"no order of proposers was found for the weights of {_turns.Count} validators; traces with equal "
                + "weights, or with few validators, can be replayed");
    }

    // A new core, where the model stands, with all that this validator has heard. Contents whose proposal the model misses stay away, as
    // they do there.
    private void Follow(ModelNode now, bool withholds)
    {
        ModelState at = now.State;
        ReplayCore core = Create();
        HashSet<string> contents = [];
        core.Start();
        for (int q = 0; q <= at.Round; q++)
        {
            if (q == at.Round && at.Step is "Prevote" or "Precommit" && q == at.Round)
            {
                core.Elapse(TimeoutKind.Propose, q);
                if (at.Step == "Precommit" && at.LockedRound != q)
                {
                    core.Elapse(TimeoutKind.Prevote, q);
                }
            }

            if (q == at.LockedRound)
            {
                core.Own(core.Sign(VoteType.Precommit, _name, q, at.LockedValue));
            }

            if (q < at.Round)
            {
                core.Elapse(TimeoutKind.Precommit, q);
            }
        }

        foreach (NetworkInput input in _heard)
        {
            Hear(core, input, contents, value => withholds && !now.HasProposal(at.Round, value));
        }

        _timers.Clear();
        _timers.UnionWith(core.Timers());
        core.Forget();
        _rounds.Thinned.Clear(); // what was of a round ahead is of a round reached now
        _core = core;
        _asked.Clear();
        _early.Clear();
        _contents.Clear();
        _contents.UnionWith(contents);
    }
}
