namespace Theseus.Move.Compiler;

/// <summary>Source texts by path, in ordinal order of their paths: what a folder would be, without the folder.</summary>
public sealed class SourceTree
{
    private readonly SortedDictionary<string, string> _files = new(StringComparer.Ordinal);

    public SourceTree()
    {
    }

    public SourceTree(IEnumerable<KeyValuePair<string, string>> files)
    {
        foreach (KeyValuePair<string, string> file in files)
        {
            _files[file.Key] = file.Value;
        }
    }

    public int Count => _files.Count;

    public IEnumerable<string> Paths => _files.Keys;

    public IEnumerable<KeyValuePair<string, string>> Files => _files;

    public string this[string path]
    {
        get => _files[path];
        set => _files[path] = value;
    }

    public bool TryGet(string path, out string text)
    {
        bool found = _files.TryGetValue(path, out string? value);
        text = value ?? "";
        return found;
    }

    public static SourceTree Of(string path, string text) => new([new(path, text)]);
}
