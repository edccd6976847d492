namespace Theseus.Move.Compiler;

/// <summary>Source texts by path, in ordinal order of their paths: what a folder would be, without the folder.</summary>
public sealed class SourceTree
{
    private readonly SortedDictionary<string, string> _files = new(StringComparer.Ordinal);

    /// <summary>An empty tree.</summary>
    public SourceTree()
    {
    }

    /// <summary>A tree of these texts by path; of two with one path the later stays.</summary>
    public SourceTree(IEnumerable<KeyValuePair<string, string>> files)
    {
        foreach (KeyValuePair<string, string> file in files)
        {
            _files[file.Key] = file.Value;
        }
    }

    /// <summary>How many files there are.</summary>
    public int Count => _files.Count;

    /// <summary>Paths with slashes, in ordinal order.</summary>
    public IEnumerable<string> Paths => _files.Keys;

    /// <summary>Path and text, in ordinal order of the paths.</summary>
    public IEnumerable<KeyValuePair<string, string>> Files => _files;

    /// <summary>The text at a path; setting replaces what was there.</summary>
    /// <exception cref="KeyNotFoundException">Reading a path that is not in the tree.</exception>
    public string this[string path]
    {
        get => _files[path];
        set => _files[path] = value;
    }

    /// <summary>Looks a path up, exactly as written.</summary>
    /// <param name="path">With slashes.</param>
    /// <param name="text">Empty when there is no such file.</param>
    public bool TryGet(string path, out string text)
    {
        bool found = _files.TryGetValue(path, out string? value);
        text = value ?? "";
        return found;
    }

    /// <summary>A tree of one file.</summary>
    public static SourceTree Of(string path, string text) => new([new(path, text)]);
}
