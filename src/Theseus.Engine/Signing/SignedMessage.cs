using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>Reads an own message back from its sign bytes in the mark (layout: <see cref="SignBytes"/>).</summary>
internal static class SignedMessage
{
    private const int MaximumText = 256;

    public static Input? TryRead(Mark mark, ValidatorId self)
    {
        CanonicalReader reader = new(mark.SignBytes);
        reader.Bytes(MaximumText); // tag
        reader.Bytes(MaximumText); // chain
        reader.Value(); // genesis
        reader.U32(); // version
        ulong height = reader.U64();
        int round = reader.I32();
        SignKind kind = (SignKind)reader.U8();
        ValueId? value = reader.OptionalValue();
        int validRound = reader.I32();
        reader.End();
        if (reader.Failed || kind != mark.Kind || height != mark.Height || round != mark.Round)
        {
            return null;
        }

        return kind switch
        {
            SignKind.Proposal when value is { } proposed =>
                new Input.OwnProposal(new(new Proposal(height, round, proposed, validRound, self), mark.Signature)),
            SignKind.Prevote => new Input.OwnVote(new(new Vote(VoteType.Prevote, height, round, value, validRound, self), mark.Signature)),
            SignKind.Precommit =>
                new Input.OwnVote(new(new Vote(VoteType.Precommit, height, round, value, validRound, self), mark.Signature)),
            _ => null,
        };
    }
}
