using System.Text.Json;
using Theseus.Client;

namespace Theseus.Rpc.Tests;

/// <summary>Numbers and heights on the wire.</summary>
public class ConverterTests
{
    private sealed record Holder(ulong Number, ulong? Maybe, At? At);

    [Fact]
    public void WideNumbersAreWrittenAsDecimalStrings()
    {
        Assert.Equal("""{"number":"18446744073709551615","maybe":"7","at":null}""",
            JsonSerializer.Serialize(new Holder(ulong.MaxValue, 7, null), ApiJson.Options));
        Assert.Equal("""{"number":"0","maybe":null,"at":null}""", JsonSerializer.Serialize(new Holder(0, null, null), ApiJson.Options));
    }

    [Theory]
    [InlineData("\"0\"", 0UL)]
    [InlineData("\"18446744073709551615\"", ulong.MaxValue)]
    [InlineData("42", 42UL)]
    public void WideNumbersAreRead(string json, ulong expected) => Assert.Equal(expected,
        JsonSerializer.Deserialize<ulong>(json, ApiJson.Options));

    [Theory]
    [InlineData("\"18446744073709551616\"")]
    [InlineData("18446744073709551616")]
    [InlineData("\"-1\"")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("\"0x10\"")]
    [InlineData("\"1,000\"")]
    [InlineData("\"\"")]
    [InlineData("true")]
    [InlineData("{}")]
    [InlineData("null")]
    public void WhatIsNoWideNumberIsRefused(string json) => Assert.Throws<JsonException>(() =>
        JsonSerializer.Deserialize<ulong>(json, ApiJson.Options));

    [Fact]
    public void EveryWayToSayAHeightIsRead()
    {
        Assert.Equal(At.Latest, Read("\"latest\""));
        Assert.Equal(At.Sealed, Read("\"sealed\""));
        Assert.Equal(At.AtHeight(7), Read("""{"height":"7"}"""));
        Assert.Equal(At.AtHeight(7), Read("""{"height":7}"""));
        Assert.Equal(At.AtHeight(ulong.MaxValue), Read("""{"height":"18446744073709551615"}"""));
        Assert.Equal(new At(null, "0xab", null), Read("""{"hash":"0xab"}"""));
        Assert.Null(Read("null"));
    }

    [Theory]
    [InlineData("\"newest\"")]
    [InlineData("\"LATEST\"")]
    [InlineData("7")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("true")]
    [InlineData("""{"height":-1}""")]
    [InlineData("""{"height":1.5}""")]
    [InlineData("""{"height":"x"}""")]
    [InlineData("""{"height":null}""")]
    [InlineData("""{"height":{}}""")]
    [InlineData("""{"hash":7}""")]
    public void WhatIsNoHeightIsAJsonError(string json) => Assert.Throws<JsonException>(() => Read(json));

    [Fact]
    public void HeightsAreWrittenAsTheyAreRead()
    {
        foreach (At at in new[] { At.Latest, At.Sealed, At.AtHeight(0), At.AtHeight(ulong.MaxValue), new At(null, "0xab", null) })
        {
            Assert.Equal(at, Read(JsonSerializer.Serialize(at, ApiJson.Options)));
        }

        Assert.Equal("""{"height":"7"}""", JsonSerializer.Serialize(At.AtHeight(7), ApiJson.Options));
        Assert.Equal("\"sealed\"", JsonSerializer.Serialize(At.Sealed, ApiJson.Options));
    }

    private static At? Read(string json) => JsonSerializer.Deserialize<At>(json, ApiJson.Options);
}
