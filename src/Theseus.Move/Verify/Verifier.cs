using Theseus.Move.Format;
using Theseus.Move.Rules;

namespace Theseus.Move.Verify;

/// <summary>
/// Judges one program by itself, pass by pass in the reference's order; the first error wins. What it depends on is judged by
/// <see cref="Linker"/>.
/// Every pass is metered and iterative in the size of the program. An unexpected exception is a bug or a broken host and
/// escapes: it must end the node, never become a verdict that other nodes do not share.
/// </summary>
public static class Verifier
{
    /// <summary>Null when the module is accepted.</summary>
    /// <param name="module">A module.</param>
    /// <param name="limits">The caps and budgets.</param>
    /// <param name="work">Units of the meter that were used, also by a refusal: publishing is paid by them.</param>
    public static VerifyError? Check(CompiledModule module, VerifierLimits limits, out long work)
    {
        Meter meter = new(limits.ModuleBudget, limits.FunctionBudget);
        VerifyError? error = Guard(() => Module(module, limits, meter));
        work = meter.Used;
        return error;
    }

    /// <inheritdoc cref="Check(CompiledModule, VerifierLimits, out long)"/>
    public static VerifyError? Check(CompiledScript script, VerifierLimits limits, out long work)
    {
        Meter meter = new(limits.ModuleBudget, limits.FunctionBudget);
        VerifyError? error = Guard(() => Script(script, limits, meter));
        work = meter.Used;
        return error;
    }

    /// <inheritdoc cref="Check(CompiledModule, VerifierLimits, out long)"/>
    public static VerifyError? Check(CompiledModule module, VerifierLimits limits) => Check(module, limits, out _);

    /// <inheritdoc cref="Check(CompiledModule, VerifierLimits, out long)"/>
    public static VerifyError? Check(CompiledScript script, VerifierLimits limits) => Check(script, limits, out _);

    private static void Module(CompiledModule module, VerifierLimits limits, Meter meter)
    {
        if (BoundsChecker.Check(module) is { } bounds)
        {
            throw new VerifyException(new VerifyError(bounds.Status, bounds.Message));
        }

        meter.EnterFunction();
        LimitsPass.Run(module, limits);
        DuplicationPass.Run(module);
        new SignaturePass(module, limits.Costs, meter).Run();
        ForEachBody(module, (code, index) => PoolPasses.InstructionConsistency(module, code, index, limits));
        PoolPasses.Constants(module);
        PoolPasses.Friends(module);
        PoolPasses.FieldAbilities(module);
        PoolPasses.RecursiveStructs(module);
        meter.EnterFunction();
        PoolPasses.InstantiationLoops(module, limits.Costs, meter);
        ForEachBody(module, (_, index) =>
        {
            meter.EnterFunction();
            Code(new FunctionContext(module, index, limits, meter));
        });
        ChainRules.Run(module, limits);
    }

    private static void Script(CompiledScript script, VerifierLimits limits, Meter meter)
    {
        if (BoundsChecker.Check(script) is { } bounds)
        {
            throw new VerifyException(new VerifyError(bounds.Status, bounds.Message));
        }

        meter.EnterFunction();
        LimitsPass.Run(script, limits);
        DuplicationPass.Run(script);
        new SignaturePass(script, limits.Costs, meter).Run();
        PoolPasses.InstructionConsistency(script, script.Code, 0, limits);
        PoolPasses.Constants(script);
        meter.EnterFunction();
        Code(new FunctionContext(script, limits, meter));
        ChainRules.Run(script, limits);
    }

    /// <inheritdoc cref="Check(CompiledModule, VerifierLimits, out long)"/>
    public static VerifyError? Check(CompiledModule module, MoveRules rules) => Check(module, rules.Verifier);

    /// <inheritdoc cref="Check(CompiledModule, VerifierLimits, out long)"/>
    public static VerifyError? Check(CompiledScript script, MoveRules rules) => Check(script, rules.Verifier);

    private static void ForEachBody(CompiledModule module, Action<CodeUnit, int> body)
    {
        for (int i = 0; i < module.FunctionDefinitions.Count; i++)
        {
            if (module.FunctionDefinitions[i].Code is { } code)
            {
                body(code, i);
            }
        }
    }

    private static void Code(FunctionContext context)
    {
        ControlFlowPass.Run(context);
        StackUsagePass.Run(context);
        TypeSafetyPass.Run(context);
        LocalsSafetyPass.Run(context);
        ReferenceSafetyPass.Run(context);
        AcquiresPass.Run(context);
    }

    private static VerifyError? Guard(Action check)
    {
        try
        {
            check();
            return null;
        }
        catch (VerifyException refused)
        {
            return refused.Error;
        }
    }
}
