using Theseus.Execution;
using Theseus.Move.Compiler;
using Theseus.Move.Format;
using Theseus.Move.Natives;
using Theseus.Move.Runtime;
using Theseus.Move.Verify;
using Theseus.Protocol;

namespace Theseus.Cli.Fuzz.Targets;

/// <summary>
/// Reader, verifier, linker and interpreter under mutated modules and scripts. What is accepted runs: a broken invariant of the machine
/// there is a fault as much as an exception.
/// </summary>
internal static class MachineTarget
{
    /// <summary>As <c>--target</c> names it.</summary>
    public const string Name = "machine";

    /// <summary>Gas of a call: some milliseconds of work.</summary>
    private const long CallGas = 2_000_000;

    /// <summary>Functions of a mutant that are called at most.</summary>
    private const int MostCalls = 12;

    /// <summary>Status codes from here on, and below <see cref="EndOfBroken"/>, say that the machine's own rules were broken.</summary>
    private const ulong FirstBroken = 2_000;

    private const ulong EndOfBroken = 3_000;

    /// <summary>A call of the given gas, with the values that it may make, for each function; the mutant's loaded form.</summary>
    private static readonly AllocationBound Running = new(512L * 1024 * 1024, 4_096);

    /// <summary>The target over the framework's modules and a few programs of its own.</summary>
    public static EntryTarget Create(Func<FuzzChain> chain) => new(Name, () => Entries(chain()));

    private static List<FuzzEntry> Entries(FuzzChain chain)
    {
        StackRules rules = ((RuleStack)chain.Stacks.Entries.Single(static entry => entry.Name == "v2").Create()).Rules;
        SortedDictionary<StateKey, byte[]> state = [];
        foreach (StateWrite write in chain.Genesis.State.Writes)
        {
            state[write.Key] = write.Value!;
        }

        byte[]? Blob(ModuleId id) => state.GetValueOrDefault(StateKey.Module(id));
        CompiledModule[] framework = [.. chain.Framework.Modules.Select(static bytes => ModuleReader.ReadModule(bytes).Value!)];
        Compilation programs = Compiler.Compile(
            new SourceTree(MoveSamples.Programs.Select(static (text, i) => KeyValuePair.Create($"p{i}.move", text))),
                MoveSamples.Options(framework));
        if (!programs.Success)
        {
            throw new InvalidOperationException("a sample does not compile:\n" + DiagnosticRenderer.Render(programs.Diagnostics));
        }

        byte[][] own = [.. programs.Units.Where(static unit => unit.Module is not null).Select(
            static unit => ModuleWriter.Write(unit.Module!))];
        byte[][] scripts = [.. programs.Units.Where(static unit => unit.Script is not null).Select(
            static unit => ModuleWriter.Write(unit.Script!))];
        Machine machine = new(rules, Blob, new MapReader(state), chain);
        return
        [
            new FuzzEntry("own-module", own, machine.TakeModule) { Allocation = Running, Patience = TimeSpan.FromSeconds(5) },
            new FuzzEntry("module", [.. chain.Framework.Modules], machine.TakeModule) { Allocation = Running,
                Patience = TimeSpan.FromSeconds(5) },
            new FuzzEntry("script", scripts, machine.TakeScript) { Allocation = Running, Patience = TimeSpan.FromSeconds(5) },
        ];
    }

    private sealed class MapReader(SortedDictionary<StateKey, byte[]> state) : IStateReader
    {
        public byte[]? TryGet(StateKey key) => state.GetValueOrDefault(key);
    }

    private sealed class Machine(StackRules rules, Func<ModuleId, byte[]?> blob, IStateReader state, FuzzChain chain)
    {
        private readonly CodeSnapshot _framework = CodeSnapshot.Load(Hash32.Zero, rules.Move, rules.Natives, blob);

        private readonly ModuleId[] _existing = [.. chain.Framework.Modules.Select(
            static bytes => ModuleReader.ReadModule(bytes).Value!.Id).Order()];

        private readonly BlockFacts _facts = new(
            new BlockContext(7, chain.Genesis.Time * 1_000, 1, Address.Zero, [], [], chain.Genesis.Validators, [], Hash32.Zero,
                chain.Genesis.TxChainId),
            new byte[32], new byte[32]);

        public void TakeModule(byte[] input)
        {
            if (ModuleReader.ReadModule(input).Value is not { } module)
            {
                return;
            }

            Disassembler.Text(module);
            Publishing.Check(_framework, [input], new PublishPolicy { Address = module.Id.Address }, _existing, out _);
            if (Verifier.Check(module, rules.Move) is { } error)
            {
                Sound(error.Status, "the verifier");
                return;
            }

            if (Linker.Check(module, id => id == module.Id ? module : _framework.Module(id)) is not null)
            {
                return;
            }

            // it must also be what it says when it is written again
            byte[] written = ModuleWriter.Write(module);
            CodeSnapshot code = CodeSnapshot.Load(Hash32.Zero, rules.Move, rules.Natives, id => id == module.Id ? written : blob(id));
            if (code.Find(module.Id) is not { } unit)
            {
                return;
            }

            foreach (LoadedFunction function in unit.Functions.Take(MostCalls))
            {
                if (Arguments(function.Parameters) is var (arguments, signers))
                {
                    Session session = new(code, state, _facts, new GasMeter(CallGas));
                    Judge(session, session.CallFunction(module.Id, function.Name,
                        [.. function.TypeParameters.Select(static _ => TypeTag.U64)], arguments, signers));
                }
            }
        }

        public void TakeScript(byte[] input)
        {
            if (ModuleReader.ReadScript(input).Value is not { } script)
            {
                return;
            }

            Disassembler.Text(script);
            if (Verifier.Check(script, rules.Move) is { } error)
            {
                Sound(error.Status, "the verifier");
                return;
            }

            Session session = new(_framework, state, _facts, new GasMeter(CallGas));
            if (Arguments(script.Signatures[(int)script.Parameters].Tokens) is var (arguments, _))
            {
                Judge(session, session.CallScript(input, [.. script.TypeParameters.Select(static _ => TypeTag.U64)], arguments,
                    Address.FromShort(7)));
            }
        }

        private static void Judge(Session session, CallResult result)
        {
            Sound((StatusCode)result.Status.Major, "a call");
            if (result.Status.IsSuccess)
            {
                Sound((StatusCode)session.Finish().Status.Major, "the end of a session");
            }
        }

        private static void Sound(StatusCode status, string where)
        {
            if ((ulong)status is >= FirstBroken and < EndOfBroken && status != StatusCode.TypeResolutionFailure)
            {
                throw new InvalidOperationException($"{where} broke an invariant of the machine: {status}");
            }
        }

        private static (List<byte[]> Arguments, List<Address> Signers)? Arguments(IReadOnlyList<SignatureToken> parameters)
        {
            List<byte[]> arguments = [];
            List<Address> signers = [];
            foreach (SignatureToken parameter in parameters)
            {
                SignatureToken type = parameter.IsReference ? parameter.Arguments[0] : parameter;
                if (type.Kind == TokenKind.Signer)
                {
                    signers.Add(Address.FromShort(7));
                    continue;
                }

                byte[]? bytes = type.Kind switch
                {
                    TokenKind.Bool or TokenKind.U8 => [1],
                    TokenKind.U16 => [3, 0],
                    TokenKind.U32 => [3, 0, 0, 0],
                    TokenKind.U64 or TokenKind.TypeParameter => [5, 0, 0, 0, 0, 0, 0, 0],
                    TokenKind.U128 => new byte[16],
                    TokenKind.U256 or TokenKind.Address => new byte[32],
                    TokenKind.Vector => [0],
                    _ => null,
                };
                if (bytes is null)
                {
                    return null;
                }

                arguments.Add(bytes);
            }

            return (arguments, signers);
        }
    }
}
