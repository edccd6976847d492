using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Theseus.Cli.Commands;

/// <summary>
/// Options and arguments that judge their own value when the command line is read, before a command does anything. A wrong value is a usage
/// error that names the option and what it takes.
/// </summary>
internal static class Inputs
{
    /// <summary>Characters of a hash with its 0x.</summary>
    private const int HashText = 66;

    /// <summary>A whole number within bounds, with what holds when it is left out.</summary>
    public static Option<int> Whole(string name, string description, int least, int most, int otherwise) => new(name)
    {
        Description = description, DefaultValueFactory = _ => otherwise, CustomParser = result => (int)Number(result, name, (ulong)least, (
            ulong)most),
    };

    /// <summary>A whole number within bounds that must be given.</summary>
    public static Option<ulong> Required(string name, string description, ulong least = 0, ulong most = ulong.MaxValue) => new(name)
    {
        Description = description, Required = true, CustomParser = result => Number(result, name, least, most),
    };

    /// <summary>A whole number within bounds that may be left out.</summary>
    public static Option<ulong?> Optional(string name, string description, ulong least = 0, ulong most = ulong.MaxValue) => new(name)
    {
        Description = description, CustomParser = result => Number(result, name, least, most),
    };

    /// <summary>A whole number that stands without an option.</summary>
    public static Argument<ulong> Argument(string name, string description) => new(name)
    {
        Description = description, CustomParser = result => Number(result, $"<{name}>", 0, ulong.MaxValue),
    };

    /// <summary>One of a few words.</summary>
    public static Option<string> OneOf(string name, string description, string otherwise, params string[] words) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => otherwise,
        CustomParser = result =>
        {
            string given = result.Tokens.Count == 1 ? result.Tokens[0].Value : otherwise;
            if (!words.Contains(given))
            {
                result.AddError($"{name} takes {string.Join(" or ", words)}, not '{given}'{Nearest.Question(given, words)}");
            }

            return given;
        },
    };

    /// <summary>A hash: 0x and 64 hexadecimal digits.</summary>
    public static Argument<string> Hash(string name, string description) => Checked(
        name, description, static given => given.Length == HashText && given.StartsWith("0x", StringComparison.Ordinal) && given[2..].All(
            char.IsAsciiHexDigit),
        "0x and 64 hexadecimal digits");

    /// <summary>A module of the chain, or something in one: an address and one or two names between double colons.</summary>
    public static Argument<string> Path(string name, string description, int names, string example) => Checked(
        name, description, given => IsPath(given.Split("::"), names), $"a name such as {example}");

    private static bool IsPath(string[] parts, int names) =>
        parts.Length == names + 1 && Wallet.TryAddress(parts[0], out _)
        && parts.Skip(1).All(part => part.Length > 0 && part.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_'));

    private static Argument<string> Checked(string name, string description, Func<string, bool> holds, string takes) => new(name)
    {
        Description = description,
        CustomParser = result =>
        {
            string given = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (!holds(given))
            {
                result.AddError($"<{name}> takes {takes}, not '{given}'");
            }

            return given;
        },
    };

    private static ulong Number(ArgumentResult result, string name, ulong least, ulong most)
    {
        if (result.Tokens.Count != 1)
        {
            return 0; // none or several: the parser says so itself
        }

        string given = result.Tokens[0].Value;
        if (ulong.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value) && value >= least && value <= most)
        {
            return value;
        }

        result.AddError(most == ulong.MaxValue
            ? $"{name} takes a whole number{(least > 0 ? $" from {least}" : "")}, not '{given}'"
            : $"{name} takes a whole number from {least} to {most}, not '{given}'");
        return 0;
    }
}
