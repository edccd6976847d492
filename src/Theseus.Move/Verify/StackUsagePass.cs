using Theseus.Move.Format;

namespace Theseus.Move.Verify;

/// <summary>Every block starts and ends with an empty operand stack and never pops below it (move 2.4, pass 11b).</summary>
internal static class StackUsagePass
{
    /// <summary>Checks all blocks, also unreachable ones, and returns the greatest height.</summary>
    public static int Run(FunctionContext context)
    {
        long pushed = 0;
        long highest = 0;
        for (int block = 0; block < context.Graph.Count; block++)
        {
            long height = 0;
            int end = context.Graph.End(block);
            for (int offset = context.Graph.Starts[block]; offset < end; offset++)
            {
                (long pops, long pushes) = Effect(context, context.Code.Code[offset]);
                context.Meter.Add(context.Limits.Costs.StackStep);
                if (pops > height)
                {
                    throw context.Fail(StatusCode.NegativeStackSizeWithinBlock, offset,
                        "the block takes more from the stack than it put there");
                }

                pushed += pushes;
                if (pushed > context.Limits.Pushes)
                {
                    throw context.Fail(StatusCode.ValueStackPushOverflow, offset, $"more than {context.Limits.Pushes} values are pushed");
                }

                height += pushes - pops;
                highest = long.Max(highest, height);
                if (height > context.Limits.StackHeight)
                {
                    throw context.Fail(StatusCode.ValueStackOverflow, offset, $"the stack grows beyond {context.Limits.StackHeight}");
                }
            }

            if (height != 0)
            {
                throw context.Fail(StatusCode.PositiveStackSizeAtBlockEnd, context.Graph.Starts[block],
                    "the block leaves values on the stack");
            }
        }

        return (int)highest;
    }

    private static (long Pops, long Pushes) Effect(FunctionContext context, in Instruction instruction)
    {
        switch (instruction.Opcode)
        {
            case Opcode.Pop or Opcode.BrTrue or Opcode.BrFalse or Opcode.Abort or Opcode.StLoc: return (1, 0);
            case Opcode.Ret: return (context.Results.Count, 0);
            case Opcode.Branch or Opcode.Nop: return (0, 0);
            case Opcode.LdU8 or Opcode.LdU16 or Opcode.LdU32 or Opcode.LdU64 or Opcode.LdU128 or Opcode.LdU256 or Opcode.LdTrue
                or Opcode.LdFalse
                or Opcode.LdConst or Opcode.CopyLoc or Opcode.MoveLoc or Opcode.MutBorrowLoc or Opcode.ImmBorrowLoc: return (0, 1);
            case Opcode.Not or Opcode.FreezeRef or Opcode.ReadRef or Opcode.MutBorrowField or Opcode.ImmBorrowField
                or Opcode.MutBorrowFieldGeneric or Opcode.ImmBorrowFieldGeneric
                or Opcode.CastU8 or Opcode.CastU16 or Opcode.CastU32 or Opcode.CastU64 or Opcode.CastU128 or Opcode.CastU256
                or Opcode.Exists or Opcode.ExistsGeneric or Opcode.MutBorrowGlobal or Opcode.MutBorrowGlobalGeneric
                    or Opcode.ImmBorrowGlobal or Opcode.ImmBorrowGlobalGeneric
                or Opcode.MoveFrom or Opcode.MoveFromGeneric or Opcode.VecLen or Opcode.VecPopBack: return (1, 1);
            case Opcode.Add or Opcode.Sub or Opcode.Mul or Opcode.Div or Opcode.Mod or Opcode.BitAnd or Opcode.BitOr
                or Opcode.Xor or Opcode.Shl or Opcode.Shr or Opcode.And or Opcode.Or
                or Opcode.Eq or Opcode.Neq or Opcode.Lt or Opcode.Gt or Opcode.Le or Opcode.Ge or Opcode.VecImmBorrow
                    or Opcode.VecMutBorrow: return (2, 1);
            case Opcode.WriteRef or Opcode.MoveTo or Opcode.MoveToGeneric or Opcode.VecPushBack: return (2, 0);
            case Opcode.VecSwap: return (3, 0);
            case Opcode.VecPack: return ((long)instruction.Count, 1);
            case Opcode.VecUnpack: return (1, (long)instruction.Count);
            case Opcode.Pack or Opcode.PackGeneric: return (Fields(context, instruction), 1);
            case Opcode.Unpack or Opcode.UnpackGeneric: return (1, Fields(context, instruction));
            case Opcode.Call or Opcode.CallGeneric:
                FunctionHandle handle = context.Unit.FunctionHandles[context.CalleeOf(instruction).Handle];
                return (context.Unit.Signatures[handle.Parameters].Tokens.Count, context.Unit.Signatures[handle.Return].Tokens.Count);
            default: throw new InvalidOperationException($"no stack effect for {instruction.Opcode}");
        }
    }

    private static int Fields(FunctionContext context, in Instruction instruction) =>
        context.Module!.StructDefinitions[context.StructOf(instruction).Definition].Fields!.Count;
}
