namespace Theseus.Move.Rules;

/// <summary>
/// How large a program may be and how much work its verification may take. A value of a stack; the defaults are those of the
/// first one.
/// </summary>
public sealed record VerifierLimits
{
    /// <summary>Budget of one function in units of the meter (move 2.4): about a nanosecond each.</summary>
    public long FunctionBudget { get; init; } = 8_000_000;

    /// <summary>Budget of a module over all passes and functions.</summary>
    public long ModuleBudget { get; init; } = 80_000_000;

    /// <summary>Type parameters of a struct, function or script.</summary>
    public int TypeParameters { get; init; } = 32;

    /// <summary>Parameters of a function or script, and results of a function.</summary>
    public int Parameters { get; init; } = 128;

    /// <summary>Weight of one type: structs and type parameters weigh 4, everything else 1.</summary>
    public int TypeNodes { get; init; } = 256;

    /// <summary>Structs that a module defines.</summary>
    public int Structs { get; init; } = 200;

    /// <summary>Fields of a struct.</summary>
    public int Fields { get; init; } = 64;

    /// <summary>Functions that a module defines.</summary>
    public int Functions { get; init; } = 1_000;

    /// <summary>Basic blocks of a function.</summary>
    public int BasicBlocks { get; init; } = 1_024;

    /// <summary>Loops around one basic block.</summary>
    public int LoopDepth { get; init; } = 5;

    /// <summary>Jumps back in a function: each ends a loop, or one way through it.</summary>
    public int BackEdges { get; init; } = 32;

    /// <summary>Operand stack height inside one function.</summary>
    public int StackHeight { get; init; } = 1_024;

    /// <summary>Pushes in one function, counted once an instruction.</summary>
    public int Pushes { get; init; } = 10_000;

    /// <summary>Modules in a chain of dependencies or friends.</summary>
    public int DependencyDepth { get; init; } = 100;

    /// <summary>Instructions of a script (execution 1); approved scripts get a larger value.</summary>
    public int ScriptInstructions { get; init; } = 4_096;

    /// <summary>Edges of a node of the borrow graph, beyond which the graph forgets which field is borrowed.</summary>
    public int BorrowEdges { get; init; } = 10;

    /// <summary>Weight of a struct or a type parameter in a type; everything else weighs 1.</summary>
    public int NamedTypeWeight { get; init; } = 4;

    /// <summary>Elements that one vector instruction packs or unpacks.</summary>
    public int VectorElements { get; init; } = 65_535;

    /// <summary>Bytes of a published module; together with the gas for bytes it bounds the work.</summary>
    public int ModuleBytes { get; init; } = 60_000;

    /// <summary>What the steps of verification cost.</summary>
    public VerifierCosts Costs { get; init; } = new();

    /// <summary>Entry functions and scripts take only arguments that a user can send (execution 1) and return nothing.</summary>
    public bool EntryRule { get; init; } = true;

    /// <summary>Natives stand at 0x1, private (execution 4).</summary>
    public bool NativeRule { get; init; } = true;

    /// <summary>Only the module that defines an event type marked #[event] emits it (execution 4).</summary>
    public bool EventRule { get; init; } = true;
}
