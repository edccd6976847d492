namespace Theseus.Cli.Commands;

/// <summary>What somebody probably meant by a mistyped word.</summary>
internal static class Nearest
{
    /// <summary>Letters beyond this are not compared: a long word given by mistake costs no more than a short one.</summary>
    private const int LongestWord = 64;

    /// <summary>The known word that is fewest changes away, null when none is near: a third of its letters, and at least one, may
    /// differ.</summary>
    public static string? Of(string given, IEnumerable<string> known)
    {
        string? nearest = null;
        int least = int.MaxValue;
        foreach (string word in known.Where(word => word.Length <= LongestWord && given.Length <= LongestWord))
        {
            int changes = Distance(given.ToUpperInvariant(), word.ToUpperInvariant());
            if (changes < least && changes <= int.Max(1, word.Length / 3))
            {
                (nearest, least) = (word, changes);
            }
        }

        return nearest;
    }

    /// <summary>"; did you mean alice?", or nothing.</summary>
    public static string Question(string given, IEnumerable<string> known) => Of(given, known) is string nearest
        ? $"; did you mean {nearest}?" : "";

    // Insertions, deletions, replacements and swaps of neighbours, each one change.
    private static int Distance(string one, string other)
    {
        int[,] least = new int[one.Length + 1, other.Length + 1];
        for (int i = 0; i <= one.Length; i++)
        {
            for (int j = 0; j <= other.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    least[i, j] = i + j;
                    continue;
                }

                int replaced = least[i - 1, j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1);
                least[i, j] = int.Min(replaced, 1 + int.Min(least[i - 1, j], least[i, j - 1]));
                if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
                {
                    least[i, j] = int.Min(least[i, j], 1 + least[i - 2, j - 2]);
                }
            }
        }

        return least[one.Length, other.Length];
    }
}
