using Theseus.Move.Compiler.Lowering;
using Theseus.Move.Compiler.Types;
using Theseus.Move.Compiler.Typing;
using Theseus.Move.Format;

namespace Theseus.Move.Compiler.Flow;

/// <summary>Turns last copies into moves and dead stores into pops, so that references end as early as the source allows.</summary>
internal sealed class Liveness
{
    private readonly FlowGraph _graph;
    private readonly DiagnosticBag _diagnostics;
    private readonly LocalSet[] _liveIn;

    private Liveness(FlowGraph graph, DiagnosticBag diagnostics)
    {
        _graph = graph;
        _diagnostics = diagnostics;
        _liveIn = [.. graph.Function.Blocks.Select(_ => new LocalSet(graph.Locals.Count))];
    }

    /// <summary>Runs to the fixpoint and settles every use; returns what lives at the start of each block.</summary>
    public static LocalSet[] Run(FlowGraph graph, DiagnosticBag diagnostics)
    {
        Liveness liveness = new(graph, diagnostics);
        bool changed = true;
        while (changed)
        {
            changed = false;
            for (int i = graph.Function.Blocks.Count - 1; i >= 0; i--)
            {
                changed |= liveness._liveIn[i].UnionWith(liveness.Block(i, settle: false));
            }
        }

        for (int i = 0; i < graph.Function.Blocks.Count; i++)
        {
            liveness.Block(i, settle: true);
        }

        return liveness._liveIn;
    }

    public static LocalSet LiveOut(FlowGraph graph, LocalSet[] liveIn, int block)
    {
        LocalSet live = new(graph.Locals.Count);
        foreach (int next in graph.Successors[block])
        {
            live.UnionWith(liveIn[next]);
        }

        return live;
    }

    private LocalSet Block(int index, bool settle)
    {
        LocalSet live = LiveOut(_graph, _liveIn, index);
        List<Command> commands = _graph.Function.Blocks[index].Commands;
        List<Operand> operands = [];
        for (int i = commands.Count - 1; i >= 0; i--)
        {
            Command command = commands[i];
            if (command is AssignCommand assign)
            {
                if (settle)
                {
                    assign.Targets = [.. assign.Targets.Select(t => Settle(t, live))];
                }

                foreach (Target target in assign.Targets)
                {
                    Walk.Locals(target, l => live[_graph.IndexOf(l.Local)] = false);
                }
            }

            operands.Clear();
            Walk.Operands(command, operands.Add);
            for (int j = operands.Count - 1; j >= 0; j--)
            {
                switch (operands[j])
                {
                    case UseOperand use:
                    {
                        int local = _graph.IndexOf(use.Local);
                        if (settle)
                        {
                            use.IsMove = IsMove(use, live[local]);
                        }

                        live[local] = true;
                        break;
                    }

                    case BorrowLocalOperand borrow:
                        live[_graph.IndexOf(borrow.Local)] = true;
                        break;
                }
            }
        }

        return live;
    }

    private static bool IsMove(UseOperand use, bool liveAfter) => use.Asked switch
    {
        UseMode.Move => true,
        UseMode.Copy => false,
        // also of a local that was borrowed: the verifier refuses the move while a reference to it lives, and then the source
        // has to say which of the two it means (E07006)
        _ => !liveAfter || (TypeRules.AbilitiesOf(use.Local.Type) & Abilities.Copy) == Abilities.None,
    };

    private Target Settle(Target target, LocalSet live)
    {
        switch (target)
        {
            case LocalTarget local:
            {
                if (live[_graph.IndexOf(local.Local)])
                {
                    return target;
                }

                if (!local.Local.IsTemporary && !local.Local.Name.StartsWith('_') && local.Local is { IsParameter: false }
                    or { IsUsed: true })
                {
                    _diagnostics.Report(Codes.UnusedAssignment, local.Span, $"the value assigned to '{local.Local.Name}' is never read");
                }

                // what a living reference may point to keeps its place, so that the borrow is judged
                return !_graph.Borrowed.Contains(local.Local)
                    && (TypeRules.AbilitiesOf(local.Local.Type) & Abilities.Drop) != Abilities.None
                        ? new IgnoreTarget(local.Span, local.Local.Type) : target;
            }

            case UnpackTarget unpack:
                return new UnpackTarget(unpack.Span, unpack.Type, [.. unpack.Fields.Select(f => Settle(f, live))]);
            default:
                return target;
        }
    }
}
