using Theseus.Move.Format;
using Theseus.Move.Rules;
using Theseus.Move.Runtime;
using Theseus.Move.Tests.Kit;
using static Theseus.Move.Tests.Kit.ModuleBuilder;
using T = Theseus.Move.Format.SignatureToken;

namespace Theseus.Move.Tests.Runtime;

public sealed class ScriptTests
{
    private static readonly Address Alice = Address.FromShort(0xA);

    /// <summary>main(account: &amp;signer, v: u64) { 0x42::m::put(account, v) }</summary>
    private static (World World, byte[] Script) Putting()
    {
        ModuleBuilder m = new();
        ushort r = m.Struct("R", Abilities.Key, ("v", T.U64));
        m.Function("put", [T.Reference(T.Signer), T.U64], [], [],
            [I(Opcode.MoveLoc, 0), I(Opcode.MoveLoc, 1), I(Opcode.Pack, r), I(Opcode.MoveTo, r), I(Opcode.Ret)]);
        ModuleBuilder s = new();
        ushort put = s.FunctionHandleOf(s.Self, "put", [T.Reference(T.Signer), T.U64], []);
        return (new World().With(m.Build()),
            ModuleWriter.Write(s.Script([T.Reference(T.Signer), T.U64], [],
                [I(Opcode.MoveLoc, 0), I(Opcode.MoveLoc, 1), I(Opcode.Call, put), I(Opcode.Ret)])));
    }

    private static Outcome Run(World world, byte[] script, byte[][] arguments, long gas = GasMeter.Unlimited, params TypeTag[] types) =>
        new InterpreterEngine().Execute(world.Snapshot, world, new ScriptPayload(script, types, arguments, Alice), world.Facts,
            new GasMeter(gas));

    [Fact]
    public void AScriptActsForItsSender()
    {
        (World world, byte[] script) = Putting();
        Outcome outcome = Run(world, script, [World.U64(7)]);
        Assert.True(outcome.Status.IsSuccess, outcome.Status.ToString());
        Assert.Equal(StateKey.Resource(Alice, new StructTag(Address.FromShort(0x42), "m", "R", [])),
            Assert.Single(outcome.Writes.Writes).Key);
    }

    [Fact]
    public void ARememberedScriptCostsTheSame()
    {
        (World world, byte[] script) = Putting();
        long cold = Run(world, script, [World.U64(7)]).GasUsed;
        Assert.Equal(cold, Run(world, script, [World.U64(7)]).GasUsed);
        Assert.True(cold > script.Length * new GasTable().LoadByte);
    }

    [Fact]
    public void RunningOutOfGasWhileVerifyingIsOutOfGasColdAndWarm()
    {
        (World world, byte[] script) = Putting();
        long load = script.Length * new GasTable().LoadByte;
        Outcome cold = Run(world, script, [World.U64(7)], load + 50);
        Assert.Equal(StatusCode.OutOfGas, cold.Status.Major);
        Assert.Equal(load + 50, cold.GasUsed);
        Assert.True(Run(world, script, [World.U64(7)]).Status.IsSuccess);
        Outcome warm = Run(world, script, [World.U64(7)], load + 50);
        Assert.Equal(cold.Status.Major, warm.Status.Major);
        Assert.Equal(cold.GasUsed, warm.GasUsed);
    }

    [Fact]
    public void RefusalsOfScriptsAreTheUsersErrors()
    {
        (World world, byte[] script) = Putting();
        Assert.Equal(StatusCode.CodeDeserializationError, Run(world, [1, 2, 3], []).Status.Major);
        Assert.Equal(StatusCode.NumberOfArgumentsMismatch, Run(world, script, []).Status.Major);
        ModuleBuilder bad = new();
        Assert.Equal(StatusCode.PositiveStackSizeAtBlockEnd,
            Run(world, ModuleWriter.Write(bad.Script([], [], [I(Opcode.LdTrue), I(Opcode.Ret)])), []).Status.Major);
        ModuleBuilder linkless = new("elsewhere");
        ushort missing = linkless.FunctionHandleOf(linkless.Self, "f", [], []);
        Assert.Equal(StatusCode.MissingDependency,
            Run(world, ModuleWriter.Write(linkless.Script([], [], [I(Opcode.Call, missing), I(Opcode.Ret)])), []).Status.Major);
        ModuleBuilder aborting = new();
        Outcome aborted = Run(world, ModuleWriter.Write(aborting.Script([], [], [I(Opcode.LdU64, 9), I(Opcode.Abort)])), []);
        Assert.Equal((StatusCode.Aborted, 9ul), (aborted.Status.Major, aborted.Status.Sub));
        Assert.Equal(new VmLocation(null, true, 0, 1), aborted.Status.Location);
    }

    [Fact]
    public void LongScriptsNeedApproval()
    {
        World world = new World().With(new ModuleBuilder().Build()); // the builder names a module of its own
        byte[] script = ModuleWriter.Write(new ModuleBuilder().Script([], [], [.. Enumerable.Repeat(I(Opcode.Nop), 4_096), I(Opcode.Ret)]));
        Session Open() => new(world.Snapshot, world, world.Facts, new GasMeter(GasMeter.Unlimited));
        Assert.Equal(StatusCode.ProgramTooComplex, Open().CallScript(script, [], [], Alice).Status.Major);
        Assert.Equal(VmStatus.Success, Open().CallScript(script, [], [], Alice, instructionLimit: 60_000).Status);
        // remembered, but not approved here
        Assert.Equal(StatusCode.ProgramTooComplex, Open().CallScript(script, [], [], Alice).Status.Major);
    }

    [Fact]
    public void StringsAndOptionsAreCheckedAsArguments()
    {
        ModuleBuilder text = new("string", 1), option = new("option", 1);
        text.Struct("String", Abilities.Copy | Abilities.Drop | Abilities.Store, ("bytes", T.Vector(T.U8)));
        option.Struct("Option", Abilities.Copy | Abilities.Drop | Abilities.Store, [new StructTypeParameter(Abilities.None, false)],
            ("vec", T.Vector(T.TypeParameter(0))));
        World world = new World().With(text.Build()).With(option.Build()).With(new ModuleBuilder().Build());
        ModuleBuilder s = new();
        T textType = T.Struct(s.StructHandleOf(s.Module(1, "string"), "String", Abilities.Drop));
        T optionType = T.StructInstantiation(
            s.StructHandleOf(s.Module(1, "option"), "Option", Abilities.Drop, new StructTypeParameter(Abilities.None, false)), [textType]);
        byte[] script = ModuleWriter.Write(s.Script([textType, optionType], [], [I(Opcode.Ret)]));
        byte[] good = World.Bytes(0xC3, 0xA9), bad = World.Bytes(0xC3);
        Assert.Equal(VmStatus.Success, Run(world, script, [good, [0]]).Status);
        Assert.True(Run(world, script, [good, [1, .. good]]).Status.IsSuccess);
        Assert.Equal(StatusCode.FailedToDeserializeArgument, Run(world, script, [bad, [0]]).Status.Major);
        Assert.Equal(StatusCode.FailedToDeserializeArgument, Run(world, script, [good, [1, .. bad]]).Status.Major);
        Assert.Equal(StatusCode.FailedToDeserializeArgument, Run(world, script, [good, [2, .. good, .. good]]).Status.Major);
    }

    [Fact]
    public void ViewsAnswerBcsAndOnlyMarkedFunctionsAreViews()
    {
        ModuleBuilder m = new();
        m.Function("seen", [T.U64], [T.U64, T.Vector(T.U8)], [],
            [I(Opcode.MoveLoc, 0), I(Opcode.LdConst, m.Const(T.Vector(T.U8), 1, 5)), I(Opcode.Ret)]);
        m.Function("unseen", [], [], [], [I(Opcode.Ret)]);
        m.Meta(ModuleMetadata.Key, new ModuleMetadata(["seen"], [], []).Encode());
        World world = new World().With(m.Build());
        CallResult result = world.Session().CallView(World.Id(), "seen", [], [World.U64(3)]);
        Assert.Equal([(TypeTag.U64, World.U64(3)), (TypeTag.Vector(TypeTag.U8), [1, 5])], result.Values, (a, b) =>
            a.Item1 == b.Item1 && a.Item2.AsSpan().SequenceEqual(b.Item2));
        Assert.Equal(StatusCode.ExecuteEntryFunctionCalledOnNonEntryFunction,
            world.Session().CallView(World.Id(), "unseen", [], []).Status.Major);
    }

    [Fact]
    public void WritesArePricedAndBoundedAtTheEnd()
    {
        (World world, byte[] script) = Putting();
        long all = Run(world, script, [World.U64(7)]).GasUsed;
        Outcome poor = Run(world, script, [World.U64(7)], all - 1);
        Assert.Equal(StatusCode.OutOfGas, poor.Status.Major);
        Assert.Empty(poor.Writes.Writes);
        Assert.Equal(all - 1, poor.GasUsed);
    }
}
