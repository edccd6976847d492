using Theseus.Move.Compiler.Syntax;
using Theseus.Move.Compiler.Types;

namespace Theseus.Move.Compiler.Typing;

/// <summary>Branches, loops and what leaves them: the expressions that decide which code runs.</summary>
internal sealed partial class BodyTyper
{
    private Typed Condition(Expr condition) => Coerce(Expression(condition), Ty.Bool, condition.Span, "a condition is a bool");

    private Typed If(IfExpr e)
    {
        Typed condition = Condition(e.Condition);
        Typed then = Expression(e.Then);
        if (e.Else is null)
        {
            then = Coerce(then, Ty.Unit, e.Span, "an 'if' without 'else' has no value");
            return new TypedIf(e.Span, Ty.Unit, condition, then, null);
        }

        Typed otherwise = Expression(e.Else);
        Ty type = Join(then.Type, otherwise.Type, e.Span, "the branches have different types");
        return new TypedIf(e.Span, type, condition, Weaken(then, type), Weaken(otherwise, type));
    }

    /// <summary>A branch of a joined type; the join succeeded, so only references may have to freeze.</summary>
    private static Typed Weaken(Typed value, Ty type) =>
        value.Type.Head is PrimitiveTy or StructTy or VectorTy or NeverTy or ErrorTy || value.Type.IsUnit || type.IsErroneous ? value
            : new TypedCoercion(value.Span, type, value);

    private Typed While(WhileExpr e)
    {
        Typed condition = Condition(e.Condition);
        Typed body = LoopBody(e.Body, out _);
        return new TypedWhile(e.Span, condition, body);
    }

    /// <summary>A loop that no 'break' leaves has no end, so code behind it is never reached.</summary>
    private Typed Loop(LoopExpr e)
    {
        Typed body = LoopBody(e.Body, out bool breaks);
        return new TypedLoop(e.Span, breaks ? Ty.Unit : Ty.Never, body);
    }

    private Typed LoopBody(Expr body, out bool breaks)
    {
        _loops.Add(false);
        Typed typed = Coerce(Expression(body), Ty.Unit, body.Span, "a loop's body has no value");
        breaks = _loops[^1];
        _loops.RemoveAt(_loops.Count - 1);
        return typed;
    }

    private Typed LoopControl(Expr e, bool isBreak)
    {
        if (_loops.Count == 0)
        {
            Diagnostics.Report(Codes.LoopControl, e.Span, isBreak ? "'break' outside of a loop" : "'continue' outside of a loop");
            return new TypedError(e.Span);
        }

        if (isBreak)
        {
            _loops[^1] = true;
            return new TypedBreak(e.Span);
        }

        return new TypedContinue(e.Span);
    }

    private Typed Return(ReturnExpr e)
    {
        Typed value = e.Value is null ? new TypedTuple(e.Span, Ty.Unit, []) : Expression(e.Value);
        if (_lambdas > 0)
        {
            Diagnostics.Report(Codes.InvalidInline, e.Span, "a lambda can't return from the function around it");
            return new TypedError(e.Span);
        }

        value = Coerce(value, _returnType, e.Span, "the returned value does not fit the function's result type",
            function?.Syntax?.Return.Span ?? default);
        return new TypedReturn(e.Span, value);
    }
}
