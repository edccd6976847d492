using Theseus.Cli.Framework;
using Theseus.Cli.Fuzz;
using Theseus.Cli.Fuzz.Targets;

namespace Theseus.Cli.Tests.Fuzz;

/// <summary>The first cases of some seeds of every target that needs no process of its own. Longer runs: <c>theseus fuzz</c>.</summary>
public sealed class FuzzTests(FuzzTests.Chain chain) : IClassFixture<FuzzTests.Chain>
{
    /// <summary>Samples for all tests of the class.</summary>
    public sealed class Chain
    {
        internal FuzzChain Value { get; } = new(FrameworkRelease.FromSources(Repository.Folder("framework")));
    }

    [Fact]
    public void EveryDecoderTakesItsSamples()
    {
        Func<Func<FuzzChain>, EntryTarget>[] all = [DecoderTarget.Create, DecoderTarget.CreateFiles, MachineTarget.Create,
            CompilerTarget.Create];
        foreach (EntryTarget target in all.Select(create => create(() => chain.Value)))
        {
            foreach (FuzzEntry entry in target.Entries)
            {
                Assert.NotEmpty(entry.Samples);
                Assert.All(entry.Samples, entry.Try);
            }
        }
    }

    [Theory]
    [InlineData(20_260_101)]
    [InlineData(20_260_102)]
    public void DecodersTakeMutants(ulong seed) => Run(DecoderTarget.Create(() => chain.Value), seed, 4_000);

    [Theory]
    [InlineData(20_260_151)]
    public void FilesTakeMutants(ulong seed) => Run(DecoderTarget.CreateFiles(() => chain.Value), seed, 600);

    [Theory]
    [InlineData(20_260_161)]
    public void TheMethodsTakeMutants(ulong seed) => Run(new RpcTarget(() => chain.Value), seed, 4_000);

    [Theory]
    [InlineData(20_260_201)]
    public void TheMachineTakesMutants(ulong seed) => Run(MachineTarget.Create(() => chain.Value), seed, 4_000);

    [Theory]
    [InlineData(20_260_301)]
    public void TheCompilerTakesMutants(ulong seed) => Run(CompilerTarget.Create(() => chain.Value), seed, 600);

    [Theory]
    [InlineData(20_260_401)]
    public void ANetworkGoesOnUnderALiar(ulong seed) => Run(new NetworkTarget(() => chain.Value), seed, 3);

    // the same seed gives the same cases: otherwise no finding could be tried again
    [Fact]
    public void ACaseIsAFunctionOfItsSeed()
    {
        EntryTarget target = DecoderTarget.Create(() => chain.Value);
        Trace first = new(), second = new();
        Run(target, 7, 200, first);
        Run(target, 7, 200, second);
        Assert.Equal(first.Inputs, second.Inputs);
        Assert.InRange(first.Inputs.Distinct().Count(), 180, 200); // few mutants are the same
    }

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    public void AConversationIsAFunctionOfItsSeed(ulong seed)
    {
        Trace first = new(), second = new();
        Run(new NetworkTarget(() => chain.Value), seed, 1, first);
        Run(new NetworkTarget(() => chain.Value), seed, 1, second);
        Assert.True(first.Inputs.Count > 50, $"only {first.Inputs.Count} inputs");
        Assert.Equal(first.Inputs, second.Inputs);
    }

    // a run that finds something ends with it, its seed and its input
    [Fact]
    public void AFindingNamesItsSeedAndItsInput()
    {
        using TemporaryFolder folder = new();
        FuzzEntry broken = new("broken", [[1, 2, 3, 4]], static input =>
        {
            if (input.Length > 6)
            {
                throw new InvalidOperationException("too long");
            }
        });
        using EntryTarget target = new("test", () => [broken]);
        FuzzRun run = new([target], 1, folder.Path);
        FuzzFinding finding = Assert.Single(run.Run(60, static _ => { }, CancellationToken.None));
        Assert.Equal(("test", "broken"), (finding.Target, finding.Entry));
        byte[] input = File.ReadAllBytes(finding.File!);
        Assert.True(input.Length > 6);
        Trace trace = new();
        Assert.Throws<FuzzFault>(() => target.Run(finding.Seed, trace));
        Assert.Equal(Convert.ToHexString(input), trace.Inputs[^1].Split(' ')[1]);
        Assert.Throws<FuzzFault>(() => target.Replay("broken", input));
    }

    private static void Run(IFuzzTarget target, ulong seed, int cases, Trace? trace = null)
    {
        using IFuzzTarget used = target;
        trace ??= new Trace();
        ulong at = seed;
        for (int i = 0; i < cases; i++)
        {
            try
            {
                used.Run(at, trace);
            }
            catch (FuzzFault fault)
            {
                string input = Convert.ToHexStringLower([.. fault.Input]);
                Assert.Fail($"{used.Name} {fault.Entry}, seed {at}: {fault.Message}\n{input}\n{fault.InnerException}");
            }

            at = FuzzRandom.After(at);
        }
    }

    private sealed class Trace : ICaseTrace
    {
        public List<string> Inputs { get; } = [];

        public void About(string entry, ReadOnlySpan<byte> input) => Inputs.Add($"{entry} {Convert.ToHexString(input)}");
    }
}
