using Theseus.Move.Format;
using Theseus.Move.Rules;
using Theseus.Move.Runtime;
using Theseus.Move.Tests.Kit;
using Theseus.Move.Verify;
using static Theseus.Move.Tests.Kit.ModuleBuilder;
using T = Theseus.Move.Format.SignatureToken;

namespace Theseus.Move.Tests.Verify;

public sealed class LinkerTests
{
    private static CompiledModule Target(Visibility visibility = Visibility.Public, bool friend = false, T? parameter =
        null, string name = "f", Abilities abilities = Abilities.Drop)
    {
        ModuleBuilder b = new("target");
        b.Struct("S", abilities, [new StructTypeParameter(Abilities.None, true)], ("v", T.U64));
        b.Function(name, [parameter ?? T.U64], [], [], [I(Opcode.Ret)], visibility);
        if (friend)
        {
            b.Friend(0x42, "m");
        }

        return b.Build();
    }

    private static StatusCode? Link(CompiledModule? target, Action<ModuleBuilder, ushort>? more = null)
    {
        ModuleBuilder b = new("m");
        ushort module = b.Module(0x42, "target");
        if (more is null)
        {
            ushort f = b.FunctionHandleOf(module, "f", [T.U64], []);
            b.Function("g", [], [], [], [I(Opcode.LdU64, 1), I(Opcode.Call, f), I(Opcode.Ret)]);
        }
        else
        {
            more(b, module);
        }

        return Linker.Check(b.Build(), id => id == World.Id("target") ? target : null)?.Status;
    }

    [Fact]
    public void M34OnlyPublicFunctionsAndThoseOfFriendsLink()
    {
        Assert.Null(Link(Target()));
        Assert.Equal(StatusCode.LookupFailed, Link(Target(Visibility.Private)));
        Assert.Equal(StatusCode.LookupFailed, Link(Target(Visibility.Friend)));
        Assert.Null(Link(Target(Visibility.Friend, friend: true)));
        Assert.Equal(StatusCode.LookupFailed, Link(Target(name: "other")));
        Assert.Equal(StatusCode.TypeMismatch, Link(Target(parameter: T.U8)));
        Assert.Equal(StatusCode.MissingDependency, Link(null));
    }

    [Fact]
    public void StructHandlesFitTheirDefinitions()
    {
        static Action<ModuleBuilder, ushort> Handle(Abilities abilities, params StructTypeParameter[] parameters) =>
            (b, module) => b.StructHandleOf(module, "S", abilities, parameters);
        StructTypeParameter phantom = new(Abilities.None, true), plain = new(Abilities.None, false);
        Assert.Null(Link(Target(), Handle(Abilities.Drop, phantom)));
        Assert.Null(Link(Target(), Handle(Abilities.None, plain)));
        Assert.Null(Link(Target(), Handle(Abilities.None, new StructTypeParameter(Abilities.Copy, true))));
        // stronger than the definition
        Assert.Equal(StatusCode.TypeMismatch, Link(Target(), Handle(Abilities.Drop | Abilities.Copy, phantom)));
        Assert.Equal(StatusCode.TypeMismatch, Link(Target(), Handle(Abilities.Drop)));
        Assert.Equal(StatusCode.LookupFailed, Link(Target(), (b, module) => b.StructHandleOf(module, "X", Abilities.None)));
    }

    [Fact]
    public void M35CyclesOfDependenciesAreFoundOverTheWholeGraph()
    {
        static CompiledModule Dependent(string name, params string[] on)
        {
            ModuleBuilder b = new(name);
            foreach (string other in on)
            {
                b.Module(0x42, other);
            }

            return b.Build();
        }

        SortedDictionary<ModuleId, CompiledModule> world = [];
        foreach (CompiledModule module in (CompiledModule[])[Dependent("a", "b"), Dependent("b", "c"), Dependent("c")])
        {
            world[module.Id] = module;
        }

        VerifierLimits limits = new();
        Assert.Null(Linker.CheckCycles(world[World.Id("a")], world.GetValueOrDefault, limits));
        Assert.Equal(StatusCode.CyclicModuleDependency, Linker.CheckCycles(Dependent("c", "a"), world.GetValueOrDefault, limits)!.Status);
        CompiledModule friendOfSelf = new ModuleBuilder("x").Friend(0x42, "y").Build();
        world[World.Id("y")] = new ModuleBuilder("y").Friend(0x42, "x").Build();
        Assert.Equal(StatusCode.CyclicModuleFriendship, Linker.CheckCycles(friendOfSelf, world.GetValueOrDefault, limits)!.Status);
        ModuleBuilder both = new("z");
        both.Module(0x42, "a");
        both.Friend(0x42, "b");
        Assert.Equal(StatusCode.InvalidFriendDeclWithModulesInDependencies,
            Linker.CheckCycles(both.Build(), world.GetValueOrDefault, limits)!.Status);
    }

    private static CompiledModule Version(Action<ModuleBuilder>? more = null, T? field = null, bool reorder =
        false, Abilities abilities = Abilities.Store, Visibility visibility = Visibility.Public,
        bool entry = true, T? parameter = null, bool withFunction = true, Visibility friendVisibility =
            Visibility.Friend, bool withFriend = true)
    {
        ModuleBuilder b = new("m");
        (string, T)[] fields = [("a", field ?? T.U64), ("b", T.U8)];
        b.Struct("S", abilities, [new StructTypeParameter(Abilities.Store, true)], reorder ? [.. fields.Reverse()] : fields);
        if (withFunction)
        {
            b.Function("f", [parameter ?? T.U64], [], [], [I(Opcode.Ret)], visibility, entry);
        }

        b.Function("friendly", [], [], [], [I(Opcode.Ret)], friendVisibility);
        b.Function("hidden", [], [], [], [I(Opcode.Ret)], Visibility.Private);
        if (withFriend)
        {
            b.Friend(0x42, "n");
        }

        more?.Invoke(b);
        return b.Build();
    }

    private static CompatibilityRule[] Broken(CompiledModule update, bool friendsArePrivate = true) =>
        [.. Compatibility.Check(Version(), update, friendsArePrivate).Select(r => r.Rule)];

    [Fact]
    public void M36UpgradesKeepStructsFieldsAndCallableFunctions()
    {
        Assert.Empty(Broken(Version()));
        Assert.Empty(Broken(Version(b => b.Struct("New", Abilities.Key, ("x", T.Bool)))));
        Assert.Empty(Broken(Version(abilities: Abilities.Store | Abilities.Drop)));
        Assert.Equal([CompatibilityRule.StructAbilityRemoved], Broken(Version(abilities: Abilities.None)));
        Assert.Equal([CompatibilityRule.StructLayout], Broken(Version(field: T.U128)));
        Assert.Equal([CompatibilityRule.StructLayout], Broken(Version(reorder: true)));
        Assert.Equal([CompatibilityRule.FunctionRemoved], Broken(Version(withFunction: false)));
        Assert.Equal([CompatibilityRule.FunctionVisibility], Broken(Version(visibility: Visibility.Private)));
        Assert.Equal([CompatibilityRule.FunctionEntry], Broken(Version(entry: false)));
        Assert.Equal([CompatibilityRule.FunctionSignature], Broken(Version(parameter: T.U8)));
    }

    [Fact]
    public void M36FriendsArePrivateToTheBundleUnlessToldOtherwise()
    {
        Assert.Empty(Broken(Version(friendVisibility: Visibility.Private, withFriend: false)));
        Assert.Equal([CompatibilityRule.FunctionVisibility, CompatibilityRule.FriendRemoved],
            Broken(Version(friendVisibility: Visibility.Private, withFriend: false), friendsArePrivate: false));
    }

    [Fact]
    public void ABundleIsJudgedAsAWhole()
    {
        static byte[] Blob(ModuleBuilder b) => ModuleWriter.Write(b.Build());
        World world = new();
        PublishPolicy policy = new();
        ModuleBuilder low = new("low", 1), high = new("high", 1);
        low.Function("f", [T.U64], [], [], [I(Opcode.Ret)]);
        ushort f = high.FunctionHandleOf(high.Module(1, "low"), "f", [T.U64], []);
        high.Function("g", [], [], [], [I(Opcode.LdU64, 1), I(Opcode.Call, f), I(Opcode.Ret)]);
        byte[][] bundle = [Blob(high), Blob(low)]; // the order of the bundle does not matter

        StatusCode? Refusal(CodeSnapshot snapshot, byte[][] blobs, PublishPolicy rules, params ModuleId[] existing)
        {
            CheckedBundle? accepted = Publishing.Check(snapshot, blobs, rules, existing, out PublishError? error);
            Assert.Equal(accepted is null, error is not null);
            return error?.Error.Status;
        }

        Assert.Null(Refusal(world.Snapshot, bundle, policy));
        Assert.Equal(StatusCode.DuplicateModuleName, Refusal(world.Snapshot, [.. bundle, bundle[0]], policy));
        Assert.Equal(StatusCode.ModuleAddressDoesNotMatchSender, Refusal(world.Snapshot, [Blob(new ModuleBuilder("m", 2))], policy));
        Assert.Equal(StatusCode.MissingDependency, Refusal(world.Snapshot, [bundle[0]], policy));
        ModuleBuilder native = new("hash", 1);
        native.Native("native_unheard_of", [], []);
        Assert.Equal(StatusCode.MissingDependency, Refusal(world.Snapshot, [Blob(native)], policy));
        native = new ModuleBuilder("hash", 1);
        native.Native("native_sha3_256", [T.Vector(T.U8)], [T.Vector(T.U8)]);
        Assert.Null(Refusal(world.Snapshot, [Blob(native)], policy));
        // fault 92: a name with other types is not that native
        native = new ModuleBuilder("signer", 1);
        native.Native("native_borrow_address", [T.MutableReference(T.Signer)], [T.MutableReference(T.Address)]);
        Assert.Equal(StatusCode.MissingDependency, Refusal(world.Snapshot, [Blob(native)], policy));
        // chain facts decide, not the table that this node has loaded
        Assert.Equal(StatusCode.MissingDependency, Refusal(world.Snapshot, [Blob(native)],
            policy with { Natives = new HashSet<string>() }));

        CodeSnapshot published = world.Snapshot.Publish(new Hash32(new byte[32]), [
            KeyValuePair.Create(World.Id("low", 1), bundle[1]), KeyValuePair.Create(World.Id("high", 1), bundle[0])]);
        Assert.True(new Session(published, world, world.Facts, new GasMeter(GasMeter.Unlimited))
            .CallFunction(World.Id("high", 1), "g", [], [], []).Status.IsSuccess);
        Assert.Null(world.Snapshot.Find(World.Id("high", 1))); // the old snapshot is as it was

        ModuleBuilder changed = new("low", 1);
        changed.Function("f", [T.U8], [], [], [I(Opcode.Ret)]);
        Assert.Equal(StatusCode.BackwardIncompatibleModuleUpdate, Refusal(published, [Blob(changed)], policy));
        Assert.Equal(StatusCode.TypeMismatch, Refusal(published, [Blob(changed)], policy with { Compatibility = false },
            World.Id("high", 1), World.Id("low", 1)));
    }
}
