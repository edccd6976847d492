using System.Buffers.Binary;
using System.Text;

namespace Theseus.Cli.Fuzz;

/// <summary>Bytes and texts near given ones: what a stranger tries who knows the formats.</summary>
internal static class Mutator
{
    /// <summary>A mutant is not longer than this, whatever is repeated in it.</summary>
    public const int MaximumSize = 256 * 1024;

    private const int MostChanges = 6;

    private const int LongestPiece = 4_096;

    private const int DeepestNesting = 20_000;

    private static readonly string[] Brackets = ["(", "[", "{", "<", "((", "&", "!", "vector<", "{\"a\":", "[[", "if (", "/*", "-", "\"",
        "\\u"];

    private static readonly string[] Words =
    [
        "18446744073709551615", "340282366920938463463374607431768211455",
            "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", "-1",
        "1e400", "9007199254740993", "null", "\u0000", "\ud7ff", "\uFEFF", "\U0001F600", "'", "\"\"\"", "\r", "//", "*/", "_", "::", "0x",
            "0x0g", "b\"\\x\"",
        "x\"0\"", "#[test]", "#[expected_failure", "public(friend)", "while (true)", "loop { break }", "spec {", "use 0x1::vector as",
            "native", "...", "<<", "as u8",
    ];

    /// <summary>One to six changes of a sample; <paramref name="other"/> is what pieces are taken from.</summary>
    public static byte[] Mutate(byte[] sample, byte[] other, FuzzRandom random)
    {
        byte[] mutant = sample;
        for (int left = 1 + random.Below(MostChanges); left > 0; left--)
        {
            mutant = Change(mutant, other, random);
            if (mutant.Length > MaximumSize)
            {
                return mutant[..MaximumSize];
            }
        }

        return mutant;
    }

    /// <summary>As <see cref="Mutate"/>, for texts: brackets, words, numbers and lines change besides bytes. The result need not be
    /// UTF-8.</summary>
    public static byte[] MutateText(byte[] sample, byte[] other, FuzzRandom random)
    {
        byte[] mutant = sample;
        for (int left = 1 + random.Below(MostChanges); left > 0 && mutant.Length < MaximumSize; left--)
        {
            mutant = random.OneIn(3) ? Change(mutant, other, random) : ChangeText(mutant, other, random);
        }

        return mutant.Length > MaximumSize ? mutant[..MaximumSize] : mutant;
    }

    private static byte[] Change(byte[] from, byte[] other, FuzzRandom random)
    {
        if (from.Length == 0)
        {
            return random.Bytes(1 + random.Below(40));
        }

        int at = random.OneIn(3) ? random.Below(int.Min(from.Length, 64)) : random.Below(from.Length);
        byte[] copy = [.. from];
        switch (random.Below(12))
        {
            case 0:
                copy[at] ^= (byte)(1 << random.Below(8));
                return copy;
            case 1:
                copy[at] = (byte)random.Next64();
                return copy;
            case 2:
                copy[at] = (byte)(copy[at] + random.Below(7) - 3);
                return copy;
            case 3:
                return from[..at];
            case 4 or 5:
                return Overwrite(copy, at, random);
            case 6:
                return Join(from, at, random.Of(Extremes.Ulebs), at + random.Below(3));
            case 7:
                return Join(from, at, Piece(other, random), at); // a splice
            case 8:
                return Join(from, at, Piece(other, random), at + random.Below(from.Length - at));
            case 9:
                return Join(from, at, Repeated(Piece(from, random, 64), random), at); // duplicated, often
            case 10:
                return Join(from, at, [], at + 1 + random.Below(64)); // a hole
            default:
                return [.. from, .. random.OneIn(2) ? random.Bytes(1 + random.Below(64)) : Piece(other, random)];
        }
    }

    private static byte[] ChangeText(byte[] from, byte[] other, FuzzRandom random)
    {
        int at = random.Below(from.Length + 1);
        switch (random.Below(7))
        {
            case 0:
                int depth = random.OneIn(8) ? random.Below(DeepestNesting) : random.Below(64);
                return Join(from, at, Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(random.Of(Brackets), depth))), at);
            case 1:
                return Join(from, at, Encoding.UTF8.GetBytes(random.Of(Words)), at);
            case 2:
                (int start, int end) = Token(from, at, static b => char.IsAsciiLetterOrDigit((char)b) || b == '_');
                return Join(from, start, Encoding.UTF8.GetBytes(random.Of(Words)), end);
            case 3:
                (int first, int last) = Token(from, at, static b => char.IsAsciiLetterOrDigit((char)b) || b == '_');
                (int begin, int stop) = Token(other, random.Below(other.Length + 1), static b =>
                    char.IsAsciiLetterOrDigit((char)b) || b == '_');
                return Join(from, first, other[begin..stop], last);
            case 4:
                (int a, int b) = Token(from, at, static c => c != '\n');
                return random.OneIn(2) ? Join(from, a, [], b) : Join(from, b, [(byte)'\n', .. from[a..b]], b);
            case 5:
                (int l, int r) = Token(other, random.Below(other.Length + 1), static c => c != '\n');
                return Join(from, at, [.. other[l..r], (byte)'\n'], at);
            default:
                (int n, int m) = Token(from, at, static c => char.IsAsciiDigit((char)c));
                return Join(from, n, Encoding.UTF8.GetBytes(random.Of(Extremes.Numbers).ToString(
                    System.Globalization.CultureInfo.InvariantCulture)), m);
        }
    }

    private static (int Start, int End) Token(byte[] text, int at, Func<byte, bool> belongs)
    {
        (int start, int end) = (at, at);
        while (start > 0 && belongs(text[start - 1]))
        {
            start--;
        }

        while (end < text.Length && belongs(text[end]))
        {
            end++;
        }

        return (start, end);
    }

    private static byte[] Overwrite(byte[] copy, int at, FuzzRandom random)
    {
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        int width = 1 << random.Below(4);
        ulong number = random.Of(Extremes.Numbers);
        if (at + width <= copy.Length && random.OneIn(3))
        {
            copy.AsSpan(at, width).CopyTo(word);
            number = BinaryPrimitives.ReadUInt64LittleEndian(word) + (ulong)random.Below(5) - 2;
        }

        BinaryPrimitives.WriteUInt64LittleEndian(word, number);
        word[..int.Min(width, copy.Length - at)].CopyTo(copy.AsSpan(at));
        return copy;
    }

    private static byte[] Piece(byte[] from, FuzzRandom random, int most = LongestPiece)
    {
        int start = random.Below(from.Length + 1);
        return from[start..(start + random.Below(int.Min(most, from.Length - start) + 1))];
    }

    private static byte[] Repeated(byte[] piece, FuzzRandom random)
    {
        int times = random.OneIn(6) ? random.Below(2_000) : 1 + random.Below(4);
        byte[] all = new byte[int.Min(piece.Length * times, MaximumSize)];
        for (int i = 0; i < all.Length; i++)
        {
            all[i] = piece[i % piece.Length];
        }

        return all;
    }

    private static byte[] Join(byte[] from, int keep, byte[] middle, int resume) =>
        [.. from.AsSpan(0, keep), .. middle, .. from.AsSpan(int.Min(resume, from.Length))];
}
