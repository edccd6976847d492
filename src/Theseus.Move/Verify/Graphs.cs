namespace Theseus.Move.Verify;

/// <summary>Iterative graph searches over nodes 0 to n - 1.</summary>
internal static class Graphs
{
    /// <summary>A node on a cycle, or -1.</summary>
    public static int FindCycle(int count, Func<int, IEnumerable<int>> successors)
    {
        byte[] state = new byte[count]; // 0 new, 1 open, 2 done
        Stack<(int Node, IEnumerator<int> Next)> path = new();
        for (int start = 0; start < count; start++)
        {
            if (state[start] != 0)
            {
                continue;
            }

            state[start] = 1;
            path.Push((start, successors(start).GetEnumerator()));
            while (path.Count > 0)
            {
                (int node, IEnumerator<int> next) = path.Peek();
                if (!next.MoveNext())
                {
                    state[node] = 2;
                    path.Pop();
                    continue;
                }

                int target = next.Current;
                if (state[target] == 1)
                {
                    return target;
                }

                if (state[target] == 0)
                {
                    state[target] = 1;
                    path.Push((target, successors(target).GetEnumerator()));
                }
            }
        }

        return -1;
    }

    /// <summary>The strongly connected component of each node (Tarjan); a single node without a loop is a component of its own.</summary>
    public static int[] Components(int count, Func<int, IReadOnlyList<int>> successors)
    {
        int[] index = new int[count], low = new int[count], component = new int[count];
        bool[] open = new bool[count];
        Stack<int> stack = new();
        Stack<(int Node, int Next)> path = new();
        int clock = 0, components = 0;
        for (int start = 0; start < count; start++)
        {
            if (index[start] != 0)
            {
                continue;
            }

            path.Push((start, 0));
            while (path.Count > 0)
            {
                (int node, int next) = path.Pop();
                if (next == 0)
                {
                    index[node] = low[node] = ++clock;
                    stack.Push(node);
                    open[node] = true;
                }
                else
                {
                    low[node] = int.Min(low[node], low[successors(node)[next - 1]]);
                }

                bool descended = false;
                IReadOnlyList<int> targets = successors(node);
                while (next < targets.Count)
                {
                    int target = targets[next++];
                    if (index[target] == 0)
                    {
                        path.Push((node, next));
                        path.Push((target, 0));
                        descended = true;
                        break;
                    }

                    if (open[target])
                    {
                        low[node] = int.Min(low[node], index[target]);
                    }
                }

                if (!descended && low[node] == index[node])
                {
                    int member;
                    do
                    {
                        member = stack.Pop();
                        open[member] = false;
                        component[member] = components;
                    }
                    while (member != node);
                    components++;
                }
            }
        }

        return component;
    }
}
