using Theseus.Move.Format;
using Theseus.Move.Runtime;
using Theseus.Protocol;

namespace Theseus.Move.Compiler.Testing;

/// <summary>What the tests reached of one module.</summary>
/// <param name="Module">The module.</param>
/// <param name="Covered">Instructions of the blocks that some test entered.</param>
/// <param name="Instructions">All instructions but those of test functions.</param>
/// <param name="NeverEntered">Public, friend and entry functions that no test entered, by name in order of definition.</param>
/// <param name="Missed">Places of the first instruction of each block that was never entered.</param>
public sealed record ModuleCoverage(ModuleId Module, int Covered, int Instructions, IReadOnlyList<string> NeverEntered,
    IReadOnlyList<SourceLocation> Missed)
{
    /// <summary>In tenths of a percent, rounded down: 1000 only when nothing was missed.</summary>
    public int PerMille => Instructions == 0 ? 1000 : (int)((long)Covered * 1000 / Instructions);
}

/// <summary>
/// Coverage of the modules under test. An entered block counts whole: a block that a test leaves by an abort inside counts too.
/// </summary>
public sealed record CoverageReport(IReadOnlyList<ModuleCoverage> Modules)
{
    /// <summary>Of all modules together, in tenths of a percent, rounded down; 1000 when there is no code.</summary>
    public int PerMille => Modules.Sum(static m => m.Instructions) is var all and > 0
        ? (int)(Modules.Sum(static m => (long)m.Covered) * 1000 / all) : 1000;
}

/// <summary>Collects entered blocks by module and function.</summary>
internal sealed class CoverageCollector : ICoverageSink
{
    private readonly HashSet<(ModuleId Module, int Function, int Offset)> _entered = [];

    public void Enter(LoadedFunction function, int offset)
    {
        if (!function.Unit.IsScript)
        {
            _entered.Add((function.Unit.Id, function.Index, offset));
        }
    }

    public CoverageReport Report(IEnumerable<CompiledSource> units) =>
        new([.. units.Where(static u => u.Module is { } m && (m.FunctionDefinitions.Count == 0
            || u.TestFunctions.Count < m.FunctionDefinitions.Count)).OrderBy(static u => u.Id).Select(Module)]);

    private ModuleCoverage Module(CompiledSource unit)
    {
        int covered = 0;
        int all = 0;
        List<string> neverEntered = [];
        List<SourceLocation> missed = [];
        for (int function = 0; function < unit.Module!.FunctionDefinitions.Count; function++)
        {
            FunctionDefinition definition = unit.Module.FunctionDefinitions[function];
            if (definition.Code is not { } code || unit.TestFunctions.Contains(function))
            {
                continue;
            }

            bool entered = false;
            bool inside = false;
            SortedSet<int> starts = BlockStarts(code.Code);
            for (int offset = 0; offset < code.Code.Count; offset++)
            {
                if (starts.Contains(offset))
                {
                    inside = _entered.Contains((unit.Id, function, offset));
                    entered |= inside;
                    if (!inside)
                    {
                        missed.Add(unit.Map.Functions[function].At(offset));
                    }
                }

                all++;
                covered += inside ? 1 : 0;
            }

            if (!entered && (definition.Visibility != Visibility.Private || definition.IsEntry))
            {
                neverEntered.Add(unit.Map.Functions[function].Name);
            }
        }

        return new ModuleCoverage(unit.Id, covered, all, neverEntered, missed);
    }

    private static SortedSet<int> BlockStarts(IReadOnlyList<Instruction> code)
    {
        SortedSet<int> starts = [0];
        for (int i = 0; i < code.Count; i++)
        {
            switch (code[i].Opcode)
            {
                case Opcode.Branch or Opcode.BrTrue or Opcode.BrFalse:
                    starts.Add((int)code[i].Operand);
                    starts.Add(i + 1);
                    break;
                case Opcode.Ret or Opcode.Abort:
                    starts.Add(i + 1);
                    break;
            }
        }

        return starts;
    }
}
