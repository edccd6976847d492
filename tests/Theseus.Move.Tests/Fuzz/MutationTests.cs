using System.Diagnostics;
using Theseus.Move.Format;
using Theseus.Move.Rules;
using Theseus.Move.Runtime;
using Theseus.Move.Tests.Kit;
using Theseus.Move.Verify;

namespace Theseus.Move.Tests.Fuzz;

/// <summary>Random programs near real ones: refused, or they run without a broken invariant.</summary>
public sealed class MutationTests
{
    private static readonly ModuleId Id = World.Id("rich");

    [Fact]
    public void TwentyThousandByteMutantsAreJudgedAndThoseAcceptedRunSoundly()
    {
        byte[] original = ModuleWriter.Write(Samples.Rich());
        Random random = new(20260202);
        VerifierLimits limits = new();
        int read = 0, verified = 0;
        Stopwatch watch = Stopwatch.StartNew();
        for (int i = 0; i < 20_000; i++)
        {
            byte[] mutant = [.. original];
            int changes = random.Next(1, 4);
            for (int c = 0; c < changes; c++)
            {
                // most changes hit the code and the definitions behind the pools
                int at = random.Next(3) == 0 ? random.Next(mutant.Length) : mutant.Length - 1 - random.Next(mutant.Length / 2);
                mutant[at] = random.Next(2) == 0 ? (byte)random.Next(256) : (byte)(mutant[at] + random.Next(-3, 4));
            }

            DecodeResult<CompiledModule> decoded = ModuleReader.ReadModule(mutant);
            if (decoded.Value is not { } module)
            {
                continue;
            }

            read++;
            if (Verifier.Check(module, limits) is not null)
            {
                continue;
            }

            verified++;
            Run(module);
        }

        Assert.True(read > 2_000, $"only {read} mutants decode");
        Assert.True(verified > 200, $"only {verified} mutants verify");
        Assert.True(watch.Elapsed < TimeSpan.FromMinutes(2), $"took {watch.Elapsed}");
    }

    [Fact]
    public void MutatedInstructionsAreRefusedOrRunSoundly()
    {
        CompiledModule original = Samples.Rich();
        Random random = new(20260303);
        VerifierLimits limits = new();
        Opcode[] opcodes = Enum.GetValues<Opcode>();
        int verified = 0;
        for (int i = 0; i < 20_000; i++)
        {
            int function = random.Next(original.FunctionDefinitions.Count);
            FunctionDefinition definition = original.FunctionDefinitions[function];
            List<Instruction> code = [.. definition.Code!.Code];
            int at = random.Next(code.Count);
            switch (random.Next(4))
            {
                case 0: code[at] = code[at] with { Operand = (ulong)random.Next(4) }; break;
                case 1: code.Insert(at,
                    new Instruction(opcodes[random.Next(opcodes.Length)], (ulong)random.Next(3), 0, new UInt256Box(5ul))); break;
                case 2: code.RemoveAt(at); break;
                default: (code[at], code[0]) = (code[0], code[at]); break;
            }

            List<FunctionDefinition> definitions = [.. original.FunctionDefinitions];
            definitions[function] = definition with { Code = definition.Code with { Code = code } };
            CompiledModule mutant = Replace(original, definitions);
            if (Verifier.Check(mutant, limits) is not null)
            {
                continue;
            }

            verified++;
            Run(mutant);
        }

        Assert.True(verified > 500, $"only {verified} mutants verify");
    }

    private static CompiledModule Replace(CompiledModule m, List<FunctionDefinition> definitions) => new()
    {
        Version = m.Version, SelfHandle = m.SelfHandle, ModuleHandles = m.ModuleHandles, StructHandles = m.StructHandles,
        FunctionHandles = m.FunctionHandles,
        FunctionInstantiations = m.FunctionInstantiations, Signatures = m.Signatures, Constants = m.Constants, Identifiers = m.Identifiers,
        Addresses = m.Addresses,
        Metadata = m.Metadata, StructDefinitions = m.StructDefinitions, StructInstantiations = m.StructInstantiations,
        FunctionDefinitions = definitions,
        FieldHandles = m.FieldHandles, FieldInstantiations = m.FieldInstantiations, Friends = m.Friends,
    };

    /// <summary>Calls every function that takes plain arguments; anything but a broken invariant is a fine ending.</summary>
    private static void Run(CompiledModule module)
    {
        if (Linker.Check(module, _ => null) is not null)
        {
            return;
        }

        byte[] blob = ModuleWriter.Write(module);
        World world = new();
        CodeSnapshot snapshot = CodeSnapshot.Load(Hash32.Zero, world.Rules, world.Natives, id => id == module.Id ? blob : null);
        LoadedUnit unit = snapshot.Find(module.Id)!;
        foreach (LoadedFunction function in unit.Functions)
        {
            List<byte[]> arguments = [];
            List<Address> signers = [];
            bool callable = true;
            foreach (SignatureToken parameter in function.Parameters)
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
                    TokenKind.U64 or TokenKind.TypeParameter => World.U64(5),
                    TokenKind.U128 => World.U128(5),
                    TokenKind.U256 or TokenKind.Address => World.Addr(7),
                    TokenKind.Vector => [0],
                    _ => null,
                };
                callable &= bytes is not null;
                arguments.Add(bytes ?? []);
            }

            if (callable)
            {
                Session session = new(snapshot, world, world.Facts, new GasMeter(3_000_000));
                CallResult result = session.CallFunction(module.Id, function.Name, [.. function.TypeParameters.Select(_ => TypeTag.U64)],
                    arguments, signers);
                Assert.False((ulong)result.Status.Major is >= 2000 and < 3000, $"{function.Name}: {result.Status}");
                if (result.Status.IsSuccess)
                {
                    SessionOutput output = session.Finish();
                    Assert.False((ulong)output.Status.Major is >= 2000 and < 3000, output.Status.ToString());
                }
            }
        }
    }
}
