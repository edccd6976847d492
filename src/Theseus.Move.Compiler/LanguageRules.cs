using Theseus.Move.Rules;

namespace Theseus.Move.Compiler;

/// <summary>
/// What the Move language and its binary format allow, without the rules of any chain: natives stand anywhere and have any visibility,
/// entry functions take and return what they like, and sizes end where the format does. A chain's own rules are those of its stack
/// (<see cref="MoveRules.Verifier"/>).
/// </summary>
public static class LanguageRules
{
    /// <summary>The verifier's limits: those of format version 6, and a budget that only hostile code exhausts.</summary>
    public static VerifierLimits Verifier { get; } = new()
    {
        FunctionBudget = 20_000_000_000,
        ModuleBudget = 200_000_000_000,
        TypeParameters = 255,
        Parameters = 255,
        TypeNodes = 4_096,
        Structs = 65_535,
        Fields = 255,
        Functions = 65_535,
        BasicBlocks = 65_535,
        LoopDepth = 255,
        BackEdges = 65_535,
        StackHeight = 65_535,
        Pushes = int.MaxValue,
        DependencyDepth = 65_535,
        ScriptInstructions = 65_535,
        EntryRule = false,
        NativeRule = false,
        EventRule = false,
    };

    /// <summary>For running what was compiled under <see cref="Verifier"/>.</summary>
    public static MoveRules Rules { get; } = new() { Verifier = Verifier,
        Behaviours = new Behaviours { StringIndexOfAbsentIsLength = true } };
}
