using System.Globalization;
using System.Text;
using Theseus.Consensus;

namespace Theseus.Cli.Replay;

/// <summary>
/// One core under replay and the names that a trace gives to its validators and values. Signatures lie outside the models, so any
/// signature is taken; everything else is verified as a node does.
/// </summary>
internal sealed class ReplayCore : ISignatureCheck
{
    private static readonly SignContext Context = new("replay", default, 1);
    private static readonly ByteString Signature = new([1]);

    private readonly SortedDictionary<string, ValidatorId> _ids;
    private readonly Dictionary<ValidatorId, string> _names = [];
    private readonly Dictionary<ValueId, string> _values = [];
    private readonly Verifier _verifier;
    private readonly ulong _height;
    private int _answered; // effects up to here were looked through for questions

    /// <param name="height">Of the core: at least 1.</param>
    /// <param name="set">The validators.</param>
    /// <param name="ids">Their names in the trace.</param>
    /// <param name="self">The name of the validator that this core is.</param>
    public ReplayCore(ulong height, ValidatorSet set, SortedDictionary<string, ValidatorId> ids, string self)
    {
        _height = height;
        _ids = ids;
        Set = set;
        Self = self;
        _verifier = new Verifier(this, Context, set, height);
        foreach ((string name, ValidatorId id) in ids)
        {
            _names.Add(id, name);
        }
    }

    public ValidatorSet Set { get; }

    public string Self { get; }

    public State State { get; } = new();

    /// <summary>What the core has asked for since <see cref="Forget"/>.</summary>
    public List<Effect> Effects { get; } = [];

    public int Round => State.Round;

    public string? LockedValue => NameOf(State.LockedValue);

    public string? ValidValue => NameOf(State.ValidValue);

    public string? Decision => State.Step == Step.Decided ? NameOf(State.Commit!.Value) : null;

    public bool Check(ByteString publicKey, ReadOnlySpan<byte> message, ByteString signature) => true;

    /// <summary>
    /// A set whose members take turns to propose as <paramref name="turns"/> says: in round r the one at place r mod n. Names and powers
    /// are given; which id bears which name is free with equal powers, and else an order is looked for.
    /// </summary>
    /// <returns>The set and the ids, or null if no order was found in bounded time.</returns>
    public static (ValidatorSet Set, SortedDictionary<string, ValidatorId> Ids)? Committee(
        ulong height, IReadOnlyList<(string Name, ulong Power)> turns)
    {
        const int Attempts = 20_000;
        // ids by ascending power: members of equal power can bear any of their names
        (string Name, ulong Power)[] sorted = [.. turns.OrderBy(static member => member.Power)];
        Validator[] members = [.. sorted.Select(static (member, i) => new Validator(IdOf(i), new ByteString([(byte)i, (byte)(i >> 8), 7]),
            member.Power))];
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            byte[] seed = new byte[ValueId.Length];
            BitConverter.TryWriteBytes(seed, attempt);
            if (ValidatorSet.TryCreate(members, new ValueId(seed), out ValidatorSetFault fault) is not { } set)
            {
                throw new TraceFault($"the validators of the trace are no set: {fault}");
            }

            IReadOnlyList<Validator> order = set.Order(height);
            if (order.Select(static member => member.Power).SequenceEqual(turns.Select(static turn => turn.Power)))
            {
                SortedDictionary<string, ValidatorId> ids = new(StringComparer.Ordinal);
                for (int i = 0; i < turns.Count; i++)
                {
                    ids.Add(turns[i].Name, order[i].Id);
                }

                return (set, ids);
            }
        }

        return null;
    }

    public static ValueId ValueOf(string name) => new(Sha3.Hash256(Encoding.UTF8.GetBytes(name)));

    public static ValidatorId IdOf(int place)
    {
        byte[] bytes = new byte[ValidatorId.Length];
        BitConverter.TryWriteBytes(bytes, place + 1);
        return new ValidatorId(bytes);
    }

    public void Forget()
    {
        Effects.Clear();
        _answered = 0;
    }

    public bool Knows(string validator) => _ids.ContainsKey(validator);

    public bool HasDoubleVote(string validator) => State.HasEvidence(_ids[validator], EvidenceKind.DoubleVote);

    public ValueId? Id(string? value)
    {
        if (value is null)
        {
            return null;
        }

        ValueId id = ValueOf(value);
        _values[id] = value;
        return id;
    }

    public string? NameOf(ValueId? value) => value is { } id ? _values.GetValueOrDefault(id, id.ToString()[..8]) : null;

    public string NameOf(ValidatorId validator) => _names.GetValueOrDefault(validator, validator.ToString()[..8]);

    public string ProposerOf(int round) => NameOf(Set.Proposer(_height, round).Id);

    public void Take(Input input) => Effects.AddRange(Core.Step(State, input).Effects);

    public void Start() => Take(new Input.StartHeight(_height, Set, _ids[Self], Timeouts.Localnet));

    public Signed<Vote> Sign(VoteType type, string voter, int round, string? value, int validRound = Rounds.Nil) =>
        new(new Vote(type, _height, round, Id(value), value is null || type == VoteType.Precommit ? Rounds.Nil : validRound, _ids[voter]),
            Signature);

    /// <summary>A vote of another, or one of this validator that the core has not asked for.</summary>
    /// <returns>Why it was refused, or <see cref="Refusal.None"/>.</returns>
    public Refusal Hear(Signed<Vote> vote)
    {
        if (_verifier.Verify(vote, out Refusal refusal) is { } verified)
        {
            Take(new Input.VoteIn(verified));
        }

        return refusal;
    }

    public Refusal Hear(string proposer, int round, string value, int validRound)
    {
        Proposal proposal = new(_height, round, Id(value)!.Value, validRound, _ids[proposer]);
        if (_verifier.Verify(new Signed<Proposal>(proposal, Signature), out Refusal refusal) is { } verified)
        {
            Take(new Input.ProposalIn(verified, 0));
        }

        return refusal;
    }

    public Refusal HearPolka(int round, string value, int validRound, IEnumerable<string> signers)
    {
        PolkaCertificate polka = new(_height, round, Id(value)!.Value, validRound, Signatures(signers));
        if (_verifier.Verify(polka, out Refusal refusal) is { } verified)
        {
            Take(new Input.PolkaIn(verified));
        }

        return refusal;
    }

    public Refusal HearCommit(int round, string value, IEnumerable<string> signers)
    {
        CommitCertificate commit = new(_height, round, Id(value)!.Value, Signatures(signers));
        if (_verifier.Verify(commit, out Refusal refusal) is { } verified)
        {
            Take(new Input.CommitIn(verified));
        }

        return refusal;
    }

    /// <summary>The content of a value is here; it is judged when the core asks, see <see cref="Answer"/>.</summary>
    public void Content(string value, int builtForRound = Rounds.Nil) =>
        Take(new Input.ValueReady(_height, Id(value)!.Value, builtForRound));

    public void Judge(string value, int freshRound, Judgement judgement) =>
        Take(new Input.Verdict(_height, Id(value)!.Value, freshRound, judgement, judgement == Judgement.Valid ? NilReason.None
            : (ushort)300));

    public void Elapse(TimeoutKind kind, int round) => Take(new Input.TimeoutElapsed(kind, _height, round));

    /// <summary>An own vote, durable now.</summary>
    public void Own(Signed<Vote> vote) => Take(new Input.OwnVote(vote));

    /// <summary>An own vote that the core asked for, durable now.</summary>
    public void Own(Vote vote) => Own(new Signed<Vote>(vote, Signature));

    public void Own(Proposal proposal) => Take(new Input.OwnProposal(new Signed<Proposal>(proposal, Signature)));

    /// <summary>Gives verdicts for everything asked and not looked at yet, until nothing more is asked.</summary>
    /// <param name="judge">The verdict on a value, as fresh in a round or, at -1, as content; None for no answer yet.</param>
    public void Answer(Func<string, int, Judgement> judge)
    {
        for (; _answered < Effects.Count; _answered++)
        {
            if (Effects[_answered] is Effect.AskVerdict ask && judge(NameOf(ask.Value)!, ask.FreshRound) is var judgement
                && judgement != Judgement.None)
            {
                Judge(NameOf(ask.Value)!, ask.FreshRound, judgement);
            }
        }
    }

    /// <summary>Votes that the core asked for since <see cref="Forget"/>, in words.</summary>
    public IEnumerable<string> Votes() => Effects.OfType<Effect.SignVote>().Select(effect => Words(effect.Vote.Type, effect.Vote.Round,
        NameOf(effect.Vote.Value)));

    public IEnumerable<string> Proposals() => Effects.OfType<Effect.SignProposal>().Select(effect => ProposalWords(effect.Proposal.Round,
        NameOf(effect.Proposal.Value)!, effect.Proposal.ValidRound));

    public IEnumerable<string> Timers() => Effects.OfType<Effect.Schedule>().Where(static timer => timer.Kind != TimeoutKind.Rebroadcast)
        .Select(static timer => TimerWords(timer.Kind.ToString(), timer.Round));

    public static string Words(VoteType type, int round, string? value) =>
        string.Create(CultureInfo.InvariantCulture, $"{type} {value ?? "nil"}@{round}");

    public static string ProposalWords(int round, string value, int validRound) =>
        string.Create(CultureInfo.InvariantCulture, $"Proposal {value}@{round} vr {validRound}");

    public static string TimerWords(string kind, int round) => string.Create(CultureInfo.InvariantCulture, $"{kind} timer@{round}");

    private List<CertificateSignature> Signatures(IEnumerable<string> signers) =>
        [.. signers.Select(name => _ids[name]).Distinct().Order().Select(static id => new CertificateSignature(id, Signature))];
}
