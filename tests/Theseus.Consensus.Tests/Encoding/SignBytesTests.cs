namespace Theseus.Consensus.Tests;

/// <summary>Golden bytes were written by a script of its own from the table in docs, not by the code under test.</summary>
public class SignBytesTests
{
    private const string Head = "0c746865736575732d74657374000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    private const string Value = "abababababababababababababababababababababababababababababababab";

    private static readonly ValueId Genesis = new(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray());

    [Fact]
    public void N1AProposalSignsTheseBytes()
    {
        Proposal proposal = new(7, 2, ValueId.FromHex(Value), 1, default);
        Assert.Equal(
            "10746865736575732f70726f706f73616c" + Head + "01000000" + "0700000000000000" + "02000000" + "00" + "01" + Value + "01000000",
            Convert.ToHexStringLower(SignBytes.Of(new SignContext("theseus-test", Genesis, 1), proposal)));
    }

    [Fact]
    public void N1APrevoteSignsTheseBytes()
    {
        Vote vote = new(VoteType.Prevote, 0x0102030405060708, 3, ValueId.FromHex(Value), 2, default);
        Assert.Equal(
            "0f746865736575732f707265766f7465" + Head + "01000000" + "0807060504030201" + "03000000" + "01" + "01" + Value + "02000000",
            Convert.ToHexStringLower(SignBytes.Of(new SignContext("theseus-test", Genesis, 1), vote)));
    }

    [Fact]
    public void N1ANilPrecommitSignsTheseBytes()
    {
        Vote vote = new(VoteType.Precommit, 9, 0, null, -1, default);
        Assert.Equal(
            "11746865736575732f707265636f6d6d6974" + Head + "02000000" + "0900000000000000" + "00000000" + "02" + "00" + "ffffffff",
            Convert.ToHexStringLower(SignBytes.Of(new SignContext("theseus-test", Genesis, 2), vote)));
    }

    [Fact]
    public void N1OtherKindsPutTheirBodyBehindTheCommonHead() =>
        Assert.Equal(
            "13746865736575732f6174746573746174696f6e" + Head + "01000000" + "626f6479",
            Convert.ToHexStringLower(SignBytes.Of(new SignContext("theseus-test", Genesis, 1), SignKind.Attestation, "body"u8)));

    [Fact]
    public void N1NoTwoKindsShareATag() =>
        Assert.Equal(8, Enum.GetValues<SignKind>().Select(kind => Convert.ToHexString(SignBytes.Tag(kind))).Distinct().Count());
}
