using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Theseus.Execution.Tests;

/// <summary>Stacks are folders: with any one of them deleted the rest compiles and runs (execution 5).</summary>
public class StackFolderTests
{
    // what ImplicitUsings and the project file add
    private const string Usings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using Theseus.Protocol;
        """;

    [Theory]
    [InlineData("V1", "v2")]
    [InlineData("V2", "v1")]
    public void WithoutAFolderTheOtherStacksCompileAndRun(string deleted, string left)
    {
        string folder = SourceFolder();
        CSharpParseOptions options = new(LanguageVersion.Preview);
        List<SyntaxTree> trees = [CSharpSyntaxTree.ParseText(Usings, options, cancellationToken: TestContext.Current.CancellationToken)];
        string[] files = [.. Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/'))
            .Where(file => !file.StartsWith("obj/", StringComparison.Ordinal) && !file.StartsWith("bin/", StringComparison.Ordinal))];
        Assert.Contains(files, file => file.StartsWith($"Stacks/{deleted}/", StringComparison.Ordinal));
        foreach (string file in files.Where(file => !file.StartsWith($"Stacks/{deleted}/", StringComparison.Ordinal)))
        {
            trees.Add(CSharpSyntaxTree.ParseText(File.ReadAllText(Path.Combine(folder, file)), options, file,
                cancellationToken: TestContext.Current.CancellationToken));
        }

        IEnumerable<string> references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is not "Theseus.Execution.dll" and not "Theseus.Execution.Tests.dll");
        CSharpCompilation compilation = CSharpCompilation.Create(
            "Theseus.Execution", trees, references.Select(path => MetadataReference.CreateFromFile(path)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable,
                allowUnsafe: true, optimizationLevel: OptimizationLevel.Release));
        using MemoryStream image = new();
        Microsoft.CodeAnalysis.Emit.EmitResult emitted = compilation.Emit(image, cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(emitted.Success, string.Join("\n", emitted.Diagnostics.Where(item => item.Severity == DiagnosticSeverity.Error)));
        image.Position = 0;
        AssemblyLoadContext context = new("without " + deleted, isCollectible: true);
        try
        {
            Assembly assembly = context.LoadFromStream(image);
            Type table = assembly.GetType("Theseus.Execution.StackTable", throwOnError: true)!;
            System.Collections.IEnumerable entries = (System.Collections.IEnumerable)table.GetMethod("BuiltIn")!.Invoke(null, [])!;
            object entry = Assert.Single(entries.Cast<object>());
            Assert.Equal(left, entry.GetType().GetProperty("Name")!.GetValue(entry));
            // the remaining stack is the same as in the whole software, and it runs
            Delegate create = (Delegate)entry.GetType().GetProperty("Create")!.GetValue(entry)!;
            IExecutionStack stack = (IExecutionStack)create.DynamicInvoke()!;
            Chain whole = new(stack: left), part = new(stack: left) { Other = stack };
            Assert.Equal(whole.Stack.StackId, stack.StackId);
            byte[] transfer = whole.Sign(whole.Alice, Chain.Transfer(whole.Bob.Address, 5));
            Assert.Equal(Results.Bytes(whole.Block(transfer)), Results.Bytes(part.Block(transfer)));
            Assert.Equal((1_000 * Chain.Unit) + 5, part.Balance(part.Bob.Address));
        }
        finally
        {
            context.Unload();
        }
    }

    private static string SourceFolder()
    {
        string folder = AppContext.BaseDirectory;
        while (!Directory.Exists(Path.Combine(folder, "src", "Theseus.Execution")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return Path.Combine(folder, "src", "Theseus.Execution");
    }
}
