using System.Globalization;

namespace Theseus.Cli.Commands;

/// <summary>Amounts in whole coins with up to 8 decimals.</summary>
public static class Amounts
{
    public const int Decimals = 8;

    public const ulong Unit = 100_000_000;

    /// <summary>Reads 12, 0.5 or 1.00000001.</summary>
    public static ulong Parse(string text)
    {
        string[] parts = text.Split('.');
        if (parts.Length <= 2 && parts[0].Length > 0 && ulong.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out ulong whole))
        {
            string fraction = parts.Length == 2 ? parts[1] : "0";
            if (fraction.Length is > 0 and <= Decimals && ulong.TryParse(fraction.PadRight(Decimals, '0'), NumberStyles.None, CultureInfo.InvariantCulture, out ulong units))
            {
                try
                {
                    return checked((whole * Unit) + units);
                }
                catch (OverflowException)
                {
                    throw new CommandFailure($"the amount {text} is larger than any balance", ExitCode.Usage);
                }
            }
        }

        throw new CommandFailure($"not an amount: {text} (whole coins with up to {Decimals} decimals, e.g. 12.5)", ExitCode.Usage);
    }

    public static string Format(ulong units) => Format((UInt128)units);

    public static string Format(UInt128 units)
    {
        string fraction = ((ulong)(units % Unit)).ToString(CultureInfo.InvariantCulture).PadLeft(Decimals, '0').TrimEnd('0');
        return fraction.Length == 0 ? $"{units / Unit}" : $"{units / Unit}.{fraction}";
    }
}
