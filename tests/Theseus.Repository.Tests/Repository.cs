using System.Runtime.CompilerServices;

namespace Theseus.Repository.Tests;

/// <summary>The checkout that these tests look at.</summary>
internal static class Repository
{
    public static readonly string Root = FindRoot();

    public static readonly string[] PureProjects = ["Theseus.Consensus", "Theseus.Protocol", "Theseus.Move", "Theseus.Move.Compiler", "Theseus.Execution"];

    /// <summary>Files below a folder, with build output and fetched packages left out.</summary>
    public static IEnumerable<string> Files(string folder, params string[] extensions) =>
        Directory.EnumerateFiles(Path.Combine(Root, folder), "*", SearchOption.AllDirectories)
            .Where(file => extensions.Contains(Path.GetExtension(file)))
            .Where(file => !Relative(file).Split('/').Any(part => part is "bin" or "obj" or "node_modules" or "artifacts" or ".git" or ".theseus"))
            .Order(StringComparer.Ordinal);

    public static string Relative(string file) => Path.GetRelativePath(Root, file).Replace('\\', '/');

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Theseus.slnx")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("the tests do not run inside a checkout");
    }
}
