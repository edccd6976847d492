namespace Theseus.Network.Tests;

public class EnvelopeTests
{
    [Fact]
    public void AConsensusEnvelopeHasTheFieldsOfItsSpecification()
    {
        Frame frame = Envelopes.Consensus(5, 9, new byte[] { 1, 2, 3 });
        Assert.Equal((FrameKind.Consensus, 9ul), (frame.Kind, frame.Height));
        Assert.Equal(5ul, Proto.ReadNumber(frame.Payload.Span, 3));
        Assert.Equal([1, 2, 3], Proto.ReadBytes(frame.Payload.Span, 2));
    }

    [Theory]
    [InlineData(FrameKind.Consensus)]
    [InlineData(FrameKind.Sync)]
    public void AnEnvelopeIsOpenedWhateverTheOrderOfItsFieldsAndWithUnknownOnes(FrameKind kind)
    {
        byte[] wire = new Proto().Bytes(2, [7, 8]).Number(99, 5).Number(3, 6).ToArray();
        Assert.Equal(EnvelopeState.Opened, Envelopes.Open(new Frame(kind, 1, wire), out ushort number, out ReadOnlyMemory<byte> canonical));
        Assert.Equal(6, number);
        Assert.Equal([7, 8], canonical.ToArray());
    }

    [Fact]
    public void AnEnvelopeThatMustBeUnderstoodIsDroppedAndNobodysFault()
    {
        byte[] wire = new Proto().Number(1, 2).Number(3, 6).Bytes(2, [7]).ToArray();
        Assert.Equal(EnvelopeState.NotUnderstood, Envelopes.Open(new Frame(FrameKind.Sync, 1, wire), out _, out _));
        Assert.Equal(EnvelopeState.NotUnderstood, Envelopes.Open(new Frame(FrameKind.Consensus, 1, wire), out _, out _));
    }

    [Theory]
    [InlineData(new byte[] { 0xff })]
    [InlineData(new byte[] { 0x12, 0x05, 1 })] // five bytes announced, one there
    [InlineData(new byte[] { 0x18, 0x80, 0x80, 0x04 })] // kind 65536
    public void BytesThatAreNoEnvelopeAreMalformed(byte[] wire)
    {
        Assert.Equal(EnvelopeState.Malformed, Envelopes.Open(new Frame(FrameKind.Consensus, 1, wire), out _, out _));
        Assert.Equal(EnvelopeState.Malformed, Envelopes.Open(new Frame(FrameKind.Sync, 1, wire), out _, out _));
    }

    [Fact]
    public void RandomBytesNeverThrow()
    {
        Random random = new(7);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = new byte[random.Next(64)];
            random.NextBytes(bytes);
            Envelopes.Open(new Frame(FrameKind.Consensus, 1, bytes), out _, out _);
            Envelopes.Open(new Frame(FrameKind.Sync, 1, bytes), out _, out _);
            Envelopes.TryOpenTransactions(new Frame(FrameKind.Transactions, 0, bytes), out _);
        }
    }

    [Fact]
    public void AMessageHoldsAtMost256Transactions()
    {
        byte[][] transactions = [.. Enumerable.Range(0, 256).Select(i => new byte[] { (byte)i })];
        Assert.True(Envelopes.TryOpenTransactions(Envelopes.Transactions(transactions), out IReadOnlyList<byte[]> back));
        Assert.Equal(transactions, back);
        Assert.False(Envelopes.TryOpenTransactions(Envelopes.Transactions([.. transactions, [1]]), out _));
    }
}
