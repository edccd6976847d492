namespace Theseus.Move.Verify;

/// <summary>One step of a path from a reference to what was borrowed through it.</summary>
internal readonly record struct Label(Label.Kind Sort, ushort First, ushort Second) : IComparable<Label>
{
    public enum Kind : byte
    {
        Local,
        Global,
        Field,
    }

    public static Label OfLocal(int local) => new(Kind.Local, (ushort)local, 0);

    /// <summary>Addresses are not told apart: one label a struct definition.</summary>
    public static Label OfGlobal(ushort definition) => new(Kind.Global, definition, 0);

    public static Label OfField(ushort definition, ushort field) => new(Kind.Field, definition, field);

    public int CompareTo(Label other)
    {
        int order = Sort.CompareTo(other.Sort);
        order = order != 0 ? order : First.CompareTo(other.First);
        return order != 0 ? order : Second.CompareTo(other.Second);
    }
}

/// <summary>A borrow: strong means exactly at the path, weak means there or anywhere below.</summary>
internal sealed record Edge(bool Strong, Label[] Path)
{
    public bool Equals(Edge? other) => other is not null && Strong == other.Strong && Path.AsSpan().SequenceEqual(other.Path);

    public override int GetHashCode()
    {
        int hash = Strong ? 1 : 0;
        foreach (Label label in Path)
        {
            hash = (hash * 31) + label.GetHashCode();
        }

        return hash;
    }

    public bool StartsWith(ReadOnlySpan<Label> prefix) => Path.Length >= prefix.Length
        && Path.AsSpan(0, prefix.Length).SequenceEqual(prefix);

    /// <summary>Whether this edge already says all that the other says.</summary>
    public bool Covers(Edge other) => Equals(other) || (!Strong && other.StartsWith(Path));
}

/// <summary>
/// Who borrows from whom (move 2.4, reference safety). Nodes are live references; an edge leads from the borrowed one to the borrower.
/// Collections are sorted: the order of work, and so the meter, is the same everywhere.
/// </summary>
/// <param name="maximumEdges">More edges between two nodes collapse to one that covers everything.</param>
internal sealed class BorrowGraph(int maximumEdges)
{
    private sealed class Node(bool mutable)
    {
        public bool Mutable { get; } = mutable;

        public SortedDictionary<int, List<Edge>> Borrowers { get; } = [];

        public SortedSet<int> Sources { get; } = [];
    }

    private readonly SortedDictionary<int, Node> _nodes = [];

    /// <summary>Nodes and edges: what an operation may cost.</summary>
    public int Size { get; private set; }

    public void Add(int id, bool mutable)
    {
        _nodes.Add(id, new Node(mutable));
        Size++;
    }

    public bool Contains(int id) => _nodes.ContainsKey(id);

    public bool IsMutable(int id) => _nodes[id].Mutable;

    /// <summary>Whether anything borrows at the reference itself, not below a known label.</summary>
    public bool HasFullBorrows(int id)
    {
        foreach (List<Edge> edges in _nodes[id].Borrowers.Values)
        {
            foreach (Edge edge in edges)
            {
                if (edge.Path.Length == 0)
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Whether anything borrows at the reference itself or below it; with a label only what may overlap that label.</summary>
    public bool HasBorrows(int id, Label? label, bool mutableOnly)
    {
        foreach ((int borrower, List<Edge> edges) in _nodes[id].Borrowers)
        {
            if (mutableOnly && !_nodes[borrower].Mutable)
            {
                continue;
            }

            foreach (Edge edge in edges)
            {
                if (edge.Path.Length == 0 || label is null || edge.Path[0] == label)
                {
                    return true;
                }
            }
        }

        return false;
    }

    public void AddWeak(int from, int to, params Label[] path) => AddEdge(from, to, new Edge(false, path));

    /// <summary>
    /// Adds a borrow exactly at the path and puts it before all that is already borrowed there or below:
    /// older borrows become borrows of the new reference, so it cannot be written while they live.
    /// </summary>
    public void AddStrong(int from, int to, params Label[] path)
    {
        Node source = _nodes[from];
        List<(int Borrower, Edge Edge)> moved = [];
        foreach ((int borrower, List<Edge> edges) in source.Borrowers)
        {
            foreach (Edge edge in edges)
            {
                if (edge.StartsWith(path))
                {
                    moved.Add((borrower, edge));
                }
            }
        }

        foreach ((int borrower, Edge edge) in moved)
        {
            List<Edge> edges = source.Borrowers[borrower];
            edges.Remove(edge);
            Size--;
            if (edges.Count == 0)
            {
                source.Borrowers.Remove(borrower);
                _nodes[borrower].Sources.Remove(from);
            }

            AddEdge(to, borrower, new Edge(edge.Strong, edge.Path[path.Length..]));
        }

        AddEdge(from, to, new Edge(true, path));
    }

    /// <summary>Removes a reference; what borrowed from it borrows from its sources instead.</summary>
    public void Release(int id)
    {
        Node node = _nodes[id];
        foreach (int from in node.Sources)
        {
            Node source = _nodes[from];
            List<Edge> incoming = source.Borrowers[id];
            source.Borrowers.Remove(id);
            Size -= incoming.Count;
            foreach ((int borrower, List<Edge> outgoing) in node.Borrowers)
            {
                foreach (Edge first in incoming)
                {
                    foreach (Edge second in outgoing)
                    {
                        AddEdge(from, borrower, first.Strong
                            ? new Edge(second.Strong, [.. first.Path, .. second.Path])
                            : new Edge(false, first.Path));
                    }
                }
            }
        }

        foreach ((int borrower, List<Edge> outgoing) in node.Borrowers)
        {
            Size -= outgoing.Count;
            _nodes[borrower].Sources.Remove(id);
        }

        _nodes.Remove(id);
        Size--;
    }

    /// <summary>The same graph under new names.</summary>
    public BorrowGraph Renamed(Func<int, int> name)
    {
        BorrowGraph graph = new(maximumEdges);
        foreach ((int id, Node node) in _nodes)
        {
            graph._nodes.Add(name(id), new Node(node.Mutable));
        }

        foreach ((int id, Node node) in _nodes)
        {
            foreach ((int borrower, List<Edge> edges) in node.Borrowers)
            {
                graph._nodes[name(id)].Borrowers.Add(name(borrower), [.. edges]);
                graph._nodes[name(borrower)].Sources.Add(name(id));
            }
        }

        graph.Size = Size;
        return graph;
    }

    /// <summary>Adds the edges of another graph over the same nodes that this one does not cover; true when there were any.</summary>
    public bool Join(BorrowGraph other)
    {
        bool changed = false;
        foreach ((int id, Node node) in other._nodes)
        {
            foreach ((int borrower, List<Edge> edges) in node.Borrowers)
            {
                foreach (Edge edge in edges)
                {
                    if (!_nodes[id].Borrowers.TryGetValue(borrower, out List<Edge>? known) || !known.Exists(k => k.Covers(edge)))
                    {
                        AddEdge(id, borrower, edge);
                        changed = true;
                    }
                }
            }
        }

        return changed;
    }

    private void AddEdge(int from, int to, Edge edge)
    {
        if (from == to)
        {
            return;
        }

        Node source = _nodes[from];
        if (!source.Borrowers.TryGetValue(to, out List<Edge>? edges))
        {
            edges = [];
            source.Borrowers.Add(to, edges);
            _nodes[to].Sources.Add(from);
        }

        if (edges.Contains(edge))
        {
            return;
        }

        edges.Add(edge);
        Size++;
        if (edges.Count > maximumEdges)
        {
            Size -= edges.Count - 1;
            edges.Clear();
            edges.Add(new Edge(false, []));
        }
    }
}
