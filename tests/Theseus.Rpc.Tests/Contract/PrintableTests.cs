using Theseus.Client;

namespace Theseus.Rpc.Tests;

/// <summary>Text from strangers cannot act on a terminal. // fault 93</summary>
public class PrintableTests
{
    // fault 93
    [Theory]
    [InlineData("https://example.org/a?b=c#d", "https://example.org/a?b=c#d")]
    [InlineData("Grüße, 世界 🚢", "Grüße, 世界 🚢")]
    [InlineData("a\\u{1b}", "a\\u{1b}")]
    [InlineData("\u001b[2J\u001b]0;x\u0007", "\\u{1b}[2J\\u{1b}]0;x\\u{7}")]
    [InlineData("a\r\nb\tc", "a\\u{d}\\u{a}b\\u{9}c")]
    [InlineData("\u009b31m", "\\u{9b}31m")]
    [InlineData("abc\u202edef\u2066", "abc\\u{202e}def\\u{2066}")]
    [InlineData("pay\u200bpal\ufeff", "pay\\u{200b}pal\\u{feff}")]
    [InlineData("a\u00a0b\u3000c", "a\\u{a0}b\\u{3000}c")]
    [InlineData("\u2028\u2029\u3164", "\\u{2028}\\u{2029}\\u{3164}")]
    [InlineData("\U000e0041x", "\\u{e0041}x")]
    [InlineData("a\u007fb\u00adc", "a\\u{7f}b\\u{ad}c")]
    [InlineData("yes\nproposal 2: yes", "yes\\u{a}proposal 2: yes")]
    [InlineData("\ue000\u2800", "\\u{e000}\\u{2800}")]
    [InlineData("a\u034fb\ufe0fc", "a\\u{34f}b\\u{fe0f}c")] // joiner and selector: nothing is seen of either
    [InlineData("a\U000e0100\u180b", "a\\u{e0100}\\u{180b}")]
    public void WhatCannotBeSeenIsWrittenOut(string text, string printed) => Assert.Equal(printed, Printable.Text(text));

    [Fact]
    public void HalvesOfPairsAndNothingAreTextToo()
    {
        Assert.Equal("a\\u{d800}b", Printable.Text("a\ud800b"));
        Assert.Equal("\\u{dc00}", Printable.Text("\udc00"));
        Assert.Equal("", Printable.Text(null));
    }

    [Fact]
    public void SeveralLinesKeepTheirEndsAndTabsAndNothingElse() =>
        Assert.Equal("a\n\tb\\u{1b}\\u{d}\\u{202e}", Printable.Lines("a\n\tb\u001b\r\u202e"));

    [Fact]
    public void LongTextEnds()
    {
        Assert.Equal("aaaa…", Printable.Text(new string('a', 100_000), 4));
        Assert.Equal(5, Printable.Text("🚢🚢🚢🚢", 2).Length); // two letters of two units, and the ellipsis
    }
}
