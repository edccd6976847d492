namespace Theseus.Cli.Tests;

/// <summary>A folder of its own that goes away with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("theseus-test-").FullName;

    public string Sub(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

/// <summary>Copies of the framework's sources, with changes that a developer might make.</summary>
internal static class FrameworkCopy
{
    public static void Make(string source, string target)
    {
        foreach (string file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is ".move" or ".toml"))
        {
            string copy = Path.Combine(target, Path.GetRelativePath(source, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    /// <summary>Adds a member to a module, before its last brace.</summary>
    public static void Add(string framework, string package, string module, string member) => Change(framework, package, module, text =>
    {
        int end = text.LastIndexOf('}');
        return text[..end] + "\n    " + member + "\n}\n";
    });

    public static void Replace(string framework, string package, string module, string old, string next) =>
        Change(framework, package, module, text =>
    {
        Assert.Contains(old, text);
        return text.Replace(old, next);
    });

    private static void Change(string framework, string package, string module, Func<string, string> change)
    {
        string file = Path.Combine(framework, package, "sources", module + ".move");
        File.WriteAllText(file, change(File.ReadAllText(file)));
    }
}
