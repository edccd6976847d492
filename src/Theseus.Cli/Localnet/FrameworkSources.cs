using Theseus.Cli.Commands;
using Theseus.Move.Compiler;
using Theseus.Move.Compiler.Packages;
using Theseus.Move.Format;

namespace Theseus.Cli.Localnet;

/// <summary>The framework packages of this checkout, compiled.</summary>
public static class FrameworkSources
{
    private const string RootPackage = "theseus-framework";

    /// <summary>The framework folder: beside the launcher.</summary>
    public static string Folder()
    {
        string home = Environment.GetEnvironmentVariable("THESEUS_HOME") is { Length: > 0 } set ? set : Directory.GetCurrentDirectory();
        string folder = Path.Combine(home, "framework");
        return Directory.Exists(folder) ? folder : throw new CommandFailure($"no framework in {folder}; run the launcher of the checkout", ExitCode.Configuration);
    }

    /// <summary>Module blobs in order of dependency.</summary>
    public static IReadOnlyList<byte[]> Compile(string? folder = null)
    {
        string root = folder ?? Folder();
        SourceTree tree = new(Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetExtension(file) is ".move" or ".toml" && !Path.GetRelativePath(root, file).Replace('\\', '/').Contains("/tests/", StringComparison.Ordinal))
            .Select(file => KeyValuePair.Create(Path.GetRelativePath(root, file).Replace('\\', '/'), File.ReadAllText(file))));
        PackageBuildResult built = PackageBuild.Build(tree, RootPackage);
        return built.Success
            ? [.. built.Units.Where(unit => unit.Module is not null).Select(unit => ModuleWriter.Write(unit.Module!))]
            : throw new CommandFailure($"the framework does not compile:\n{DiagnosticRenderer.Render(built.Diagnostics)}");
    }
}
