using Theseus.Protocol;

namespace Theseus.Move.Compiler.Packages;

/// <summary>A dependency of a package: a local path, and names of the dependency under other names.</summary>
/// <param name="Substitutions">Renamings (this package's name to the dependency's name) and assignments (the dependency's name to an address).</param>
public sealed record PackageDependency(string Name, string Local, SortedDictionary<string, string> Substitutions);

/// <summary>What a Move.toml says.</summary>
public sealed record PackageManifest(
    string Name,
    string Version,
    SortedDictionary<string, Address?> Addresses,
    SortedDictionary<string, Address?> DevAddresses,
    IReadOnlyList<PackageDependency> Dependencies,
    IReadOnlyList<PackageDependency> DevDependencies);

/// <summary>Reads the part of TOML that Move.toml files use: tables, strings, inline tables, arrays, booleans and integers.</summary>
internal sealed class MoveToml
{
    /// <summary>A manifest is a page of text; more is refused.</summary>
    public const int MaximumLength = 256 * 1024;

    /// <summary>Inline tables and arrays inside each other.</summary>
    private const int MaximumNesting = 16;

    private sealed class TomlFault(int at, string message) : Exception(message)
    {
        public int At => at;
    }

    private readonly string _text;
    private readonly int _file;
    private readonly DiagnosticBag _diagnostics;
    private int _at;

    private MoveToml(string text, int file, DiagnosticBag diagnostics)
    {
        _text = text;
        _file = file;
        _diagnostics = diagnostics;
    }

    /// <summary>The manifest, or null after a report.</summary>
    public static PackageManifest? Read(string text, int file, DiagnosticBag diagnostics)
    {
        MoveToml reader = new(text, file, diagnostics);
        try
        {
            if (text.Length > MaximumLength)
            {
                throw new TomlFault(0, $"a manifest has at most {MaximumLength} characters");
            }

            return reader.Manifest(reader.Document());
        }
        catch (TomlFault fault)
        {
            int at = Math.Min(fault.At, text.Length);
            diagnostics.Report(Codes.Package, new Span(file, at, Math.Min(at + 1, text.Length)), fault.Message);
            return null;
        }
    }

    // ---- TOML ----

    private sealed class Table : SortedDictionary<string, (object Value, int At)>
    {
        public Table()
            : base(StringComparer.Ordinal)
        {
        }
    }

    private Table Document()
    {
        Table root = [];
        Table current = root;
        while (true)
        {
            SkipBlank(lines: true);
            if (_at >= _text.Length)
            {
                return root;
            }

            if (_text[_at] == '[')
            {
                int start = _at++;
                SkipBlank(false);
                if (Peek == '[')
                {
                    throw new TomlFault(start, "arrays of tables have no place in Move.toml");
                }

                current = root;
                while (true)
                {
                    int keyAt = _at;
                    string key = Key();
                    if (!current.TryGetValue(key, out (object Value, int At) existing))
                    {
                        Table child = [];
                        current[key] = (child, keyAt);
                        current = child;
                    }
                    else
                    {
                        current = existing.Value as Table ?? throw new TomlFault(keyAt, $"'{key}' is already a value");
                    }

                    SkipBlank(false);
                    if (Peek != '.')
                    {
                        break;
                    }

                    _at++;
                    SkipBlank(false);
                }

                Expect(']');
            }
            else
            {
                Pair(current, 0);
            }

            SkipBlank(false);
            if (_at < _text.Length && _text[_at] is not ('\n' or '\r'))
            {
                throw new TomlFault(_at, "a new line is expected here");
            }
        }
    }

    private char Peek => _at < _text.Length ? _text[_at] : '\0';

    private void SkipBlank(bool lines)
    {
        while (_at < _text.Length)
        {
            char c = _text[_at];
            if (c is ' ' or '\t' || (lines && c is '\n' or '\r'))
            {
                _at++;
            }
            else if (c == '#')
            {
                while (_at < _text.Length && _text[_at] != '\n')
                {
                    _at++;
                }
            }
            else
            {
                return;
            }
        }
    }

    private void Expect(char c)
    {
        if (Peek != c)
        {
            throw new TomlFault(_at, $"'{c}' is expected here");
        }

        _at++;
    }

    private string Key()
    {
        if (Peek is '"' or '\'')
        {
            return Text();
        }

        int start = _at;
        while (char.IsAsciiLetterOrDigit(Peek) || Peek is '_' or '-')
        {
            _at++;
        }

        return _at > start ? _text[start.._at] : throw new TomlFault(_at, "a key is expected here");
    }

    private void Pair(Table table, int depth)
    {
        int at = _at;
        string key = Key();
        SkipBlank(false);
        while (Peek == '.')
        {
            _at++;
            SkipBlank(false);
            if (!table.TryGetValue(key, out (object Value, int At) existing))
            {
                Table child = [];
                table[key] = (child, at);
                table = child;
            }
            else
            {
                table = existing.Value as Table ?? throw new TomlFault(at, $"'{key}' is already a value");
            }

            key = Key();
            SkipBlank(false);
        }

        Expect('=');
        SkipBlank(false);
        object value = Value(depth);
        if (!table.TryAdd(key, (value, at)))
        {
            throw new TomlFault(at, $"'{key}' is given twice");
        }
    }

    private string Text()
    {
        int start = _at;
        char quote = _text[_at++];
        System.Text.StringBuilder text = new();
        while (Peek != quote)
        {
            if (_at >= _text.Length || Peek == '\n')
            {
                throw new TomlFault(start, "the string is not closed on its line");
            }

            if (Peek == '\\' && quote == '"')
            {
                _at++;
                text.Append(Peek switch { 'n' => '\n', 't' => '\t', '"' => '"', '\\' => '\\', _ => throw new TomlFault(_at, "unknown escape sequence") });
                _at++;
                continue;
            }

            text.Append(_text[_at++]);
        }

        _at++;
        return text.ToString();
    }

    private object Value(int depth)
    {
        if (depth > MaximumNesting)
        {
            throw new TomlFault(_at, $"values nest at most {MaximumNesting} levels");
        }

        switch (Peek)
        {
            case '"' or '\'':
                return Text();
            case '{':
            {
                _at++;
                Table table = [];
                SkipBlank(false);
                while (Peek != '}')
                {
                    Pair(table, depth + 1);
                    SkipBlank(false);
                    if (Peek != ',')
                    {
                        break;
                    }

                    _at++;
                    SkipBlank(false);
                }

                Expect('}');
                return table;
            }

            case '[':
            {
                _at++;
                List<object> items = [];
                SkipBlank(true);
                while (Peek != ']')
                {
                    items.Add(Value(depth + 1));
                    SkipBlank(true);
                    if (Peek != ',')
                    {
                        break;
                    }

                    _at++;
                    SkipBlank(true);
                }

                Expect(']');
                return items;
            }

            default:
            {
                int start = _at;
                while (char.IsAsciiLetterOrDigit(Peek) || Peek is '_' or '-' or '+' or '.' or ':')
                {
                    _at++;
                }

                return _at > start ? _text[start.._at] : throw new TomlFault(_at, "a value is expected here");
            }
        }
    }

    // ---- meaning ----

    private PackageManifest? Manifest(Table root)
    {
        if (Section(root, "package") is not { } package || !package.TryGetValue("name", out (object Value, int At) name) || name.Value is not string packageName)
        {
            throw new TomlFault(0, "the manifest needs a [package] with a name");
        }

        string version = package.TryGetValue("version", out (object Value, int At) v) && v.Value is string text ? text : "0.0.0";
        return new PackageManifest(
            packageName,
            version,
            Addresses(Section(root, "addresses"), true),
            Addresses(Section(root, "dev-addresses"), false),
            Dependencies(Section(root, "dependencies")),
            Dependencies(Section(root, "dev-dependencies")));
    }

    private static Table? Section(Table root, string name) =>
        root.TryGetValue(name, out (object Value, int At) entry) ? entry.Value as Table ?? throw new TomlFault(entry.At, $"'{name}' is a table") : null;

    private static SortedDictionary<string, Address?> Addresses(Table? table, bool allowOpen)
    {
        SortedDictionary<string, Address?> result = new(StringComparer.Ordinal);
        foreach ((string name, (object value, int at)) in table ?? [])
        {
            if (value is "_" && allowOpen)
            {
                result[name] = null;
            }
            else if (value is string text && Address.TryParse(text, out Address address))
            {
                result[name] = address;
            }
            else
            {
                throw new TomlFault(at, $"the address '{name}' is a text like \"0x1\"{(allowOpen ? ", or \"_\" when whoever uses the package assigns it" : "")}");
            }
        }

        return result;
    }

    private static List<PackageDependency> Dependencies(Table? table)
    {
        List<PackageDependency> result = [];
        foreach ((string name, (object value, int at)) in table ?? [])
        {
            if (value is not Table fields || !fields.TryGetValue("local", out (object Value, int At) local) || local.Value is not string path)
            {
                throw new TomlFault(at, $"the dependency '{name}' needs a path: {{ local = \"../{name}\" }}; other kinds are not supported");
            }

            SortedDictionary<string, string> substitutions = new(StringComparer.Ordinal);
            if (fields.TryGetValue("addr_subst", out (object Value, int At) subst) || fields.TryGetValue("addr-subst", out subst))
            {
                foreach ((string key, (object target, int targetAt)) in subst.Value as Table ?? throw new TomlFault(subst.At, "'addr_subst' is a table"))
                {
                    substitutions[key] = target as string ?? throw new TomlFault(targetAt, "a renaming or an address is expected");
                }
            }

            result.Add(new PackageDependency(name, path, substitutions));
        }

        return result;
    }
}
