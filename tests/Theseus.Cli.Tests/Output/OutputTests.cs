using Theseus.Cli.Tests.Usage;

namespace Theseus.Cli.Tests.Output;

/// <summary>What happens when nobody can read what is printed.</summary>
public sealed class OutputTests
{
    [Theory] // fault 28: a full device, and one that is closed
    [InlineData("$theseus keys new a.key >/dev/full", "standard output")]
    [InlineData("$theseus keys list --help >/dev/full", "No space left")]
    [InlineData("$theseus keys new a.key 1</dev/null", "standard output")]
    public async Task AResultThatCannotBeWrittenIsOneLineWithCode4(string line, string said)
    {
        using TemporaryFolder folder = new();
        Ran ran = await Ran.ShellAsync(folder.Path, line);
        Assert.Equal(4, ran.Code);
        Assert.Contains(said, Assert.Single(ran.Said));
    }

    [Fact] // fault 28: through the launcher, which the shell has closed the stream of
    public async Task AClosedOutputIsRefusedBeforeAnythingIsDone()
    {
        using TemporaryFolder folder = new();
        Ran ran = await Ran.ShellAsync(folder.Path, "THESEUS_NO_BUILD=1 \"$launcher\" keys new a.key >&-");
        Assert.Equal(2, ran.Code);
        Assert.Contains("standard output is closed", Assert.Single(ran.Said));
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    [Fact] // fault 28: a reader that has seen enough is no mistake
    public async Task AReaderThatHasGoneIsNotTalkedTo()
    {
        using TemporaryFolder folder = new();
        Ran ran = await Ran.ShellAsync(folder.Path, "$theseus --help | true; echo \"${PIPESTATUS[0]}\"");
        Assert.Empty(ran.Errors);
        Assert.True(ran.Output.Trim() is "0" or "1", ran.Output); // 0 when everything was written before the reader went
    }

    [Fact] // fault 28
    public async Task ClosedErrorsDoNotChangeTheAnswer() =>
        Assert.Equal(2, (await Ran.ShellAsync(Path.GetTempPath(), "\"$theseus\" sail 2>&-; exit $?")).Code);

    [Theory] // fault 26: one signal ends a command that waits for something other than time
    [InlineData("keys show pipe")]
    [InlineData("move disassemble pipe")]
    public async Task ASignalEndsACommandThatWaitsForAPipe(string words)
    {
        using TemporaryFolder folder = new();
        Ran made = await Ran.ShellAsync(folder.Path, "mkfifo pipe");
        Assert.Equal(0, made.Code);

        // the shell can open the pipe for writing only once the command has it open for reading
        Ran ran = await Ran.ShellAsync(folder.Path, $"$theseus {words} & exec 7>pipe; kill -TERM $!; wait $!; exit $?");
        Assert.Equal(1, ran.Code);
        Assert.Contains("interrupted", Assert.Single(ran.Said));
    }

    [Fact] // fault 32
    public async Task TheLauncherWorksThroughSymlinks()
    {
        using TemporaryFolder folder = new();
        File.CreateSymbolicLink(folder.Sub("one"), Repository.Folder("theseus"));
        File.CreateSymbolicLink(folder.Sub("two"), "one");
        Ran ran = await Ran.ShellAsync(folder.Path, "unset THESEUS_HOME; THESEUS_NO_BUILD=1 ./two sail");
        Assert.Equal(2, ran.Code);
        Assert.Contains("there is no command 'sail'", ran.Errors);
    }
}
