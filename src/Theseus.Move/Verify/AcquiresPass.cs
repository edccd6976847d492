using Theseus.Move.Format;

namespace Theseus.Move.Verify;

/// <summary>
/// The acquires list is exactly what the code and its own-module callees take from storage (move 2.4, pass 11f). Reference
/// safety relies on it.
/// </summary>
internal static class AcquiresPass
{
    public static void Run(FunctionContext context)
    {
        if (context.Module is not { } module)
        {
            return;
        }

        IReadOnlyDictionary<ushort, FunctionDefinition> own = module.DefinitionsByHandle;
        SortedSet<ushort> declared = [.. context.Acquires], actual = [];
        for (int offset = 0; offset < context.Code.Code.Count; offset++)
        {
            context.Meter.Add(context.Limits.Costs.AcquiresStep);
            Instruction instruction = context.Code.Code[offset];
            switch (instruction.Opcode)
            {
                case Opcode.MutBorrowGlobal or Opcode.MutBorrowGlobalGeneric or Opcode.ImmBorrowGlobal or Opcode.ImmBorrowGlobalGeneric
                    or Opcode.MoveFrom or Opcode.MoveFromGeneric:
                    Take(context.StructOf(instruction).Definition, offset);
                    break;
                case Opcode.Call or Opcode.CallGeneric:
                    if (own.TryGetValue(context.CalleeOf(instruction).Handle, out FunctionDefinition? callee))
                    {
                        context.Meter.Add(context.Limits.Costs.AcquiredStruct * callee.Acquires.Count);
                        foreach (ushort acquired in callee.Acquires)
                        {
                            Take(acquired, offset);
                        }
                    }

                    break;
            }
        }

        foreach (ushort acquired in declared)
        {
            if (!actual.Contains(acquired))
            {
                throw context.Fail(StatusCode.ExtraneousAcquiresAnnotation, 0,
                    $"struct {acquired} is declared as acquired, but never taken");
            }

            if (!module.StructHandles[module.StructDefinitions[acquired].Handle].Abilities.Has(Abilities.Key))
            {
                throw context.Fail(StatusCode.InvalidAcquiresAnnotation, 0, $"struct {acquired} has no key");
            }
        }

        void Take(ushort definition, int offset)
        {
            if (!declared.Contains(definition))
            {
                throw context.Fail(StatusCode.MissingAcquiresAnnotation, offset,
                    $"struct {definition} is taken, but not declared as acquired");
            }

            actual.Add(definition);
        }
    }
}
