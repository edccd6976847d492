using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Text.RegularExpressions;
using Theseus.Cli.Bench;
using Theseus.Cli.Localnet;

namespace Theseus.Cli.Commands;

/// <summary>
/// All commands. A description says in its first line what the command does; examples stand below an empty line, begin with "Example", and are shown
/// in its own help only.
/// </summary>
public static partial class CommandTree
{
    private const string ExamplesMark = "\n\nExample";

    private const string CommandMissing = "Required command was not provided";

    public static RootCommand Create()
    {
        RootCommand root = new("Theseus: a blockchain node whose framework, execution stack and rules are replaced while it runs\n\nExamples:\n  theseus localnet\n  theseus txs transfer --from alice --to bob --amount 5")
        {
            new Command("txs", "Send transactions")
            {
                TransferCommands.Transfer(), TransferCommands.Fund(), CeremonyCommands.Upgrade(), CeremonyCommands.Vote(), ResolveCommand.Resolve(), CeremonyCommands.Cancel(), CeremonyCommands.Veto(),
                ValidatorCommands.Validator(),
            },
            QueryCommands.Query(),
            KeyCommands.Keys(),
            MoveCommands.Move(),
            FrameworkCommands.Framework(),
            UpgradeCommands.Upgrade(),
            NodeCommand.Node(),
            DbCommands.Db(),
            LocalnetCommands.Localnet(),
        };
        BenchCommand.Commands().ToList().ForEach(root.Add);
        SortedDictionary<string, string> examples = new(StringComparer.Ordinal);
        Separate(root, "", examples);
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((SynchronousCommandLineAction)help.Action!, examples);
        return root;
    }

    /// <summary>What is wrong with the words given, and where to look.</summary>
    public static IEnumerable<string> Faults(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        string[] faults = [.. parsed.Errors.Select(error => Plain(error.Message)).Distinct()];
        foreach (string fault in faults.Where(fault => faults.Length == 1 || fault != CommandMissing))
        {
            yield return "theseus: " + fault;
        }

        if (command.Subcommands.Any(below => !below.Hidden))
        {
            yield return "commands: " + string.Join(", ", command.Subcommands.Where(below => !below.Hidden).Select(below => below.Name));
        }

        yield return $"see: {PathOf(command)} --help";
    }

    /// <summary>Whether the words stop before a command: help is what is wanted.</summary>
    public static bool IsUnfinished(ParseResult parsed) => parsed.Errors.All(error => Plain(error.Message) == CommandMissing);

    /// <summary>The words that lead to a command.</summary>
    public static string PathOf(Command command) =>
        command is RootCommand ? "theseus" : command.Parents.OfType<Command>().Select(PathOf).First() + " " + command.Name;

    private static string Plain(string message) => TypeName().Replace(message.ReplaceLineEndings(" ").Trim(), static match => match.Groups[1].Value switch
    {
        "UInt64" or "UInt32" => "as a whole number",
        "Int32" or "Int64" => "as a number",
        "Boolean" => "as true or false",
        _ => "as its kind",
    }).TrimEnd('.');

    private static void Separate(Command command, string path, SortedDictionary<string, string> examples)
    {
        path = path.Length == 0 ? "theseus" : path + " " + command.Name;
        int at = command.Description?.IndexOf(ExamplesMark, StringComparison.Ordinal) ?? -1;
        if (at >= 0)
        {
            examples.Add(path, command.Description![(at + 2)..]);
            command.Description = command.Description[..at];
        }

        foreach (Command below in command.Subcommands)
        {
            Separate(below, path, examples);
        }
    }

    [GeneratedRegex("""as expected type '(?:System\.)?(\w+)[^']*'""", RegexOptions.None, 1000)]
    private static partial Regex TypeName();

    private sealed class HelpWithExamples(SynchronousCommandLineAction help, SortedDictionary<string, string> examples) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            int code = help.Invoke(parseResult);
            if (examples.TryGetValue(PathOf(parseResult.CommandResult.Command), out string? text))
            {
                parseResult.InvocationConfiguration.Output.WriteLine(text + "\n");
            }

            return code;
        }
    }
}
