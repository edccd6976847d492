namespace Theseus.Consensus.Tests;

public class ValidatorSetTests
{
    private static readonly ValueId SetId = Committee.Filled(9);

    // expected orders computed by another implementation of consensus N4
    [Theory]
    [InlineData(1UL, "1 3 2 5 4")]
    [InlineData(2UL, "1 3 2 5 4")]
    [InlineData(3UL, "5 1 2 3 4")]
    [InlineData(1000UL, "1 3 5 2 4")]
    [InlineData(9223372036854775808UL, "1 2 3 5 4")]
    public void N4ProposersAreDrawnByWeightWithoutReplacement(ulong height, string expected)
    {
        ValidatorSet set = Weighted();
        Assert.Equal(expected, string.Join(' ', set.Order(height).Select(v => v.PublicKey.Span[0])));
        for (int round = 0; round < 12; round++)
        {
            Assert.Equal(set.Order(height)[round % 5], set.Proposer(height, round));
        }
    }

    [Fact]
    public void N4FirstProposersFollowThePowers()
    {
        ValidatorSet set = Weighted();
        int[] first = new int[6];
        for (ulong height = 1; height <= 2000; height++)
        {
            first[set.Proposer(height, 0).PublicKey.Span[0]]++;
        }

        Assert.Equal([0, 1158, 361, 383, 0, 98], first); // counts from another implementation; powers 1000 300 330 1 77
    }

    [Theory]
    [InlineData(1UL, 1UL, 1UL)]
    [InlineData(2UL, 2UL, 1UL)]
    [InlineData(3UL, 3UL, 2UL)]
    [InlineData(4UL, 3UL, 2UL)]
    [InlineData(6UL, 5UL, 3UL)]
    [InlineData(7UL, 5UL, 3UL)]
    [InlineData(9UL, 7UL, 4UL)]
    [InlineData(100UL, 67UL, 34UL)]
    [InlineData(ulong.MaxValue, 12297829382473034411UL, 6148914691236517206UL)]
    public void ThresholdsAreStrictlyMoreThanTwoAndOneThirds(ulong total, ulong quorum, ulong honest)
    {
        ValidatorSet set = ValidatorSet.Create([Member(1, total)], SetId);
        Assert.Equal((total, quorum, honest), (set.Total, set.Quorum, set.Honest));
    }

    [Fact]
    public void F18AListThatIsNoSetIsRefusedWithItsFault()
    {
        Assert.Equal(ValidatorSetFault.Empty, FaultOf());
        Assert.Equal(ValidatorSetFault.ZeroPower, FaultOf(Member(1, 1), Member(2, 0)));
        Assert.Equal(ValidatorSetFault.PowerOverflow, FaultOf(Member(1, ulong.MaxValue), Member(2, 1)));
        Assert.Equal(ValidatorSetFault.DuplicateId, FaultOf(Member(1, 1), Member(1, 1) with { PublicKey = new ByteString([7]) }));
        Assert.Equal(ValidatorSetFault.DuplicateKey, FaultOf(Member(1, 1), Member(2, 1) with { PublicKey = Member(1, 1).PublicKey }));
        Assert.Equal(ValidatorSetFault.TooLarge,
            FaultOf([.. Enumerable.Range(0, 1025)
                .Select(i => new Validator(Committee.IdOf(i), new ByteString([(byte)i, (byte)(i >> 8)]), 1))]));
        Assert.Equal(ValidatorSetFault.None, FaultOf(Member(2, 1), Member(1, 1)));
    }

    [Fact]
    public void MembersAreSortedById()
    {
        ValidatorSet set = ValidatorSet.Create([Member(3, 1), Member(1, 1), Member(2, 1)], SetId);
        Assert.Equal([1, 2, 3], set.Members.Select(m => (int)m.PublicKey.Span[0]));
        Assert.Equal(2, set.IndexOf(Member(3, 1).Id));
        Assert.Equal(-1, set.IndexOf(Member(4, 1).Id));
    }

    private static ValidatorSetFault FaultOf(params Validator[] members)
    {
        ValidatorSet.TryCreate(members, SetId, out ValidatorSetFault fault);
        return fault;
    }

    private static ValidatorSet Weighted() =>
        ValidatorSet.Create([Member(1, 1000), Member(2, 300), Member(3, 330), Member(4, 1), Member(5, 77)], SetId);

    private static Validator Member(byte name, ulong power) =>
        new(new ValidatorId(Enumerable.Repeat(name, ValidatorId.Length).ToArray()), new ByteString([name]), power);
}
