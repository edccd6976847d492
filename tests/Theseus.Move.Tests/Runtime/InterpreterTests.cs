using System.Numerics;
using Theseus.Move.Format;
using Theseus.Move.Rules;
using Theseus.Move.Runtime;
using Theseus.Move.Tests.Kit;
using static Theseus.Move.Tests.Kit.ModuleBuilder;
using T = Theseus.Move.Format.SignatureToken;

namespace Theseus.Move.Tests.Runtime;

public sealed class InterpreterTests
{
    private static World One(T[] parameters, T[] results, T[] locals, params Instruction[] code)
    {
        ModuleBuilder b = new();
        b.Function("f", parameters, results, locals, code);
        return new World().With(b.Build());
    }

    private static World Binary(T type, Opcode opcode, T? result = null, T? right = null) =>
        One([type, right ?? type], [result ?? type], [], I(Opcode.MoveLoc, 0), I(Opcode.MoveLoc, 1), I(opcode), I(Opcode.Ret));

    private static byte[] Le(BigInteger value, int size)
    {
        byte[] bytes = new byte[size];
        value.ToByteArray(isUnsigned: true).AsSpan().CopyTo(bytes);
        return bytes;
    }

    private static int Size(T type) => type.Kind switch
    {
        TokenKind.U8 => 1,
        TokenKind.U16 => 2,
        TokenKind.U32 => 4,
        TokenKind.U64 => 8,
        TokenKind.U128 => 16,
        _ => 32,
    };

    private static readonly T[] Integers = [T.U8, T.U16, T.U32, T.U64, T.U128, T.U256];

    [Fact]
    public void M24M25IntegerArithmeticOfEveryWidthAgreesWithUnboundedIntegersAndTrapsAtItsInstruction()
    {
        foreach (T type in Integers)
        {
            int size = Size(type);
            BigInteger modulus = BigInteger.One << (8 * size), max = modulus - 1;
            BigInteger[] operands = [0, 1, 2, 7, max / 2, max / 3, max - 1, max];
            (Opcode Op, Func<BigInteger, BigInteger, BigInteger?> Meaning)[] meanings =
            [
                (Opcode.Add, (x, y) => x + y <= max ? x + y : null),
                (Opcode.Sub, (x, y) => x >= y ? x - y : null),
                (Opcode.Mul, (x, y) => x * y <= max ? x * y : null),
                (Opcode.Div, (x, y) => y.IsZero ? null : x / y),
                (Opcode.Mod, (x, y) => y.IsZero ? null : x % y),
                (Opcode.BitAnd, (x, y) => x & y),
                (Opcode.BitOr, (x, y) => x | y),
                (Opcode.Xor, (x, y) => x ^ y),
            ];
            foreach ((Opcode opcode, Func<BigInteger, BigInteger, BigInteger?> meaning) in meanings)
            {
                World world = Binary(type, opcode);
                foreach (BigInteger x in operands)
                {
                    foreach (BigInteger y in operands)
                    {
                        CallResult result = world.Call("f", [Le(x, size), Le(y, size)]);
                        if (meaning(x, y) is BigInteger expected)
                        {
                            Assert.True(result.Status.IsSuccess, $"{type.Kind} {x} {opcode} {y}: {result.Status}");
                            Assert.Equal(Le(expected, size), result.Values[0].Value);
                        }
                        else
                        {
                            Assert.Equal(StatusCode.ArithmeticError, result.Status.Major);
                            Assert.Equal(2, result.Status.Location.Offset);
                            Assert.Equal(World.Id(), result.Status.Location.Module);
                        }
                    }
                }
            }

            (Opcode Op, Func<BigInteger, BigInteger, bool> Meaning)[] comparisons =
            [
                (Opcode.Lt, (x, y) => x < y), (Opcode.Gt, (x, y) => x > y), (Opcode.Le, (x, y) => x <= y), (Opcode.Ge, (x, y) => x >= y),
                (Opcode.Eq, (x, y) => x == y), (Opcode.Neq, (x, y) => x != y),
            ];
            foreach ((Opcode opcode, Func<BigInteger, BigInteger, bool> meaning) in comparisons)
            {
                World world = Binary(type, opcode, T.Bool);
                foreach (BigInteger x in operands)
                {
                    foreach (BigInteger y in operands)
                    {
                        Assert.Equal([meaning(x, y) ? (byte)1 : (byte)0], world.Call("f", [Le(x, size), Le(y, size)]).Values[0].Value);
                    }
                }
            }
        }
    }

    [Fact]
    public void M24ShiftsTrapAtTheWidthAndLoseBitsSilently()
    {
        foreach (T type in Integers)
        {
            int size = Size(type), width = 8 * size;
            BigInteger modulus = BigInteger.One << width;
            World left = Binary(type, Opcode.Shl, right: T.U8), right = Binary(type, Opcode.Shr, right: T.U8);
            foreach (int amount in (int[])[0, 1, width / 2, width - 1, int.Min(width, 255), 255])
            {
                BigInteger value = (modulus / 3) + 1;
                CallResult up = left.Call("f", [Le(value, size), [(byte)amount]]),
                    down = right.Call("f", [Le(value, size), [(byte)amount]]);
                if (amount >= width)
                {
                    Assert.Equal(StatusCode.ArithmeticError, up.Status.Major);
                    Assert.Equal(StatusCode.ArithmeticError, down.Status.Major);
                }
                else
                {
                    Assert.Equal(Le((value << amount) % modulus, size), up.Values[0].Value);
                    Assert.Equal(Le(value >> amount, size), down.Values[0].Value);
                }
            }
        }
    }

    [Fact]
    public void M24CastsTrapWhenTheValueDoesNotFit()
    {
        Opcode[] casts = [Opcode.CastU8, Opcode.CastU16, Opcode.CastU32, Opcode.CastU64, Opcode.CastU128, Opcode.CastU256];
        foreach (T from in Integers)
        {
            for (int i = 0; i < casts.Length; i++)
            {
                T to = Integers[i];
                World world = One([from], [to], [], I(Opcode.MoveLoc, 0), I(casts[i]), I(Opcode.Ret));
                BigInteger fromMax = (BigInteger.One << (8 * Size(from))) - 1, toMax = (BigInteger.One << (8 * Size(to))) - 1;
                foreach (BigInteger value in (BigInteger[])[0, 1, fromMax, BigInteger.Min(fromMax, toMax),
                    BigInteger.Min(fromMax, toMax + 1)])
                {
                    CallResult result = world.Call("f", [Le(value, Size(from))]);
                    if (value <= toMax)
                    {
                        Assert.Equal(Le(value, Size(to)), result.Values[0].Value);
                    }
                    else
                    {
                        Assert.Equal(StatusCode.ArithmeticError, result.Status.Major);
                        Assert.Equal(1, result.Status.Location.Offset);
                    }
                }
            }
        }
    }

    [Fact]
    public void M26VectorErrorsHaveTheirSubStatus()
    {
        ModuleBuilder b = new();
        ushort sig = b.Sig(T.U64);
        T vector = T.Vector(T.U64);
        b.Function("get", [vector, T.U64], [T.U64], [],
            [I(Opcode.ImmBorrowLoc, 0), I(Opcode.MoveLoc, 1), I(Opcode.VecImmBorrow, sig), I(Opcode.ReadRef), I(Opcode.Ret)]);
        b.Function("pop", [vector], [T.U64], [], [I(Opcode.MutBorrowLoc, 0), I(Opcode.VecPopBack, sig), I(Opcode.Ret)]);
        b.Function("two", [vector], [T.U64, T.U64], [], [I(Opcode.MoveLoc, 0), I(Opcode.VecUnpack, sig, 2), I(Opcode.Ret)]);
        b.Function("swap", [vector, T.U64, T.U64], [vector], [],
            [I(Opcode.MutBorrowLoc, 0), I(Opcode.MoveLoc, 1), I(Opcode.MoveLoc, 2), I(Opcode.VecSwap, sig), I(Opcode.MoveLoc, 0),
                I(Opcode.Ret)]);
        World world = new World().With(b.Build());
        byte[] seven = [1, .. World.U64(7)], pair = [2, .. World.U64(7), .. World.U64(8)];

        static void Failed(CallResult result, ulong sub, int offset)
        {
            Assert.Equal(StatusCode.VectorOperationError, result.Status.Major);
            Assert.Equal(sub, result.Status.Sub);
            Assert.Equal(offset, result.Status.Location.Offset);
        }

        Assert.Equal(World.U64(7), world.Call("get", [seven, World.U64(0)]).Values[0].Value);
        Failed(world.Call("get", [seven, World.U64(1)]), 1, 2);
        Failed(world.Call("get", [seven, World.U64(ulong.MaxValue)]), 1, 2);
        Failed(world.Call("pop", [[0]]), 2, 1);
        Failed(world.Call("two", [seven]), 3, 1);
        Assert.Equal([World.U64(7), World.U64(8)], world.Call("two", [pair]).Values.Select(v => v.Value));
        Assert.Equal(pair, world.Call("swap", [pair, World.U64(1), World.U64(1)]).Values[0].Value);
        Assert.Equal([2, .. World.U64(8), .. World.U64(7)], world.Call("swap", [pair, World.U64(0), World.U64(1)]).Values[0].Value);
        Failed(world.Call("swap", [pair, World.U64(2), World.U64(2)]), 1, 3);
    }

    private static World Resources()
    {
        ModuleBuilder b = new();
        ushort r = b.Struct("R", Abilities.Key | Abilities.Drop, ("v", T.U64));
        T type = b.TypeOf(r);
        ushort field = b.Field(r, 0);
        b.Function("put", [T.Reference(T.Signer), T.U64], [], [],
            [I(Opcode.MoveLoc, 0), I(Opcode.MoveLoc, 1), I(Opcode.Pack, r), I(Opcode.MoveTo, r), I(Opcode.Ret)]);
        b.Function("take", [T.Address], [T.U64], [], [I(Opcode.MoveLoc, 0), I(Opcode.MoveFrom, r), I(Opcode.Unpack, r), I(Opcode.Ret)],
            acquires: [r]);
        b.Function("get", [T.Address], [T.U64], [],
            [I(Opcode.MoveLoc, 0), I(Opcode.ImmBorrowGlobal, r), I(Opcode.ImmBorrowField, field), I(Opcode.ReadRef), I(Opcode.Ret)],
            acquires: [r]);
        b.Function("set", [T.Address, T.U64], [], [],
            [I(Opcode.MoveLoc, 1), I(Opcode.MoveLoc, 0), I(Opcode.MutBorrowGlobal, r), I(Opcode.MutBorrowField, field), I(Opcode.WriteRef),
                I(Opcode.Ret)], acquires: [r]);
        b.Function("has", [T.Address], [T.Bool], [], [I(Opcode.MoveLoc, 0), I(Opcode.Exists, r), I(Opcode.Ret)]);
        b.Function("renew", [T.Reference(T.Signer), T.Address, T.U64], [], [],
            [I(Opcode.MoveLoc, 1), I(Opcode.MoveFrom, r), I(Opcode.Pop), I(Opcode.MoveLoc, 0), I(Opcode.MoveLoc, 2), I(Opcode.Pack, r),
                I(Opcode.MoveTo, r), I(Opcode.Ret)], acquires: [r]);
        b.Function("brief", [T.Reference(T.Signer), T.Address], [], [],
            [I(Opcode.MoveLoc, 0), I(Opcode.LdU64, 1), I(Opcode.Pack, r), I(Opcode.MoveTo, r), I(Opcode.MoveLoc, 1), I(Opcode.MoveFrom, r),
                I(Opcode.Pop), I(Opcode.Ret)], acquires: [r]);
        b.Function("fail", [T.Reference(T.Signer)], [], [],
            [I(Opcode.MoveLoc, 0), I(Opcode.LdU64, 1), I(Opcode.Pack, r), I(Opcode.MoveTo, r), I(Opcode.LdU64, 77), I(Opcode.Abort)]);
        _ = type;
        return new World().With(b.Build());
    }

    private static readonly Address Alice = Address.FromShort(0xA);

    [Fact]
    public void M27ResourcesAppearOnceAndMustExist()
    {
        World world = Resources();
        Assert.True(world.Call("put", [World.U64(5)], signers: [Alice]).Status.IsSuccess);
        StateWrite write = Assert.Single(world.LastWrites.Writes);
        Assert.Equal(StateKey.Resource(Alice, new StructTag(Address.FromShort(0x42), "m", "R", [])), write.Key);
        Assert.Equal(World.U64(5), write.Value);
        CallResult twice = world.Call("put", [World.U64(6)], signers: [Alice]);
        Assert.Equal(StatusCode.ResourceAlreadyExists, twice.Status.Major);
        Assert.Equal(3, twice.Status.Location.Offset);
        Assert.Equal(StatusCode.MissingData, world.Call("get", [World.Addr(0xB)]).Status.Major);
        Assert.Equal(StatusCode.MissingData, world.Call("take", [World.Addr(0xB)]).Status.Major);
        Assert.Equal([1], world.Call("has", [World.Addr(0xA)]).Values[0].Value);
        Assert.True(world.Call("renew", [World.Addr(0xA), World.U64(9)], signers: [Alice]).Status.IsSuccess);
        Assert.Equal(World.U64(9), Assert.Single(world.LastWrites.Writes).Value); // a change, neither a deletion nor a second creation
        Assert.Equal(World.U64(9), world.Call("take", [World.Addr(0xA)]).Values[0].Value);
        Assert.Null(Assert.Single(world.LastWrites.Writes).Value);
        Assert.Equal([0], world.Call("has", [World.Addr(0xA)]).Values[0].Value);
    }

    [Fact]
    public void M28AResourceThatWasCreatedAndRemovedLeavesNoWrite()
    {
        World world = Resources();
        Assert.True(world.Call("brief", [World.Addr(0xA)], signers: [Alice]).Status.IsSuccess);
        Assert.Empty(world.LastWrites.Writes);
    }

    [Fact]
    public void M29WritingTheSameValueLeavesNoWrite()
    {
        World world = Resources();
        world.Call("put", [World.U64(5)], signers: [Alice]);
        Assert.True(world.Call("set", [World.Addr(0xA), World.U64(5)]).Status.IsSuccess);
        Assert.Empty(world.LastWrites.Writes);
        Assert.True(world.Call("set", [World.Addr(0xA), World.U64(6)]).Status.IsSuccess);
        Assert.Equal(World.U64(6), Assert.Single(world.LastWrites.Writes).Value);
    }

    [Fact]
    public void M30M31AnAbortInACalleeNamesTheCalleeAndLeavesNothing()
    {
        World world = Resources();
        ModuleBuilder b = new("outer");
        ushort fail = b.FunctionHandleOf(b.Module(0x42, "m"), "fail", [T.Reference(T.Signer)], []);
        b.Function("go", [T.Reference(T.Signer)], [], [], [I(Opcode.MoveLoc, 0), I(Opcode.Call, fail), I(Opcode.Ret)], entry: true);
        world.With(b.Build());
        Outcome outcome = new InterpreterEngine().Execute(world.Snapshot, world, new EntryPayload(World.Id("outer"), "go", [], [], Alice),
            world.Facts, new GasMeter(GasMeter.Unlimited));
        Assert.Equal(StatusCode.Aborted, outcome.Status.Major);
        Assert.Equal(77ul, outcome.Status.Sub);
        Assert.Equal(new VmLocation(World.Id("m"), false, 7, 5), outcome.Status.Location with { FunctionName = null });
        Assert.Empty(outcome.Writes.Writes);
        Assert.Empty(outcome.Events);
        Assert.True(outcome.GasUsed > 0);
    }

    private static World EntryWorld()
    {
        ModuleBuilder b = new();
        b.Function("e", [T.Reference(T.Signer), T.Bool], [], [], [I(Opcode.Ret)], entry: true);
        b.Function("p", [], [], [], [I(Opcode.Ret)]);
        b.Function("g", [], [], [], [I(Opcode.Ret)], entry: true, typeParameters: [Abilities.Store]);
        b.Function("t", [T.TypeParameter(0)], [], [], [I(Opcode.Ret)], entry: true, typeParameters: [Abilities.Drop]);
        b.Struct("Coin", Abilities.Drop, ("v", T.U64));
        return new World().With(b.Build());
    }

    private static StatusCode Entry(string function, TypeTag[] types, params byte[][] arguments) =>
        EntryWorld().Session().CallEntry(World.Id(), function, types, arguments, Alice).Status.Major;

    [Fact]
    public void M32ArgumentsAreCheckedBeforeExecution()
    {
        Assert.Equal(StatusCode.Executed, Entry("e", [], [1]));
        Assert.Equal(StatusCode.NumberOfArgumentsMismatch, Entry("e", []));
        Assert.Equal(StatusCode.NumberOfArgumentsMismatch, Entry("e", [], [1], [1]));
        Assert.Equal(StatusCode.FailedToDeserializeArgument, Entry("e", [], [1, 0]));
        Assert.Equal(StatusCode.FailedToDeserializeArgument, Entry("e", [], [2]));
        Assert.Equal(StatusCode.ExecuteEntryFunctionCalledOnNonEntryFunction, Entry("p", []));
        Assert.Equal(StatusCode.FunctionResolutionFailure, Entry("missing", []));
    }

    [Fact]
    public void M33TypeArgumentsAreCheckedBeforeExecution()
    {
        TypeTag coin = TypeTag.Of(new StructTag(Address.FromShort(0x42), "m", "Coin", []));
        Assert.Equal(StatusCode.NumberOfTypeArgumentsMismatch, Entry("g", []));
        Assert.Equal(StatusCode.NumberOfTypeArgumentsMismatch, Entry("g", [TypeTag.U8, TypeTag.U8]));
        Assert.Equal(StatusCode.ConstraintNotSatisfied, Entry("g", [coin]));
        Assert.Equal(StatusCode.Executed, Entry("g", [TypeTag.U8]));
        Assert.Equal(StatusCode.LinkerError, Entry("g", [TypeTag.Of(new StructTag(Address.FromShort(0x42), "x", "Y", []))]));
        // a struct through a type parameter would be forged from bytes
        Assert.Equal(StatusCode.Executed, Entry("t", [TypeTag.U8], [1]));
        Assert.Equal(StatusCode.InvalidParamTypeForDeserialization, Entry("t", [coin], World.U64(1)));
        Assert.Equal(StatusCode.InvalidParamTypeForDeserialization, Entry("t", [TypeTag.Signer], World.Addr(1)));
    }

    private static World Recursive()
    {
        ModuleBuilder b = new();
        ushort self = b.NextFunctionHandle;
        b.Function("down", [T.U64], [], [], [I(Opcode.CopyLoc, 0), I(Opcode.LdU64, 0), I(Opcode.Eq), I(Opcode.BrFalse, 5), I(Opcode.Ret),
            I(Opcode.MoveLoc, 0), I(Opcode.LdU64, 1), I(Opcode.Sub), I(Opcode.Call, self), I(Opcode.Ret)]);
        ushort second = b.NextFunctionHandle;
        b.Function("pile", [T.U64], [T.U64], [],
            [I(Opcode.CopyLoc, 0), I(Opcode.LdU64, 0), I(Opcode.Eq), I(Opcode.BrFalse, 6), I(Opcode.LdU64, 0), I(Opcode.Ret),
            I(Opcode.LdU64, 1), I(Opcode.LdU64, 1), I(Opcode.MoveLoc, 0), I(Opcode.LdU64, 1), I(Opcode.Sub), I(Opcode.Call, second),
            I(Opcode.Add), I(Opcode.Add), I(Opcode.Ret)]);
        return new World().With(b.Build());
    }

    [Fact]
    public void M37RecursionEndsAtDepth1024WithAStatus()
    {
        World world = Recursive();
        Assert.True(world.Call("down", [World.U64(1_023)]).Status.IsSuccess);
        Assert.True(world.Call("down", [World.U64(1_024)]).Status.IsSuccess);
        CallResult result = world.Call("down", [World.U64(1_025)]);
        Assert.Equal(StatusCode.CallStackOverflow, result.Status.Major);
        Assert.Equal(8, result.Status.Location.Offset);
    }

    [Fact]
    public void OperandsOfWaitingFramesAreBounded()
    {
        World world = Recursive();
        Assert.Equal(World.U64(800), world.Call("pile", [World.U64(400)]).Values[0].Value);
        CallResult result = world.Call("pile", [World.U64(600)]); // two operands wait in each frame
        Assert.Equal(StatusCode.ExecutionStackOverflow, result.Status.Major);
    }

    [Fact]
    public void M38ABlockIsPaidAtItsEntry()
    {
        GasTable prices = new() { Simple = 10, Arithmetic = 10 };
        ModuleBuilder b = new();
        b.Function("f", [], [], [],
            [I(Opcode.LdU64, 1), I(Opcode.LdU64, 0), I(Opcode.Div), I(Opcode.Pop), I(Opcode.Branch, 5), I(Opcode.Ret)]);
        World world = new World(new MoveRules { Gas = prices }).With(b.Build());
        // five instructions of the first block: 50 ticks; one less and the division is never reached
        CallResult poor = world.Call("f", [], gas: 49);
        Assert.Equal(StatusCode.OutOfGas, poor.Status.Major);
        Assert.Equal(0, poor.Status.Location.Offset);
        CallResult rich = world.Call("f", [], gas: 50);
        Assert.Equal(StatusCode.ArithmeticError, rich.Status.Major);
        Assert.Equal(2, rich.Status.Location.Offset);
        GasMeter meter = new(1_000);
        new Session(world.Snapshot, world, world.Facts, meter).CallFunction(World.Id(), "f", [], [], []);
        Assert.Equal(50, meter.Used); // the whole block, also the part behind the trap
    }

    [Fact]
    public void M39AConstantIsFreshEachTime()
    {
        ModuleBuilder b = new();
        ushort constant = b.Const(T.Vector(T.U8), 1, 9);
        ushort sig = b.Sig(T.U8);
        b.Function("f", [], [T.Vector(T.U8)], [T.Vector(T.U8)],
            [I(Opcode.LdConst, constant), I(Opcode.StLoc, 0), I(Opcode.MutBorrowLoc, 0), I(Opcode.LdU8, 5), I(Opcode.VecPushBack, sig),
                I(Opcode.LdConst, constant), I(Opcode.Ret)]);
        World world = new World().With(b.Build());
        Assert.Equal([1, 9], world.Call("f", []).Values[0].Value);
        Assert.Equal([1, 9], world.Call("f", []).Values[0].Value);
    }

    [Fact]
    public void ReferencesWriteWhereTheyPoint()
    {
        ModuleBuilder b = new();
        ushort inner = b.Struct("In", Abilities.Copy | Abilities.Drop, ("a", T.U8), ("b", T.U128));
        ushort outer = b.Struct("Out", Abilities.Copy | Abilities.Drop, ("x", b.TypeOf(inner)), ("y", T.Vector(T.U8)));
        ushort bytes = b.Sig(T.U8);
        // out = Out { In { 1, 2 }, [3, 4] }; copy = out; out.x = In { 5, 6 }; out.x.a = 7; out.y[1] = 8; return (out, copy)
        b.Function("f", [], [b.TypeOf(outer), b.TypeOf(outer)], [b.TypeOf(outer), b.TypeOf(outer)],
        [
            I(Opcode.LdU8, 1), Wide(Opcode.LdU128, 2ul), I(Opcode.Pack, inner), I(Opcode.LdU8, 3), I(Opcode.LdU8, 4),
            I(Opcode.VecPack, bytes, 2), I(Opcode.Pack, outer), I(Opcode.StLoc, 0),
            I(Opcode.CopyLoc, 0), I(Opcode.StLoc, 1),
            I(Opcode.LdU8, 5), Wide(Opcode.LdU128, 6ul), I(Opcode.Pack, inner), I(Opcode.MutBorrowLoc, 0),
            I(Opcode.MutBorrowField, b.Field(outer, 0)), I(Opcode.WriteRef),
            I(Opcode.LdU8, 7), I(Opcode.MutBorrowLoc, 0), I(Opcode.MutBorrowField, 0), I(Opcode.MutBorrowField, b.Field(inner, 0)),
            I(Opcode.WriteRef),
            I(Opcode.LdU8, 8), I(Opcode.MutBorrowLoc, 0), I(Opcode.MutBorrowField, b.Field(outer, 1)), I(Opcode.LdU64, 1),
            I(Opcode.VecMutBorrow, bytes), I(Opcode.WriteRef),
            I(Opcode.MoveLoc, 0), I(Opcode.MoveLoc, 1), I(Opcode.Ret),
        ]);
        World world = new World().With(b.Build());
        CallResult result = world.Call("f", []);
        Assert.True(result.Status.IsSuccess, result.Status.ToString());
        Assert.Equal([7, .. World.U128(6), 2, 3, 8], result.Values[0].Value);
        Assert.Equal([1, .. World.U128(2), 2, 3, 4], result.Values[1].Value);
    }

    [Fact]
    public void EqualityIsDeepAndAlsoThroughReferences()
    {
        ModuleBuilder b = new();
        ushort s = b.Struct("S", Abilities.Drop, [new StructTypeParameter(Abilities.None, false)], ("a", T.Vector(T.TypeParameter(0))),
            ("b", T.Address));
        T type = b.TypeOf(s, T.TypeParameter(0));
        b.Function("refs", [type, type], [T.Bool], [], [I(Opcode.ImmBorrowLoc, 0), I(Opcode.ImmBorrowLoc, 1), I(Opcode.Eq), I(Opcode.Ret)],
            typeParameters: [Abilities.Drop]);
        b.Function("values", [type, type], [T.Bool], [], [I(Opcode.MoveLoc, 0), I(Opcode.MoveLoc, 1), I(Opcode.Neq), I(Opcode.Ret)],
            typeParameters: [Abilities.Drop]);
        b.Function("leaf", [T.U64, T.U64], [T.Bool], [],
            [I(Opcode.ImmBorrowLoc, 0), I(Opcode.ImmBorrowLoc, 1), I(Opcode.Eq), I(Opcode.Ret)]);
        World world = new World().With(b.Build());
        byte[] left = [1, .. World.U64(1), .. World.Addr(3)], right = [1, .. World.U64(2), .. World.Addr(3)],
            other = [1, .. World.U64(1), .. World.Addr(4)];
        foreach ((byte[] a, byte[] c, bool same) in new[] { (left, left, true), (left, right, false), (left, other, false) })
        {
            Assert.Equal([same ? (byte)1 : (byte)0], world.Call("refs", [a, c], [TypeTag.U64]).Values[0].Value);
            Assert.Equal([same ? (byte)0 : (byte)1], world.Call("values", [a, c], [TypeTag.U64]).Values[0].Value);
        }

        Assert.Equal([1], world.Call("leaf", [World.U64(ulong.MaxValue), World.U64(ulong.MaxValue)]).Values[0].Value);
        Assert.Equal([0], world.Call("leaf", [World.U64(0), World.U64(1)]).Values[0].Value);
    }

    [Fact]
    public void SamplesRun()
    {
        World world = new World();
        ModuleBuilder other = new("other");
        world.With(other.Build()).With(Samples.Rich());
        CallResult Run(string function, params byte[][] arguments) =>
            world.Session().CallFunction(World.Id("rich"), function, [], arguments, []);
        Assert.Equal(World.U64(5050), Run("sum", World.U64(100)).Values[0].Value);
        Assert.Equal(World.U64(9), Run("go").Values[0].Value);
        Assert.Equal(World.U64(7), Run("vectors").Values[0].Value);
        Assert.Equal([World.U128(UInt128.MaxValue), [.. Enumerable.Repeat((byte)255, 32)], [0xF4, 1], [0x70, 0x11, 1, 0], [7]],
            Run("wide").Values.Select(v => v.Value));
    }

    [Fact]
    public void ValuesNestedBeyond128CannotBeMade()
    {
        static World Nested(int depth)
        {
            T type = T.U64;
            for (int i = 1; i < depth; i++)
            {
                type = T.Vector(type);
            }

            ModuleBuilder b = new();
            b.Function("f", [], [], [], [I(Opcode.VecPack, b.Sig(type.Arguments[0]), 0), I(Opcode.Pop), I(Opcode.Ret)]);
            return new World(new MoveRules { Limits = new RuntimeLimits { TypeNodes = 256 } }).With(b.Build());
        }

        Assert.True(Nested(128).Call("f", []).Status.IsSuccess);
        Assert.Equal(StatusCode.VmMaxValueDepthReached, Nested(129).Call("f", []).Status.Major);
    }

    [Fact]
    public void MemoryAndGasEndADoublingVector()
    {
        ModuleBuilder b = new();
        T outer = T.Vector(T.Vector(T.U8));
        ushort inner = b.Sig(T.Vector(T.U8)), bytes = b.Sig(T.U8);
        // each round copies the vector of vectors into itself
        b.Function("f", [], [], [T.Vector(T.U8), outer],
        [
            I(Opcode.VecPack, bytes, 0), I(Opcode.StLoc, 0),
            I(Opcode.MutBorrowLoc, 0), I(Opcode.LdU8, 1), I(Opcode.VecPushBack, bytes), I(Opcode.Branch, 2),
        ]);
        _ = inner;
        World world = new World().With(b.Build());
        CallResult result = world.Call("f", [], gas: 2_000_000_000);
        Assert.Equal(StatusCode.OutOfGas, result.Status.Major);
        World small = new World(new MoveRules { Limits = new RuntimeLimits { Memory = 10_000 } }).With(b.Build());
        Assert.Equal(StatusCode.MemoryLimitExceeded, small.Call("f", [], gas: 2_000_000_000).Status.Major);
    }
}
