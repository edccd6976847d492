namespace Theseus.Execution;

/// <summary>An execution stack that this software implements.</summary>
public sealed record StackEntry(string Name, Hash32 ModuleId, Func<IExecutionStack> Create);

/// <summary>
/// The only switch: from module id to code (record P13). Each folder under Stacks adds itself by a partial method, so
/// that deleting a folder leaves the others compiling.
/// </summary>
public sealed partial class StackTable
{
    private readonly SortedDictionary<Hash32, StackEntry> _entries = [];
    private readonly SortedDictionary<Hash32, IExecutionStack> _created = [];

    private StackTable(IEnumerable<StackEntry> entries)
    {
        foreach (StackEntry entry in entries)
        {
            _entries.Add(entry.ModuleId, entry);
        }
    }

    /// <summary>Every stack of this software, oldest first.</summary>
    public static IReadOnlyList<StackEntry> BuiltIn()
    {
        List<StackEntry> entries = [];
        AddV1(entries);
        AddV2(entries);
        return entries;
    }

    /// <summary>A table of the named stacks; null takes all.</summary>
    /// <exception cref="ArgumentException">This software has no stack of that name.</exception>
    public static StackTable Of(IReadOnlyList<string>? names = null)
    {
        IReadOnlyList<StackEntry> all = BuiltIn();
        foreach (string name in names ?? [])
        {
            if (all.All(entry => entry.Name != name))
            {
                string known = string.Join(", ", all.Select(entry => entry.Name));
                throw new ArgumentException($"no stack {name}: this software has {known}", nameof(names));
            }
        }

        return new StackTable(names is null ? all : all.Where(entry => names.Contains(entry.Name)));
    }

    /// <summary>A table of exactly these stacks: for tools and tests that wrap one.</summary>
    public static StackTable With(IEnumerable<StackEntry> entries) => new(entries);

    /// <summary>By name, sorted by module id.</summary>
    public IEnumerable<StackEntry> Entries => _entries.Values;

    /// <summary>Whether this table has the stack.</summary>
    public bool Has(Hash32 moduleId) => _entries.ContainsKey(moduleId);

    /// <summary>The name of a stack, null when this table lacks it.</summary>
    public string? NameOf(Hash32 moduleId) => _entries.TryGetValue(moduleId, out StackEntry? entry) ? entry.Name : null;

    /// <summary>The stack with this module id, or null when this table lacks it. One instance for each: it keeps loaded code.</summary>
    public IExecutionStack? Find(Hash32 moduleId)
    {
        lock (_created)
        {
            if (!_created.TryGetValue(moduleId, out IExecutionStack? stack) && _entries.TryGetValue(moduleId, out StackEntry? entry))
            {
                stack = entry.Create();
                _created.Add(moduleId, stack);
            }

            return stack;
        }
    }

    static partial void AddV1(ICollection<StackEntry> entries);

    static partial void AddV2(ICollection<StackEntry> entries);
}
