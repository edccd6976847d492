using System.Globalization;
using System.Text;

namespace Theseus.Cli;

/// <summary>
/// The one place through which text of strangers reaches a terminal. Control characters steer a terminal, and invisible ones turn or hide
/// what
/// is read: both are written as \u{hex}.
/// </summary>
internal static class Readable
{
    /// <summary>Text of several lines: line feeds and tabs stay.</summary>
    public static string Lines(string text) => Escape(text, keepLines: true);

    /// <summary>Text that stands on one line: a line feed in it cannot pass for the program's own next line.</summary>
    public static string Line(string text) => Escape(text, keepLines: false);

    private static string Escape(string text, bool keepLines)
    {
        StringBuilder? changed = null;
        int index = 0;
        while (index < text.Length)
        {
            bool whole = Rune.TryGetRuneAt(text, index, out Rune rune);
            int length = whole ? rune.Utf16SequenceLength : 1;
            bool harmless = whole && (IsHarmless(rune) || (keepLines && rune.Value is '\n' or '\t'));
            if (!harmless)
            {
                changed ??= new StringBuilder(text, 0, index, text.Length + 16);
                changed.Append(CultureInfo.InvariantCulture, $"\\u{{{(whole ? rune.Value : text[index]):x}}}");
            }
            else
            {
                changed?.Append(text, index, length);
            }

            index += length;
        }

        return changed?.ToString() ?? text;
    }

    private static bool IsHarmless(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control => false,
        UnicodeCategory.Format => false, // direction marks, joiners, zero-width characters, tags
        UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => false,
        UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned => false,
        UnicodeCategory.SpaceSeparator => rune.Value == ' ',
        // the rest is shown, but for these, which are shown as nothing
        _ => rune.Value is not (0x034F or 0x115F or 0x1160 or 0x3164 or 0xFFA0) && rune.Value is not (>= 0xFE00 and <= 0xFE0F),
    };
}
