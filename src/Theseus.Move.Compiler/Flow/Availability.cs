using Theseus.Move.Compiler.Lowering;
using Theseus.Move.Compiler.Symbols;
using Theseus.Move.Compiler.Types;
using Theseus.Move.Format;

namespace Theseus.Move.Compiler.Flow;

/// <summary>
/// Whether each local holds a value at each point: uses of empty locals, and values that may neither be dropped nor left behind.
/// </summary>
internal sealed class Availability
{
    /// <summary>Bits: may be empty, may be full. Where it became empty is kept for the message.</summary>
    [Flags]
    private enum Slot : byte
    {
        None = 0,
        Empty = 1,
        Full = 2,
    }

    private sealed class State(Slot[] slots, Span?[] movedAt)
    {
        public Slot[] Slots => slots;

        public Span?[] MovedAt => movedAt;

        public State Clone() => new([.. slots], [.. movedAt]);

        public bool JoinFrom(State other)
        {
            bool changed = false;
            for (int i = 0; i < Slots.Length; i++)
            {
                Slot joined = Slots[i] | other.Slots[i];
                changed |= joined != Slots[i];
                Slots[i] = joined;
                MovedAt[i] ??= other.MovedAt[i];
            }

            return changed;
        }
    }

    private readonly FlowGraph _graph;
    private readonly DiagnosticBag _diagnostics;
    private readonly State?[] _entry;
    private bool _report;

    private Availability(FlowGraph graph, DiagnosticBag diagnostics)
    {
        _graph = graph;
        _diagnostics = diagnostics;
        _entry = new State?[graph.Function.Blocks.Count];
    }

    /// <summary>Reports faults.</summary>
    public static void Run(FlowGraph graph, DiagnosticBag diagnostics)
    {
        Availability pass = new(graph, diagnostics);
        int count = graph.Locals.Count;
        State first = new(new Slot[count], new Span?[count]);
        for (int i = 0; i < count; i++)
        {
            first.Slots[i] = i < graph.Function.Parameters.Count ? Slot.Full : Slot.Empty;
        }

        pass._entry[0] = first;
        SortedSet<int> work = [0];
        while (work.Count > 0)
        {
            int block = work.Min;
            work.Remove(block);
            State state = pass._entry[block]!.Clone();
            pass.Block(block, state);
            foreach (int next in graph.Successors[block])
            {
                if (pass._entry[next] is not { } known)
                {
                    pass._entry[next] = state.Clone();
                    work.Add(next);
                }
                else if (known.JoinFrom(state))
                {
                    work.Add(next);
                }
            }
        }

        pass._report = true;
        for (int i = 0; i < pass._entry.Length; i++)
        {
            if (pass._entry[i] is { } state)
            {
                pass.Block(i, state.Clone());
            }
        }
    }

    private void Block(int index, State state)
    {
        foreach (Command command in _graph.Function.Blocks[index].Commands)
        {
            Walk.Operands(command, operand =>
            {
                switch (operand)
                {
                    case UseOperand use:
                        Use(use.Local, use.Span, state, "use");
                        if (use.IsMove)
                        {
                            int local = _graph.IndexOf(use.Local);
                            state.Slots[local] = Slot.Empty;
                            state.MovedAt[local] = use.Span;
                        }

                        break;
                    case BorrowLocalOperand borrow:
                        Use(borrow.Local, borrow.Span, state, "borrow");
                        break;
                }
            });
            if (command is AssignCommand assign)
            {
                foreach (Target target in assign.Targets)
                {
                    Walk.Locals(target, l => Store(l, state));
                }
            }
            else if (command is ReturnCommand && _report)
            {
                Leave(command.Span, state);
            }
        }
    }

    private void Use(LocalSymbol local, Span span, State state, string verb)
    {
        int index = _graph.IndexOf(local);
        if (!_report || (state.Slots[index] & Slot.Empty) == Slot.None)
        {
            return;
        }

        string may = state.Slots[index] == Slot.Empty ? "has no value" : "may have no value";
        (Span, string) note = state.MovedAt[index] is { } moved ? (moved, "the value was moved here") : (local.Span, "declared here");
        _diagnostics.Report(Codes.Unassigned, span, $"invalid {verb} of '{Display(local)}': it {may} here", note);
        state.Slots[index] = Slot.Full; // one report a flow
    }

    private static string Display(LocalSymbol local) => local.IsTemporary ? "a temporary" : local.Name;

    private void Store(LocalTarget target, State state)
    {
        int index = _graph.IndexOf(target.Local);
        if (_report && (state.Slots[index] & Slot.Full) != Slot.None
            && (TypeRules.AbilitiesOf(target.Local.Type) & Abilities.Drop) == Abilities.None)
        {
            _diagnostics.Report(Codes.UnusedWithoutDrop, target.Span,
                $"'{Display(target.Local)}' may still hold a value of type '{target.Local.Type}', which lacks 'drop' and can't be "
                    + $"overwritten",
                (target.Local.Span, "declared here"));
        }

        state.Slots[index] = Slot.Full;
        state.MovedAt[index] = null;
    }

    private void Leave(Span span, State state)
    {
        for (int i = 0; i < state.Slots.Length; i++)
        {
            LocalSymbol local = _graph.Locals[i];
            if ((state.Slots[i] & Slot.Full) != Slot.None && (TypeRules.AbilitiesOf(local.Type) & Abilities.Drop) == Abilities.None
                && !local.Type.IsErroneous)
            {
                string may = state.Slots[i] == Slot.Full ? "still holds" : "may still hold";
                _diagnostics.Report(Codes.UnusedWithoutDrop, span,
                    $"'{Display(local)}' {may} a value of type '{local.Type}' at this return; without 'drop' it must be used up",
                    (local.Span, "declared here"));
            }
        }
    }
}
