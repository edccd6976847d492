namespace Theseus.Protocol.Tests.Execution;

/// <summary>A receipt has one form (execution 3).</summary>
public class ReceiptCodecTests
{
    // found by fuzzing: 2^28 = 0x10000000 has the low byte of variant 0, Success; so has 256; 258 that of OutOfGas
    [Theory]
    [InlineData("8080808001")]
    [InlineData("8002")]
    [InlineData("8202")]
    [InlineData("06")]
    public void AStatusVariantIsNotCutToAByte(string variant)
    {
        byte[] rest = new byte[8 + 16 + 32 + 32 + 4];
        byte[] receipt = [.. new byte[32], .. Convert.FromHexString(variant), .. rest];
        Assert.Throws<BcsException>(() => ReceiptCodec.DecodeReceipt(receipt));
    }

    [Fact]
    public void TheVariantOfSuccessIsOneZeroByte() =>
        Assert.Equal(StatusKind.Success, ReceiptCodec.DecodeReceipt(new byte[32 + 1 + 8 + 16 + 32 + 32 + 4]).Status.Kind);
}
