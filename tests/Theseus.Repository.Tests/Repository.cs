using System.Collections.Concurrent;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Theseus.Repository.Tests;

/// <summary>The checkout that these tests look at.</summary>
internal static class Repository
{
    public static readonly string Root = FindRoot();

    public static readonly string[] PureProjects =
        ["Theseus.Consensus", "Theseus.Protocol", "Theseus.Move", "Theseus.Move.Compiler", "Theseus.Execution"];

    private static readonly string[] NotOurs = ["bin", "obj", "node_modules", "artifacts", ".git", ".theseus"];

    private static readonly CSharpParseOptions Parsing = new(LanguageVersion.Preview, DocumentationMode.None);

    private static readonly ConcurrentDictionary<string, SyntaxTree> Trees = new(StringComparer.Ordinal);

    /// <summary>Files below a folder, with build output and fetched packages left out.</summary>
    public static IEnumerable<string> Files(string folder, params string[] extensions) =>
        Directory.EnumerateFiles(Absolute(folder), "*", SearchOption.AllDirectories)
            .Where(file => extensions.Contains(Path.GetExtension(file)))
            .Where(file => !Relative(file).Split('/').Any(NotOurs.Contains))
            .Order(StringComparer.Ordinal);

    /// <summary>All pages for people: those at the root, and those of docs, framework and examples.</summary>
    public static IEnumerable<string> Documents() =>
        Directory.EnumerateFiles(Root, "*.md").Concat(new[] { "docs", "framework", "examples" }.SelectMany(folder => Files(folder, ".md")));

    public static string Relative(string file) => Path.GetRelativePath(Root, file).Replace('\\', '/');

    public static string Absolute(string path) => Path.Combine(Root, path);

    public static bool Exists(string path) => Path.Exists(Absolute(path));

    public static string Read(string path) => File.ReadAllText(Absolute(path));

    /// <summary>The syntax of a C# file; each file is parsed once. Doc comments count as plain comments.</summary>
    public static SyntaxNode Syntax(string file) => Trees.GetOrAdd(file, static path =>
        CSharpSyntaxTree.ParseText(File.ReadAllText(path), Parsing, path)).GetRoot();

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
