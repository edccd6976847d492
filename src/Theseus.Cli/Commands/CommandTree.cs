using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Theseus.Cli.Bench;
using Theseus.Cli.Fuzz;
using Theseus.Cli.Localnet;

namespace Theseus.Cli.Commands;

/// <summary>
/// All commands. A description says in its first line what the command does; examples stand below an empty line, begin with "Example", and
/// are
/// shown in its own help only.
/// </summary>
internal static class CommandTree
{
    private const string ExamplesMark = "\n\nExample";

    /// <summary>A new tree: parsing changes nothing in it, but tests take it apart.</summary>
    public static RootCommand Create()
    {
        RootCommand root = new(
            "Theseus: a blockchain node whose framework, execution stack and rules are replaced while it runs\n\n"
            + "Examples:\n  theseus localnet\n  theseus txs transfer --from alice --to bob --amount 5\n  theseus query status")
        {
            Transactions(),
            QueryCommands.Query(),
            KeyCommands.Keys(),
            MoveCommands.Move(),
            FrameworkCommands.Framework(),
            UpgradeCommands.Upgrade(),
            NodeCommand.Node(),
            DbCommands.Db(),
            ConsensusCommands.Consensus(),
            LocalnetCommands.Localnet(),
        };
        BenchCommand.Commands().ToList().ForEach(root.Add);
        root.Add(FuzzCommand.Command());
        RefuseEmptyWords(root);
        SortedDictionary<string, string> examples = new(StringComparer.Ordinal);
        Separate(root, "", examples);
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((SynchronousCommandLineAction)help.Action!, examples);
        return root;
    }

    private static Command Transactions() => new(
        "txs",
        "Send transactions\n\nExamples:\n  theseus txs transfer --from alice --to bob --amount 5\n  theseus txs vote --proposal-id 1 --all")
    {
        TransferCommands.Transfer(), TransferCommands.Fund(), CeremonyCommands.Upgrade(), CeremonyCommands.Vote(), ResolveCommand.Resolve(),
        CeremonyCommands.Cancel(), CeremonyCommands.Veto(), ValidatorCommands.Validator(),
    };

    /// <summary>What is wrong with the words given and where to look, in one line.</summary>
    public static string Fault(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        string[] faults = [.. ParseFaults.Of(parsed).Distinct()];
        string[] below = [.. command.Subcommands.Where(child => !child.Hidden).Select(child => child.Name)];
        string commands = ParseFaults.IsCommandUnknown(parsed) ? $"; commands are {string.Join(", ", below)}" : "";
        return $"theseus: {string.Join("; ", faults)}{commands}; see: {PathOf(command)} --help";
    }

    /// <summary>Whether the words stop before a command: help is what is wanted.</summary>
    public static bool IsUnfinished(ParseResult parsed) => parsed.Errors.All(error => ParseFaults.IsCommandMissing(error.Message));

    /// <summary>The words that lead to a command.</summary>
    public static string PathOf(Command command) =>
        command is RootCommand ? "theseus" : command.Parents.OfType<Command>().Select(PathOf).First() + " " + command.Name;

    /// <summary>An empty word names no file, node, account or version: it is a shell variable that nobody has set.</summary>
    private static void RefuseEmptyWords(Command command)
    {
        foreach (Option<string> option in command.Options.OfType<Option<string>>())
        {
            option.Validators.Add(result =>
            {
                if (result.Tokens.Any(static token => token.Value.Length == 0))
                {
                    result.AddError($"{option.Name} needs a value, not an empty word");
                }
            });
        }

        foreach (Argument<string> argument in command.Arguments.OfType<Argument<string>>())
        {
            argument.Validators.Add(result =>
            {
                if (result.Tokens.Any(static token => token.Value.Length == 0))
                {
                    result.AddError($"<{argument.Name}> needs a value, not an empty word");
                }
            });
        }

        foreach (Command below in command.Subcommands)
        {
            RefuseEmptyWords(below);
        }
    }

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

    private sealed class HelpWithExamples(SynchronousCommandLineAction help, SortedDictionary<string, string> examples)
        : SynchronousCommandLineAction
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
