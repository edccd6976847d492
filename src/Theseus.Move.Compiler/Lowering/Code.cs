using Theseus.Move.Compiler.Symbols;
using Theseus.Move.Compiler.Types;
using Theseus.Move.Compiler.Typing;

namespace Theseus.Move.Compiler.Lowering;

/// <summary>An expression without control flow: evaluated left to right on the operand stack.</summary>
internal abstract class Operand(Span span, Ty type)
{
    public Span Span => span;

    public Ty Type => type;
}

internal sealed class ConstantOperand(Span span, Ty type, ConstantValue value) : Operand(span, type)
{
    public ConstantValue Value => value;
}

internal sealed class UseOperand(Span span, LocalSymbol local, UseMode mode) : Operand(span, local.Type)
{
    public LocalSymbol Local => local;

    /// <summary>What the source asked for; <see cref="UseMode.Inferred"/> is settled by liveness.</summary>
    public UseMode Asked => mode;

    public bool IsMove { get; set; }
}

internal sealed class CallOperand(Span span, Ty type, FunctionSymbol function, IReadOnlyList<Ty> typeArguments,
    IReadOnlyList<Operand> arguments) : Operand(span, type)
{
    public FunctionSymbol Function => function;

    public IReadOnlyList<Ty> TypeArguments => typeArguments;

    public IReadOnlyList<Operand> Arguments => arguments;
}

internal sealed class BuiltinOperand(Span span, Ty type, Builtin builtin, Ty typeArgument, IReadOnlyList<Operand> arguments)
    : Operand(span, type)
{
    public Builtin Builtin => builtin;

    public Ty TypeArgument => typeArgument;

    public IReadOnlyList<Operand> Arguments => arguments;
}

internal sealed class VectorOperand(Span span, Ty type, Ty element, IReadOnlyList<Operand> items) : Operand(span, type)
{
    public Ty Element => element;

    public IReadOnlyList<Operand> Items => items;
}

internal sealed class FreezeOperand(Span span, Ty type, Operand operand) : Operand(span, type)
{
    public Operand Operand => operand;
}

internal sealed class ReadOperand(Span span, Ty type, Operand operand) : Operand(span, type)
{
    public Operand Operand => operand;
}

internal sealed class NotOperand(Span span, Operand operand) : Operand(span, Ty.Bool)
{
    public Operand Operand => operand;
}

internal sealed class BinaryOperand(Span span, Ty type, Operand left, string op, Operand right) : Operand(span, type)
{
    public Operand Left => left;

    public string Operator => op;

    public Operand Right => right;
}

internal sealed class PackOperand(Span span, StructTy type, IReadOnlyList<Operand> fields) : Operand(span, type)
{
    public StructTy Struct => type;

    /// <summary>In the order of declaration.</summary>
    public IReadOnlyList<Operand> Fields => fields;
}

internal sealed class TupleOperand(Span span, Ty type, IReadOnlyList<Operand> items) : Operand(span, type)
{
    public IReadOnlyList<Operand> Items => items;
}

internal sealed class BorrowFieldOperand(Span span, Ty type, bool isMutable, Operand target, StructTy owner, int fieldIndex)
    : Operand(span, type)
{
    public bool IsMutable => isMutable;

    public Operand Target => target;

    public StructTy Owner => owner;

    public int Field => fieldIndex;
}

internal sealed class BorrowLocalOperand(Span span, Ty type, bool isMutable, LocalSymbol local) : Operand(span, type)
{
    public bool IsMutable => isMutable;

    public LocalSymbol Local => local;
}

internal sealed class CastOperand(Span span, Ty type, Operand operand) : Operand(span, type)
{
    public Operand Operand => operand;
}

/// <summary>Where values go that an assignment takes off the stack.</summary>
internal abstract class Target(Span span)
{
    public Span Span => span;
}

internal sealed class IgnoreTarget(Span span, Ty type) : Target(span)
{
    public Ty Type => type;
}

internal sealed class LocalTarget(Span span, LocalSymbol local) : Target(span)
{
    public LocalSymbol Local => local;
}

internal sealed class UnpackTarget(Span span, StructTy type, IReadOnlyList<Target> fields) : Target(span)
{
    public StructTy Type => type;

    /// <summary>In the order of declaration.</summary>
    public IReadOnlyList<Target> Fields => fields;
}

internal abstract class Command(Span span)
{
    public Span Span => span;

    public virtual bool IsTerminator => false;
}

internal sealed class AssignCommand(Span span, IReadOnlyList<Target> targets, Operand value) : Command(span)
{
    public IReadOnlyList<Target> Targets { get; set; } = targets;

    public Operand Value => value;
}

internal sealed class WriteCommand(Span span, Operand target, Operand value) : Command(span)
{
    public Operand Target => target;

    public Operand Value => value;
}

internal sealed class PopCommand(Span span, Operand value) : Command(span)
{
    public Operand Value => value;
}

internal sealed class AbortCommand(Span span, Operand code) : Command(span)
{
    public Operand Code => code;

    public override bool IsTerminator => true;
}

internal sealed class ReturnCommand(Span span, Operand value) : Command(span)
{
    public Operand Value => value;

    public override bool IsTerminator => true;
}

internal sealed class JumpCommand(Span span, int label) : Command(span)
{
    public int Label { get; set; } = label;

    public override bool IsTerminator => true;
}

internal sealed class BranchCommand(Span span, Operand condition, int ifTrue, int ifFalse) : Command(span)
{
    public Operand Condition => condition;

    public int IfTrue { get; set; } = ifTrue;

    public int IfFalse { get; set; } = ifFalse;

    public override bool IsTerminator => true;
}

internal sealed class Block(int label)
{
    public int Label => label;

    public List<Command> Commands { get; } = [];

    public bool IsClosed => Commands.Count > 0 && Commands[^1].IsTerminator;

    public IReadOnlyList<int> Successors => Commands.Count == 0 ? [] : Commands[^1] switch
    {
        JumpCommand jump => [jump.Label],
        BranchCommand branch => [branch.IfTrue, branch.IfFalse],
        _ => [],
    };
}

/// <summary>A function's code as blocks in layout order; the first one is the entry.</summary>
internal sealed class LoweredFunction(FunctionSymbol symbol, IReadOnlyList<LocalSymbol> parameters, List<Block> blocks)
{
    public FunctionSymbol Symbol => symbol;

    public IReadOnlyList<LocalSymbol> Parameters => parameters;

    public List<Block> Blocks => blocks;
}
