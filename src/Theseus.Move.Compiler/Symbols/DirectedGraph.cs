namespace Theseus.Move.Compiler.Symbols;

/// <summary>A directed graph with nodes and edges in the order in which they were added; all work is linear in both.</summary>
internal sealed class DirectedGraph<TNode, TEdge>
    where TNode : notnull
{
    private readonly List<TNode> _nodes = [];
    private readonly Dictionary<TNode, int> _index = [];
    private readonly List<List<(int To, TEdge Edge)>> _out = [];
    private readonly List<List<int>> _in = [];

    public int Add(TNode node)
    {
        if (!_index.TryGetValue(node, out int index))
        {
            index = _nodes.Count;
            _index[node] = index;
            _nodes.Add(node);
            _out.Add([]);
            _in.Add([]);
        }

        return index;
    }

    /// <summary>A later edge between the same nodes takes the place of an earlier one when cycles are told.</summary>
    public void Add(TNode from, TNode to, TEdge edge)
    {
        int source = Add(from);
        int target = Add(to);
        _out[source].Add((target, edge));
        _in[target].Add(source);
    }

    /// <summary>
    /// One edge of each group of nodes that reach each other: the one that closes a shortest cycle around a node which leads to the
    /// group's first. First is what a depth-first walk leaves last.
    /// </summary>
    public IEnumerable<(TNode From, TNode To, TEdge Edge)> Cycles()
    {
        (List<List<int>> groups, int[] rank) = Groups();
        groups.ForEach(group => group.Sort((a, b) => rank[a].CompareTo(rank[b])));
        foreach (List<int> group in groups.OrderBy(g => rank[g[0]]))
        {
            int first = group[0];
            HashSet<int> members = [.. group];
            int start = group.Count == 1 ? first : _in[first].FirstOrDefault(i => i != first && members.Contains(i), first);
            if (group.Count == 1 && !_out[first].Exists(e => e.To == first))
            {
                continue;
            }

            int last = LastOfShortest(start, members);
            (int _, TEdge edge) = _out[last].FindLast(e => e.To == start);
            yield return (_nodes[last], _nodes[start], edge);
        }
    }

    /// <summary>
    /// For each group of nodes that reach each other the edges inside it, in the order in which they were added to their nodes.
    /// </summary>
    public IEnumerable<List<(TNode From, TNode To, TEdge Edge)>> InnerEdges()
    {
        foreach (List<int> group in Groups().Groups)
        {
            HashSet<int> members = [.. group];
            List<(TNode, TNode, TEdge)> edges = [];
            foreach (int node in group)
            {
                edges.AddRange(_out[node].Where(e => members.Contains(e.To)).Select(e => (_nodes[node], _nodes[e.To], e.Edge)));
            }

            if (edges.Count > 0)
            {
                yield return edges;
            }
        }
    }

    /// <summary>The node before the start on a shortest way around.</summary>
    private int LastOfShortest(int start, HashSet<int> members)
    {
        HashSet<int> seen = [];
        Queue<int> work = new([start]);
        while (work.TryDequeue(out int node))
        {
            foreach ((int to, TEdge _) in _out[node])
            {
                if (to == start)
                {
                    return node;
                }

                if (members.Contains(to) && seen.Add(to))
                {
                    work.Enqueue(to);
                }
            }
        }

        return start;
    }

    /// <summary>
    /// Strongly connected components, and the rank of each node: 0 for what the walk leaves last. Iterative: chains are long.
    /// </summary>
    private (List<List<int>> Groups, int[] Rank) Groups()
    {
        int[] rank = new int[_nodes.Count];
        int left = _nodes.Count;
        List<List<int>> groups = [];
        int[] order = new int[_nodes.Count];
        int[] low = new int[_nodes.Count];
        bool[] onStack = new bool[_nodes.Count];
        Stack<int> stack = new();
        Stack<(int Node, int Next)> work = new();
        int count = 0;
        for (int root = 0; root < _nodes.Count; root++)
        {
            if (order[root] == 0)
            {
                work.Push((root, 0));
            }

            while (work.TryPop(out (int Node, int Next) at))
            {
                int node = at.Node;
                if (at.Next == 0)
                {
                    order[node] = low[node] = ++count;
                    stack.Push(node);
                    onStack[node] = true;
                }
                else
                {
                    low[node] = Math.Min(low[node], low[_out[node][at.Next - 1].To]);
                }

                int next = at.Next;
                bool descended = false;
                for (; next < _out[node].Count && !descended; next++)
                {
                    int to = _out[node][next].To;
                    if (order[to] == 0)
                    {
                        work.Push((node, next + 1));
                        work.Push((to, 0));
                        descended = true;
                    }
                    else if (onStack[to])
                    {
                        low[node] = Math.Min(low[node], order[to]);
                    }
                }

                if (descended)
                {
                    continue;
                }

                rank[node] = --left;
                if (low[node] == order[node])
                {
                    groups.Add(Close(node, stack, onStack));
                }
            }
        }

        return (groups, rank);
    }

    private static List<int> Close(int node, Stack<int> stack, bool[] onStack)
    {
        List<int> group = [];
        int member;
        do
        {
            member = stack.Pop();
            onStack[member] = false;
            group.Add(member);
        }
        while (member != node);
        return group;
    }
}
