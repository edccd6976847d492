using Theseus.Protocol;

namespace Theseus.Move.Compiler.Packages;

/// <summary>A dependency of a package: a local path, and names of the dependency under other names.</summary>
/// <param name="Name">Its name in the manifest.</param>
/// <param name="Local">Its folder: from the folder of the manifest, or absolute.</param>
/// <param name="Substitutions">Renamings (this package's name to the dependency's name) and assignments (the dependency's name to
/// an address).</param>
public sealed record PackageDependency(string Name, string Local, SortedDictionary<string, string> Substitutions)
{
    /// <summary>Where the manifest names it.</summary>
    internal Span Span { get; init; } = Span.None;
}

/// <summary>What a Move.toml says.</summary>
/// <param name="Name">Names the folder of the build's output too: letters, digits, '_', '-' and '.'.</param>
/// <param name="Version">Three numbers with dots; "0.0.0" when none is given.</param>
/// <param name="Addresses">Named addresses; null where the manifest says "_" and whoever uses the package gives the value.</param>
/// <param name="DevAddresses">Values for tests and for trying the package alone.</param>
/// <param name="Dependencies">Packages that it builds on, by name.</param>
/// <param name="DevDependencies">Packages that only its tests build on, by name.</param>
public sealed record PackageManifest(
    string Name,
    string Version,
    SortedDictionary<string, Address?> Addresses,
    SortedDictionary<string, Address?> DevAddresses,
    IReadOnlyList<PackageDependency> Dependencies,
    IReadOnlyList<PackageDependency> DevDependencies);

/// <summary>The meaning of a Move.toml. Its form is read by <see cref="TomlTable"/>.</summary>
internal sealed class MoveToml
{
    /// <summary>A manifest is a page of text; more is refused.</summary>
    public const int MaximumLength = 256 * 1024;

    private static readonly HashSet<string> Sections =
        ["package", "addresses", "dev-addresses", "dependencies", "dev-dependencies", "build"];

    private static readonly HashSet<string> DependencyFields = ["local", "addr_subst", "addr-subst", "version", "digest"];

    private readonly DiagnosticBag _diagnostics;
    private bool _failed;

    private MoveToml(DiagnosticBag diagnostics) => _diagnostics = diagnostics;

    /// <summary>The manifest, or null after a report.</summary>
    public static PackageManifest? Read(string text, int file, DiagnosticBag diagnostics)
    {
        if (text.Length > MaximumLength)
        {
            diagnostics.Report(Codes.Package, new Span(file, 0, 1), $"a manifest has at most {MaximumLength} characters");
            return null;
        }

        if (TomlTable.Parse(text, file, diagnostics) is not { } root)
        {
            return null;
        }

        MoveToml reader = new(diagnostics);
        PackageManifest manifest = reader.Manifest(root, new Span(file, 0, Math.Min(1, text.Length)));
        return reader._failed ? null : manifest;
    }

    private void Fault(Span span, string message)
    {
        _failed = true;
        _diagnostics.Report(Codes.Package, span, message);
    }

    private PackageManifest Manifest(TomlTable root, Span start)
    {
        foreach ((string name, TomlEntry entry) in root.Entries)
        {
            if (!Sections.Contains(name))
            {
                _diagnostics.Report(Codes.UnknownManifestEntry, entry.Key,
                    $"'{name}' means nothing in Move.toml: there are {string.Join(", ", Sections.Order(StringComparer.Ordinal))}");
            }
        }

        Section(root, "build");
        TomlTable? package = Section(root, "package");
        (string packageName, string version) = _failed ? ("", "") : Package(package, start);
        SortedDictionary<string, Address?> addresses = Addresses(Section(root, "addresses"), isDevelopment: false);
        SortedDictionary<string, Address?> development = Addresses(Section(root, "dev-addresses"), isDevelopment: true);
        Development(root, addresses, development);
        return new PackageManifest(
            packageName,
            version,
            addresses,
            development,
            Dependencies(Section(root, "dependencies")),
            Dependencies(Section(root, "dev-dependencies")));
    }

    private (string Name, string Version) Package(TomlTable? package, Span start)
    {
        if (package is null || !package.Entries.TryGetValue("name", out TomlEntry name))
        {
            Fault(start, "the manifest needs a [package] with a name");
            return ("", "");
        }

        if (name.Value is not string text || !IsPackageName(text))
        {
            Fault(name.Span, "a package's name is a text of letters, digits, '_', '-' and '.', as in name = \"MyPackage\"");
            text = "";
        }

        string version = "0.0.0";
        if (package.Entries.TryGetValue("version", out TomlEntry v))
        {
            version = v.Value as string ?? "";
            if (!IsVersion(version))
            {
                Fault(v.Span, "a version is a text of three numbers, as in version = \"1.0.0\"");
            }
        }

        if (package.Entries.TryGetValue("authors", out TomlEntry authors)
            && !(authors.Value is List<object> list && list.TrueForAll(static a => a is string)))
        {
            Fault(authors.Span, "'authors' is a list of texts");
        }

        foreach (string key in (string[])["license", "upgrade_policy", "edition"])
        {
            if (package.Entries.TryGetValue(key, out TomlEntry entry) && entry.Value is not string)
            {
                Fault(entry.Span, $"'{key}' is a text");
            }
        }

        return (text, version);
    }

    private static bool IsPackageName(string name) =>
        name.Length is > 0 and <= 128 && name[0] != '.' && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.');

    private static bool IsVersion(string version) =>
        version.Split('.') is { Length: 3 } parts && Array.TrueForAll(parts, static p => p.Length is > 0 and <= 18
            && p.All(char.IsAsciiDigit));

    private static bool IsAddressName(string name) =>
        name.Length is > 0 and <= 128 && (char.IsAsciiLetter(name[0]) || name[0] == '_') && name != "_"
            && name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_');

    private TomlTable? Section(TomlTable root, string name)
    {
        if (!root.Entries.TryGetValue(name, out TomlEntry entry))
        {
            return null;
        }

        if (entry.Value is TomlTable table)
        {
            return table;
        }

        Fault(entry.Span, $"'{name}' is a table: write [{name}]");
        return null;
    }

    private SortedDictionary<string, Address?> Addresses(TomlTable? table, bool isDevelopment)
    {
        SortedDictionary<string, Address?> result = new(StringComparer.Ordinal);
        if (table is null)
        {
            return result;
        }

        foreach ((string name, TomlEntry entry) in table.Entries)
        {
            if (!IsAddressName(name))
            {
                Fault(entry.Key, $"'{name}' can't name an address: a name is letters, digits and '_', and starts with no digit");
            }
            else if (entry.Value is "_" && !isDevelopment)
            {
                result[name] = null;
            }
            else if (entry.Value is string text && Address.TryParse(text, out Address address))
            {
                result[name] = address;
            }
            else
            {
                Fault(entry.Span,
                    $"the address '{name}' is a text like "
                        + $"\"0x1\"{(isDevelopment ? "" : ", or \"_\" when whoever uses the package assigns it")}");
            }
        }

        return result;
    }

    /// <summary>
    /// A value for development stands in for one that is open, and no two names share one: a package that builds with them must build
    /// with whatever values its users give.
    /// </summary>
    private void Development(TomlTable root, SortedDictionary<string, Address?> addresses, SortedDictionary<string, Address?> development)
    {
        if (!root.Entries.TryGetValue("dev-addresses", out TomlEntry section) || section.Value is not TomlTable table)
        {
            return;
        }

        SortedDictionary<string, string> byValue = new(StringComparer.Ordinal);
        foreach ((string name, Address? value) in development)
        {
            Span span = table.Entries[name].Span;
            if (addresses.TryGetValue(name, out Address? given) && given is not null && given != value)
            {
                Fault(span, $"'{name}' already is {given} in [addresses]; [dev-addresses] gives values to names that are open there");
            }
            else if (!byValue.TryAdd(value.ToString()!, name))
            {
                Fault(span, $"'{name}' and '{byValue[value.ToString()!]}' have one value; names of [dev-addresses] have a value each");
            }
        }
    }

    private List<PackageDependency> Dependencies(TomlTable? table)
    {
        List<PackageDependency> result = [];
        if (table is null)
        {
            return result;
        }

        foreach ((string name, TomlEntry entry) in table.Entries)
        {
            if (entry.Value is not TomlTable fields || !fields.Entries.TryGetValue("local", out TomlEntry local))
            {
                Fault(entry.Key, $"the dependency '{name}' needs a path: {{ local = \"../{name}\" }}; other kinds are not supported");
                continue;
            }

            if (local.Value is not string { Length: > 0 } path)
            {
                Fault(local.Span, "'local' is the text of a path, as in local = \"../other\"");
                continue;
            }

            foreach ((string key, TomlEntry field) in fields.Entries)
            {
                if (!DependencyFields.Contains(key))
                {
                    Fault(field.Key, $"'{key}' can't stand beside 'local' in a dependency");
                }
            }

            result.Add(new PackageDependency(name, path, Substitutions(fields)) { Span = entry.Key });
        }

        return result;
    }

    private SortedDictionary<string, string> Substitutions(TomlTable dependency)
    {
        SortedDictionary<string, string> substitutions = new(StringComparer.Ordinal);
        if (!dependency.Entries.TryGetValue("addr_subst", out TomlEntry entry) && !dependency.Entries.TryGetValue("addr-subst", out entry))
        {
            return substitutions;
        }

        if (entry.Value is not TomlTable table)
        {
            Fault(entry.Span, "'addr_subst' is a table, as in addr_subst = { name = \"0x1\" }");
            return substitutions;
        }

        foreach ((string key, TomlEntry target) in table.Entries)
        {
            if (target.Value is string text && (IsAddressName(text) || Address.TryParse(text, out Address _)))
            {
                substitutions[key] = text;
            }
            else
            {
                Fault(target.Span, "a name of an address or an address is expected, as in \"0x1\"");
            }
        }

        return substitutions;
    }
}
