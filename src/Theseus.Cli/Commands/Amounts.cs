using System.Globalization;

namespace Theseus.Cli.Commands;

/// <summary>Amounts in whole coins with up to 8 decimals.</summary>
internal static class Amounts
{
    /// <summary>Decimals of the chain's coin.</summary>
    public const int Decimals = 8;

    /// <summary>Smallest units in a whole coin.</summary>
    public const ulong Unit = 100_000_000;

    /// <summary>Reads 12, 0.5 or 1.00000001 as smallest units; more than nothing.</summary>
    /// <exception cref="CommandFailure">It is not such an amount (exit code 2).</exception>
    public static ulong Parse(string text)
    {
        string[] parts = text.Split('.');
        string fraction = parts.Length == 2 ? parts[1] : "0";
        if (parts.Length > 2 || fraction.Length is 0 or > Decimals || !Digits(parts[0], out ulong whole) || !Digits(fraction.PadRight(
            Decimals, '0'), out ulong part))
        {
            throw new CommandFailure($"'{text}' is not an amount: whole coins with up to {Decimals} decimals, e.g. 12.5", ExitCode.Usage);
        }

        UInt128 units = ((UInt128)whole * Unit) + part;
        return units > ulong.MaxValue ? throw new CommandFailure($"the amount {text} is larger than any balance", ExitCode.Usage)
            : units == 0 ? throw new CommandFailure("the amount is 0: nothing would be moved, for a fee", ExitCode.Usage)
            : (ulong)units;
    }

    /// <summary>Smallest units as whole coins, without trailing zeros.</summary>
    public static string Format(UInt128 units)
    {
        string fraction = ((ulong)(units % Unit)).ToString(CultureInfo.InvariantCulture).PadLeft(Decimals, '0').TrimEnd('0');
        return fraction.Length == 0 ? $"{units / Unit}" : $"{units / Unit}.{fraction}";
    }

    private static bool Digits(string text, out ulong value) => ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture,
        out value);
}
