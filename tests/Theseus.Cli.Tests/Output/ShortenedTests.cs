namespace Theseus.Cli.Tests.Output;

/// <summary>How tables fit a narrow terminal.</summary>
public sealed class ShortenedTests
{
    [Theory] // fault 39
    [InlineData("0x0123456789abcdef", 18, "0x0123456789abcdef")]
    [InlineData("0x0123456789abcdef", 9, "0x01…cdef")]
    [InlineData("0x0123456789abcdef", 10, "0x012…cdef")]
    [InlineData("halted: needs execution 3", 12, "halted: nee…")]
    [InlineData("halted: needs execution 3", 9, "halted:…")]
    [InlineData("", 5, "")]
    public void ATextFitsItsColumn(string text, int width, string shown)
    {
        Assert.Equal(shown, Shortened.Fit(text, width));
        Assert.True(Shortened.Fit(text, width).Length <= width);
    }

    [Theory] // fault 39: only the widest give way, and no column disappears
    [InlineData(new[] { 4, 66, 66 }, 74, new[] { 4, 35, 35 })]
    [InlineData(new[] { 4, 20, 66 }, 80, new[] { 4, 20, 56 })]
    [InlineData(new[] { 4, 20 }, 80, new[] { 4, 20 })]
    [InlineData(new[] { 30, 30, 30 }, 10, new[] { 8, 8, 8 })]
    public void TheWidestColumnsGiveWay(int[] natural, int room, int[] widths) => Assert.Equal(widths, Shortened.Widths(natural, room));

    [Fact]
    public void ASentenceIsBrokenBetweenWordsAndALongWordStaysWhole() =>
        Assert.Equal(["code root", "0123456789abcdef", "of block 7"], Shortened.Wrap("code root 0123456789abcdef of block 7", 12));
}
