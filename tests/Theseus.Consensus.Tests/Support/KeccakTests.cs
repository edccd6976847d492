using System.Security.Cryptography;
using System.Text;

namespace Theseus.Consensus.Tests;

public class KeccakTests
{
    [Theory]
    [InlineData("", "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a")]
    [InlineData("abc", "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532")]
    public void Sha3HasThePublishedDigests(string text, string digest) =>
        Assert.Equal(digest, Convert.ToHexStringLower(Sha3.Hash256(Encoding.ASCII.GetBytes(text))));

    [Fact]
    public void Sha3HasThePublishedDigestOf1600Bits() =>
        Assert.Equal(
            "79f38adec5c20307a98ef76e8324afbfd46cfd81b22e3973c65fa1bd9de31787",
            Convert.ToHexStringLower(Sha3.Hash256(Enumerable.Repeat((byte)0xa3, 200).ToArray())));

    [Theory]
    [InlineData("", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470")]
    [InlineData("abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45")]
    public void KeccakHasThePublishedDigests(string text, string digest) =>
        Assert.Equal(digest, Convert.ToHexStringLower(Keccak.Hash256(Encoding.ASCII.GetBytes(text))));

    // bytes (7i + 3) mod 256, digests from another implementation, around the rate of 136 bytes
    [Theory]
    [InlineData(1, "e3ed56bd086d8958483a12734fa0ae7f5c8bb160ef9092c67e82ed9b19e4c7b2")]
    [InlineData(134, "c8883239d2ce058b11d87de7cd74805cb7e073b1b4884636fb2b5d1982c7bb9d")]
    [InlineData(135, "d9dcf1f98e49a79b0643a9e68fef48079ff8777c5e7e7f93469ded65f192ac71")]
    [InlineData(136, "743bd32e775ac7387a57d4d574c89ddef5ebcb08bb5cc6b88c55a27b5035cc45")]
    [InlineData(137, "01d47e8d6dce6e3dcbf1baa6f845b6ace4ef74bd17da8176ecc49bc35dbe5d21")]
    [InlineData(271, "20bf2d2a8b462cf032927768963867773b04bcfdbf1419d1ac06aa23637e5b19")]
    [InlineData(272, "ddeb5151c079739970e780e6257d0c4d52d83bf82c6aa8d47d5195530b5d5f4b")]
    [InlineData(273, "ca74f68cfcda3bbd9068ae31dd3156e6df046aeb68e3176e4e17bf1557174553")]
    [InlineData(1000, "bd8b4d76041e0135e53fab1aaf425c7b1c129d8878ffb64cc31230ccafd7dc7c")]
    public void Sha3PadsEveryLength(int length, string digest)
    {
        byte[] data = Enumerable.Range(0, length).Select(i => (byte)((i * 7) + 3)).ToArray();
        Assert.Equal(digest, Convert.ToHexStringLower(Sha3.Hash256(data)));

        foreach (int piece in new[] { 1, 37, 135, 136, 137 })
        {
            KeccakSponge sponge = Sha3.Begin();
            for (int offset = 0; offset < length; offset += piece)
            {
                sponge.Append(data.AsSpan(offset, int.Min(piece, length - offset)));
            }

            Assert.Equal(digest, Convert.ToHexStringLower(sponge.Finish()));
        }
    }

    [Fact]
    public void Sha3AgreesWithThePlatform()
    {
        Assert.SkipUnless(SHA3_256.IsSupported, "the platform has no SHA3");
        Random random = new(1);
        for (int length = 0; length < 600; length++)
        {
            byte[] data = new byte[length];
            random.NextBytes(data);
            Assert.Equal(SHA3_256.HashData(data), Sha3.Hash256(data));
        }
    }
}
