namespace Theseus.Consensus.Tests;

/// <summary>
/// One core under test. Signatures are given at once unless <see cref="AutoSign"/> is off; every call returns all effects it caused.
/// </summary>
internal sealed class Participant
{
    private readonly Committee _committee;

    public Participant(Committee committee, int self)
    {
        _committee = committee;
        Self = self;
        State = new State();
    }

    public State State { get; private set; }

    public int Self { get; }

    public bool AutoSign { get; init; } = true;

    /// <summary>A participant of four equal validators that is not the proposer of the first rounds named.</summary>
    public static (Participant Node, Committee Committee, int[] Others) NotProposing(params int[] rounds)
    {
        Committee committee = Committee.Of(4);
        int self = Enumerable.Range(0, 4).First(i => rounds.All(r => committee.ProposerOf(r) != i));
        Participant node = new(committee, self);
        return (node, committee, [.. Enumerable.Range(0, 4).Where(i => i != self)]);
    }

    public IReadOnlyList<Effect> Start(ulong height = Committee.Height, bool observer = false) =>
        Take(new Input.StartHeight(height, _committee.Set, observer ? null : _committee.Set.Members[Self].Id, Timeouts.Localnet));

    public IReadOnlyList<Effect> Take(params Signed<Vote>[] votes) =>
        [.. votes.SelectMany(v => Take(new Input.VoteIn(_committee.Verified(v))))];

    public IReadOnlyList<Effect> Take(Signed<Proposal> proposal, ulong receivedAt = 0) =>
        Take(new Input.ProposalIn(_committee.VerifierOf(proposal.Message.Height).Verify(proposal, out _)!, receivedAt));

    public IReadOnlyList<Effect> Take(PolkaCertificate polka) => Take(new Input.PolkaIn(_committee.Verifier.Verify(polka, out _)!));

    public IReadOnlyList<Effect> Take(CommitCertificate commit) => Take(new Input.CommitIn(_committee.Verifier.Verify(commit, out _)!));

    public IReadOnlyList<Effect> Take(RoundCertificate round) => Take(new Input.RoundIn(_committee.Verifier.Verify(round, out _)!));

    public IReadOnlyList<Effect> Content(ValueId value, int builtFor = -1) => Take(new Input.ValueReady(State.Height, value, builtFor));

    public IReadOnlyList<Effect> Judge(ValueId value, Judgement judgement, int freshRound, ushort reason = 300) =>
        Take(new Input.Verdict(State.Height, value, freshRound, judgement, judgement == Judgement.Valid ? NilReason.None : reason));

    /// <summary>A fresh proposal of the round's proposer, present and valid.</summary>
    public IReadOnlyList<Effect> Offer(int round, ValueId value) =>
        [.. Take(_committee.Proposal(round, value)), .. Content(value), .. Judge(value, Judgement.Valid, round)];

    public IReadOnlyList<Effect> Elapse(TimeoutKind kind, int? round = null) =>
        Take(new Input.TimeoutElapsed(kind, State.Height, round ?? State.Round));

    public IReadOnlyList<Effect> Take(Input input)
    {
        List<Effect> all = [];
        Queue<Input> inputs = new([input]);
        while (inputs.TryDequeue(out Input? next))
        {
            byte[] before = State.Encode();
            (State state, IReadOnlyList<Effect> effects) = Core.Step(State, next);
            State = state;

            // A core that is read from its bytes does the same.
            (State again, IReadOnlyList<Effect> repeated) = Core.Step(State.Decode(before, out _)!, next);
            Assert.Equal(effects.Select(EffectReading.Words), repeated.Select(EffectReading.Words));
            Assert.Equal(state.Encode(), again.Encode());
            all.AddRange(effects);
            foreach (Effect effect in effects.Where(_ => AutoSign))
            {
                if (effect is Effect.SignVote vote)
                {
                    inputs.Enqueue(new Input.OwnVote(_committee.Sign(vote.Vote)));
                }
                else if (effect is Effect.SignProposal proposal)
                {
                    inputs.Enqueue(new Input.OwnProposal(_committee.Sign(proposal.Proposal)));
                }
            }
        }

        return all;
    }
}

internal static class EffectReading
{
    /// <summary>All that an effect says, lists included.</summary>
    public static string Words(Effect effect) => effect switch
    {
        Effect.Send send => $"send {send.To} {Convert.ToHexString(Canonical.Encode(send.Message))}",
        Effect.Persist persist => $"persist {Convert.ToHexString(Canonical.Encode(persist.Message))}",
        Effect.Decide decide => $"decide {Convert.ToHexString(Canonical.Encode(decide.Certificate))}",
        Effect.Finalize final => $"finalize {Convert.ToHexString(Canonical.Encode(final.Certificate))} {string.Join(' ',
            final.Evidence.Select(static evidence => Convert.ToHexString(Canonical.Encode(evidence))))}",
        Effect.Fetch fetch => $"fetch {fetch.Height} {fetch.Value} {string.Join(' ', fetch.Holders)}",
        Effect.AskVerdict { Polka: { } polka } ask => $"{ask with { Polka = null }} {Convert.ToHexString(Canonical.Encode(polka))}",
        Effect.Report { Evidence: { } evidence } report =>
            $"{report with { Evidence = null }} {Convert.ToHexString(Canonical.Encode(evidence))}",
        _ => effect.ToString(),
    };

    /// <summary>The only vote asked for, as (type, round, value, vr).</summary>
    public static (VoteType Type, int Round, ValueId? Value, int ValidRound) Vote(this IReadOnlyList<Effect> effects)
    {
        Vote vote = Assert.Single(effects.OfType<Effect.SignVote>()).Vote;
        return (vote.Type, vote.Round, vote.Value, vote.ValidRound);
    }

    public static void NoVote(this IReadOnlyList<Effect> effects) => Assert.Empty(effects.OfType<Effect.SignVote>());

    public static IEnumerable<(TimeoutKind Kind, int Round)> Timers(this IReadOnlyList<Effect> effects) =>
        effects.OfType<Effect.Schedule>().Select(s => (s.Kind, s.Round));

    public static CommitCertificate Decision(this IReadOnlyList<Effect> effects) =>
        Assert.Single(effects.OfType<Effect.Decide>()).Certificate;

    public static IEnumerable<T> Sent<T>(this IReadOnlyList<Effect> effects)
        where T : ConsensusMessage => effects.OfType<Effect.Send>().Select(s => s.Message).OfType<T>();

    public static IEnumerable<Evidence> Evidence(this IReadOnlyList<Effect> effects) =>
        effects.OfType<Effect.Report>().Where(r => r.Kind == ReportKind.EvidenceFound).Select(r => r.Evidence!);
}
