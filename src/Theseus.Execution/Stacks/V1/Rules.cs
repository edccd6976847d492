using Theseus.Move.Rules;

namespace Theseus.Execution.Stacks.V1;

/// <summary>The machine's rules: the oldest meaning of everything, priced by the interpreter (execution 4).</summary>
internal static class MoveRuleValues
{
    public static readonly MoveRules Move = new() { Gas = GasValues.Gas };
}
