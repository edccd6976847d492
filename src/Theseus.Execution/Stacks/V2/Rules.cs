using Theseus.Move.Rules;

namespace Theseus.Execution.Stacks.V2;

/// <summary>The machine's rules with one old meaning corrected: string::index_of answers the length for an absent part.</summary>
internal static class MoveRuleValues
{
    public static readonly MoveRules Move = new() { Gas = GasValues.Gas, Behaviours =
        new Behaviours { StringIndexOfAbsentIsLength = true } };
}
