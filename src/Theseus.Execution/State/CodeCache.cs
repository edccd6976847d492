using Theseus.Move.Runtime;

namespace Theseus.Execution;

/// <summary>
/// Loaded code by code root, the newest few: a snapshot of the framework serves every block, view and admission until
/// the next publish. Contents are equal whatever is cached.
/// </summary>
public sealed class CodeCache(StackRules rules)
{
    /// <summary>Snapshots kept (execution 6).</summary>
    public const int Capacity = 4;

    private readonly List<CodeSnapshot> _snapshots = [];

    /// <summary>The code in force in a state when it is here; nothing is loaded, and nobody loses his place.</summary>
    public CodeSnapshot? Known(IStateReader state)
    {
        Hash32 root = FrameworkState.ReadCodeRoot(state);
        lock (_snapshots)
        {
            return _snapshots.Find(snapshot => snapshot.CodeRoot == root);
        }
    }

    /// <summary>The code in force in a state.</summary>
    public CodeSnapshot Of(IStateReader state)
    {
        Hash32 root = FrameworkState.ReadCodeRoot(state);
        lock (_snapshots)
        {
            int index = _snapshots.FindIndex(snapshot => snapshot.CodeRoot == root);
            if (index >= 0)
            {
                CodeSnapshot known = _snapshots[index];
                _snapshots.RemoveAt(index);
                _snapshots.Add(known);
                return known;
            }
        }

        SortedDictionary<ModuleId, byte[]> blobs = [];
        foreach (string name in FrameworkState.ReadRegistry(state, rules.Framework).Modules)
        {
            ModuleId id = new(Address.One, name);
            blobs.Add(id, state.TryGet(StateKey.Module(id)) ?? throw new InvalidOperationException(
                $"module {id} is registered and not stored"));
        }

        CodeSnapshot loaded = CodeSnapshot.Load(root, rules.Move, rules.Natives, id => blobs.GetValueOrDefault(id));
        Add(loaded);
        return loaded;
    }

    /// <summary>Keeps a snapshot; the one used longest ago leaves when there are too many.</summary>
    public void Add(CodeSnapshot snapshot)
    {
        lock (_snapshots)
        {
            if (_snapshots.All(other => other.CodeRoot != snapshot.CodeRoot))
            {
                _snapshots.Add(snapshot);
                if (_snapshots.Count > Capacity)
                {
                    _snapshots.RemoveAt(0);
                }
            }
        }
    }
}
