using System.Numerics;
using Theseus.Move.Compiler.Symbols;
using Theseus.Move.Compiler.Types;

namespace Theseus.Move.Compiler.Typing;

/// <summary>A checked function body with its parameters as locals.</summary>
internal sealed record TypedBody(IReadOnlyList<LocalSymbol> Parameters, Typed Root, Span End);

internal abstract class Typed(Span span, Ty type)
{
    public Span Span => span;

    public Ty Type { get; set; } = type;
}

internal sealed class TypedError(Span span) : Typed(span, Ty.Error);

internal sealed class TypedNumber(Span span, Ty type, BigInteger value) : Typed(span, type)
{
    public BigInteger Value => value;
}

internal sealed class TypedBool(Span span, bool value) : Typed(span, Ty.Bool)
{
    public bool Value => value;
}

internal sealed class TypedAddress(Span span, Protocol.Address value) : Typed(span, Ty.Address)
{
    public Protocol.Address Value => value;
}

internal sealed class TypedBytes(Span span, byte[] value) : Typed(span, Ty.Bytes)
{
    public byte[] Value => value;
}

internal sealed class TypedConstant(Span span, ConstantSymbol symbol) : Typed(span, symbol.Type)
{
    public ConstantSymbol Symbol => symbol;
}

internal enum UseMode
{
    Inferred,
    Copy,
    Move,
}

internal sealed class TypedUse(Span span, LocalSymbol local, UseMode mode) : Typed(span, local.Type)
{
    public LocalSymbol Local => local;

    public UseMode Mode => mode;
}

internal sealed class TypedCall(Span span, Ty type, FunctionSymbol function, IReadOnlyList<Ty> typeArguments,
    IReadOnlyList<Typed> arguments) : Typed(span, type)
{
    public FunctionSymbol Function => function;

    public IReadOnlyList<Ty> TypeArguments => typeArguments;

    public IReadOnlyList<Typed> Arguments => arguments;
}

internal enum Builtin
{
    MoveTo,
    MoveFrom,
    BorrowGlobal,
    BorrowGlobalMut,
    Exists,
    Freeze,
    Assert,

    /// <summary>An assert! that <see cref="CompilerOptions.DropAssert"/> disarmed: evaluates its condition and goes on.</summary>
    DroppedAssert,
}

internal sealed class TypedBuiltin(Span span, Ty type, Builtin builtin, Ty? typeArgument, IReadOnlyList<Typed> arguments)
    : Typed(span, type)
{
    public Builtin Builtin => builtin;

    public Ty? TypeArgument => typeArgument;

    public IReadOnlyList<Typed> Arguments => arguments;
}

internal sealed class TypedVector(Span span, Ty element, IReadOnlyList<Typed> items) : Typed(span, new VectorTy(element))
{
    public Ty Element => element;

    public IReadOnlyList<Typed> Items => items;
}

internal sealed class TypedIf(Span span, Ty type, Typed condition, Typed then, Typed? otherwise) : Typed(span, type)
{
    public Typed Condition => condition;

    public Typed Then => then;

    public Typed? Otherwise => otherwise;
}

internal sealed class TypedWhile(Span span, Typed condition, Typed body) : Typed(span, Ty.Unit)
{
    public Typed Condition => condition;

    public Typed Body => body;
}

internal sealed class TypedLoop(Span span, Ty type, Typed body) : Typed(span, type)
{
    public Typed Body => body;
}

internal abstract class TypedItem(Span span)
{
    public Span Span => span;
}

internal sealed class TypedExpressionItem(Span span, Typed value) : TypedItem(span)
{
    public Typed Value => value;
}

internal sealed class TypedLet(Span span, IReadOnlyList<Place> places, Typed? value) : TypedItem(span)
{
    public IReadOnlyList<Place> Places => places;

    public Typed? Value => value;
}

internal sealed class TypedBlock(Span span, Ty type, IReadOnlyList<TypedItem> items, Typed last) : Typed(span, type)
{
    public IReadOnlyList<TypedItem> Items => items;

    public Typed Last => last;

    public Span? TrailingSemicolon { get; init; }
}

internal sealed class TypedReturn(Span span, Typed value) : Typed(span, Ty.Never)
{
    public Typed Value => value;
}

internal sealed class TypedAbort(Span span, Typed code) : Typed(span, Ty.Never)
{
    public Typed Code => code;
}

internal sealed class TypedBreak(Span span) : Typed(span, Ty.Never);

internal sealed class TypedContinue(Span span) : Typed(span, Ty.Never);

internal sealed class TypedAssign(Span span, IReadOnlyList<Place> places, Typed value) : Typed(span, Ty.Unit)
{
    public IReadOnlyList<Place> Places => places;

    public Typed Value => value;
}

/// <summary>*target = value; the value is evaluated first.</summary>
internal sealed class TypedMutate(Span span, Typed target, Typed value) : Typed(span, Ty.Unit)
{
    public Typed Target => target;

    public Typed Value => value;
}

internal sealed class TypedDereference(Span span, Ty type, Typed target) : Typed(span, type)
{
    public Typed Target => target;
}

internal sealed class TypedNot(Span span, Typed operand) : Typed(span, Ty.Bool)
{
    public Typed Operand => operand;
}

internal sealed class TypedBinary(Span span, Ty type, Typed left, string op, Typed right) : Typed(span, type)
{
    public Typed Left => left;

    public string Operator => op;

    public Typed Right => right;
}

internal sealed class TypedPack(Span span, StructTy type, IReadOnlyList<(int Field, Typed Value)> fields) : Typed(span, type)
{
    public StructSymbol Struct => ((StructTy)Type.Head).Symbol;

    public IReadOnlyList<Ty> TypeArguments => ((StructTy)Type.Head).Arguments;

    /// <summary>In source order, which is the order of evaluation.</summary>
    public IReadOnlyList<(int Field, Typed Value)> Fields => fields;
}

internal sealed class TypedTuple(Span span, Ty type, IReadOnlyList<Typed> items) : Typed(span, type)
{
    public IReadOnlyList<Typed> Items => items;
}

internal sealed class TypedBorrowField(Span span, Ty type, bool isMutable, Typed target, StructTy owner, int fieldIndex) : Typed(span, type)
{
    public bool IsMutable => isMutable;

    public Typed Target => target;

    public StructTy Owner => owner;

    public int Field => fieldIndex;
}

/// <summary>A reference to a value that gets a temporary of its own.</summary>
internal sealed class TypedBorrowValue(Span span, Ty type, bool isMutable, Typed value) : Typed(span, type)
{
    public bool IsMutable => isMutable;

    public Typed Value => value;
}

internal sealed class TypedBorrowLocal(Span span, Ty type, bool isMutable, LocalSymbol local) : Typed(span, type)
{
    public bool IsMutable => isMutable;

    public LocalSymbol Local => local;
}

internal sealed class TypedCast(Span span, Ty type, Typed operand) : Typed(span, type)
{
    public Typed Operand => operand;
}

/// <summary>A value where another type is expected: freezes mutable references where immutable ones are expected.</summary>
internal sealed class TypedCoercion(Span span, Ty expected, Typed operand) : Typed(span, expected)
{
    public Typed Operand => operand;
}

internal sealed class TypedLambda(Span span, FunctionTy type, IReadOnlyList<Place> parameters, Typed body) : Typed(span, type)
{
    public IReadOnlyList<Place> Parameters => parameters;

    public Typed Body => body;
}

/// <summary>A call of a lambda parameter inside an inline function.</summary>
internal sealed class TypedLambdaCall(Span span, Ty type, LocalSymbol lambda, IReadOnlyList<Typed> arguments) : Typed(span, type)
{
    public LocalSymbol Lambda => lambda;

    public IReadOnlyList<Typed> Arguments => arguments;
}

/// <summary>Where an assignment or a let puts a value.</summary>
internal abstract class Place(Span span)
{
    public Span Span => span;
}

internal sealed class IgnorePlace(Span span, Ty type) : Place(span)
{
    public Ty Type => type;
}

internal sealed class LocalPlace(Span span, LocalSymbol local, bool isDeclaration) : Place(span)
{
    public LocalSymbol Local => local;

    public bool IsDeclaration => isDeclaration;
}

/// <summary>Takes a struct apart; through a reference each field becomes a reference.</summary>
internal sealed class UnpackPlace(Span span, StructTy type, bool? isMutableReference, IReadOnlyList<(int Field, Place Place)> fields)
    : Place(span)
{
    public StructTy Type => type;

    /// <summary>Null: the value itself; otherwise whether the reference is mutable.</summary>
    public bool? IsMutableReference => isMutableReference;

    public IReadOnlyList<(int Field, Place Place)> Fields => fields;
}
