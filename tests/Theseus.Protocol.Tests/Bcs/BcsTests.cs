namespace Theseus.Protocol.Tests.Bcs;

/// <summary>Binary Canonical Serialization by its specification: one form for each value, and no other bytes are read.</summary>
public class BcsTests
{
    // the examples of the specification, and the ends of each length
    [Theory]
    [InlineData(0U, "00")]
    [InlineData(1U, "01")]
    [InlineData(127U, "7f")]
    [InlineData(128U, "8001")]
    [InlineData(9_487U, "8f4a")]
    [InlineData(16_383U, "ff7f")]
    [InlineData(16_384U, "808001")]
    [InlineData(2_097_151U, "ffff7f")]
    [InlineData(2_097_152U, "80808001")]
    [InlineData(268_435_455U, "ffffff7f")]
    [InlineData(268_435_456U, "8080808001")]
    [InlineData(uint.MaxValue, "ffffffff0f")]
    public void AUlebHasOneForm(uint value, string hex)
    {
        Assert.Equal(hex, Hex(new BcsWriter().Uleb(value)));
        BcsReader reader = new(Convert.FromHexString(hex));
        Assert.Equal(value, reader.Uleb());
        reader.End();
    }

    [Theory]
    [InlineData("80")] // ends early
    [InlineData("8000")] // not minimal
    [InlineData("808000")]
    [InlineData("8080808000")]
    [InlineData("ffffffff10")] // 2^32
    [InlineData("ffffffff7f")]
    [InlineData("808080808001")] // six bytes
    [InlineData("")]
    public void AnotherUlebIsRefused(string hex) => Refused(hex, static (ref BcsReader reader) => reader.Uleb());

    [Fact]
    public void NumbersAreLittleEndian()
    {
        BcsWriter writer = new(0);
        writer.U8(0x12).U16(0x3456).U32(0x789abcde).U64(0x0123456789abcdef)
            .U128(new UInt128(0x1122334455667788, 0x99aabbccddeeff00)).Bool(true).Bool(false);
        const string Bytes = "12" + "5634" + "debc9a78" + "efcdab8967452301" + "00ffeeddccbbaa998877665544332211" + "01" + "00";
        Assert.Equal(Bytes, Hex(writer));
        Assert.Equal(Bytes.Length / 2, writer.Length);

        BcsReader reader = new(Convert.FromHexString(Bytes));
        Assert.Equal((0x12, 0x3456, 0x789abcdeU, 0x0123456789abcdefUL), (reader.U8(), reader.U16(), reader.U32(), reader.U64()));
        Assert.Equal((15, 18), (reader.Offset, reader.Remaining));
        Assert.Equal(new UInt128(0x1122334455667788, 0x99aabbccddeeff00), reader.U128());
        Assert.True(reader.Bool());
        Assert.False(reader.Bool());
        reader.End();
    }

    [Fact]
    public void EveryReadRefusesInputThatEndsOneByteEarly()
    {
        Refused("", static (ref BcsReader reader) => reader.U8());
        Refused("", static (ref BcsReader reader) => reader.Bool());
        Refused("00", static (ref BcsReader reader) => reader.U16());
        Refused("000000", static (ref BcsReader reader) => reader.U32());
        Refused(new string('0', 14), static (ref BcsReader reader) => reader.U64());
        Refused(new string('0', 30), static (ref BcsReader reader) => reader.U128());
        Refused(new string('0', 62), static (ref BcsReader reader) => reader.Hash());
        Refused(new string('0', 62), static (ref BcsReader reader) => reader.Address());
        Refused("000000", static (ref BcsReader reader) => reader.Raw(4));
        Refused("03aabb", static (ref BcsReader reader) => reader.Bytes(10));
        Refused("0000", static (ref BcsReader reader) => reader.Raw(-1));
    }

    [Theory]
    [InlineData("02")]
    [InlineData("ff")]
    public void ABooleanIsZeroOrOne(string hex) => Refused(hex, static (ref BcsReader reader) => reader.Bool());

    [Fact]
    public void ALengthMayReachItsLimitAndTheEndOfTheInputAndNoFurther()
    {
        BcsReader at = new(Convert.FromHexString("03aabbcc"));
        Assert.Equal([0xaa, 0xbb, 0xcc], at.Bytes(3));
        Refused("03aabbcc", static (ref BcsReader reader) => reader.Bytes(2));

        BcsReader items = new(Convert.FromHexString("02aabbccdd"));
        Assert.Equal(2, items.Count(2, minimumItemSize: 2));
        Refused("02aabbcc", static (ref BcsReader reader) => reader.Count(2, minimumItemSize: 2));
        Refused("03aabbccddeeff", static (ref BcsReader reader) => reader.Count(2, minimumItemSize: 2));
        Refused("ffffffff0f", static (ref BcsReader reader) => reader.Count(int.MaxValue));
        Refused("ffffffff07", static (ref BcsReader reader) => reader.Count(int.MaxValue, minimumItemSize: 3)); // 3 x 2^31 wraps in 32 bits
    }

    [Fact]
    public void TextIsUtf8WithItsLengthInBytes()
    {
        Assert.Equal("05" + "c3a4" + "e282ac", Hex(new BcsWriter().Text("ä€")));
        BcsReader reader = new(Convert.FromHexString("05c3a4e282ac"));
        Assert.Equal("ä€", reader.Text(5));
        reader.End();
        Refused("05c3a4e282ac", static (ref BcsReader reader) => reader.Text(4));
        Refused("02c3c3", static (ref BcsReader reader) => reader.Text(5)); // half a character
        Refused("02c080", static (ref BcsReader reader) => reader.Text(5)); // a longer form of NUL

        BcsReader marked = new(Convert.FromHexString("03efbbbf"));
        Assert.Equal("\ufeff", marked.Text(5)); // no byte order mark is eaten: one text has one form
    }

    [Fact]
    public void OptionsAndListsHaveTheirCountFirst()
    {
        Assert.Equal("00", Hex(new BcsWriter().Option<string>(null, static (w, text) => w.Text(text))));
        Assert.Equal("010161", Hex(new BcsWriter().Option("a", static (w, text) => w.Text(text))));
        Assert.Equal("00", Hex(new BcsWriter().OptionOf<ushort>(null, static (w, number) => w.U16(number))));
        Assert.Equal("010200", Hex(new BcsWriter().OptionOf<ushort>(2, static (w, number) => w.U16(number))));
        Assert.Equal("0201000200", Hex(new BcsWriter().List<ushort>([1, 2], static (w, number) => w.U16(number))));
        Assert.Equal("00", Hex(new BcsWriter().List<ushort>([], static (w, number) => w.U16(number))));
    }

    [Fact]
    public void WhatIsLeftOverIsRefusedAndAFaultNamesItsPlace()
    {
        BcsException fault = Refused("0102", static (ref BcsReader reader) =>
        {
            reader.U8();
            reader.End();
        });
        Assert.Equal(1, fault.Offset);
        Assert.EndsWith("at byte 1", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AWriterGrowsWithoutLosingWhatStandsInIt()
    {
        BcsWriter writer = new(1);
        byte[] expected = [.. Enumerable.Range(0, 1_000).Select(static i => (byte)i)];
        for (int at = 0; at < expected.Length; at += 10)
        {
            writer.Raw(expected.AsSpan(at, 10));
        }

        Assert.Equal(expected, writer.ToArray());
        Assert.True(writer.Written.SequenceEqual(expected));
    }

    private delegate void Read(ref BcsReader reader);

    private static string Hex(BcsWriter writer) => Convert.ToHexStringLower(writer.ToArray());

    private static BcsException Refused(string hex, Read read) => Assert.Throws<BcsException>(() =>
    {
        BcsReader reader = new(Convert.FromHexString(hex));
        read(ref reader);
    });
}
