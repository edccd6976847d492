namespace Theseus.Consensus;

/// <summary>
/// Canonical bytes of inputs, as the log stores them (consensus N14): kind u8, then the fields in their order. Reading
/// verifies messages again, so that a log is believed no more than a peer.
/// </summary>
public static class InputEncoding
{
    private enum Kind : byte
    {
        StartHeight = 1,
        Proposal = 2,
        Vote = 3,
        Commit = 4,
        Polka = 5,
        Round = 6,
        ValueReady = 7,
        Verdict = 8,
        OwnVote = 9,
        OwnProposal = 10,
        Timeout = 11,
    }

    /// <summary>The canonical bytes of an input.</summary>
    public static byte[] Encode(Input input)
    {
        CanonicalWriter w = new(192);
        switch (input)
        {
            case Input.StartHeight start:
                w.U8((byte)Kind.StartHeight).U64(start.Height).Write(start.Set).Bool(start.Self is not null);
                if (start.Self is { } self)
                {
                    w.Validator(self);
                }

                w.Write(start.Timeouts);
                break;
            case Input.ProposalIn proposal:
                w.U8((byte)Kind.Proposal).Write(proposal.Proposal.Item).U64(proposal.ReceivedAt);
                break;
            case Input.VoteIn vote:
                w.U8((byte)Kind.Vote).Write(vote.Vote.Item);
                break;
            case Input.CommitIn commit:
                w.U8((byte)Kind.Commit).Write(commit.Certificate.Item);
                break;
            case Input.PolkaIn polka:
                w.U8((byte)Kind.Polka).Write(polka.Certificate.Item);
                break;
            case Input.RoundIn round:
                w.U8((byte)Kind.Round).Write(round.Certificate.Item);
                break;
            case Input.ValueReady ready:
                w.U8((byte)Kind.ValueReady).U64(ready.Height).Value(ready.Value).I32(ready.BuiltForRound);
                break;
            case Input.Verdict verdict:
                w.U8((byte)Kind.Verdict).U64(verdict.Height).Value(verdict.Value).I32(verdict.FreshRound)
                    .U8((byte)verdict.Judgement).U16(verdict.Reason);
                break;
            case Input.OwnVote vote:
                w.U8((byte)Kind.OwnVote).Write(vote.Vote);
                break;
            case Input.OwnProposal proposal:
                w.U8((byte)Kind.OwnProposal).Write(proposal.Proposal);
                break;
            case Input.TimeoutElapsed timeout:
                w.U8((byte)Kind.Timeout).U8((byte)timeout.Kind).U64(timeout.Height).I32(timeout.Round);
                break;
            default:
                throw new ArgumentException("unknown input", nameof(input));
        }

        return w.ToArray();
    }

    /// <summary>
    /// Reads an input; null and the fault if the bytes are not one's or its message is refused. <paramref name="verifier"/> is
    /// the height's; a StartHeight needs none.
    /// </summary>
    public static Input? TryDecode(ReadOnlySpan<byte> bytes, Verifier? verifier, out string? fault)
    {
        CanonicalReader r = new(bytes);
        Refusal refusal = Refusal.None;
        Kind kind = (Kind)r.U8();
        Input? input = kind switch
        {
            Kind.StartHeight => ReadStart(ref r),
            Kind.ValueReady => new Input.ValueReady(r.U64(), r.Value(), r.I32()),
            Kind.Verdict => new Input.Verdict(r.U64(), r.Value(), r.I32(), (Judgement)r.U8(), r.U16()),
            Kind.OwnVote => new Input.OwnVote(r.ReadSignedVote()),
            Kind.OwnProposal => new Input.OwnProposal(r.ReadSignedProposal()),
            Kind.Timeout => new Input.TimeoutElapsed((TimeoutKind)r.U8(), r.U64(), r.I32()),
            Kind.Proposal when verifier is not null =>
                verifier.Verify(r.ReadSignedProposal(), out refusal) is { } proposal ? new Input.ProposalIn(proposal, r.U64()) : null,
            Kind.Vote when verifier is not null =>
                verifier.Verify(r.ReadSignedVote(), out refusal) is { } vote ? new Input.VoteIn(vote) : null,
            Kind.Commit when verifier is not null =>
                verifier.Verify(r.ReadCommit(), out refusal) is { } commit ? new Input.CommitIn(commit) : null,
            Kind.Polka when verifier is not null =>
                verifier.Verify(r.ReadPolka(), out refusal) is { } polka ? new Input.PolkaIn(polka) : null,
            Kind.Round when verifier is not null =>
                verifier.Verify(r.ReadRoundCertificate(), out refusal) is { } round ? new Input.RoundIn(round) : null,
            _ => null,
        };

        if (input is null)
        {
            r.Fail(refusal == Refusal.None ? "not an input" : $"refused: {refusal}");
        }

        r.End();
        fault = r.Fault;
        return r.Failed ? null : input;
    }

    /// <summary>
    /// The signed message that an input carries, not verified: for tools that look into a log. Null for another input and for
    /// what is none.
    /// </summary>
    /// <param name="bytes">An input's canonical bytes.</param>
    /// <param name="isOwn">Whether this node signed it.</param>
    public static ConsensusMessage? TryReadMessage(ReadOnlySpan<byte> bytes, out bool isOwn)
    {
        CanonicalReader r = new(bytes);
        Kind kind = (Kind)r.U8();
        isOwn = kind is Kind.OwnVote or Kind.OwnProposal;
        ConsensusMessage? message = kind switch
        {
            Kind.Vote or Kind.OwnVote => new ConsensusMessage.OfVote(r.ReadSignedVote(), NilReason.None),
            Kind.OwnProposal => new ConsensusMessage.OfProposal(r.ReadSignedProposal()),
            Kind.Proposal => ReadReceived(ref r),
            Kind.Commit => new ConsensusMessage.OfCommit(r.ReadCommit()),
            Kind.Polka => new ConsensusMessage.OfPolka(r.ReadPolka()),
            Kind.Round => new ConsensusMessage.OfRound(r.ReadRoundCertificate()),
            _ => null,
        };
        r.End();
        return r.Failed ? null : message;
    }

    private static ConsensusMessage.OfProposal ReadReceived(ref CanonicalReader r)
    {
        Signed<Proposal> proposal = r.ReadSignedProposal();
        r.U64(); // receipt
        return new ConsensusMessage.OfProposal(proposal);
    }

    private static Input.StartHeight? ReadStart(ref CanonicalReader r)
    {
        ulong height = r.U64();
        ValidatorSet? set = r.ReadValidatorSet();
        ValidatorId? self = r.Bool() ? r.Validator() : null;
        Timeouts timeouts = r.ReadTimeouts();
        return set is null ? null : new Input.StartHeight(height, set, self, timeouts);
    }
}
