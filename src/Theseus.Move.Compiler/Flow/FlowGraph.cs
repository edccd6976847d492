using Theseus.Move.Compiler.Lowering;
using Theseus.Move.Compiler.Symbols;

namespace Theseus.Move.Compiler.Flow;

/// <summary>A lowered function with its locals numbered and its blocks' neighbours.</summary>
internal sealed class FlowGraph
{
    private readonly Dictionary<LocalSymbol, int> _index = [];
    private readonly Dictionary<int, int> _blockOf = [];

    public FlowGraph(LoweredFunction function)
    {
        Function = function;
        foreach (LocalSymbol parameter in function.Parameters)
        {
            Number(parameter);
        }

        for (int i = 0; i < function.Blocks.Count; i++)
        {
            _blockOf[function.Blocks[i].Label] = i;
            foreach (Command command in function.Blocks[i].Commands)
            {
                Walk.Operands(command, operand =>
                {
                    if (operand is UseOperand use)
                    {
                        Number(use.Local);
                    }
                    else if (operand is BorrowLocalOperand borrow)
                    {
                        Number(borrow.Local);
                        Borrowed.Add(borrow.Local);
                    }
                });
                if (command is AssignCommand assign)
                {
                    foreach (Target target in assign.Targets)
                    {
                        Walk.Locals(target, l => Number(l.Local));
                    }
                }
            }
        }

        Predecessors = [.. function.Blocks.Select(_ => new List<int>())];
        Successors = [.. function.Blocks.Select(b => b.Successors.Select(l => _blockOf[l]).ToList())];
        for (int i = 0; i < Successors.Length; i++)
        {
            foreach (int next in Successors[i])
            {
                Predecessors[next].Add(i);
            }
        }
    }

    public LoweredFunction Function { get; }

    public List<LocalSymbol> Locals { get; } = [];

    /// <summary>Locals with a reference to them somewhere in the function.</summary>
    public HashSet<LocalSymbol> Borrowed { get; } = [];

    public List<int>[] Predecessors { get; }

    public List<int>[] Successors { get; }

    public int IndexOf(LocalSymbol local) => _index[local];

    private void Number(LocalSymbol local)
    {
        if (_index.TryAdd(local, Locals.Count))
        {
            Locals.Add(local);
        }
    }
}

/// <summary>Visits commands' parts in the order of evaluation.</summary>
internal static class Walk
{
    public static void Operands(Command command, Action<Operand> visit)
    {
        switch (command)
        {
            case AssignCommand c:
                Operands(c.Value, visit);
                break;
            case WriteCommand c:
                Operands(c.Value, visit);
                Operands(c.Target, visit);
                break;
            case PopCommand c:
                Operands(c.Value, visit);
                break;
            case AbortCommand c:
                Operands(c.Code, visit);
                break;
            case ReturnCommand c:
                Operands(c.Value, visit);
                break;
            case BranchCommand c:
                Operands(c.Condition, visit);
                break;
        }
    }

    /// <summary>Inner operands before the operation that takes them.</summary>
    public static void Operands(Operand operand, Action<Operand> visit)
    {
        switch (operand)
        {
            case CallOperand o:
                All(o.Arguments, visit);
                break;
            case BuiltinOperand o:
                All(o.Arguments, visit);
                break;
            case VectorOperand o:
                All(o.Items, visit);
                break;
            case PackOperand o:
                All(o.Fields, visit);
                break;
            case TupleOperand o:
                All(o.Items, visit);
                break;
            case FreezeOperand o:
                Operands(o.Operand, visit);
                break;
            case ReadOperand o:
                Operands(o.Operand, visit);
                break;
            case NotOperand o:
                Operands(o.Operand, visit);
                break;
            case CastOperand o:
                Operands(o.Operand, visit);
                break;
            case BorrowFieldOperand o:
                Operands(o.Target, visit);
                break;
            case BinaryOperand o:
                Operands(o.Left, visit);
                Operands(o.Right, visit);
                break;
        }

        visit(operand);
    }

    private static void All(IReadOnlyList<Operand> operands, Action<Operand> visit)
    {
        foreach (Operand operand in operands)
        {
            Operands(operand, visit);
        }
    }

    public static void Locals(Target target, Action<LocalTarget> visit)
    {
        switch (target)
        {
            case LocalTarget local:
                visit(local);
                break;
            case UnpackTarget unpack:
                foreach (Target field in unpack.Fields)
                {
                    Locals(field, visit);
                }

                break;
        }
    }
}
