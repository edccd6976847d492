using System.Numerics;
using Theseus.Protocol;

namespace Theseus.Move.Compiler.Syntax;

internal sealed record Name(string Text, Span Span);

/// <summary>The first part of a path: a name or a literal address.</summary>
internal sealed record LeadingName(string? Identifier, Address? Literal, Span Span);

/// <summary>One to three parts: a, a::b, a::b::c.</summary>
internal sealed record AccessChain(Span Span, LeadingName First, Name? Second = null, Name? Third = null)
{
    public bool IsSingle => Second is null && First.Identifier is not null;

    public override string ToString() =>
        (First.Identifier ?? First.Literal?.ToString() ?? "?") + (Second is null ? "" : "::" + Second.Text) + (Third is null ? ""
            : "::" + Third.Text);
}

internal sealed record AttributeSyntax(Span Span, Name Name, Expr? Literal, AccessChain? Path, IReadOnlyList<AttributeSyntax>? Arguments);

internal sealed record FileSyntax(int File, IReadOnlyList<ModuleSyntax> Modules, IReadOnlyList<ScriptSyntax> Scripts)
{
    /// <summary>
    /// Of modules' specifications in files of their own, `spec address::name { … }`, what belongs to the modules themselves.
    /// </summary>
    public IReadOnlyList<SpecModuleSyntax> Specs { get; init; } = [];
}

/// <summary>The `use` declarations of a module's specification, which hold in the module too.</summary>
internal sealed record SpecModuleSyntax(LeadingName Address, Name Name, IReadOnlyList<UseSyntax> Uses);

internal sealed record UseSyntax(Span Span, LeadingName Address, Name Module, Name? Alias, IReadOnlyList<UseMember>? Members,
    IReadOnlyList<AttributeSyntax> Attributes);

internal sealed record UseMember(Name Member, Name? Alias)
{
    public Name Bound => Alias ?? Member;
}

internal sealed record FriendSyntax(Span Span, AccessChain Module, IReadOnlyList<AttributeSyntax> Attributes);

internal sealed record ModuleSyntax(
    Span Span,
    LeadingName? Address,
    Name Name,
    IReadOnlyList<AttributeSyntax> Attributes,
    IReadOnlyList<UseSyntax> Uses,
    IReadOnlyList<FriendSyntax> Friends,
    IReadOnlyList<ConstantSyntax> Constants,
    IReadOnlyList<StructSyntax> Structs,
    IReadOnlyList<FunctionSyntax> Functions)
{
    /// <summary>Schemas and spec functions.</summary>
    public IReadOnlyList<Name> SpecNames { get; init; } = [];
}

internal sealed record ScriptSyntax(
    Span Span,
    IReadOnlyList<AttributeSyntax> Attributes,
    IReadOnlyList<UseSyntax> Uses,
    IReadOnlyList<ConstantSyntax> Constants,
    FunctionSyntax Function);

internal sealed record ConstantSyntax(Span Span, Name Name, TypeSyntax Type, Expr Value, IReadOnlyList<AttributeSyntax> Attributes,
    string? Doc);

internal sealed record TypeParameterSyntax(Name Name, Format.Abilities Constraints, bool IsPhantom);

internal sealed record FieldSyntax(Name Name, TypeSyntax Type);

internal sealed record StructSyntax(
    Span Span,
    Name Name,
    IReadOnlyList<TypeParameterSyntax> TypeParameters,
    Format.Abilities Abilities,
    IReadOnlyList<FieldSyntax>? Fields,
    IReadOnlyList<AttributeSyntax> Attributes);

internal sealed record ParameterSyntax(Name Name, TypeSyntax Type);

internal sealed record FunctionSyntax(
    Span Span,
    Name Name,
    Format.Visibility Visibility,
    Span? VisibilitySpan,
    Span? EntrySpan,
    Span? NativeSpan,
    bool IsInline,
    IReadOnlyList<TypeParameterSyntax> TypeParameters,
    IReadOnlyList<ParameterSyntax> Parameters,
    TypeSyntax Return,
    IReadOnlyList<AccessChain> Acquires,
    SequenceSyntax? Body,
    IReadOnlyList<AttributeSyntax> Attributes);

internal abstract record TypeSyntax(Span Span);

internal sealed record NamedType(Span Span, AccessChain Name, IReadOnlyList<TypeSyntax> Arguments) : TypeSyntax(Span);

internal sealed record ReferenceTypeSyntax(Span Span, bool IsMutable, TypeSyntax Target) : TypeSyntax(Span);

internal sealed record TupleTypeSyntax(Span Span, IReadOnlyList<TypeSyntax> Items) : TypeSyntax(Span);

internal sealed record FunctionTypeSyntax(Span Span, IReadOnlyList<TypeSyntax> Parameters, TypeSyntax Result) : TypeSyntax(Span);

internal sealed record SequenceSyntax(Span Span, IReadOnlyList<UseSyntax> Uses, IReadOnlyList<ItemSyntax> Items, Expr? Last,
    Span? TrailingSemicolon);

internal abstract record ItemSyntax(Span Span);

internal sealed record ExprItem(Span Span, Expr Value) : ItemSyntax(Span);

internal sealed record LetItem(Span Span, BindList Binds, TypeSyntax? Type, Expr? Value) : ItemSyntax(Span);

internal sealed record BindList(Span Span, IReadOnlyList<BindSyntax> Items);

internal abstract record BindSyntax(Span Span);

internal sealed record VariableBind(Span Span, string Name) : BindSyntax(Span);

internal sealed record UnpackBind(Span Span, AccessChain Struct, IReadOnlyList<TypeSyntax>? TypeArguments,
    IReadOnlyList<(Name Field, BindSyntax Bind)> Fields) : BindSyntax(Span);

internal abstract record Expr(Span Span)
{
    /// <summary>Height of this tree; the parser refuses what would exceed <see cref="Parser.MaximumDepth"/>.</summary>
    public int Depth { get; init; } = 1;
}

internal sealed record ErrorExpr(Span Span) : Expr(Span);

internal sealed record NumberExpr(Span Span, BigInteger Value, string? Suffix) : Expr(Span);

internal sealed record BoolExpr(Span Span, bool Value) : Expr(Span);

internal sealed record AddressExpr(Span Span, LeadingName Address) : Expr(Span);

internal sealed record BytesExpr(Span Span, byte[] Value) : Expr(Span);

internal sealed record NameExpr(Span Span, AccessChain Name, IReadOnlyList<TypeSyntax>? TypeArguments) : Expr(Span);

internal sealed record CallExpr(Span Span, AccessChain Name, bool IsMacro, IReadOnlyList<TypeSyntax>? TypeArguments,
    IReadOnlyList<Expr> Arguments, Span ArgumentsSpan) : Expr(Span);

internal sealed record PackExpr(Span Span, AccessChain Name, IReadOnlyList<TypeSyntax>? TypeArguments,
    IReadOnlyList<(Name Field, Expr Value)> Fields) : Expr(Span);

internal sealed record VectorExpr(Span Span, Span NameSpan, IReadOnlyList<TypeSyntax>? TypeArguments, IReadOnlyList<Expr> Items)
    : Expr(Span);

internal sealed record MoveExpr(Span Span, Name Variable) : Expr(Span);

internal sealed record CopyExpr(Span Span, Name Variable) : Expr(Span);

internal sealed record IfExpr(Span Span, Expr Condition, Expr Then, Expr? Else) : Expr(Span);

internal sealed record WhileExpr(Span Span, Expr Condition, Expr Body) : Expr(Span);

internal sealed record LoopExpr(Span Span, Expr Body) : Expr(Span);

internal sealed record BlockExpr(Span Span, SequenceSyntax Body) : Expr(Span);

internal sealed record LambdaExpr(Span Span, BindList Parameters, Expr Body) : Expr(Span);

internal sealed record TupleExpr(Span Span, IReadOnlyList<Expr> Items) : Expr(Span);

internal sealed record AssignExpr(Span Span, Expr Target, Expr Value) : Expr(Span);

internal sealed record ReturnExpr(Span Span, Expr? Value) : Expr(Span);

internal sealed record AbortExpr(Span Span, Expr Code) : Expr(Span);

internal sealed record BreakExpr(Span Span) : Expr(Span);

internal sealed record ContinueExpr(Span Span) : Expr(Span);

internal sealed record DerefExpr(Span Span, Expr Target) : Expr(Span);

internal sealed record NotExpr(Span Span, Expr Operand) : Expr(Span);

internal sealed record BinaryExpr(Span Span, Expr Left, string Operator, Span OperatorSpan, Expr Right) : Expr(Span);

internal sealed record BorrowExpr(Span Span, bool IsMutable, Expr Target) : Expr(Span);

internal sealed record DotExpr(Span Span, Expr Target, Name Field) : Expr(Span);

internal sealed record CastExpr(Span Span, Expr Operand, TypeSyntax Type) : Expr(Span);

internal sealed record AnnotateExpr(Span Span, Expr Operand, TypeSyntax Type) : Expr(Span);

/// <summary>A spec block inside a body: no meaning for bytecode.</summary>
internal sealed record SpecExpr(Span Span) : Expr(Span);
