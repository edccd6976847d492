namespace Theseus.Move.Rules;

/// <summary>
/// All that can differ between two sets of rules over one machine. Handed in by constructor; nothing here is static state
/// (execution 5).
/// </summary>
public sealed record MoveRules
{
    /// <summary>How large programs may be, and how much work their verification may take.</summary>
    public VerifierLimits Verifier { get; init; } = new();

    /// <summary>What one execution may use, apart from gas.</summary>
    public RuntimeLimits Limits { get; init; } = new();

    /// <summary>Prices of instructions, natives, reading and writing.</summary>
    public GasTable Gas { get; init; } = new();

    /// <summary>Deviations from the oldest meaning.</summary>
    public Behaviours Behaviours { get; init; } = new();
}

/// <summary>
/// Deviations from the oldest meaning, each a named switch that is off by default, so that closed folders never mention it
/// (execution 5).
/// </summary>
public sealed record Behaviours
{
    /// <summary>string::index_of answers the length of the text when the part is absent; the old meaning answers 0.</summary>
    public bool StringIndexOfAbsentIsLength { get; init; }
}
