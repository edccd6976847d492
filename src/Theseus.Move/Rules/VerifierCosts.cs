namespace Theseus.Move.Rules;

/// <summary>
/// What the steps of verification cost in units of the verifier's meter, about a nanosecond each. Senders pay for them
/// (<see cref="GasTable.VerifyUnit"/>), so they show in receipts and are part of a stack's identity (decision 0080).
/// </summary>
public sealed record VerifierCosts
{
    /// <summary>A visit of the control flow pass to a block or an edge.</summary>
    public long ControlFlowStep { get; init; } = 1;

    /// <summary>An instruction in the pass over stack heights.</summary>
    public long StackStep { get; init; } = 2;

    /// <summary>An instruction in the pass over acquired structs.</summary>
    public long AcquiresStep { get; init; } = 2;

    /// <summary>Each struct that a called function of the same module acquires.</summary>
    public long AcquiredStruct { get; init; } = 2;

    /// <summary>A node of a type, or a type argument, in the signature pass.</summary>
    public long SignatureNode { get; init; } = 30;

    /// <summary>A node of a type argument in the graph of instantiations.</summary>
    public long InstantiationNode { get; init; } = 10;

    /// <summary>A node of a type that is pushed or substituted in the type pass.</summary>
    public long TypeNode { get; init; } = 30;

    /// <summary>A node of a type whose abilities are asked for in the type pass.</summary>
    public long AbilityNode { get; init; } = 30;

    /// <summary>An instruction in the pass over locals.</summary>
    public long LocalsStep { get; init; } = 15;

    /// <summary>A join in the pass over locals.</summary>
    public long LocalsJoin { get; init; } = 30;

    /// <summary>Each local of such a join.</summary>
    public long LocalsJoinPerLocal { get; init; } = 10;

    /// <summary>An instruction in the pass over references.</summary>
    public long ReferenceStep { get; init; } = 10;

    /// <summary>Each local at such an instruction.</summary>
    public long ReferenceStepPerLocal { get; init; } = 20;

    /// <summary>Each node and edge of the borrow graph at such an instruction.</summary>
    public long ReferenceStepPerEdge { get; init; } = 50;

    /// <summary>A join in the pass over references.</summary>
    public long ReferenceJoin { get; init; } = 100;

    /// <summary>Each local of such a join.</summary>
    public long ReferenceJoinPerLocal { get; init; } = 10;

    /// <summary>Each node and edge of the borrow graph of such a join.</summary>
    public long ReferenceJoinPerEdge { get; init; } = 50;

    /// <summary>Each struct that a called function acquires, in the pass over references.</summary>
    public long ReferenceAcquired { get; init; } = 100;

    /// <summary>The first edge from an argument to a result of a call.</summary>
    public long ReferenceCallEdge { get; init; } = 100;

    /// <summary>
    /// Each further edge of the same call costs this many percent of the one before it, at most <see
    /// cref="ReferenceCallEdgeMost"/>.
    /// </summary>
    public long ReferenceCallEdgeGrowth { get; init; } = 150;

    /// <summary>No edge of a call costs more.</summary>
    public long ReferenceCallEdgeMost { get; init; } = int.MaxValue;
}
