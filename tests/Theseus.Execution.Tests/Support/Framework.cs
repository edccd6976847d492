using System.Collections.Concurrent;
using Theseus.Move.Compiler;
using Theseus.Move.Compiler.Packages;
using Theseus.Move.Format;

namespace Theseus.Execution.Tests;

/// <summary>A piece of a framework source file and what stands there instead.</summary>
public readonly record struct Edit(string File, string Old, string New)
{
    public static implicit operator Edit((string File, string Old, string New) edit) => new(edit.File, edit.Old, edit.New);
}

/// <summary>The framework of this checkout, compiled once; and variations of it.</summary>
internal static class Framework
{
    private static readonly Lazy<SourceTree> Sources = new(Read);

    private static readonly Lazy<IReadOnlyList<CompiledModule>> Built = new(() => Build(Sources.Value));

    private static readonly Lazy<IReadOnlyList<byte[]>> Compiled = new(() => [.. Built.Value.Select(ModuleWriter.Write)]);

    private static readonly Lazy<IReadOnlyList<byte[]>> CompiledLab = new(() => Compile());

    private static readonly ConcurrentDictionary<string, Lazy<IReadOnlyList<byte[]>>> Edited = new();

    /// <summary>Module blobs in order of dependency.</summary>
    public static IReadOnlyList<byte[]> Modules => Compiled.Value;

    /// <summary>The framework and the module of <see cref="Lab"/>.</summary>
    public static IReadOnlyList<byte[]> WithLab => CompiledLab.Value;

    /// <summary>
    /// The framework and 0x1::lab, with pieces of their text replaced; every piece must be there. A file that does not exist is
    /// made when its old text is empty.
    /// </summary>
    public static IReadOnlyList<byte[]> Compile(params IReadOnlyList<Edit> edits) =>
        Edited.GetOrAdd(string.Join("\0", edits), _ => new Lazy<IReadOnlyList<byte[]>>(() =>
        {
            SourceTree tree = new(Sources.Value.Files) { ["theseus-framework/sources/lab.move"] = Lab.Source };
            foreach ((string file, string old, string replacement) in edits)
            {
                string path = tree.Paths.SingleOrDefault(candidate => candidate.EndsWith("/" + file, StringComparison.Ordinal))
                    ?? "theseus-framework/sources/" + file;
                if (old.Length == 0)
                {
                    tree[path] = replacement;
                    continue;
                }

                string text = tree[path];
                Assert.Contains(old, text);
                tree[path] = text.Replace(old, replacement);
            }

            return [.. Build(tree).Select(ModuleWriter.Write)];
        })).Value;

    /// <summary>A script compiled against the framework, or against another one.</summary>
    public static byte[] Script(string source, IReadOnlyList<byte[]>? modules = null)
    {
        CompilerOptions options = new()
        {
            Addresses = new SortedDictionary<string, Address>(
                StringComparer.Ordinal) { ["std"] = Address.One, ["theseus_framework"] = Address.One, ["theseus_policy"] = Address.One },
            Libraries = modules is null ? Built.Value : [.. modules.Select(blob => ModuleReader.ReadModule(blob).Value!)],
        };
        Compilation compilation = Move.Compiler.Compiler.Compile(SourceTree.Of("script.move", source), options);
        Assert.True(compilation.Success, DiagnosticRenderer.Render(compilation.Diagnostics));
        return ModuleWriter.Write(compilation.Units.Single().Script!);
    }

    /// <summary>The text of a source file of the framework.</summary>
    public static string Text(string file) => Sources.Value[
        Sources.Value.Paths.Single(path => path.EndsWith("/" + file, StringComparison.Ordinal))];

    /// <summary>A module that depends on the framework, or on nothing.</summary>
    public static byte[] Lone(string source, bool onFramework = false)
    {
        CompilerOptions options = new()
        {
            Addresses = new SortedDictionary<string, Address>(
                StringComparer.Ordinal) { ["std"] = Address.One, ["theseus_framework"] = Address.One },
            Libraries = onFramework ? Built.Value : [],
        };
        Compilation compilation = Move.Compiler.Compiler.Compile(SourceTree.Of("lone.move", source), options);
        Assert.True(compilation.Success, DiagnosticRenderer.Render(compilation.Diagnostics));
        return ModuleWriter.Write(compilation.Units.Single().Module!);
    }

    public static ModuleId IdOf(byte[] blob) => ModuleReader.ReadModule(blob).Value!.Id;

    public static Hash32 Root(IEnumerable<byte[]> modules) => ExecutionRoots.OfCode(modules.Select(blob => (IdOf(blob).Name, blob)));

    private static IReadOnlyList<CompiledModule> Build(SourceTree tree)
    {
        PackageBuildResult built = PackageBuild.Build(tree, "theseus-framework");
        Assert.True(built.Success, DiagnosticRenderer.Render(built.Diagnostics));
        return [.. built.Units.Where(unit => unit.Module is not null).Select(unit => unit.Module!)];
    }

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
