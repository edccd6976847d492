namespace Theseus.Consensus;

/// <summary>
/// Accountable Tendermint as a function: <c>Step(state, input) -> (state, effects)</c>. No clock, no task, no randomness, no
/// input or output; nothing a peer sends makes it throw. The state is changed in place and handed back. Algorithm 1 of
/// "The latest gossip on BFT consensus" with the strict rule of consensus N2; "line 22" and the like name that algorithm's lines.
/// </summary>
public static class Core
{
    /// <summary>Takes one input.</summary>
    /// <returns>The same state, changed, and the effects in the order in which they are to be carried out.</returns>
    public static (State State, IReadOnlyList<Effect> Effects) Step(State state, Input input)
    {
        Turn turn = new(state);
        turn.Take(input);
        return (state, turn.Effects);
    }
}
