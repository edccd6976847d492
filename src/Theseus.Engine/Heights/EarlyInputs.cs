using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>
/// Verified inputs of the next height, kept until it starts. Each validator has places of its own, and its higher rounds take those of its
/// lower ones, so that nobody's messages keep out another's; of certificates, which anybody can send, only those that matter most are kept.
/// </summary>
internal sealed class EarlyInputs
{
    /// <summary>Votes kept for each validator: two of each of its four highest rounds.</summary>
    private const int VotesPerValidator = 8;

    /// <summary>Proposals kept for each validator: two of each of its two highest rounds.</summary>
    private const int ProposalsPerValidator = 4;

    /// <summary>Polkas kept: as many as the core keeps apart from its tallies.</summary>
    private const int MaximumPolkas = State.MaximumPolkas;

    /// <summary>Commit certificates kept: two of different values prove that agreement is broken (F29).</summary>
    private const int MaximumCommits = 2;

    private readonly SortedDictionary<ValidatorId, List<Input.VoteIn>> _votes = [];
    private readonly SortedDictionary<ValidatorId, List<Input.ProposalIn>> _proposals = [];
    private readonly List<Input.PolkaIn> _polkas = [];
    private readonly List<Input.CommitIn> _commits = [];
    private Input.RoundIn? _round;

    /// <summary>The power of the validators who have sent a vote or a proposal.</summary>
    public ulong Power { get; private set; }

    /// <summary>Whether a message would change nothing: asked before its signature is checked.</summary>
    public bool IsRedundant(ConsensusMessage message) => message switch
    {
        ConsensusMessage.OfVote { Vote.Message: { } vote } => _votes.TryGetValue(vote.Validator, out List<Input.VoteIn>? votes)
            && (votes.Exists(held => held.Vote.Item.Message == vote)
                || (votes.Count >= VotesPerValidator && vote.Round < LowestRound(votes))),
        ConsensusMessage.OfProposal { Proposal.Message: { } proposal } =>
            _proposals.TryGetValue(proposal.Validator, out List<Input.ProposalIn>? proposals)
            && (proposals.Exists(held => held.Proposal.Item.Message == proposal)
                || (proposals.Count >= ProposalsPerValidator && proposal.Round < LowestRound(proposals))),
        ConsensusMessage.OfCommit { Certificate: { } commit } =>
            _commits.Count >= MaximumCommits || _commits.Exists(held => held.Certificate.Item.Value == commit.Value),
        ConsensusMessage.OfPolka { Certificate: { } polka } =>
            _polkas.Exists(held => held.Certificate.Item.Round == polka.Round && held.Certificate.Item.Value == polka.Value)
            || (_polkas.Count >= MaximumPolkas && polka.Round < _polkas.Min(static held => held.Certificate.Item.Round)),
        ConsensusMessage.OfRound { Certificate: { } round } => _round is not null && round.Round <= _round.Certificate.Item.Round,
        _ => false,
    };

    /// <summary>A verified commit certificate for a value, if one is here.</summary>
    public Verified<CommitCertificate>? CommitOf(ValueId value) =>
        _commits.Find(held => held.Certificate.Item.Value == value)?.Certificate;

    /// <summary>Keeps an input of a message that is not redundant.</summary>
    /// <param name="input">The input.</param>
    /// <param name="set">The next height's validators.</param>
    public void Add(Input input, ValidatorSet set)
    {
        switch (input)
        {
            case Input.VoteIn vote:
                Add(_votes, vote.Vote.Item.Message.Validator, vote, VotesPerValidator, LowestRound, set);
                break;
            case Input.ProposalIn proposal:
                Add(_proposals, proposal.Proposal.Item.Message.Validator, proposal, ProposalsPerValidator, LowestRound, set);
                break;
            case Input.CommitIn commit:
                _commits.Add(commit);
                break;
            case Input.PolkaIn polka:
                _polkas.Add(polka);
                if (_polkas.Count > MaximumPolkas)
                {
                    _polkas.Remove(_polkas.MinBy(static held => held.Certificate.Item.Round)!);
                }

                break;
            case Input.RoundIn round:
                _round = round;
                break;
            default:
                throw new ArgumentException("not a message", nameof(input));
        }
    }

    /// <summary>
    /// Takes everything out: certificates of what is decided first, then proposals, so that content finds its value, then
    /// votes.
    /// </summary>
    public IReadOnlyList<Input> Take()
    {
        List<Input> taken = [.. _commits, .. _polkas];
        taken.AddRange(_proposals.Values.SelectMany(static own => own));
        taken.AddRange(_votes.Values.SelectMany(static own => own));
        if (_round is not null)
        {
            taken.Add(_round);
        }

        _commits.Clear();
        _polkas.Clear();
        _proposals.Clear();
        _votes.Clear();
        (_round, Power) = (null, 0);
        return taken;
    }

    private void Add<T>(
        SortedDictionary<ValidatorId, List<T>> all, ValidatorId validator, T input, int maximum, Func<List<T>, int> lowest,
        ValidatorSet set)
        where T : Input
    {
        if (!all.TryGetValue(validator, out List<T>? own))
        {
            Power += _votes.ContainsKey(validator) || _proposals.ContainsKey(validator) ? 0 : set.Find(validator)!.Power;
            own = [];
            all.Add(validator, own);
        }

        own.Add(input);
        if (own.Count > maximum)
        {
            int round = lowest(own);
            own.RemoveAt(own.FindIndex(held => RoundOf(held) == round));
        }
    }

    private static int LowestRound<T>(List<T> inputs)
        where T : Input => inputs.Min(RoundOf);

    private static int RoundOf(Input input) => input switch
    {
        Input.VoteIn vote => vote.Vote.Item.Message.Round,
        Input.ProposalIn proposal => proposal.Proposal.Item.Message.Round,
        _ => throw new ArgumentException("neither vote nor proposal", nameof(input)),
    };
}
