namespace Theseus.Cli.Tests.Hostile;

/// <summary>Bytes near given ones, the same for the same seed.</summary>
internal static class Mutants
{
    /// <summary>One to three changes: a bit, a byte, a neighbour's value, a cut, an insertion, a repeated piece. Never
    /// the original.</summary>
    public static byte[] Of(byte[] original, Random random)
    {
        byte[] mutant = original;
        do
        {
            for (int changes = random.Next(1, 4); changes > 0; changes--)
            {
                mutant = Changed(mutant, random);
            }
        }
        while (mutant.AsSpan().SequenceEqual(original));
        return mutant;
    }

    private static byte[] Changed(byte[] from, Random random)
    {
        if (from.Length == 0)
        {
            return [(byte)random.Next(256)];
        }

        int at = random.Next(from.Length);
        byte[] copy = [.. from];
        switch (random.Next(10))
        {
            case 0:
                return copy[..at];
            case 1:
                return [.. from[..at], (byte)random.Next(256), .. from[at..]];
            case 2:
                return [.. from[..at], .. from[random.Next(at + 1)..]];
            case 3 or 4:
                copy[at] ^= (byte)(1 << random.Next(8));
                return copy;
            case 5 or 6:
                copy[at] = (byte)random.Next(256);
                return copy;
            default:
                copy[at] = (byte)(copy[at] + random.Next(-3, 4));
                return copy;
        }
    }
}
