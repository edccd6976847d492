namespace Theseus.Consensus.Tests;

/// <summary>
/// Validators with a toy signature scheme: a signature is SHA3-256(public key | message). Forgeable, but binding to key and message.
/// </summary>
internal sealed class Committee : ISignatureCheck
{
    public const ulong Height = 5;

    public static readonly SignContext Context = new("theseus-test", Filled(0x11), 1);

    public Committee(params ulong[] powers)
    {
        Set = ValidatorSet.Create(
            powers.Select((power, i) => new Validator(IdOf(i), new ByteString([(byte)(i + 1), (byte)((i + 1) >> 8), 0x77]), power)),
            Filled(9));
    }

    public ValidatorSet Set { get; }

    public int Checks { get; private set; }

    public Verifier Verifier => VerifierOf(Height);

    public static ValueId A { get; } = Filled(0xAA);

    public static ValueId B { get; } = Filled(0xBB);

    public static ValueId C { get; } = Filled(0xCC);

    public static Committee Of(int validators) => new(Enumerable.Repeat(1UL, validators).ToArray());

    public static ValueId Filled(byte b) => new(Enumerable.Repeat(b, ValueId.Length).ToArray());

    public static ValidatorId IdOf(int i)
    {
        byte[] bytes = new byte[ValidatorId.Length];
        bytes[0] = (byte)(i >> 8);
        bytes[1] = (byte)i;
        bytes[2] = 1;
        return new ValidatorId(bytes);
    }

    public Verifier VerifierOf(ulong height) => new(this, Context, Set, height);

    public bool Check(ByteString publicKey, ReadOnlySpan<byte> message, ByteString signature)
    {
        Checks++;
        return signature == Sign(publicKey, message);
    }

    public static ByteString Sign(ByteString publicKey, ReadOnlySpan<byte> message) => new(Sha3.Hash256([.. publicKey.Span, .. message]));

    public int ProposerOf(int round, ulong height = Height) => Set.IndexOf(Set.Proposer(height, round).Id);

    public Signed<Vote> Sign(Vote vote) => new(vote, Sign(Set.Find(vote.Validator)!.PublicKey, SignBytes.Of(Context, vote)));

    public Signed<Proposal> Sign(Proposal proposal) =>
        new(proposal, Sign(Set.Find(proposal.Validator)!.PublicKey, SignBytes.Of(Context, proposal)));

    public Signed<Vote> Prevote(int voter, int round, ValueId? value, int validRound = -1, ulong height = Height) =>
        Sign(new Vote(VoteType.Prevote, height, round, value, validRound, Set.Members[voter].Id));

    public Signed<Vote> Precommit(int voter, int round, ValueId? value, ulong height = Height) =>
        Sign(new Vote(VoteType.Precommit, height, round, value, Rounds.Nil, Set.Members[voter].Id));

    public Signed<Proposal> Proposal(int round, ValueId value, int validRound = -1, ulong height = Height) =>
        Sign(new Proposal(height, round, value, validRound, Set.Proposer(height, round).Id));

    public PolkaCertificate Polka(int round, ValueId value, int validRound, params int[] voters) =>
        new(Height, round, value, validRound,
            [.. voters.Order().Select(v => new CertificateSignature(Set.Members[v].Id, Prevote(v, round, value, validRound).Signature))]);

    public CommitCertificate Commit(int round, ValueId value, params int[] voters) =>
        new(Height, round, value,
            [.. voters.Order().Select(v => new CertificateSignature(Set.Members[v].Id, Precommit(v, round, value).Signature))]);

    public Verified<Signed<Vote>> Verified(Signed<Vote> vote) => VerifierOf(vote.Message.Height).Verify(vote, out _)!;
}
