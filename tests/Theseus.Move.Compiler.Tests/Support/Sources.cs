using Theseus.Protocol;

namespace Theseus.Move.Compiler.Tests.Support;

internal static class Sources
{
    public static readonly SortedDictionary<string, Address> Addresses = new(StringComparer.Ordinal) { ["std"] = Address.One,
        ["me"] = Address.FromShort(0x42) };

    /// <summary>The folder that holds Theseus.slnx.</summary>
    public static string RepositoryRoot
    {
        get
        {
            DirectoryInfo? folder = new(AppContext.BaseDirectory);
            while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Theseus.slnx")))
            {
                folder = folder.Parent;
            }

            return folder?.FullName ?? throw new InvalidOperationException("the tests run outside the repository");
        }
    }

    public static Compilation Compile(string text, CompilerOptions? options = null) =>
        Compiler.Compile(SourceTree.Of("a.move", text), (options ?? new CompilerOptions()) with { Addresses = Addresses });

    public static Compilation CompileTests(string text) => Compile(text, new CompilerOptions { TestMode = true });

    /// <summary>"E04007 3:5" for every diagnostic, in order.</summary>
    public static string[] Places(Compilation compilation) => [.. compilation.Diagnostics.Select(d => $"{d.Code} {d.Line}:{d.Column}")];

    /// <summary>All Move files and manifests below a folder of the repository, by path from there.</summary>
    public static SourceTree Tree(string folder)
    {
        string root = Path.Combine(RepositoryRoot, folder);
        SourceTree tree = new();
        foreach (string file in Directory.GetFiles(root, "*", SearchOption.AllDirectories))
        {
            if (file.EndsWith(".move", StringComparison.Ordinal) || Path.GetFileName(file) == "Move.toml")
            {
                tree[Path.GetRelativePath(root, file).Replace('\\', '/')] = File.ReadAllText(file);
            }
        }

        return tree;
    }
}
