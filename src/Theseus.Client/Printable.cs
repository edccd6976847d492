using System.Globalization;
using System.Text;

namespace Theseus.Client;

/// <summary>
/// The one place where text from strangers (proposers' addresses, peers' words, a node's errors) becomes safe to print: nothing in it can
/// move a cursor, change a colour, reorder or hide what stands beside it.
/// </summary>
public static class Printable
{
    /// <summary>Letters kept by default; what is longer ends with an ellipsis.</summary>
    public const int UsualLength = 4_096;

    /// <summary>
    /// The text on one line, with everything invisible written out as <c>\u{…}</c>: control characters (ESC, line ends, C1), direction
    /// marks and overrides, zero-width and other format characters, line separators, private and unassigned letters, halves of surrogate
    /// pairs, letters without ink. A backslash stays. A line end in it cannot pass for the program's own next line.
    /// </summary>
    /// <param name="text">From a stranger; null counts as empty.</param>
    /// <param name="maximum">Letters at most.</param>
    public static string Text(string? text, int maximum = UsualLength) => Escape(text, maximum, keepLines: false);

    /// <summary>As <see cref="Text"/> for text of several lines and any length: line feeds and tabs stay.</summary>
    /// <param name="text">From a stranger; null counts as empty.</param>
    public static string Lines(string? text) => Escape(text, int.MaxValue, keepLines: true);

    private static string Escape(string? text, int maximum, bool keepLines)
    {
        if (text is null || (text.Length <= maximum && !text.Any(static letter => letter is < ' ' or > '~')))
        {
            return text ?? "";
        }

        StringBuilder printable = new(int.Min(text.Length, maximum) + 16);
        int letters = 0;
        for (int at = 0; at < text.Length; letters++)
        {
            if (letters == maximum)
            {
                return printable.Append('…').ToString();
            }

            bool isWhole = Rune.TryGetRuneAt(text, at, out Rune rune);
            if (isWhole && (IsVisible(rune) || (keepLines && rune.Value is '\n' or '\t')))
            {
                printable.Append(text, at, rune.Utf16SequenceLength);
            }
            else
            {
                printable.Append(CultureInfo.InvariantCulture, $"\\u{{{(isWhole ? rune.Value : text[at]):x}}}");
            }

            at += isWhole ? rune.Utf16SequenceLength : 1;
        }

        return printable.ToString();
    }

    private static bool IsVisible(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
            or UnicodeCategory.OtherNotAssigned
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => false,
        UnicodeCategory.SpaceSeparator => rune.Value == ' ', // others look like it, or like nothing
        // letters without any ink, joiners and selectors that are shown as nothing
        _ => rune.Value is not (0x034f or 0x115f or 0x1160 or 0x17b4 or 0x17b5 or 0x2800 or 0x3164 or 0xffa0)
            and not (>= 0x180b and <= 0x180f) and not (>= 0xfe00 and <= 0xfe0f) and not (>= 0xe0100 and <= 0xe01ef),
    };
}
