using Theseus.Consensus;

namespace Theseus.Engine.Tests;

/// <summary>Which answers and which proposals belong to the stream that is under way.</summary>
public class ProposalStreamTests
{
    private static readonly byte[] Content = [1, 2, 3];

    private static readonly ValueId Value = new(Sha3.Hash256(Content));

    [Fact]
    public void OnlyTheProposalOfItsRoundAndValueEndsAStream()
    {
        ProposalStream stream = Built();
        Assert.False(stream.TryEnd(Proposal(1, 1, Value))); // the same value again, in a later round: its content is known
        Assert.False(stream.TryEnd(Proposal(2, 0, Value)));
        Assert.False(stream.TryEnd(Proposal(1, 0, default)));
        Assert.True(stream.TryEnd(Proposal(1, 0, Value)));
    }

    [Fact]
    public void AnswersOfOtherRoundsAreDropped()
    {
        ProposalStream stream = new(new MemoryNetwork().Join(Keys.IdOf(0)));
        Assert.Null(stream.Take(new AppReply.Fin(1, 0, Value))); // nothing was begun
        stream.Begin(1, 1, null);
        stream.Take(new AppReply.Part(1, 0, Content));
        Assert.Null(stream.Take(new AppReply.Fin(1, 0, Value)));
        stream.Take(new AppReply.Part(1, 1, Content));
        Assert.Equal(Content, stream.Take(new AppReply.Fin(1, 1, Value))!.Value.ToArray());
    }

    [Fact]
    public void AStreamThatIsNotBuiltYetIsEndedByNothing()
    {
        ProposalStream stream = new(new MemoryNetwork().Join(Keys.IdOf(0)));
        Assert.False(stream.TryEnd(Proposal(1, 0, Value)));
        stream.Begin(1, 0, null);
        Assert.False(stream.TryEnd(Proposal(1, 0, Value)));
    }

    private static ProposalStream Built()
    {
        ProposalStream stream = new(new MemoryNetwork().Join(Keys.IdOf(0)));
        stream.Begin(1, 0, null);
        stream.Take(new AppReply.Part(1, 0, Content));
        Assert.NotNull(stream.Take(new AppReply.Fin(1, 0, Value)));
        return stream;
    }

    private static Signed<Proposal> Proposal(ulong height, int round, ValueId value) =>
        new(new Proposal(height, round, value, Rounds.Nil, Keys.IdOf(0)), new ByteString([1]));
}
