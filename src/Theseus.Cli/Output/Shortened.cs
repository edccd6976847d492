namespace Theseus.Cli;

/// <summary>Makes a table fit a terminal: the widest columns give way, with an ellipsis where something was left out.</summary>
internal static class Shortened
{
    /// <summary>No column becomes narrower by shortening: below it nothing can be recognised.</summary>
    public const int LeastWidth = 8;

    private const char Ellipsis = '…';

    /// <summary>
    /// Widths of columns whose sum is at most <paramref name="room"/>, as far as <see cref="LeastWidth"/> allows: the widest are cut to one
    /// common width, the others keep theirs.
    /// </summary>
    public static int[] Widths(IReadOnlyList<int> natural, int room)
    {
        int[] widths = [.. natural];
        while (widths.Sum() > room)
        {
            int widest = Array.LastIndexOf(widths, widths.Max());
            if (widths[widest] <= LeastWidth)
            {
                break;
            }

            widths[widest]--;
        }

        return widths;
    }

    /// <summary>
    /// A text in at most <paramref name="width"/> characters. Of a word without spaces, such as a hash or a path, the middle is left out:
    /// its
    /// begin and its end tell it from others; of a sentence, the end.
    /// </summary>
    public static string Fit(string text, int width)
    {
        if (text.Length <= width || width < 3)
        {
            return text;
        }

        if (text.Contains(' ', StringComparison.Ordinal))
        {
            return text[..(width - 1)].TrimEnd() + Ellipsis;
        }

        int begin = width / 2;
        return text[..begin] + Ellipsis + text[^(width - 1 - begin)..];
    }

    /// <summary>A sentence on several lines of at most <paramref name="width"/> characters; a longer word stays whole, so that it can be
    /// copied.</summary>
    public static IEnumerable<string> Wrap(string text, int width)
    {
        string line = "";
        foreach (string word in text.Split(' '))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line;
                line = word;
            }
            else
            {
                line = line.Length == 0 ? word : line + " " + word;
            }
        }

        yield return line;
    }
}
