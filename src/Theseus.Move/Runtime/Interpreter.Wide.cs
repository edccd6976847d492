using Theseus.Move.Format;

namespace Theseus.Move.Runtime;

/// <summary>Arithmetic of 128 and 256 bits, and casts from and to them. False means a trap.</summary>
internal sealed partial class Interpreter
{
    private bool Wide(in Op op, Value[] stack, ref int top, int pc)
    {
        if (op.Act != Act.WideCompare)
        {
            _frames[_depth].Pc = pc;
            _session.Memory.Box(); // what comes of it is a new object
        }

        switch (op.Act)
        {
            case Act.CastWide: return CastWide(ref stack[top - 1], (TokenKind)op.A, (TokenKind)op.B, op.Imm);
            case Act.WideShift:
                ulong amount = stack[--top].Bits;
                return Shift(ref stack[top - 1], (Opcode)op.A, (TokenKind)op.B, amount);
            case Act.WideCompare:
                top--;
                int order = (TokenKind)op.B == TokenKind.U128
                    ? stack[top - 1].AsU128.CompareTo(stack[top].AsU128)
                    : stack[top - 1].AsU256.CompareTo(stack[top].AsU256);
                stack[top - 1] = Value.Of((Act)op.A switch
                {
                    Act.Lt => order < 0,
                    Act.Gt => order > 0,
                    Act.Le => order <= 0,
                    _ => order >= 0,
                });
                return true;
            default:
                top--;
                return (TokenKind)op.B == TokenKind.U128
                    ? Binary128(ref stack[top - 1], stack[top].AsU128, (Opcode)op.A)
                    : Binary256(ref stack[top - 1], stack[top].AsU256, (Opcode)op.A);
        }
    }

    private static bool Binary128(ref Value place, UInt128 right, Opcode opcode)
    {
        UInt128 left = place.AsU128, result;
        switch (opcode)
        {
            case Opcode.Add:
                result = left + right;
                if (result < left)
                {
                    return false;
                }

                break;
            case Opcode.Sub:
                if (right > left)
                {
                    return false;
                }

                result = left - right;
                break;
            case Opcode.Mul:
                if (!UInt256.TryMultiply(left, right, out UInt256 product) || !product.FitsUInt128)
                {
                    return false;
                }

                result = product.ToUInt128();
                break;
            case Opcode.Div or Opcode.Mod:
                if (right == 0)
                {
                    return false;
                }

                result = opcode == Opcode.Div ? left / right : left % right;
                break;
            case Opcode.BitAnd: result = left & right; break;
            case Opcode.BitOr: result = left | right; break;
            default: result = left ^ right; break;
        }

        place = Value.Of(result);
        return true;
    }

    private static bool Binary256(ref Value place, in UInt256 right, Opcode opcode)
    {
        UInt256 left = place.AsU256, result;
        switch (opcode)
        {
            case Opcode.Add:
                if (!UInt256.TryAdd(left, right, out result))
                {
                    return false;
                }

                break;
            case Opcode.Sub:
                if (!UInt256.TrySubtract(left, right, out result))
                {
                    return false;
                }

                break;
            case Opcode.Mul:
                if (!UInt256.TryMultiply(left, right, out result))
                {
                    return false;
                }

                break;
            case Opcode.Div or Opcode.Mod:
                if (!UInt256.TryDivide(left, right, out UInt256 quotient, out UInt256 remainder))
                {
                    return false;
                }

                result = opcode == Opcode.Div ? quotient : remainder;
                break;
            case Opcode.BitAnd: result = left & right; break;
            case Opcode.BitOr: result = left | right; break;
            default: result = left ^ right; break;
        }

        place = Value.Of(result);
        return true;
    }

    private static bool Shift(ref Value place, Opcode opcode, TokenKind kind, ulong amount)
    {
        if (kind == TokenKind.U128)
        {
            if (amount >= 128)
            {
                return false;
            }

            place = Value.Of(opcode == Opcode.Shl ? place.AsU128 << (int)amount : place.AsU128 >> (int)amount);
            return true;
        }

        // a u8 amount is always below 256
        place = Value.Of(opcode == Opcode.Shl ? place.AsU256 << (int)amount : place.AsU256 >> (int)amount);
        return true;
    }

    private static bool CastWide(ref Value place, TokenKind from, TokenKind to, ulong mask)
    {
        UInt256 value = from switch
        {
            TokenKind.U128 => place.AsU128,
            TokenKind.U256 => place.AsU256,
            _ => place.Bits,
        };
        switch (to)
        {
            case TokenKind.U256:
                place = Value.Of(value);
                return true;
            case TokenKind.U128:
                place = Value.Of(value.ToUInt128());
                return value.FitsUInt128;
            default:
                place = new Value(value.A);
                return value.FitsUInt64 && value.A <= mask;
        }
    }
}
