using Theseus.Move.Format;

namespace Theseus.Move.Verify;

/// <summary>Code ends, loops have one entry, and there are not too many of them (move 2.4, pass 11a).</summary>
internal static class ControlFlowPass
{
    public static void Run(FunctionContext context)
    {
        IReadOnlyList<Instruction> code = context.Code.Code;
        if (code.Count == 0)
        {
            throw context.Fail(StatusCode.EmptyCodeUnit, 0, "a function body has at least one instruction");
        }

        if (!Operands.EndsFlow(code[^1].Opcode))
        {
            throw context.Fail(StatusCode.InvalidFallThrough, code.Count - 1, "the last instruction must be Ret, Abort or Branch");
        }

        ControlFlowGraph graph = ControlFlowGraph.Of(code);
        context.Graph = graph;
        if (graph.Count > context.Limits.BasicBlocks)
        {
            throw context.Fail(StatusCode.TooManyBasicBlocks, 0,
                $"{graph.Count} basic blocks, at most {context.Limits.BasicBlocks} are allowed");
        }

        Loops(context, graph);
    }

    /// <summary>
    /// Every edge that goes back in depth-first order must lead to a block that dominates its source: then each loop has one
    /// head.
    /// </summary>
    private static void Loops(FunctionContext context, ControlFlowGraph graph)
    {
        List<int>[] predecessors = [.. Enumerable.Range(0, graph.Count).Select(_ => new List<int>())];
        List<(int From, int To)> back = [];
        foreach (int block in graph.Order)
        {
            foreach (int next in graph.Successors[block])
            {
                predecessors[next].Add(block);
                if (graph.Rank[next] <= graph.Rank[block])
                {
                    back.Add((block, next));
                }
            }
        }

        if (back.Count == 0)
        {
            return;
        }

        if (back.Count > context.Limits.BackEdges)
        {
            throw context.Fail(StatusCode.TooManyBackEdges, 0, $"{back.Count} jumps back, at most {context.Limits.BackEdges} are allowed");
        }

        int[] dominator = Dominators(context, graph, predecessors);
        int[] depth = new int[graph.Count];
        foreach ((int from, int to) in back)
        {
            int walk = from;
            while (graph.Rank[walk] > graph.Rank[to])
            {
                context.Meter.Add(context.Limits.Costs.ControlFlowStep);
                walk = dominator[walk];
            }

            if (walk != to)
            {
                throw context.Fail(StatusCode.InvalidLoopSplit, graph.Starts[from], "a jump leads into the middle of a loop");
            }
        }

        foreach (IGrouping<int, (int From, int To)> loop in back.GroupBy(edge => edge.To))
        {
            bool[] inside = new bool[graph.Count];
            inside[loop.Key] = true;
            Stack<int> pending = new(loop.Select(edge => edge.From));
            while (pending.TryPop(out int block))
            {
                if (!inside[block])
                {
                    context.Meter.Add(context.Limits.Costs.ControlFlowStep);
                    inside[block] = true;
                    predecessors[block].ForEach(pending.Push);
                }
            }

            for (int block = 0; block < graph.Count; block++)
            {
                depth[block] += inside[block] ? 1 : 0;
                if (depth[block] > context.Limits.LoopDepth)
                {
                    throw context.Fail(StatusCode.LoopMaxDepthReached, graph.Starts[block],
                        $"loops nest deeper than {context.Limits.LoopDepth}");
                }
            }
        }
    }

    /// <summary>Immediate dominators of the reachable blocks, by the iterative algorithm over reverse post-order.</summary>
    private static int[] Dominators(FunctionContext context, ControlFlowGraph graph, List<int>[] predecessors)
    {
        int[] dominator = new int[graph.Count];
        Array.Fill(dominator, -1);
        dominator[0] = 0;
        bool changed = true;
        while (changed)
        {
            changed = false;
            foreach (int block in graph.Order.Skip(1))
            {
                int common = -1;
                foreach (int predecessor in predecessors[block])
                {
                    context.Meter.Add(context.Limits.Costs.ControlFlowStep);
                    if (dominator[predecessor] >= 0)
                    {
                        common = common < 0 ? predecessor : Intersect(context, graph, dominator, predecessor, common);
                    }
                }

                if (dominator[block] != common)
                {
                    dominator[block] = common;
                    changed = true;
                }
            }
        }

        return dominator;
    }

    private static int Intersect(FunctionContext context, ControlFlowGraph graph, int[] dominator, int a, int b)
    {
        while (a != b)
        {
            context.Meter.Add(context.Limits.Costs.ControlFlowStep);
            if (graph.Rank[a] > graph.Rank[b])
            {
                a = dominator[a];
            }
            else
            {
                b = dominator[b];
            }
        }

        return a;
    }
}
