using System.CommandLine;
using System.CommandLine.Invocation;
using Theseus.Cli.Commands;

namespace Theseus.Cli.Tests;

/// <summary>What a newcomer meets: every command has an example that the program itself understands, and a wrong word is answered in one line.</summary>
public sealed class CommandTreeTests
{
    public static TheoryData<string> Leaves => [.. All(CommandTree.Create()).Where(command => command is { Hidden: false, Subcommands.Count: 0 }).Select(CommandTree.PathOf)];

    [Theory]
    [MemberData(nameof(Leaves))]
    public void EveryCommandHasAnExampleThatParses(string path)
    {
        string help = Help(path);
        string[] examples = [.. help[help.IndexOf("\nExample", StringComparison.Ordinal)..].Split('\n')
            .Select(line => line.IndexOf("theseus ", StringComparison.Ordinal) is >= 0 and int at ? line[at..].Trim() : "").Where(line => line.Length > 0)];
        Assert.Contains(examples, example => example.StartsWith(path, StringComparison.Ordinal));
        Assert.All(examples, example => Assert.Empty(CommandTree.Create().Parse(example.Split(' ')[1..]).Errors.Select(error => error.Message)));
    }

    [Fact]
    public void ListsOfCommandsHoldOneLineForEach() => Assert.All(["theseus", "theseus txs", "theseus localnet"], path => Assert.DoesNotContain("Example", Help(path).Split("Commands:")[1].Split("\n\n")[0]));

    [Theory]
    [InlineData("query block abc", "'abc' for command 'block' as a whole number")]
    [InlineData("query block", "'height' missing")]
    [InlineData("query status --foo", "'--foo'")]
    [InlineData("query status --at 5", "'--at'")] // a node stands where it stands
    [InlineData("sail", "'sail'")]
    [InlineData("", "Required command")]
    [InlineData("localnet --base-port abc", "as a number")]
    public void WrongWordsAreSaidToBeWrong(string words, string said)
    {
        ParseResult parsed = CommandTree.Create().Parse(words.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.IsType<ParseErrorAction>(parsed.Action);
        string errors = string.Join('\n', CommandTree.Faults(parsed));
        Assert.Contains(said, errors);
        Assert.DoesNotContain("System.", errors);
        Assert.Contains("--help", errors);
    }

    private static IEnumerable<Command> All(Command command) => command.Subcommands.SelectMany(All).Prepend(command);

    private static string Help(string path)
    {
        using StringWriter output = new();
        CommandTree.Create().Parse([.. path.Split(' ')[1..], "--help"]).Invoke(new InvocationConfiguration { Output = output });
        return output.ToString().ReplaceLineEndings("\n");
    }
}
