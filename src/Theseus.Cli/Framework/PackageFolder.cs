using System.Text;
using System.Text.RegularExpressions;
using Theseus.Move.Compiler;

namespace Theseus.Cli.Framework;

/// <summary>A Move package on disk with the local packages that it depends on, as the compiler's source tree.</summary>
/// <param name="Tree">Paths from <paramref name="Base"/>, with slashes; manifests and Move files only.</param>
/// <param name="Root">The package's path in the tree; empty when its manifest is at the top.</param>
/// <param name="Base">The folder that the tree's paths start from. Never part of what is built.</param>
internal sealed partial record PackageFolder(SourceTree Tree, string Root, string Base)
{
    /// <summary>A source file is text that a person wrote.</summary>
    public const long MaximumFileBytes = 4 * 1024 * 1024;

    /// <summary>Files of a package and its dependencies; more is a wrong folder.</summary>
    public const int MaximumFiles = 10_000;

    private static readonly string[] SourceFolders = ["sources", "scripts", "tests"];

    private static readonly UTF8Encoding StrictUtf8 = new(false, true);

    /// <summary>Reads the package in a folder. Paths start at the working directory when everything lies below it, so
    /// that a terminal can follow them.</summary>
    /// <exception cref="CommandFailure">There is no package, or a file cannot be read.</exception>
    public static PackageFolder Read(string folder)
    {
        string package = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (!File.Exists(Path.Combine(package, "Move.toml")))
        {
            throw new CommandFailure($"no Move package in {folder}: Move.toml is missing; name a package's folder with --path",
                ExitCode.Usage);
        }

        SortedSet<string> packages = new(StringComparer.Ordinal);
        Collect(package, packages);
        string working = Path.TrimEndingDirectorySeparator(Directory.GetCurrentDirectory());
        string shared = packages.All(found => IsBelow(found, working)) ? working : Common(packages);
        return new PackageFolder(ReadTree(shared, packages), Slashes(Path.GetRelativePath(shared, package)), shared);
    }

    /// <summary>Reads all packages directly below a folder, with paths from that folder: the same tree wherever the folder lies.</summary>
    public static SourceTree ReadAll(string folder)
    {
        string shared = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (!Directory.Exists(shared))
        {
            throw new CommandFailure($"there is no folder {folder}; name the one with the framework's packages with --framework-dir",
                ExitCode.Usage);
        }

        return ReadTree(shared, [.. Directory.EnumerateDirectories(shared).Where(found => File.Exists(Path.Combine(found, "Move.toml")))
            .Order(StringComparer.Ordinal)]);
    }

    private static SourceTree ReadTree(string shared, IEnumerable<string> packages)
    {
        SourceTree tree = new();
        foreach (string package in packages)
        {
            Add(tree, shared, Path.Combine(package, "Move.toml"));
            foreach (string sources in SourceFolders.Select(name => Path.Combine(package, name)).Where(Directory.Exists))
            {
                foreach (string file in new Place("package", sources).Files("*.move", SearchOption.AllDirectories))
                {
                    Add(tree, shared, file);
                }
            }
        }

        return tree;
    }

    private static void Add(SourceTree tree, string shared, string file)
    {
        if (tree.Count >= MaximumFiles)
        {
            throw new CommandFailure($"more than {MaximumFiles} source files below {shared}");
        }

        tree[Slashes(Path.GetRelativePath(shared, file))] = Text(file);
    }

    private static string Text(string file)
    {
        try
        {
            return StrictUtf8.GetString(new Place("source file", file).Read(MaximumFileBytes)).TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException)
        {
            throw new CommandFailure($"{file} is not UTF-8 text");
        }
    }

    private static void Collect(string package, SortedSet<string> packages)
    {
        string manifest = Path.Combine(package, "Move.toml");
        if (!File.Exists(manifest) || !packages.Add(package))
        {
            return; // the build says which dependency is missing and where it is named
        }

        foreach (Match local in LocalDependency().Matches(Text(manifest)))
        {
            Collect(Path.TrimEndingDirectorySeparator(Path.GetFullPath(Path.Combine(package, local.Groups["path"].Value))), packages);
        }
    }

    private static string Common(SortedSet<string> folders)
    {
        string common = folders.Min!;
        while (!folders.All(folder => IsBelow(folder, common)))
        {
            common = Path.GetDirectoryName(common)!;
        }

        return common;
    }

    private static bool IsBelow(string folder, string parent) =>
        folder == parent || folder.StartsWith(Path.EndsInDirectorySeparator(parent) ? parent : parent + Path.DirectorySeparatorChar,
            StringComparison.Ordinal);

    private static string Slashes(string path) => path == "." ? "" : path.Replace('\\', '/');

    [GeneratedRegex("""\blocal\s*=\s*(?:"(?<path>[^"\r\n]*)"|'(?<path>[^'\r\n]*)')""", RegexOptions.None, 1000)]
    private static partial Regex LocalDependency();
}
