using Theseus.Move.Format;
using Theseus.Move.Rules;
using Theseus.Move.Runtime;
using Theseus.Move.Tests.Kit;
using static Theseus.Move.Tests.Kit.ModuleBuilder;
using T = Theseus.Move.Format.SignatureToken;

namespace Theseus.Move.Tests.Runtime;

/// <summary>Work over a type follows the graph of distinct types, not the tree that it unfolds to. // fault 63</summary>
public class TypeGraphTests
{
    /// <summary>Far above what a graph of some dozens of types takes, far below the gigabytes of 2^22 and more.</summary>
    private const long Bound = 8 << 20;

    /// <summary>
    /// Struct A0 { a: A1, b: A1 } down to { a: u64 }; each level generic in one parameter or in none, and behind a vector or by
    /// value.
    /// </summary>
    private static (World World, T Root) Tower(int levels, bool generic, bool vectors, params (string Function, Opcode Opcode)[] uses)
    {
        ModuleBuilder b = new();
        StructTypeParameter[] parameters = generic ? [new StructTypeParameter(Abilities.None, false)] : [];
        T[] own = generic ? [T.TypeParameter(0)] : [];
        Abilities abilities = Abilities.Key | Abilities.Store | Abilities.Drop | Abilities.Copy;
        ushort level = b.Struct($"A{levels}", abilities, parameters, ("a", generic ? T.TypeParameter(0) : T.U64));
        for (int i = levels - 1; i >= 0; i--)
        {
            T below = generic ? b.TypeOf(level, own) : b.TypeOf(level);
            T field = vectors ? T.Vector(below) : below;
            level = b.Struct($"A{i}", abilities, parameters, ("a", field), ("b", field));
        }

        T root = generic ? b.TypeOf(level, T.U64) : b.TypeOf(level);
        foreach ((string function, Opcode opcode) in uses)
        {
            ulong operand = generic ? b.StructInstance(level, T.U64) : level;
            b.Function(function, [T.Address], [T.Bool], [], [I(Opcode.MoveLoc, 0), I(opcode, operand), I(Opcode.Ret)]);
        }

        return (new World().With(b.Build(), verify: false), root);
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(true, false)]
    public void ExistsOfATallTypeCostsItsDistinctTypes(bool generic, bool vectors)
    {
        (World world, _) = Tower(40, generic, vectors, ("f", generic ? Opcode.ExistsGeneric : Opcode.Exists));
        world.Call("f", [World.Addr(1)]);
        (World fresh, _) = Tower(40, generic, vectors, ("f", generic ? Opcode.ExistsGeneric : Opcode.Exists));
        long before = GC.GetAllocatedBytesForCurrentThread();
        CallResult result = fresh.Call("f", [World.Addr(1)]);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Bound);
        Assert.True(result.Status.IsSuccess, result.Status.ToString());
        Assert.Equal([0], result.Values[0].Value);
    }

    /// <summary>Limits of depth are exact, whichever part of a tower is asked for first.</summary>
    [Theory]
    [InlineData(126, false, true)] // 126 levels, the last struct, its number: 128 in all
    [InlineData(127, false, false)]
    [InlineData(126, true, true)]
    [InlineData(127, true, false)]
    [InlineData(200, false, false)]
    [InlineData(2_000, false, false)]
    public void TheDepthOfValuesIsCountedExactly(int levels, bool generic, bool fits)
    {
        foreach (bool warm in (bool[])[false, true])
        {
            (World world, _) = Tower(levels, generic, vectors: false, ("f", generic ? Opcode.ExistsGeneric : Opcode.Exists));
            if (warm)
            {
                TypeTag inner = TypeTag.Of(new StructTag(Address.FromShort(0x42), "m", $"A{levels / 2}", generic ? [TypeTag.U64] : []));
                world.Session().Resource(Address.One, inner.Struct!);
            }

            VmStatus status = world.Call("f", [World.Addr(1)]).Status;
            Assert.Equal(fits ? StatusCode.Executed : StatusCode.VmMaxValueDepthReached, status.Major);
        }
    }

    [Fact]
    public void ATypeArgumentInAPhantomPlaceAddsNoDepth()
    {
        ModuleBuilder b = new();
        Abilities abilities = Abilities.Key | Abilities.Store;
        ushort deep = b.Struct("D0", abilities, ("v", T.U64));
        for (int i = 1; i < 150; i++)
        {
            deep = b.Struct($"D{i}", abilities, ("v", b.TypeOf(deep)));
        }

        ushort tag = b.Struct("Tag", abilities, [new StructTypeParameter(Abilities.None, true)], ("v", T.U64));
        ushort holder = b.Struct("Holder", abilities, ("t", b.TypeOf(tag, b.TypeOf(deep))));
        b.Function("f", [T.Address], [T.Bool], [], [I(Opcode.MoveLoc, 0), I(Opcode.Exists, holder), I(Opcode.Ret)]);
        b.Function("g", [T.Address], [T.Bool], [], [I(Opcode.MoveLoc, 0), I(Opcode.Exists, deep), I(Opcode.Ret)]);
        World world = new World().With(b.Build());
        Assert.True(world.Call("f", [World.Addr(1)]).Status.IsSuccess);
        Assert.Equal(StatusCode.VmMaxValueDepthReached, world.Call("g", [World.Addr(1)]).Status.Major);
        Assert.True(world.Call("f", [World.Addr(1)]).Status.IsSuccess);
    }

    /// <summary>Types of transactions are bounded before they are made, whatever they name.</summary>
    [Fact]
    public void ATypeArgumentThatUnfoldsIsBounded()
    {
        (World world, _) = Tower(22, generic: true, vectors: true, ("f", Opcode.ExistsGeneric));
        TypeTag tag = TypeTag.U64;
        for (int i = 0; i < 8; i++)
        {
            tag = TypeTag.Of(new StructTag(Address.FromShort(0x42), "m", "A0", [tag]));
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        Session session = world.Session();
        try
        {
            session.ResolveTag(tag).ValueDepth(new RuntimeLimits().ValueDepth);
        }
        catch (VmException refused)
        {
            Assert.Equal(StatusCode.VmMaxValueDepthReached, refused.Status); // 8 times 44 levels
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Bound);
    }
}
