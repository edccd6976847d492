using System.CommandLine;
using System.CommandLine.Invocation;
using Theseus.Cli.Commands;

namespace Theseus.Cli.Tests;

/// <summary>What a newcomer meets: every command has an example that the program itself understands, and a wrong word is answered in one
/// line.</summary>
public sealed class CommandTreeTests
{
    public static TheoryData<string> Leaves => [.. All(CommandTree.Create()).Where(command => command is { Hidden: false,
        Subcommands.Count: 0 }).Select(CommandTree.PathOf)];

    [Theory]
    [MemberData(nameof(Leaves))]
    public void EveryCommandHasAnExampleThatParses(string path)
    {
        string help = Help(path);
        string[] examples = [.. help[help.IndexOf("\nExample", StringComparison.Ordinal)..].Split('\n')
            .Select(line => line.IndexOf("theseus ", StringComparison.Ordinal) is >= 0 and int at ? line[at..].Trim() : "").Where(line =>
                line.Length > 0)];
        Assert.Contains(examples, example => example.StartsWith(path, StringComparison.Ordinal));
        Assert.All(examples, example => Assert.Empty(CommandTree.Create().Parse(example.Split(' ')[1..]).Errors.Select(error =>
            error.Message)));
    }

    [Fact]
    public void ListsOfCommandsHoldOneLineForEach() => Assert.All(["theseus", "theseus txs", "theseus localnet"], path =>
        Assert.DoesNotContain("Example", Help(path).Split("Commands:")[1].Split("\n\n")[0]));

    [Theory] // fault 52
    [InlineData("query block abc", "<height> takes a whole number, not 'abc'")]
    [InlineData("query block", "<height> is missing")]
    [InlineData("query resource 0x1", "theseus: <type> is missing;")]
    [InlineData("query status --foo", "there is no option '--foo'")]
    [InlineData("query status --jsom", "did you mean --json?")]
    [InlineData("query status --at 5", "there is no option '--at'")] // a node stands where it stands
    [InlineData("query stauts", "did you mean status?")]
    [InlineData("sail", "there is no command 'sail'")]
    [InlineData("txs vote", "--proposal-id is missing")]
    [InlineData("localnet --dir", "--dir needs a value")]
    [InlineData("localnet --dir a --dir b", "--dir is given more than once")]
    [InlineData("localnet status now", "'now' is one word too many")]
    [InlineData("", "Required command")]
    [InlineData("localnet --base-port abc", "--base-port takes a whole number from 0 to 65535, not 'abc'")]
    public void WrongWordsAreSaidToBeWrongInOneLine(string words, string said)
    {
        ParseResult parsed = CommandTree.Create().Parse(words.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.IsType<ParseErrorAction>(parsed.Action);
        string fault = CommandTree.Fault(parsed);
        Assert.Contains(said, fault);
        Assert.DoesNotContain("System.", fault);
        Assert.DoesNotContain('\n', fault);
        Assert.EndsWith("--help", fault);
    }

    [Theory] // fault 52: what follows a word that is no command is not judged, and commands are listed only where one was wanted
    [InlineData("query upgrades --dir x", "theseus: there is no command 'upgrades'; commands are status, block, tx, resource, module, "
        + "view, validators, proposals, record, evidence; see: theseus query --help")]
    [InlineData("localnet --base-port 70000", "theseus: --base-port takes a whole number from 0 to 65535, not '70000'; see: "
        + "theseus localnet --help")]
    [InlineData("localnet --base-prot 7", "theseus: there is no option '--base-prot'; did you mean --base-port?; "
        + "see: theseus localnet --help")]
    public void AFaultSaysWhatIsWrongAndNoMore(string words, string said) =>
        Assert.Equal(said, CommandTree.Fault(CommandTree.Create().Parse(words.Split(' '))));

    public static TheoryData<string> Groups => [.. All(CommandTree.Create()).Where(command => command is { Hidden: false,
        Subcommands.Count: > 0 }).Select(CommandTree.PathOf)];

    [Theory] // fault 52
    [MemberData(nameof(Groups))]
    public void EveryGroupOfCommandsHasAnExample(string path) => Assert.Contains("\nExample", Help(path));

    [Theory] // faults 25 and 21: the seed's spellings go on working
    [InlineData("txs upgrade propose --script-dir up")]
    [InlineData("txs upgrade propose --proposal-script-dir up --metadata-url https://example.org")]
    [InlineData("txs resolve --script-dir up")]
    [InlineData("txs resolve --proposal-script-dir up")]
    [InlineData("framework upgrade --script-dir up")]
    [InlineData("framework upgrade --output-dir up")]
    [InlineData("upgrade script --component execution --to 2 --at +40 --script-dir up")]
    [InlineData("upgrade script --component execution --to 2 --at +40 --output-dir up")]
    public void AFolderOfAScriptHasOneNameAndTheOldOnesAreUnderstood(string words) =>
        Assert.Empty(CommandTree.Create().Parse(words.Split(' ')).Errors);

    private static IEnumerable<Command> All(Command command) => command.Subcommands.SelectMany(All).Prepend(command);

    private static string Help(string path)
    {
        using StringWriter output = new();
        CommandTree.Create().Parse([.. path.Split(' ')[1..], "--help"]).Invoke(new InvocationConfiguration { Output = output });
        return output.ToString().ReplaceLineEndings("\n");
    }
}
