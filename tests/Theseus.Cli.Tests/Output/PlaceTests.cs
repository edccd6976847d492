namespace Theseus.Cli.Tests.Output;

/// <summary>What is said of files and folders that users name, and what trying them leaves behind. // fault 28</summary>
public sealed class PlaceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("new")]
    [InlineData("new/and/deeper")]
    [InlineData("")]
    public void AFolderThatServesIsTriedWithoutATrace(string name)
    {
        new Place("--dir", _folder.Sub(name)).CheckFolder();
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void AFileThatServesIsTriedWithoutATrace()
    {
        new Place("--json", _folder.Sub("out.json")).CheckFile();
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
        File.WriteAllText(_folder.Sub("out.json"), "kept");
        new Place("--json", _folder.Sub("out.json")).CheckFile();
        Assert.Equal("kept", File.ReadAllText(_folder.Sub("out.json")));
        new Place("--json", "/dev/null").CheckFile();
    }

    [Theory]
    [InlineData("/proc/x", "nothing can be made there")]
    [InlineData("/proc/x/deeper", "nothing can be made there")]
    [InlineData("LONG", "too long")]
    [InlineData("deeper/LONG", "too long")]
    [InlineData("LONG/deeper", "too long")]
    public void APlaceThatDoesNotServeIsNamedWithTheReasonAndWhatToDo(string name, string reason)
    {
        string path = _folder.Sub(name.Replace("LONG", new string('n', 256), StringComparison.Ordinal));
        CommandFailure refused = Assert.Throws<CommandFailure>(new Place("--dir", path).CheckFolder);
        Assert.Equal(ExitCode.Usage, refused.Code);
        Assert.StartsWith("--dir: cannot write to " + path, refused.Message);
        Assert.Contains(reason, refused.Message);
        Assert.EndsWith("; choose another place", refused.Message);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void AReadEndsAtItsBound()
    {
        File.WriteAllBytes(_folder.Sub("file"), new byte[100]);
        Place file = new("<file>", _folder.Sub("file"));
        Assert.Equal(100, file.Read(100).Length);
        Assert.Contains("more than 99 bytes", Assert.Throws<CommandFailure>(() => file.Read(99)).Message);
        Assert.Contains("more than 1000 bytes", Assert.Throws<CommandFailure>(() => new Place("<file>", "/dev/zero").Read(1_000)).Message);
    }
}
