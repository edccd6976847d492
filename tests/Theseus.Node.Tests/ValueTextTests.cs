using Theseus.Move.Format;

namespace Theseus.Node.Tests;

public class ValueTextTests
{
    [Theory]
    [InlineData("u64", "0700000000000000", "7")]
    [InlineData("bool", "01", "true")]
    [InlineData("vector<u8>", "0201ff", "0x01ff")]
    [InlineData("vector<u16>", "0201000200", "[1, 2]")]
    [InlineData("0x1::string::String", "026869", "hi")]
    [InlineData("0x1::coin::Coin<u8>", "0700000000000000", "0x0700000000000000")]
    [InlineData("u64", "07", "0x07")]
    public void ValuesAreShownToPeople(string type, string bytes, string text)
    {
        Assert.True(TypeText.TryParse(type, out TypeTag? tag));
        Assert.Equal(text, ValueText.Format(tag!, Convert.FromHexString(bytes)));
    }

    [Theory]
    [InlineData("u8", "255", "ff")]
    [InlineData("u8", "256", null)]
    [InlineData("u8", "-1", null)]
    [InlineData("u128", "1", "01000000000000000000000000000000")]
    [InlineData("bool", "yes", null)]
    [InlineData("address", "0x1", "0000000000000000000000000000000000000000000000000000000000000001")]
    [InlineData("bytes", "0x0102", "020102")]
    [InlineData("bytes", "hi", "026869")]
    [InlineData("list", "[1, 2]", "0201000000000000000200000000000000")]
    [InlineData("list", "[]", "00")]
    [InlineData("list", "[1, x]", null)]
    public void ArgumentsAreReadFromPeople(string kind, string text, string? bytes)
    {
        SignatureToken token = kind switch
        {
            "u8" => SignatureToken.U8,
            "u128" => SignatureToken.U128,
            "bool" => SignatureToken.Bool,
            "address" => SignatureToken.Address,
            "bytes" => SignatureToken.Vector(SignatureToken.U8),
            _ => SignatureToken.Reference(SignatureToken.Vector(SignatureToken.U64)),
        };
        byte[]? encoded = ValueText.TryEncode(null!, token, text);
        Assert.Equal(bytes, encoded is null ? null : Convert.ToHexStringLower(encoded));
    }
}
