using System.Text;

namespace Theseus.Consensus;

/// <summary>The kinds of signed messages. Each has a domain tag, so that a signature for one is never one for another.</summary>
public enum SignKind : byte
{
    /// <summary>A proposal; under the mark.</summary>
    Proposal = 0,
    /// <summary>A prevote; under the mark.</summary>
    Prevote = 1,
    /// <summary>A precommit; under the mark.</summary>
    Precommit = 2,
    /// <summary>A validator's own result that differs from the one proposed.</summary>
    Attestation = 3,
    /// <summary>A declaration of the modules that a validator has.</summary>
    Ready = 4,
    /// <summary>An emergency directive of validators.</summary>
    Directive = 5,
    /// <summary>A node's identity in a handshake.</summary>
    Hello = 6,

    /// <summary>The opening of a proposal's stream (consensus N11); no evidence is made of it and no mark kept.</summary>
    Init = 7,
}

/// <summary>
/// What is signed (consensus N1), canonical bytes:
/// <code>
/// tag          ULEB length + ASCII ("theseus/prevote" ...)
/// chain id     ULEB length + UTF-8
/// genesis hash 32 bytes
/// version      u32    the consensus version of the rules of the message's height
/// height       u64
/// round        i32
/// type         u8     proposal 0, prevote 1, precommit 2
/// value        0 | 1 + 32 bytes
/// valid round  i32    two's complement; -1 = ff ff ff ff
/// </code>
/// The voter is not among them: the key that verifies is the voter. Other kinds put their own body after the version.
/// </summary>
public static class SignBytes
{
    /// <summary>The sign bytes of a vote.</summary>
    public static byte[] Of(SignContext context, Vote vote) =>
        Message(
            context, vote.Type == VoteType.Prevote ? SignKind.Prevote : SignKind.Precommit, vote.Height, vote.Round, vote.Value,
            vote.ValidRound);

    /// <summary>The sign bytes of a proposal.</summary>
    public static byte[] Of(SignContext context, Proposal proposal) =>
        Message(context, SignKind.Proposal, proposal.Height, proposal.Round, proposal.Value, proposal.ValidRound);

    /// <summary>
    /// The sign bytes of another kind: the common head (tag, chain id, genesis hash, version), then <paramref name="body"/> as
    /// it is.
    /// </summary>
    public static byte[] Of(SignContext context, SignKind kind, ReadOnlySpan<byte> body) => Head(context, kind).Raw(body).ToArray();

    /// <summary>The domain tag of a kind.</summary>
    public static ReadOnlySpan<byte> Tag(SignKind kind) => kind switch
    {
        SignKind.Proposal => "theseus/proposal"u8,
        SignKind.Prevote => "theseus/prevote"u8,
        SignKind.Precommit => "theseus/precommit"u8,
        SignKind.Attestation => "theseus/attestation"u8,
        SignKind.Ready => "theseus/ready"u8,
        SignKind.Directive => "theseus/directive"u8,
        SignKind.Hello => "theseus/hello"u8,
        SignKind.Init => "theseus/init"u8,
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private static byte[] Message(SignContext context, SignKind kind, ulong height, int round, ValueId? value, int validRound) =>
        Head(context, kind).U64(height).I32(round).U8((byte)kind).OptionalValue(value).I32(validRound).ToArray();

    private static CanonicalWriter Head(SignContext context, SignKind kind)
    {
        CanonicalWriter writer = new(192);
        return writer.Bytes(Tag(kind)).Bytes(Encoding.UTF8.GetBytes(context.ChainId)).Value(context.GenesisHash)
            .U32(context.ConsensusVersion);
    }
}
