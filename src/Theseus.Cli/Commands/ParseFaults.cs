using System.CommandLine;
using System.Text.RegularExpressions;

namespace Theseus.Cli.Commands;

/// <summary>The parser's complaints in this program's words. The library has no typed errors, so its sentences are matched here and nowhere
/// else.</summary>
internal static partial class ParseFaults
{
    private const int PatternMilliseconds = 1000;

    /// <summary>What is wrong, a sentence each.</summary>
    public static IEnumerable<string> Of(ParseResult parsed)
    {
        string[] faults = [.. parsed.Errors.Select(error => error.Message)];
        if (FirstUnknown(parsed) is { } unknown)
        {
            // what follows cannot be judged: it belongs to the command or option that was meant
            return [UnknownWord(unknown, parsed.CommandResult.Command)];
        }

        bool onlyMissing = faults.All(IsCommandMissing);
        return faults.Where(fault => onlyMissing || !IsCommandMissing(fault)).Select(fault => InOwnWords(fault,
            parsed));
    }

    /// <summary>Whether the words just stop before a command.</summary>
    public static bool IsCommandMissing(string message) => message.StartsWith("Required command was not provided",
        StringComparison.Ordinal);

    /// <summary>Whether a word stands where a command is wanted and is none.</summary>
    public static bool IsCommandUnknown(ParseResult parsed) => FirstUnknown(parsed) is { } word && !word.StartsWith('-');

    /// <summary>Of a group of commands, the first word that it does not know.</summary>
    private static string? FirstUnknown(ParseResult parsed) => parsed.CommandResult.Command.Subcommands.Count == 0 ? null
        : parsed.Errors.Select(error => Unknown().Match(Plain(error.Message))).FirstOrDefault(match => match.Success)?.Groups[1].Value;

    private static string Plain(string message) => message.ReplaceLineEndings(" ").Trim().TrimEnd('.');

    private static string InOwnWords(string message, ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        string text = Plain(message);
        if (Unknown().Match(text) is { Success: true } unknown)
        {
            return UnknownWord(unknown.Groups[1].Value, command);
        }

        if (BadValue().Match(text) is { Success: true } bad)
        {
            return $"{bad.Groups[2].Value} takes {KindOf(bad.Groups[3].Value)}, not '{bad.Groups[1].Value}'";
        }

        if (MissingValue().Match(text) is { Success: true } missing)
        {
            return missing.Groups[1].Value == "option" ? $"{missing.Groups[2].Value} needs a value" : MissingArguments(parsed);
        }

        if (MissingOption().Match(text) is { Success: true } required)
        {
            return $"{required.Groups[1].Value} is missing";
        }

        return Repeated().Match(text) is { Success: true } repeated ? $"{repeated.Groups[1].Value} is given more than once" : text;
    }

    private static string UnknownWord(string word, Command command)
    {
        if (word.StartsWith('-'))
        {
            IEnumerable<string> options = command.Options.Where(option => !option.Hidden).Select(option => option.Name);
            return $"there is no option '{word}'{Nearest.Question(word, options)}";
        }

        return command.Subcommands.Count > 0
            ? $"there is no command "
                + $"'{word}'{Nearest.Question(word, command.Subcommands.Where(child => !child.Hidden).Select(child => child.Name))}"
            : $"'{word}' is one word too many";
    }

    private static string MissingArguments(ParseResult parsed)
    {
        IEnumerable<string> names = parsed.CommandResult.Command.Arguments.Where(
            argument => parsed.GetResult(argument) is not { } given || given.Tokens.Count < argument.Arity.MinimumNumberOfValues)
            .Select(argument => $"<{argument.Name}>");
        return $"{string.Join(" ", names)} is missing";
    }

    private static string KindOf(string type) => type switch
    {
        "Int32" or "Int64" or "UInt32" or "UInt64" => "a whole number",
        "Boolean" => "true or false",
        _ => "another kind of value",
    };

    [GeneratedRegex("^Unrecognized command or argument '(.*)'$", RegexOptions.Singleline, PatternMilliseconds)]
    private static partial Regex Unknown();

    [GeneratedRegex("^Cannot parse argument '(.*)' for (?:option|command|argument) '(.*)' as expected type '(?:System\\.)?(\\w+)",
        RegexOptions.Singleline, PatternMilliseconds)]
    private static partial Regex BadValue();

    [GeneratedRegex("^Required argument (?:'.*' )?missing for (option|command): '(.*)'$", RegexOptions.None, PatternMilliseconds)]
    private static partial Regex MissingValue();

    [GeneratedRegex("^Option '(.*)' is required$", RegexOptions.None, PatternMilliseconds)]
    private static partial Regex MissingOption();

    [GeneratedRegex("^Option '(.*)' expects a single argument", RegexOptions.None, PatternMilliseconds)]
    private static partial Regex Repeated();
}
