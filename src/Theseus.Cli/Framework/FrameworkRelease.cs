using System.Security.Cryptography;
using System.Text;
using Theseus.Move.Compiler;
using Theseus.Move.Compiler.Packages;
using Theseus.Move.Format;
using Theseus.Protocol;

namespace Theseus.Cli.Framework;

/// <summary>A module of a release.</summary>
internal sealed record ReleaseModule(string Name, byte[] Bytes)
{
    /// <summary>SHA-256 of the bytes, as the code root has it.</summary>
    public Hash32 Hash => Hashing.Sha256(Bytes);
}

/// <summary>A package of a release: its modules in order of dependency.</summary>
internal sealed record ReleasePackage(string Name, Hash32 SourceDigest, IReadOnlyList<ReleaseModule> Modules);

/// <summary>
/// The framework as it is published at 0x1: packages in order of dependency. A function of the sources and the compiler alone,
/// never of a folder, a user or a clock. Byte layout: docs/protocol/release.md.
/// </summary>
/// <param name="Compiler">Name and version of the compiler.</param>
/// <param name="SourceDigest">Names the sources that it was built from.</param>
/// <param name="Packages">In order of dependency.</param>
internal sealed record FrameworkRelease(string Compiler, Hash32 SourceDigest, IReadOnlyList<ReleasePackage> Packages)
{
    /// <summary>First bytes of a release file; the digit is the format's version.</summary>
    public const string FormatTag = "theseus-release-1";

    /// <summary>The package that depends on all others.</summary>
    public const string RootPackage = "theseus-framework";

    // generous bounds for a file that this software itself writes
    private const int MaximumPackages = 256;
    private const int MaximumModules = 1_000;
    private const int MaximumModuleBytes = 1 << 20;
    private const int MaximumName = 256;

    /// <summary>Cached builds that are kept.</summary>
    private const int CachedBuilds = 16;

    private static readonly string CompilerName = "theseus "
        + (typeof(FrameworkRelease).Assembly.GetName().Version?.ToString(3) ?? "0.0.0");

    /// <summary>Module blobs, dependencies first.</summary>
    public IReadOnlyList<byte[]> Modules { get; } = [.. Packages.SelectMany(package => package.Modules).Select(module => module.Bytes)];

    /// <summary>Names and blobs sorted by name.</summary>
    public IEnumerable<ReleaseModule> ModulesByName => Packages.SelectMany(package => package.Modules)
        .OrderBy(module => module.Name, StringComparer.Ordinal);

    /// <summary>The code root of a chain with exactly these modules.</summary>
    public Hash32 CodeRoot => ExecutionRoots.OfCode(ModulesByName.Select(module => (module.Name, module.Bytes)));

    /// <summary>Builds the framework in a folder, or takes the same build from the cache under the launcher's artifacts.</summary>
    /// <param name="folder">Holds the packages; null for the one of this checkout.</param>
    /// <exception cref="CommandFailure">It does not compile; the diagnostics are in the message.</exception>
    public static FrameworkRelease FromSources(string? folder = null)
    {
        folder ??= DefaultFolder();
        SourceTree tree = PackageFolder.ReadAll(folder);
        string? cache = CacheFile(folder, tree);
        if (cache is not null && File.Exists(cache) && TryDecode(File.ReadAllBytes(cache)) is { } cached)
        {
            return cached;
        }

        FrameworkRelease built = Build(tree, folder);
        if (cache is not null)
        {
            Keep(cache, Encode(built));
        }

        return built;
    }

    /// <summary>Builds a tree of packages; nothing is read or written.</summary>
    public static FrameworkRelease Build(SourceTree tree, string folder = "framework")
    {
        if (!tree.TryGet(RootPackage + "/Move.toml", out _))
        {
            throw new CommandFailure($"no framework in {folder}: {RootPackage}/Move.toml is missing", ExitCode.Configuration);
        }

        PackageBuildResult built = PackageBuild.Build(tree, RootPackage);
        if (!built.Success)
        {
            throw new CommandFailure($"the framework in {folder} does not "
                + $"compile:\n{DiagnosticRenderer.Render(built.Diagnostics.Where(diagnostic => diagnostic.Severity == Severity.Error))}");
        }

        ReleasePackage[] packages = [.. built.Packages.Select(package => new ReleasePackage(
            package.Name,
            DigestOf(tree, package.Path),
            [.. package.Compilation.Units.Where(unit => unit.Module is not null)
                .Select(unit => new ReleaseModule(unit.Id.Name, ModuleWriter.Write(unit.Module!)))]))];
        return new FrameworkRelease(CompilerName, DigestOf(packages), packages);
    }

    public static byte[] Encode(FrameworkRelease release) => new BcsWriter(1 << 18)
        .Text(FormatTag)
        .Text(release.Compiler)
        .Hash(release.SourceDigest)
        .Hash(release.CodeRoot)
        .List(release.Packages, static (w, package) => w
            .Text(package.Name)
            .Hash(package.SourceDigest)
            .List(package.Modules, static (m, module) => m.Text(module.Name).Bytes(module.Bytes)))
        .ToArray();

    /// <summary>Null when the bytes are no release or its roots do not fit its modules.</summary>
    public static FrameworkRelease? TryDecode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            BcsReader reader = new(bytes);
            if (reader.Text(MaximumName) != FormatTag)
            {
                return null;
            }

            string compiler = reader.Text(MaximumName);
            Hash32 digest = reader.Hash();
            Hash32 root = reader.Hash();
            ReleasePackage[] packages = new ReleasePackage[reader.Count(MaximumPackages)];
            for (int i = 0; i < packages.Length; i++)
            {
                string name = reader.Text(MaximumName);
                Hash32 sources = reader.Hash();
                ReleaseModule[] modules = new ReleaseModule[reader.Count(MaximumModules)];
                for (int j = 0; j < modules.Length; j++)
                {
                    modules[j] = new ReleaseModule(reader.Text(MaximumName), reader.Bytes(MaximumModuleBytes));
                }

                packages[i] = new ReleasePackage(name, sources, modules);
            }

            reader.End();
            FrameworkRelease release = new(compiler, digest, packages);
            return release.CodeRoot == root && DigestOf(packages) == digest ? release : null;
        }
        catch (BcsException)
        {
            return null;
        }
    }

    /// <summary>The framework folder of this checkout: beside the launcher.</summary>
    public static string DefaultFolder()
    {
        string home = Environment.GetEnvironmentVariable("THESEUS_HOME") is { Length: > 0 } set ? set : Directory.GetCurrentDirectory();
        string folder = Path.Combine(home, "framework");
        return Directory.Exists(folder) ? folder : throw new CommandFailure($"no framework in {folder}; run the launcher of the "
            + "checkout, or name one with --framework-dir", ExitCode.Configuration);
    }

    /// <summary>SHA-256 of the BCS vector of (path in the package, SHA-256 of the text), sorted by path: manifest and
    /// sources, no tests.</summary>
    private static Hash32 DigestOf(SourceTree tree, string package)
    {
        List<(string Path, Hash32 Hash)> files = [];
        foreach ((string path, string text) in tree.Files)
        {
            if (path.StartsWith(package + "/", StringComparison.Ordinal) && path[(package.Length + 1)..] is var inside
                && (inside == "Move.toml" || inside.StartsWith("sources/", StringComparison.Ordinal)))
            {
                files.Add((inside, Hashing.Sha256(Encoding.UTF8.GetBytes(text))));
            }
        }

        return Hashing.Sha256(new BcsWriter().List(files, static (w, file) => w.Text(file.Path).Hash(file.Hash)).Written);
    }

    /// <summary>SHA-256 of the BCS vector of (package, source digest).</summary>
    private static Hash32 DigestOf(IReadOnlyList<ReleasePackage> packages) =>
        Hashing.Sha256(new BcsWriter().List(packages, static (w, package) => w.Text(package.Name).Hash(package.SourceDigest)).Written);

    /// <summary>Named by everything that the bytes depend on: the sources and the compiler's own code.</summary>
    private static string? CacheFile(string folder, SourceTree tree)
    {
        string home = Environment.GetEnvironmentVariable("THESEUS_HOME") is { Length: > 0 } set ? set
            : Path.Combine(Path.GetFullPath(folder), "..");
        if (!Directory.Exists(Path.Combine(home, "artifacts")))
        {
            return null;
        }

        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (Type part in new[] { typeof(FrameworkRelease), typeof(PackageBuild), typeof(ModuleWriter), typeof(BcsWriter) })
        {
            hash.AppendData(part.Assembly.ManifestModule.ModuleVersionId.ToByteArray());
        }

        foreach ((string path, string text) in tree.Files)
        {
            hash.AppendData(new BcsWriter().Text(path).Text(text).Written);
        }

        return Path.Combine(home, "artifacts", "framework", Convert.ToHexStringLower(hash.GetHashAndReset()) + ".mrb");
    }

    /// <summary>A cache that cannot be written is no cache; nothing else changes.</summary>
    private static void Keep(string file, byte[] bytes)
    {
        try
        {
            DirectoryInfo folder = Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            string fresh = $"{file}.{Environment.ProcessId}";
            File.WriteAllBytes(fresh, bytes);
            File.Move(fresh, file, overwrite: true);
            foreach (FileInfo old in folder.GetFiles("*.mrb").OrderByDescending(found => found.LastWriteTimeUtc).Skip(CachedBuilds))
            {
                old.Delete();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Terminal.Say($"theseus: the build cache is not writable: {e.Message}");
        }
    }
}
