using System.Text;
using Theseus.Consensus;

namespace Theseus.Protocol.Tests;

public class Ed25519Tests
{
    public static TheoryData<string> Names => [.. Ed25519SelfTest.Cases.Select(test => test.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void TheLibraryJudgesAsTheProtocolDoes(string name)
    {
        Ed25519SelfTest.Case test = Ed25519SelfTest.Cases.Single(candidate => candidate.Name == name);
        Assert.Equal(test.Accepted,
            Ed25519.Verify(Convert.FromHexString(test.PublicKey), Encoding.ASCII.GetBytes(test.Message),
                Convert.FromHexString(test.Signature)));
    }

    [Fact]
    public void TheSelfTestPasses() => Assert.Null(Ed25519SelfTest.FirstFault());

    [Fact]
    public void WrongLengthsAreRefusedNotThrown()
    {
        Assert.False(Ed25519.Verify(new byte[31], [], new byte[64]));
        Assert.False(Ed25519.Verify(new byte[32], [], new byte[63]));
        Assert.False(Ed25519Check.Instance.Check(default, [], default));
    }

    [Fact]
    public void TheConsensusCoreCanUseIt()
    {
        byte[] seed = [.. Enumerable.Repeat((byte)7, 32)];
        ByteString key = new(Ed25519.PublicKey(seed));
        Assert.True(Ed25519Check.Instance.Check(key, [1, 2], new ByteString(Ed25519.Sign(seed, [1, 2]))));
        Assert.False(Ed25519Check.Instance.Check(key, [1, 3], new ByteString(Ed25519.Sign(seed, [1, 2]))));
    }
}
