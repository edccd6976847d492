using Theseus.Move.Compiler;
using Theseus.Move.Compiler.Packages;
using Theseus.Move.Format;

namespace Theseus.Execution.Tests;

/// <summary>The framework of this checkout, compiled once; and variations of it.</summary>
internal static class Framework
{
    private static readonly Lazy<SourceTree> Sources = new(Read);

    private static readonly Lazy<IReadOnlyList<byte[]>> Compiled = new(() => Compile([]));

    /// <summary>Module blobs in order of dependency.</summary>
    public static IReadOnlyList<byte[]> Modules => Compiled.Value;

    /// <summary>The framework with pieces of its text replaced; every piece must be there.</summary>
    public static IReadOnlyList<byte[]> Compile(params IReadOnlyList<(string File, string Old, string New)> edits)
    {
        SourceTree tree = new(Sources.Value.Files);
        foreach ((string file, string old, string replacement) in edits)
        {
            string path = tree.Paths.Single(candidate => candidate.EndsWith("/" + file, StringComparison.Ordinal));
            string text = tree[path];
            Assert.Contains(old, text);
            tree[path] = text.Replace(old, replacement);
        }

        PackageBuildResult built = PackageBuild.Build(tree, "theseus-framework");
        Assert.True(built.Success, DiagnosticRenderer.Render(built.Diagnostics));
        return [.. built.Units.Where(unit => unit.Module is not null).Select(unit => ModuleWriter.Write(unit.Module!))];
    }

    /// <summary>A script compiled against the framework.</summary>
    public static byte[] Script(string source)
    {
        PackageBuildResult built = PackageBuild.Build(Sources.Value, "theseus-framework");
        CompilerOptions options = new()
        {
            Addresses = new SortedDictionary<string, Address>(StringComparer.Ordinal) { ["std"] = Address.One, ["theseus_framework"] = Address.One, ["theseus_policy"] = Address.One },
            Libraries = [.. built.Units.Where(unit => unit.Module is not null).Select(unit => unit.Module!)],
        };
        Compilation compilation = Move.Compiler.Compiler.Compile(SourceTree.Of("script.move", source), options);
        Assert.True(compilation.Success, DiagnosticRenderer.Render(compilation.Diagnostics));
        return ModuleWriter.Write(compilation.Units.Single().Script!);
    }

    public static ModuleId IdOf(byte[] blob) => ModuleReader.ReadModule(blob).Value!.Id;

    private static SourceTree Read()
    {
        string folder = AppContext.BaseDirectory;
        while (!Directory.Exists(Path.Combine(folder, "framework")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        folder = Path.Combine(folder, "framework");
        return new SourceTree(Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is ".move" or ".toml")
            .Where(file => !file.Contains("/tests/", StringComparison.Ordinal))
            .Select(file => KeyValuePair.Create(Path.GetRelativePath(folder, file).Replace('\\', '/'), File.ReadAllText(file))));
    }
}
