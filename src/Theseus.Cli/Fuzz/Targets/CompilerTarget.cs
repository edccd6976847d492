using System.Text;
using Theseus.Move.Compiler;
using Theseus.Move.Compiler.Packages;
using Theseus.Move.Format;

namespace Theseus.Cli.Fuzz.Targets;

/// <summary>The compiler under mutated sources: faults of a program are diagnostics, whatever the program is.</summary>
internal static class CompilerTarget
{
    /// <summary>As <c>--target</c> names it.</summary>
    public const string Name = "compiler";

    /// <summary>The target over programs of its own and the framework's sources.</summary>
    public static EntryTarget Create(Func<FuzzChain> chain) => new(Name, () => Entries(chain()));

    private static List<FuzzEntry> Entries(FuzzChain chain)
    {
        CompiledModule[] framework = [.. chain.Framework.Modules.Select(static bytes => ModuleReader.ReadModule(bytes).Value!)];
        CompilerOptions options = MoveSamples.Options(framework);
        byte[][] programs = [.. MoveSamples.Programs.Select(Encoding.UTF8.GetBytes)];
        return
        [
            new FuzzEntry("source", programs, input => Compile(input, options)) { IsText = true, Allocation = AllocationBound.Compiler,
                Patience = Patience },
            new FuzzEntry("test-source", programs, input => Compile(input, options with { TestMode = true }))
            {
                IsText = true, Allocation = AllocationBound.Compiler, Patience = Patience,
            },
            new FuzzEntry("package", programs, Package) { IsText = true, Allocation = AllocationBound.Compiler, Patience = Patience },
        ];
    }

    /// <summary>Codes of a fault of the compiler itself, and of code of its own making that the verifier refuses.</summary>
    private static readonly string[] Faults = ["E99003", "E99004"];

    private static TimeSpan Patience => TimeSpan.FromSeconds(5);

    private static void Compile(byte[] input, CompilerOptions options) =>
        Judge(Compiler.Compile(SourceTree.Of("sources/fuzz.move", Encoding.UTF8.GetString(input)), options).Diagnostics);

    private static void Package(byte[] input)
    {
        SourceTree tree = SourceTree.Of("sources/fuzz.move", Encoding.UTF8.GetString(input));
        tree["Move.toml"] = "[package]\nname = \"Fuzz\"\n[addresses]\nstd = \"0x1\"\n";
        Judge(PackageBuild.Build(tree).Diagnostics);
    }

    private static void Judge(IEnumerable<Diagnostic> diagnostics)
    {
        if (diagnostics.FirstOrDefault(static one => Faults.Contains(one.Code)) is { } fault)
        {
            throw new InvalidOperationException($"{fault.Code}: {fault.Message}");
        }
    }
}
