using Theseus.Move.Rules;

namespace Theseus.Execution.Stacks.V1;

/// <summary>Prices in ticks of 0.1 ns of interpreter time.</summary>
internal static class GasValues
{
    public static readonly GasTable Gas = new();
}
