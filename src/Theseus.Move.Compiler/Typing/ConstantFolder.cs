using System.Numerics;
using Theseus.Move.Compiler.Symbols;
using Theseus.Move.Compiler.Types;

namespace Theseus.Move.Compiler.Typing;

/// <summary>Evaluates initialisers of constants with the meaning of the instructions that would compute them.</summary>
internal sealed class ConstantFolder(DiagnosticBag diagnostics)
{
    /// <summary>The value, or null after a report.</summary>
    public ConstantValue? Fold(ConstantSymbol constant, Typed root)
    {
        bool allowed = IsAllowed(constant.Type);
        if (!allowed)
        {
            diagnostics.ReportAt(Stage.Types, Codes.ConstantType, constant.Syntax!.Type.Span,
                $"a constant is a bool, an integer, an address or a vector of these, not '{constant.Type}'");
        }

        return CheckForm(root) && allowed ? Evaluate(root) : null;
    }

    private static bool IsAllowed(Ty type) => type.Head switch
    {
        PrimitiveTy p => p.Kind != Format.TokenKind.Signer,
        VectorTy v => IsAllowed(v.Element),
        ErrorTy => true,
        _ => false,
    };

    /// <summary>Reports every part that no constant may contain.</summary>
    private bool CheckForm(Typed node)
    {
        switch (node)
        {
            case TypedError:
                return false;
            case TypedNumber or TypedBool or TypedAddress or TypedBytes:
                return true;
            case TypedCoercion e:
                return CheckForm(e.Operand);
            case TypedVector e:
                return All(e.Items);
            case TypedNot e:
                return CheckForm(e.Operand);
            case TypedCast e:
                return CheckForm(e.Operand);
            case TypedBinary e:
                return CheckForm(e.Left) & CheckForm(e.Right);
            case TypedTuple { Items.Count: 0 }:
                return true;
            case TypedTuple e:
                return All(e.Items);
            case TypedBlock e:
            {
                bool ok = true;
                foreach (TypedItem item in e.Items)
                {
                    if (item is TypedExpressionItem expression)
                    {
                        ok &= CheckForm(expression.Value);
                    }
                    else
                    {
                        diagnostics.ReportAt(Stage.Types, Codes.ConstantStatement, item.Span, "'let' can't stand in a constant");
                        ok = false;
                        if (item is TypedLet { Value: { } value })
                        {
                            CheckForm(value);
                        }
                    }
                }

                return CheckForm(e.Last) & ok;
            }

            case TypedConstant e:
                diagnostics.ReportAt(Stage.Types, Codes.ConstantStatement, e.Span, "a constant can't use another constant");
                return false;
            default:
                foreach (Typed child in TypedWalk.Children(node))
                {
                    CheckForm(child);
                }

                if (node is TypedUse or TypedBreak or TypedContinue)
                {
                    return false; // its `let` or its loop is reported
                }

                diagnostics.ReportAt(Stage.Types, Codes.ConstantStatement, node.Span,
                    "only literals, operators, casts, vectors and blocks of these can stand in a constant");
                return false;
        }
    }

    private bool All(IReadOnlyList<Typed> items)
    {
        bool ok = true;
        foreach (Typed item in items)
        {
            ok &= CheckForm(item);
        }

        return ok;
    }

    private ConstantValue? Evaluate(Typed node)
    {
        switch (node)
        {
            case TypedNumber e:
                return new ConstantValue(e.Value);
            case TypedBool e:
                return ConstantValue.Of(e.Value);
            case TypedAddress e:
                return new ConstantValue(new BigInteger(e.Value.ToArray(), isUnsigned: true, isBigEndian: true));
            case TypedBytes e:
                return new ConstantValue(0, [.. e.Value.Select(b => new ConstantValue(b))]);
            case TypedCoercion e:
                return Evaluate(e.Operand);
            case TypedVector e:
            {
                List<ConstantValue> items = [];
                foreach (Typed item in e.Items)
                {
                    if (Evaluate(item) is not { } value)
                    {
                        return null;
                    }

                    items.Add(value);
                }

                return new ConstantValue(0, items);
            }

            case TypedNot e:
                return Evaluate(e.Operand) is { } negated ? ConstantValue.Of(negated.Number.IsZero) : null;
            case TypedCast e:
            {
                if (Evaluate(e.Operand) is not { } operand)
                {
                    return null;
                }

                PrimitiveTy target = (PrimitiveTy)e.Type.Head;
                return operand.Number.GetBitLength() > target.Bits ? Fail(e, $"{operand.Number} does not fit into {target}") : operand;
            }

            case TypedBinary e:
                return Evaluate(e.Left) is { } left && Evaluate(e.Right) is { } right ? Binary(e, left, right) : null;
            case TypedTuple e:
                return e.Items.All(i => Evaluate(i) is not null) ? new ConstantValue(0) : null;
            case TypedBlock e:
            {
                bool ok = true;
                foreach (TypedItem item in e.Items)
                {
                    ok &= item is TypedExpressionItem expression && Evaluate(expression.Value) is not null;
                }

                return Evaluate(e.Last) is { } last && ok ? last : null;
            }

            default:
                return Fail(node, "this can't be computed at compile time");
        }
    }

    private ConstantValue? Fail(Typed node, string why)
    {
        diagnostics.Report(Codes.CannotFold, node.Span, $"invalid expression in a constant: {why}");
        return null;
    }

    private ConstantValue? Binary(TypedBinary e, ConstantValue left, ConstantValue right)
    {
        BigInteger l = left.Number;
        BigInteger r = right.Number;
        PrimitiveTy? type = e.Type.Head as PrimitiveTy;
        int bits = type?.Bits ?? 256;
        switch (e.Operator)
        {
            case "==":
                return ConstantValue.Of(AreEqual(left, right));
            case "!=":
                return ConstantValue.Of(!AreEqual(left, right));
            case "&&":
                return ConstantValue.Of(!l.IsZero && !r.IsZero);
            case "||":
                return ConstantValue.Of(!l.IsZero || !r.IsZero);
            case "<":
                return ConstantValue.Of(l < r);
            case ">":
                return ConstantValue.Of(l > r);
            case "<=":
                return ConstantValue.Of(l <= r);
            case ">=":
                return ConstantValue.Of(l >= r);
            case "|":
                return new ConstantValue(l | r);
            case "&":
                return new ConstantValue(l & r);
            case "^":
                return new ConstantValue(l ^ r);
            case "<<" or ">>" when r >= bits:
                return Fail(e, $"a shift of {type} by {r} bits");
            case "<<":
                return new ConstantValue((l << (int)r) & ((BigInteger.One << bits) - 1)); // bits shifted out are lost, as at run time
            case ">>":
                return new ConstantValue(l >> (int)r);
            case "/" or "%" when r.IsZero:
                return Fail(e, "a division by zero");
            case "/":
                return new ConstantValue(BigInteger.Divide(l, r));
            case "%":
                return new ConstantValue(BigInteger.Remainder(l, r));
        }

        BigInteger result = e.Operator switch { "+" => l + r, "-" => l - r, _ => l * r };
        return result.Sign < 0 || result.GetBitLength() > bits ? Fail(e, $"the result of '{e.Operator}' does not fit into {type}")
            : new ConstantValue(result);
    }

    private static bool AreEqual(ConstantValue left, ConstantValue right)
    {
        if (left.Items is null || right.Items is null)
        {
            return left.Number == right.Number;
        }

        return left.Items.Count == right.Items.Count && left.Items.Zip(right.Items).All(static p => AreEqual(p.First, p.Second));
    }
}
