namespace Theseus.Cli.Tests.Output;

/// <summary>Strangers' text neither steers a terminal nor turns, hides or forges what is read.</summary>
public sealed class ReadableTests
{
    [Theory] // fault 93
    [InlineData("https://example.org/up", "https://example.org/up")]
    [InlineData("\u001b[2Jgone", "\\u{1b}[2Jgone")]
    [InlineData("a\u009bb", "a\\u{9b}b")] // one-byte CSI
    [InlineData("a\u007fb", "a\\u{7f}b")]
    [InlineData("\u202egro.elpmaxe", "\\u{202e}gro.elpmaxe")] // right to left override
    [InlineData("\u2066x\u2069", "\\u{2066}x\\u{2069}")]
    [InlineData("e\u200bx", "e\\u{200b}x")] // zero width space
    [InlineData("\ufeffx", "\\u{feff}x")]
    [InlineData("a\u00adb", "a\\u{ad}b")] // soft hyphen
    [InlineData("a\u2028b", "a\\u{2028}b")]
    [InlineData("a\u00a0b", "a\\u{a0}b")]
    [InlineData("yes\nproposal 2: yes", "yes\\u{a}proposal 2: yes")]
    [InlineData("a\tb\rc", "a\\u{9}b\\u{d}c")]
    [InlineData("\U000e0041", "\\u{e0041}")] // a tag character
    [InlineData("\ue000", "\\u{e000}")]
    [InlineData("Schiff … 船 🚢", "Schiff … 船 🚢")]
    public void OneLine(string given, string shown) => Assert.Equal(shown, Readable.Line(given));

    [Fact] // fault 93
    public void HalfACharacterIsShownAsItsNumber() => Assert.Equal("a\\u{d800}b", Readable.Line("a\ud800b"));

    [Fact]
    public void SeveralLinesKeepTheirEndsAndTabs() => Assert.Equal("a\n\tb\\u{1b}", Readable.Lines("a\n\tb\u001b"));
}
