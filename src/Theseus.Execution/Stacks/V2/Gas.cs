using Theseus.Move.Rules;

namespace Theseus.Execution.Stacks.V2;

/// <summary>
/// Prices in ticks of 0.1 ns; none is more than twice the price before it (execution 8.4). Calls are cheaper, state reads
/// dearer.
/// </summary>
internal static class GasValues
{
    public static readonly GasTable Gas = new() { Call = 400, Pack = 250, StateRead = 75_000, HashByte = 50 };
}
