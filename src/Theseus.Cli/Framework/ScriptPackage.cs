using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Theseus.Move.Compiler;
using Theseus.Move.Format;
using Theseus.Protocol;

namespace Theseus.Cli.Framework;

/// <summary>A module that a script publishes.</summary>
/// <param name="Name">Without its address.</param>
/// <param name="Change">added or changed.</param>
/// <param name="Bytes">Of the new module.</param>
/// <param name="From">SHA-256 of the module in force, null when added.</param>
/// <param name="To">SHA-256 of the new module.</param>
internal sealed record ManifestModule(string Name, string Change, int Bytes, string? From, string To);

/// <summary>A change of a component that a script schedules.</summary>
internal sealed record ManifestSchedule(string Component, ulong Version, string ModuleId, string ModuleName, ulong DelayBlocks,
    IReadOnlyList<string> Natives);

/// <summary>What a script package is, for people and tools. What binds is the script: its hash is what is voted on.</summary>
/// <param name="Format">Version of this form.</param>
/// <param name="Kind">framework or schedule.</param>
/// <param name="Compiler">Name and version.</param>
/// <param name="ScriptHash">SHA3-256 of script.mv.</param>
/// <param name="ScriptBytes">Its length.</param>
/// <param name="BaseRoot">Code root that the chain must have.</param>
/// <param name="ExpectedRoot">Code root that it has afterwards.</param>
/// <param name="SourceDigest">Names the sources of the framework.</param>
/// <param name="Modules">What is published.</param>
/// <param name="Unchanged">Modules of the sources that the chain has already.</param>
/// <param name="Kept">Modules of the chain that the sources do not have: they stay as they are.</param>
/// <param name="Schedule">Of a schedule only.</param>
internal sealed record ScriptManifest(
    int Format, string Kind, string Compiler, string ScriptHash, int ScriptBytes, string? BaseRoot, string? ExpectedRoot,
        string? SourceDigest,
    IReadOnlyList<ManifestModule>? Modules, IReadOnlyList<string>? Unchanged, IReadOnlyList<string>? Kept, ManifestSchedule? Schedule);

/// <summary>A one-time script in a folder: script.move, script.mv, script_sha3 and manifest.json. Equal inputs give equal files.</summary>
internal sealed record ScriptPackage(string Source, byte[] Script, ScriptManifest Manifest)
{
    /// <summary>Version of the manifest's form.</summary>
    public const int Format = 1;

    /// <summary>Of a whole transaction with an approved script (execution 1), less what stands around the script.</summary>
    public const int MaximumScriptBytes = TransactionLimits.MaximumOversize - TransactionLimits.MaximumRest;

    private const string SourceFile = "script.move";
    private const string ScriptFile = "script.mv";
    private const string HashFile = "script_sha3";
    private const string ManifestFile = "manifest.json";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public Hash32 Hash => Hashing.Sha3(Script);

    /// <summary>Compiles a script against modules that it links with.</summary>
    public static byte[] Compile(string source, IReadOnlyList<CompiledModule> libraries)
    {
        CompilerOptions options = new()
        {
            Addresses = new SortedDictionary<string,
                Address>(StringComparer.Ordinal) { ["std"] = Address.One, ["theseus_framework"] = Address.One },
            Libraries = libraries,
        };
        Compilation compilation = Compiler.Compile(SourceTree.Of(SourceFile, source), options);
        if (!compilation.Success)
        {
            throw new CommandFailure($"the generated script does not compile against the chain's "
                + $"framework:\n{DiagnosticRenderer.Render(compilation.Diagnostics)}");
        }

        byte[] script = ModuleWriter.Write(compilation.Units.Single().Script!);
        return script.Length <= MaximumScriptBytes ? script
            : throw new CommandFailure(
                $"the script has {script.Length} bytes; an approved one has at most {MaximumScriptBytes}. Publish fewer modules at once");
    }

    /// <summary>Writes the four files; the folder may exist and may hold an older package, nothing else is touched.</summary>
    public void Write(string folder)
    {
        new Place("--script-dir", folder).Write(() =>
        {
            Directory.CreateDirectory(folder);
            File.WriteAllText(Path.Combine(folder, SourceFile), Source);
            File.WriteAllBytes(Path.Combine(folder, ScriptFile), Script);
            File.WriteAllText(Path.Combine(folder, HashFile), Hash + "\n");
            File.WriteAllText(Path.Combine(folder, ManifestFile), JsonSerializer.Serialize(Manifest, Json) + "\n");
        });
    }

    /// <summary>The script of a folder, after a check that it is the one that script_sha3 names.</summary>
    /// <exception cref="CommandFailure">A file is missing, or the script was changed after it was made.</exception>
    public static (byte[] Script, Hash32 Hash) ReadScript(string folder)
    {
        byte[] script = Read(folder, ScriptFile);
        string stated = Encoding.ASCII.GetString(Read(folder, HashFile)).Trim();
        Hash32 hash = Hashing.Sha3(script);
        if (stated != hash.ToString())
        {
            throw new CommandFailure($"{Path.Combine(folder, ScriptFile)} was changed after it was made: its SHA3-256 is "
                + $"{hash}, {HashFile} says {stated}. Nothing was sent");
        }

        return (script, hash);
    }

    private static byte[] Read(string folder, string name)
    {
        string file = Path.Combine(folder, name);
        if (!File.Exists(file))
        {
            throw new CommandFailure(
                $"--script-dir: no script package in {folder}: {name} is missing; make one with: theseus framework upgrade, or: "
                + "theseus upgrade script", ExitCode.Usage);
        }

        return new Place("--script-dir", file).Read(TransactionLimits.MaximumOversize); // no transaction carries more
    }
}
