using Theseus.Move.Format;
using Theseus.Move.Rules;
using Theseus.Move.Tests.Kit;
using Theseus.Move.Verify;
using static Theseus.Move.Tests.Kit.ModuleBuilder;
using T = Theseus.Move.Format.SignatureToken;

namespace Theseus.Move.Tests.Verify;

public sealed class VerifierTests
{
    private static readonly VerifierLimits Limits = new();

    private static VerifyError? Check(ModuleBuilder b) => Verifier.Check(b.Build(), Limits);

    private static void Accepted(ModuleBuilder b) => Assert.Null(Check(b));

    private static void Refused(StatusCode status, ModuleBuilder b, int? offset = null)
    {
        VerifyError? error = Check(b);
        Assert.NotNull(error);
        Assert.True(status == error.Status, error.ToString());
        if (offset is not null)
        {
            Assert.Equal(offset, error.Offset);
        }
    }

    private static ModuleBuilder Code(SignatureToken[] parameters, SignatureToken[] results, SignatureToken[] locals,
        params Instruction[] code)
    {
        ModuleBuilder b = new();
        b.Function("f", parameters, results, locals, code);
        return b;
    }

    [Fact]
    public void AModuleWithEveryTableIsAccepted() => Assert.Null(Verifier.Check(Samples.Rich(), Limits));

    [Fact]
    public void M6CodeMustEnd()
    {
        Refused(StatusCode.InvalidFallThrough, Code([], [], [], I(Opcode.Ret), I(Opcode.Nop)), 1);
        Refused(StatusCode.EmptyCodeUnit, Code([], [], []));
    }

    [Fact]
    public void M8DuplicatesFailWithTheirIndex()
    {
        CompiledModule module = Samples.Rich();
        CompiledModule twice = new()
        {
            Version = 6, SelfHandle = module.SelfHandle, ModuleHandles = module.ModuleHandles, StructHandles = module.StructHandles,
            FunctionHandles = module.FunctionHandles, FunctionInstantiations = module.FunctionInstantiations,
            Signatures = [.. module.Signatures, module.Signatures[1]], Constants = module.Constants, Identifiers = module.Identifiers,
            Addresses = module.Addresses, Metadata = module.Metadata, StructDefinitions = module.StructDefinitions,
            StructInstantiations = module.StructInstantiations, FunctionDefinitions = module.FunctionDefinitions,
            FieldHandles = module.FieldHandles, FieldInstantiations = module.FieldInstantiations, Friends = module.Friends,
        };
        VerifyError error = Verifier.Check(twice, Limits)!;
        Assert.Equal(StatusCode.DuplicateElement, error.Status);
        Assert.Equal(TableKind.Signatures, error.Table);
        Assert.Equal(module.Signatures.Count, error.Index);
    }

    [Fact]
    public void M8DuplicateConstantsAndFieldsFail()
    {
        ModuleBuilder b = new();
        b.Const(T.U8, 1);
        b.Const(T.U8, 1);
        Refused(StatusCode.DuplicateElement, b);
        ModuleBuilder c = new();
        c.Struct("S", Abilities.None, ("f", T.U8), ("f", T.U8));
        Refused(StatusCode.DuplicateElement, c);
    }

    [Fact]
    public void M9AStructWithoutFieldsFails()
    {
        ModuleBuilder b = new();
        b.Struct("S", Abilities.None);
        Refused(StatusCode.ZeroSizedStruct, b);
    }

    [Fact]
    public void M10ReferencesStandOnlyOutermost()
    {
        ModuleBuilder b = new();
        b.Sig(T.Reference(T.Reference(T.U8)));
        Refused(StatusCode.InvalidSignatureToken, b);
        b = new();
        b.Sig(T.Vector(T.Reference(T.U8)));
        Refused(StatusCode.InvalidSignatureToken, b);
        b = new();
        ushort g = b.Function("g", [], [], [], [I(Opcode.Ret)], typeParameters: [Abilities.None]);
        b.Function("f", [], [], [], [I(Opcode.CallGeneric, b.FunctionInstance(g, T.Reference(T.U8))), I(Opcode.Ret)]);
        Refused(StatusCode.InvalidSignatureToken, b);
    }

    [Fact]
    public void M11PhantomParametersStandOnlyInPhantomPositions()
    {
        ModuleBuilder b = new();
        b.Struct("S", Abilities.None, [new StructTypeParameter(Abilities.None, true)], ("f", T.TypeParameter(0)));
        Refused(StatusCode.InvalidPhantomTypeParamPosition, b);
        b = new();
        ushort inner = b.Struct("P", Abilities.None, [new StructTypeParameter(Abilities.None, true)], ("f", T.U8));
        b.Struct("S", Abilities.None, [new StructTypeParameter(Abilities.None, true)], ("f", b.TypeOf(inner, T.TypeParameter(0))));
        Accepted(b);
    }

    [Fact]
    public void M12AbilitiesFollowFromFieldsAndArguments()
    {
        ModuleBuilder b = new();
        ushort plain = b.Struct("Plain", Abilities.None, ("f", T.U8));
        b.Struct("K", Abilities.Key, ("f", b.TypeOf(plain)));
        Refused(StatusCode.FieldMissingTypeAbility, b);

        b = new();
        plain = b.Struct("Plain", Abilities.Drop, ("f", T.U8));
        ushort coin = b.Struct("Coin", Abilities.Store | Abilities.Drop, [new StructTypeParameter(Abilities.None, false)],
            ("f", T.TypeParameter(0)));
        b.Struct("K", Abilities.Key, ("f", b.TypeOf(coin, b.TypeOf(plain)))); // Coin<Plain> lost store
        Refused(StatusCode.FieldMissingTypeAbility, b);

        b = new();
        plain = b.Struct("Plain", Abilities.Drop, ("f", T.U8));
        coin = b.Struct("Coin", Abilities.Store | Abilities.Drop, [new StructTypeParameter(Abilities.None, true)], ("f", T.U64));
        b.Struct("K", Abilities.Key, ("f", b.TypeOf(coin, b.TypeOf(plain)))); // phantom arguments do not count
        Accepted(b);
    }

    [Fact]
    public void M13AJumpIntoALoopBodyFails()
    {
        // 0 branches into the middle (3) of the loop 2..5
        Refused(StatusCode.InvalidLoopSplit, Code([T.Bool], [], [],
            I(Opcode.CopyLoc, 0), I(Opcode.BrTrue, 3), I(Opcode.Nop), I(Opcode.Nop), I(Opcode.CopyLoc, 0), I(Opcode.BrTrue, 2),
                I(Opcode.Ret)));
        Accepted(Code([T.Bool], [], [], I(Opcode.Nop), I(Opcode.CopyLoc, 0), I(Opcode.BrTrue, 0), I(Opcode.Ret)));
    }

    [Fact]
    public void LoopsNestToTheLimit()
    {
        static ModuleBuilder Nested(int depth)
        {
            List<Instruction> code = [.. Enumerable.Range(0, depth).Select(_ => I(Opcode.Nop))];
            List<Instruction> all = [];
            for (int i = 0; i < depth; i++)
            {
                all.AddRange([I(Opcode.CopyLoc, 0), I(Opcode.BrFalse, (ulong)((4 * depth) + 0))]);
            }

            for (int i = depth - 1; i >= 0; i--)
            {
                all.AddRange([I(Opcode.Nop), I(Opcode.Branch, (ulong)(2 * i))]);
            }

            all.Add(I(Opcode.Ret));
            // inner loops jump back to inner heads; unreachable tails after the first Branch are fine
            List<Instruction> fixedUp = [];
            for (int i = 0; i < depth; i++)
            {
                int exit = i == 0 ? 4 * depth : (2 * depth) + (2 * (depth - i)); // leave the inner loop into the outer one's tail
                fixedUp.AddRange([I(Opcode.CopyLoc, 0), I(Opcode.BrFalse, (ulong)exit)]);
            }

            fixedUp.AddRange(all.Skip(2 * depth));
            return Code([T.Bool], [], [], [.. fixedUp]);
        }

        Accepted(Nested(5));
        Refused(StatusCode.LoopMaxDepthReached, Nested(6));
    }

    [Fact]
    public void M14BlocksEndWithAnEmptyStackEvenWhenUnreachable()
    {
        Refused(StatusCode.PositiveStackSizeAtBlockEnd, Code([], [], [], I(Opcode.Ret), I(Opcode.LdTrue), I(Opcode.Ret)));
        Refused(StatusCode.NegativeStackSizeWithinBlock, Code([], [], [], I(Opcode.Ret), I(Opcode.Pop), I(Opcode.Ret)), 1);
        Refused(StatusCode.IntegerOpTypeMismatch, Code([], [], [], I(Opcode.Ret), I(Opcode.LdTrue), I(Opcode.LdTrue),
            I(Opcode.Add), I(Opcode.Pop), I(Opcode.Ret)), 3);
    }

    [Fact]
    public void M15CopyAndDropNeedTheirAbilities()
    {
        static (ModuleBuilder B, T S) WithPlain()
        {
            ModuleBuilder b = new();
            return (b, b.TypeOf(b.Struct("Plain", Abilities.None, ("f", T.U8))));
        }

        (ModuleBuilder b, T s) = WithPlain();
        b.Function("f", [s], [s, s], [], [I(Opcode.CopyLoc, 0), I(Opcode.MoveLoc, 0), I(Opcode.Ret)]);
        Refused(StatusCode.CopyLocWithoutCopyAbility, b, 0);
        (b, s) = WithPlain();
        b.Function("f", [s], [], [], [I(Opcode.MoveLoc, 0), I(Opcode.Pop), I(Opcode.Ret)]);
        Refused(StatusCode.PopWithoutDropAbility, b, 1);
        (b, s) = WithPlain();
        b.Function("f", [s, s], [T.Bool], [], [I(Opcode.MoveLoc, 0), I(Opcode.MoveLoc, 1), I(Opcode.Eq), I(Opcode.Ret)]);
        Refused(StatusCode.EqualityOpTypeMismatch, b, 2);
        (b, s) = WithPlain();
        b.Function("f", [T.Reference(s)], [s], [], [I(Opcode.MoveLoc, 0), I(Opcode.ReadRef), I(Opcode.Ret)]);
        Refused(StatusCode.ReadRefWithoutCopyAbility, b, 1);
    }

    [Fact]
    public void M16ValuesWithoutDropAreNeitherOverwrittenNorLeftBehind()
    {
        ModuleBuilder b = new();
        T s = b.TypeOf(b.Struct("Plain", Abilities.None, ("f", T.U8)));
        b.Function("f", [s, s], [s], [], [I(Opcode.MoveLoc, 0), I(Opcode.StLoc, 1), I(Opcode.MoveLoc, 1), I(Opcode.Ret)]);
        Refused(StatusCode.StLocUnsafeToDestroy, b, 1);
        b = new();
        s = b.TypeOf(b.Struct("Plain", Abilities.None, ("f", T.U8)));
        b.Function("f", [s], [], [], [I(Opcode.Ret)]);
        Refused(StatusCode.UnsafeRetUnusedValuesWithoutDrop, b, 0);
        b = new();
        s = b.TypeOf(b.Struct("Plain", Abilities.None, ("f", T.U8)));
        b.Function("f", [s, T.Bool], [], [s], // moved on one path only
            [I(Opcode.CopyLoc, 1), I(Opcode.BrTrue, 5), I(Opcode.MoveLoc, 0), I(Opcode.StLoc, 2), I(Opcode.Branch, 5),
                I(Opcode.MoveLoc, 0), I(Opcode.StLoc, 2), I(Opcode.LdU64, 0), I(Opcode.Abort)]);
        Refused(StatusCode.MoveLocUnavailable, b, 5);
    }

    private static ModuleBuilder Pair(Func<ushort, ModuleBuilder, Instruction[]> code, T[]? locals = null)
    {
        ModuleBuilder b = new();
        ushort pair = b.Struct("Pair", Abilities.Drop, ("a", T.U64), ("b", T.U64));
        b.Function("f", [T.MutableReference(b.TypeOf(pair))], [], locals
            ?? [T.MutableReference(T.U64), T.MutableReference(T.U64)], code(pair, b));
        return b;
    }

    [Fact]
    public void M17TwoMutableFieldsLiveTogetherUnlessTheyAreTheSame()
    {
        static Instruction[] Both(ModuleBuilder b, ushort pair, int second)
        {
            ushort first = b.Field(pair, 0), other = second == 0 ? first : b.Field(pair, second);
            return
            [
                I(Opcode.CopyLoc, 0), I(Opcode.MutBorrowField, first), I(Opcode.StLoc, 1),
                I(Opcode.MoveLoc, 0), I(Opcode.MutBorrowField, other), I(Opcode.StLoc, 2),
                I(Opcode.LdU64, 2), I(Opcode.MoveLoc, 2), I(Opcode.WriteRef), I(Opcode.LdU64, 1), I(Opcode.MoveLoc, 1),
                    I(Opcode.WriteRef), I(Opcode.Ret),
            ];
        }

        Accepted(Pair((pair, b) => Both(b, pair, 1)));
        VerifyError same = Check(Pair((pair, b) => Both(b, pair, 0)))!;
        Assert.Equal(StatusCode.WriteRefExistsBorrow, same.Status);
        Assert.Equal(8, same.Offset);
    }

    [Fact]
    public void M18TwoMutableElementsOfOneVectorFail()
    {
        ModuleBuilder b = new();
        ushort sig = b.Sig(T.U64);
        b.Function("f", [T.MutableReference(T.Vector(T.U64))], [], [T.MutableReference(T.U64)],
        [
            I(Opcode.CopyLoc, 0), I(Opcode.LdU64, 0), I(Opcode.VecMutBorrow, sig), I(Opcode.StLoc, 1),
            I(Opcode.MoveLoc, 0), I(Opcode.LdU64, 1), I(Opcode.VecMutBorrow, sig), I(Opcode.Pop),
            I(Opcode.LdU64, 3), I(Opcode.MoveLoc, 1), I(Opcode.WriteRef), I(Opcode.Ret),
        ]);
        Refused(StatusCode.VecBorrowElementExistsMutableBorrow, b, 6);
    }

    private static ModuleBuilder Resource(Func<ushort, ModuleBuilder, Instruction[]> code, T[]? results =
        null, ushort[]? acquires = null, T[]? locals = null)
    {
        ModuleBuilder b = new();
        ushort r = b.Struct("R", Abilities.Key | Abilities.Drop, ("v", T.U64));
        b.Function("f", [T.Address, T.Address], results ?? [], locals
            ?? [T.MutableReference(b.TypeOf(r))], code(r, b), acquires: acquires ?? [r]);
        return b;
    }

    [Fact]
    public void M19ASecondBorrowOfAResourceAtAnotherAddressFails() => Refused(StatusCode.GlobalReferenceError, Resource((r, _) =>
    [
        I(Opcode.MoveLoc, 0), I(Opcode.MutBorrowGlobal, r), I(Opcode.StLoc, 2), I(Opcode.MoveLoc, 1),
            I(Opcode.MutBorrowGlobal, r), I(Opcode.Pop),
        I(Opcode.MoveLoc, 2), I(Opcode.Pop), I(Opcode.Ret),
    ]), 4);

    [Fact]
    public void M20CallingAFunctionThatAcquiresABorrowedResourceFails()
    {
        ModuleBuilder b = new();
        ushort r = b.Struct("R", Abilities.Key | Abilities.Drop, ("v", T.U64));
        ushort g = b.Function("g", [T.Address], [], [], [I(Opcode.MoveLoc, 0), I(Opcode.MutBorrowGlobal, r), I(Opcode.Pop),
            I(Opcode.Ret)], acquires: [r]);
        b.Function("f", [T.Address], [], [T.MutableReference(b.TypeOf(r))],
            [I(Opcode.CopyLoc, 0), I(Opcode.MutBorrowGlobal, r), I(Opcode.StLoc, 1), I(Opcode.MoveLoc, 0), I(Opcode.Call, g),
                I(Opcode.MoveLoc, 1), I(Opcode.Pop), I(Opcode.Ret)], acquires: [r]);
        Refused(StatusCode.GlobalReferenceError, b, 4);

        b = new();
        r = b.Struct("R", Abilities.Key | Abilities.Drop, ("v", T.U64));
        ushort foreign = b.FunctionHandleOf(b.Module(0x42, "other"), "g", [T.Address], []);
        b.Function("f", [T.Address], [], [T.MutableReference(b.TypeOf(r))],
            [I(Opcode.CopyLoc, 0), I(Opcode.MutBorrowGlobal, r), I(Opcode.StLoc, 1), I(Opcode.MoveLoc, 0),
                I(Opcode.Call, foreign), I(Opcode.MoveLoc, 1), I(Opcode.Pop), I(Opcode.Ret)], acquires: [r]);
        Accepted(b); // another module cannot reach our resource
    }

    [Fact]
    public void M21ReferencesToParametersMayBeReturnedToLocalsAndGlobalsNot()
    {
        ModuleBuilder b = new();
        ushort pair = b.Struct("Pair", Abilities.Drop, ("a", T.U64));
        b.Function("f", [T.MutableReference(b.TypeOf(pair))], [T.MutableReference(T.U64)], [],
            [I(Opcode.MoveLoc, 0), I(Opcode.MutBorrowField, b.Field(pair, 0)), I(Opcode.Ret)]);
        Accepted(b);
        Refused(StatusCode.UnsafeRetLocalOrResourceStillBorrowed,
            Code([T.U64], [T.Reference(T.U64)], [], I(Opcode.ImmBorrowLoc, 0), I(Opcode.Ret)), 1);
        b = new();
        ushort r = b.Struct("R", Abilities.Key, ("v", T.U64));
        b.Function("f", [T.Address], [T.Reference(b.TypeOf(r))], [],
            [I(Opcode.MoveLoc, 0), I(Opcode.ImmBorrowGlobal, r), I(Opcode.Ret)], acquires: [r]);
        Refused(StatusCode.UnsafeRetLocalOrResourceStillBorrowed, b, 2);
    }

    [Fact]
    public void M22AcquiresIsExact()
    {
        Instruction[] code(ushort r, ModuleBuilder _) => [I(Opcode.MoveLoc, 0), I(Opcode.MutBorrowGlobal, r), I(Opcode.Pop), I(Opcode.Ret)];
        Accepted(Resource(code));
        Refused(StatusCode.MissingAcquiresAnnotation, Resource(code, acquires: []), 1);
        Refused(StatusCode.ExtraneousAcquiresAnnotation, Resource((_, _) => [I(Opcode.Ret)]));
    }

    [Fact]
    public void M23GenericRecursionMustNotGrow()
    {
        ModuleBuilder b = new();
        ushort self = b.NextFunctionHandle;
        Instruction[] code = [I(Opcode.CallGeneric, b.FunctionInstance(self, T.Vector(T.TypeParameter(0)))), I(Opcode.Ret)];
        b.Function("f", [], [], [], code, typeParameters: [Abilities.None]);
        Refused(StatusCode.LoopInInstantiationGraph, b);

        b = new();
        ushort first = b.NextFunctionHandle, second = (ushort)(first + 1);
        b.Function("f", [], [], [], [I(Opcode.CallGeneric, b.FunctionInstance(second, T.TypeParameter(0))), I(Opcode.Ret)],
            typeParameters: [Abilities.None]);
        b.Function("g", [], [], [], [I(Opcode.CallGeneric, b.FunctionInstance(first, T.TypeParameter(0))), I(Opcode.Ret)],
            typeParameters: [Abilities.None]);
        Accepted(b);

        b = new();
        first = b.NextFunctionHandle;
        second = (ushort)(first + 1);
        b.Function("f", [], [], [], [I(Opcode.CallGeneric, b.FunctionInstance(second, T.Vector(T.TypeParameter(0)))),
            I(Opcode.Ret)], typeParameters: [Abilities.None]);
        b.Function("g", [], [], [], [I(Opcode.CallGeneric, b.FunctionInstance(first, T.TypeParameter(0))), I(Opcode.Ret)],
            typeParameters: [Abilities.None]);
        Refused(StatusCode.LoopInInstantiationGraph, b);
    }

    [Fact]
    public void AStructThatContainsItselfFails()
    {
        ModuleBuilder b = new();
        b.Struct("S", Abilities.None, ("f", T.Vector(T.Struct(0))));
        Refused(StatusCode.RecursiveStructDefinition, b);
    }

    [Fact]
    public void ConstantsAreExactValuesOfPlainTypes()
    {
        ModuleBuilder b = new();
        b.Const(T.Vector(T.U16), 2, 1, 0, 2, 0);
        b.Const(T.Bool, 1);
        Accepted(b);
        b = new();
        b.Const(T.Bool, 2);
        Refused(StatusCode.MalformedConstantData, b);
        b = new();
        b.Const(T.Vector(T.U8), 0x80, 0);
        Refused(StatusCode.MalformedConstantData, b);
        b = new();
        b.Const(T.Signer, [.. new byte[32]]);
        Refused(StatusCode.InvalidConstantType, b);
    }

    [Fact]
    public void GenericInstructionsFitTheirTargets()
    {
        ModuleBuilder b = new();
        ushort g = b.Function("g", [], [], [], [I(Opcode.Ret)], typeParameters: [Abilities.None]);
        b.Function("f", [], [], [], [I(Opcode.Call, g), I(Opcode.Ret)]);
        Refused(StatusCode.GenericMemberOpcodeMismatch, b, 0);
    }

    [Fact]
    public void VectorCountsBeyond16BitsAreRefusedWithoutWork()
    {
        ModuleBuilder b = new();
        b.Function("f", [], [], [], [I(Opcode.VecPack, b.Sig(T.U8), ulong.MaxValue), I(Opcode.Pop), I(Opcode.Ret)]);
        Refused(StatusCode.ConstraintNotSatisfied, b, 0);
        b = new();
        b.Function("f", [T.Vector(T.U8)], [], [], [I(Opcode.MoveLoc, 0), I(Opcode.VecUnpack, b.Sig(T.U8), 60_000), I(Opcode.Ret)]);
        Refused(StatusCode.ValueStackPushOverflow, b, 1);
    }

    [Fact]
    public void FriendsAreOthersAtTheSameAddress()
    {
        Refused(StatusCode.InvalidFriendDeclWithSelf, new ModuleBuilder("m").Friend(0x42, "m"));
        Refused(StatusCode.InvalidFriendDeclWithModulesOutsideAccountAddress, new ModuleBuilder("m").Friend(0x43, "n"));
    }

    [Fact]
    public void NativesArePrivateFunctionsAtTheSystemAddress()
    {
        ModuleBuilder b = new("m", 1);
        b.Native("n", [], []);
        Accepted(b);
        b = new("m", 1);
        b.Native("n", [], [], Visibility.Public);
        Refused(StatusCode.MissingDependency, b);
        b = new("m", 2);
        b.Native("n", [], []);
        Refused(StatusCode.MissingDependency, b);
    }

    // fault 66
    [Theory]
    [InlineData("empty", 1, true)]
    [InlineData("empty", 0x42, false)]
    [InlineData("length", 1, false)]
    public void TheVectorInstructionsAreNoFunctionsToCall(string name, int address, bool inside)
    {
        T element = T.TypeParameter(0);
        T[] parameters = name == "empty" ? [] : [T.Reference(T.Vector(element))], results = name == "empty" ? [T.Vector(element)] : [T.U64];
        ModuleBuilder b = inside ? new ModuleBuilder("vector", 1) : new ModuleBuilder("m", (ulong)address);
        ushort callee = inside
            ? b.Native(name, parameters, results, Visibility.Public, Abilities.None)
            : b.FunctionHandleOf(b.Module(1, "vector"), name, parameters, results, Abilities.None);
        T[] closed = name == "empty" ? [] : [T.Reference(T.Vector(T.U64))];
        Instruction[] code = [.. closed.Select((_, i) => I(Opcode.MoveLoc, (ulong)i)),
            I(Opcode.CallGeneric, b.FunctionInstance(callee, T.U64)), I(Opcode.Ret)];
        b.Function("f", closed, name == "empty" ? [T.Vector(T.U64)] : [T.U64], [], code);
        Refused(StatusCode.MissingDependency, b);
    }

    // fault 66: a script that calls one, and a declaration with other types, which is not exempt
    [Fact]
    public void NoOtherNativeIsExempt()
    {
        ModuleBuilder script = new();
        ushort empty = script.FunctionHandleOf(script.Module(1, "vector"), "empty", [], [T.Vector(T.TypeParameter(0))], Abilities.None);
        CompiledScript calling = script.Script([], [], [I(Opcode.CallGeneric, script.FunctionInstance(empty, T.U64)),
            I(Opcode.Pop), I(Opcode.Ret)]);
        Assert.Equal(StatusCode.MissingDependency, Verifier.Check(calling, new Move.Rules.MoveRules())?.Status);

        ModuleBuilder exact = new("vector", 1);
        exact.Native("empty", [], [T.Vector(T.TypeParameter(0))], Visibility.Public, Abilities.None);
        Accepted(exact);
        ModuleBuilder other = new("vector", 1);
        other.Native("empty", [], [T.TypeParameter(0)], Visibility.Public, Abilities.None);
        Refused(StatusCode.MissingDependency, other);
    }

    [Fact]
    public void EntryFunctionsTakeWhatAUserCanSendAndReturnNothing()
    {
        static ModuleBuilder Entry(T[] parameters, T[] results, params Instruction[] code)
        {
            ModuleBuilder b = new();
            b.Function("f", parameters, results, [], code, entry: true);
            return b;
        }

        Accepted(Entry([T.Reference(T.Signer), T.U64, T.Vector(T.Vector(T.U8))], [], I(Opcode.Ret)));
        Refused(StatusCode.InvalidMainFunctionSignature, Entry([], [T.U64], I(Opcode.LdU64, 1), I(Opcode.Ret)));
        Refused(StatusCode.InvalidMainFunctionSignature, Entry([T.U64, T.Reference(T.Signer)], [], I(Opcode.Ret)));
        Refused(StatusCode.InvalidMainFunctionSignature, Entry([T.Reference(T.U64)], [], I(Opcode.Ret)));
        ModuleBuilder forged = new();
        T coin = forged.TypeOf(forged.Struct("Coin", Abilities.Drop, ("v", T.U64)));
        forged.Function("f", [coin], [], [], [I(Opcode.Ret)], entry: true);
        Refused(StatusCode.InvalidMainFunctionSignature, forged);
    }

    [Theory]
    [InlineData(true, true, StatusCode.Executed)]
    [InlineData(true, false, StatusCode.EventMetadataValidationError)]
    [InlineData(false, true, StatusCode.EventMetadataValidationError)]
    public void OnlyTheDefiningModuleEmitsAMarkedEvent(bool own, bool marked, StatusCode expected)
    {
        ModuleBuilder b = new();
        ushort eventModule = b.Module(1, "event");
        ushort emit = b.FunctionHandleOf(eventModule, "emit", [T.TypeParameter(0)], [], Abilities.Drop | Abilities.Store);
        T type = own
            ? b.TypeOf(b.Struct("Happened", Abilities.Drop | Abilities.Store, ("v", T.U64)))
            : T.Struct(b.StructHandleOf(b.Module(0x42, "other"), "Happened", Abilities.Drop | Abilities.Store));
        b.Function("f", [type], [], [], [I(Opcode.MoveLoc, 0), I(Opcode.CallGeneric, b.FunctionInstance(emit, type)), I(Opcode.Ret)]);
        b.Meta(ModuleMetadata.Key, new ModuleMetadata([], marked ? ["Happened"] : [], []).Encode());
        Assert.Equal(expected, Check(b)?.Status ?? StatusCode.Executed);
    }

    [Fact]
    public void ALoopThatKeepsABorrowAliveIsFound()
    {
        // the first round is fine; in the second, local 1 borrows from the reference that is written
        Refused(StatusCode.WriteRefExistsBorrow, Pair((pair, b) =>
        [
            I(Opcode.CopyLoc, 0), I(Opcode.MutBorrowField, b.Field(pair, 0)), I(Opcode.StLoc, 2),
            I(Opcode.MoveLoc, 0), I(Opcode.MutBorrowField, b.Field(pair, 1)), I(Opcode.StLoc, 1),
            I(Opcode.LdU64, 1), I(Opcode.CopyLoc, 2), I(Opcode.WriteRef),
            I(Opcode.CopyLoc, 2), I(Opcode.StLoc, 1), I(Opcode.LdTrue), I(Opcode.BrTrue, 6), I(Opcode.Ret),
        ]), 8);
    }

    [Fact]
    public void VerificationHasABudget()
    {
        // 250 reference locals, 1,000 blocks: cheap to send, dear to verify
        List<Instruction> code = [];
        for (int i = 0; i < 1_000; i++)
        {
            code.AddRange([I(Opcode.LdTrue), I(Opcode.BrTrue, (ulong)(code.Count + 2))]);
        }

        code.Add(I(Opcode.Ret));
        System.Diagnostics.Stopwatch watch = System.Diagnostics.Stopwatch.StartNew();
        ModuleBuilder bomb = Code([.. Enumerable.Repeat(T.Reference(T.U64), 120)], [], [], [.. code]);
        VerifyError? error = Verifier.Check(bomb.Build(), Limits, out long work);
        Assert.Equal(StatusCode.ProgramTooComplex, error?.Status);
        Assert.InRange(work, Limits.FunctionBudget, Limits.FunctionBudget * 11 / 10);
        // a few hundred milliseconds; the bound is for loaded machines
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"took {watch.Elapsed}");
    }

    [Fact]
    public void TheLimitsAreEnforced()
    {
        ModuleBuilder b = new();
        T wide = T.U8;
        for (int i = 0; i < 255; i++)
        {
            wide = T.Vector(wide);
        }

        b.Sig(wide);
        Accepted(b);
        b = new();
        b.Struct("S", Abilities.None, [.. Enumerable.Repeat(new StructTypeParameter(Abilities.None, true), 33)], ("f", T.U8));
        Refused(StatusCode.TooManyTypeParameters, b);
        Refused(StatusCode.TooManyParameters, Code([.. Enumerable.Repeat(T.U8, 129)], [], [], I(Opcode.Ret)));
    }
}
