using System.Collections.Concurrent;
using System.Security.Cryptography;
using Theseus.Move.Format;
using Theseus.Move.Natives;
using Theseus.Move.Rules;
using Theseus.Move.Verify;

namespace Theseus.Move.Runtime;

/// <summary>
/// All code at one point of the chain under one set of rules: immutable, named by the code root, loaded and linked on demand,
/// safe to share between threads.
/// Publishing makes a new snapshot for later transactions (execution 4.13).
/// </summary>
public sealed class CodeSnapshot
{
    /// <summary>Scripts that stay loaded; further ones are loaded for each use.</summary>
    private const int MaximumScripts = 256;

    /// <summary>Parsed modules that are shared along a line of snapshots.</summary>
    private const int MaximumParsed = 4_096;

    private readonly Func<ModuleId, byte[]?> _source;
    private readonly ConcurrentDictionary<ModuleId, LoadedUnit> _modules = new();
    private readonly ConcurrentDictionary<Hash32, LoadedUnit> _scripts = new();
    private readonly ConcurrentDictionary<Hash32, CompiledModule> _parsed;

    private CodeSnapshot(Hash32 codeRoot, MoveRules rules, NativeTable natives, Func<ModuleId, byte[]?> source,
        ConcurrentDictionary<Hash32, CompiledModule> parsed)
    {
        CodeRoot = codeRoot;
        Rules = rules;
        Natives = natives;
        _source = source;
        _parsed = parsed;
    }

    /// <summary>Names the contents (execution 3).</summary>
    public Hash32 CodeRoot { get; }

    /// <summary>What its code is verified, priced and limited by.</summary>
    public MoveRules Rules { get; }

    /// <summary>What its native functions are bound to, by name and signature.</summary>
    public NativeTable Natives { get; }

    /// <summary>The closed types that this code has made.</summary>
    internal TypeTable Types { get; } = new();

    internal SpareChunks Chunks { get; } = new();

    /// <summary>A snapshot over a source that answers the same for as long as the snapshot lives, from any thread.</summary>
    public static CodeSnapshot Load(Hash32 codeRoot, MoveRules rules, NativeTable natives, Func<ModuleId, byte[]?> source) =>
        new(codeRoot, rules, natives, source, new ConcurrentDictionary<Hash32, CompiledModule>());

    /// <summary>This code with modules added or replaced. They must have passed the checks of <see cref="Publishing"/>.</summary>
    public CodeSnapshot Publish(Hash32 codeRoot, IEnumerable<KeyValuePair<ModuleId, byte[]>> modules)
    {
        SortedDictionary<ModuleId, byte[]> changed = [];
        foreach ((ModuleId id, byte[] blob) in modules)
        {
            changed[id] = blob;
        }

        Func<ModuleId, byte[]?> below = _source;
        return new CodeSnapshot(codeRoot, Rules, Natives, id => changed.TryGetValue(id, out byte[]? blob) ? blob : below(id), _parsed);
    }

    /// <summary>The bytes of a module, null when absent.</summary>
    public byte[]? Blob(ModuleId id) => _source(id);

    /// <summary>The decoded module, null when absent.</summary>
    public CompiledModule? Module(ModuleId id) => Find(id)?.Module;

    /// <summary>The linked module, null when absent.</summary>
    /// <exception cref="VmException">Stored bytes do not decode: the store is broken.</exception>
    public LoadedUnit? Find(ModuleId id)
    {
        if (_modules.TryGetValue(id, out LoadedUnit? known))
        {
            return known;
        }

        if (_source(id) is not { } blob)
        {
            return null; // absent names come from users: they are not remembered
        }

        LoadedUnit loaded = new(this, Parse(id, blob), blob.Length);
        return _modules.GetOrAdd(id, loaded);
    }

    /// <summary>
    /// A script by its bytes: decoded, verified, linked, and paid for before the work is done: the gas left bounds the verifier's budget.
    /// Whether a node still remembers the script does not show.
    /// </summary>
    /// <exception cref="VmException">The user's error, or not enough gas.</exception>
    internal LoadedUnit FindScript(byte[] code, VerifierLimits limits, GasMeter gas)
    {
        long price = Rules.Gas.VerifyUnit;
        Hash32 hash = new(Consensus.Sha3.Hash256(code));
        if (_scripts.TryGetValue(hash, out LoadedUnit? known) && ((CompiledScript)known.Unit).Code.Code.Count <= limits.ScriptInstructions)
        {
            gas.Charge(known.VerifierWork, price);
            return known;
        }

        DecodeResult<CompiledScript> decoded = ModuleReader.ReadScript(code);
        if (decoded.Value is not { } script)
        {
            throw new VmException(StatusCode.CodeDeserializationError, $"{decoded.Status}: {decoded.Message}");
        }

        long affordable = gas.Remaining / long.Max(price, 1);
        bool poor = affordable < limits.FunctionBudget;
        VerifyError? error = Verifier.Check(script, poor ? limits with { FunctionBudget = affordable } : limits, out long work);
        gas.Charge(poor && error?.Status == StatusCode.ProgramTooComplex ? affordable + 1 : work, price);
        error ??= Linker.Check(script, Module);
        if (error is not null)
        {
            throw new VmException(error.Status, error.ToString());
        }

        LoadedUnit loaded = new(this, script, code.Length) { VerifierWork = work };
        if (_scripts.Count < MaximumScripts)
        {
            _scripts.TryAdd(hash, loaded);
        }

        return loaded;
    }

    /// <summary>Bytes of the modules outside 0x1 that a program can reach: what loading costs (execution 4.13).</summary>
    internal long LoadBytes(LoadedUnit start)
    {
        long bytes = start.IsScript || start.Id.Address != ChainRules.SystemAddress ? start.ByteLength : 0;
        SortedSet<ModuleId> seen = [];
        Stack<LoadedUnit> pending = new([start]);
        while (pending.TryPop(out LoadedUnit? unit))
        {
            foreach (ModuleId id in Linker.Dependencies(unit.Unit))
            {
                // modules at 0x1 depend on modules at 0x1 only
                if (id.Address != ChainRules.SystemAddress && seen.Add(id) && Find(id) is { } module)
                {
                    bytes += module.ByteLength;
                    pending.Push(module);
                }
            }
        }

        return bytes;
    }

    private CompiledModule Parse(ModuleId id, byte[] blob)
    {
        Hash32 hash = new(SHA256.HashData(blob));
        if (_parsed.TryGetValue(hash, out CompiledModule? known))
        {
            return known;
        }

        DecodeResult<CompiledModule> decoded = ModuleReader.ReadModule(blob);
        if (decoded.Value is not { } module || module.Id != id)
        {
            throw new VmException(StatusCode.UnexpectedDeserializationError, $"stored module {id}: {decoded.Status} {decoded.Message}");
        }

        if (_parsed.Count < MaximumParsed)
        {
            _parsed.TryAdd(hash, module);
        }

        return module;
    }
}
