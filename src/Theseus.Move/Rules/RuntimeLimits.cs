namespace Theseus.Move.Rules;

/// <summary>Bounds of one execution (move 2.6, 3.1; execution 3).</summary>
public sealed record RuntimeLimits
{
    /// <summary>Calls that wait for their callee.</summary>
    public int CallDepth { get; init; } = 1_024;

    /// <summary>Operands over all frames. A call charges the callee's greatest height at its entry.</summary>
    public int OperandStack { get; init; } = 1_024;

    /// <summary>Nesting of a value: it also bounds the recursion of copying, comparing and serialising.</summary>
    public int ValueDepth { get; init; } = 128;

    /// <summary>Nesting of a type as written.</summary>
    public int TypeDepth { get; init; } = 256;

    /// <summary>Nodes of a type made by substitution.</summary>
    public int TypeNodes { get; init; } = 128;

    /// <summary>Bytes of one stored value (execution 3).</summary>
    public int ValueBytes { get; init; } = 1 << 20;

    /// <summary>Bytes of one table key (execution 3).</summary>
    public int KeyBytes { get; init; } = 1 << 10;

    /// <summary>Bytes of all writes of a transaction (execution 3).</summary>
    public long WriteBytes { get; init; } = 4 << 20;

    /// <summary>Bytes of all events of a transaction (execution 3).</summary>
    public long EventBytes { get; init; } = 1 << 20;

    /// <summary>Bytes that a session may allocate in all, freed or not: out-of-memory must be unreachable.</summary>
    public long Memory { get; init; } = 512L << 20;

    /// <summary>What objects weigh in it.</summary>
    public MemoryCosts MemoryCosts { get; init; } = new();

    /// <summary>Bytes that a session may read from state.</summary>
    public long ReadBytes { get; init; } = 64L << 20;
}
