using Theseus.Protocol;

namespace Theseus.Move.Compiler.Packages;

/// <summary>How a package is built.</summary>
public sealed record PackageOptions
{
    /// <summary>Test mode: tests, test_only items, [dev-addresses] and [dev-dependencies] of the root package.</summary>
    public bool TestMode { get; init; }

    /// <summary>Values for addresses that the manifests leave open with "_". A name that no package of the build has is refused.</summary>
    public IReadOnlyDictionary<string, Address> Addresses { get; init; } = new SortedDictionary<string, Address>(StringComparer.Ordinal);

    /// <summary>
    /// Outside of test mode too, addresses that are still open take their values from [dev-addresses] of the root package, with a
    /// warning: for trying a package alone, never for publishing.
    /// </summary>
    public bool OpenAddressesFromDevelopment { get; init; }

    /// <summary>
    /// The absolute path of the folder that the tree's paths start from, with slashes: dependencies with absolute paths are found by it.
    /// Null when there is none.
    /// </summary>
    public string? Folder { get; init; }

    /// <summary>For mutation tests; see <see cref="CompilerOptions.DropAssert"/>.</summary>
    internal (ModuleId Module, int Index)? DropAssert { get; init; }

    /// <summary>
    /// What the verifier accepts: the limits and rules of the chain's first stack, or those of <see cref="LanguageRules"/>.
    /// </summary>
    public Rules.VerifierLimits Verifier { get; init; } = new();
}

/// <summary>One compiled package of a build.</summary>
public sealed record BuiltPackage(string Name, string Path, PackageManifest Manifest, IReadOnlyDictionary<string, Address> Addresses,
    Compilation Compilation);

/// <summary>
/// The packages of a build in order of dependency, the root last. Diagnostics of the graph itself stand apart from those of the
/// packages.
/// </summary>
public sealed record PackageBuildResult(IReadOnlyList<BuiltPackage> Packages, IReadOnlyList<Diagnostic> GraphDiagnostics)
{
    /// <summary>Whether the graph and every package in it are without errors.</summary>
    public bool Success => Root is not null && !GraphDiagnostics.Any(static d => d.Severity == Severity.Error)
        && Packages.All(static p => p.Compilation.Success);

    /// <summary>The last package: of a successful build the one that was asked for. Null when none was built.</summary>
    public BuiltPackage? Root => Packages.Count > 0 ? Packages[^1] : null;

    /// <summary>Of the graph, then of each package in order of dependency.</summary>
    public IEnumerable<Diagnostic> Diagnostics => GraphDiagnostics.Concat(Packages.SelectMany(static p => p.Compilation.Diagnostics));

    /// <summary>All units, dependencies first.</summary>
    public IEnumerable<CompiledSource> Units => Packages.SelectMany(static p => p.Compilation.Units);
}

/// <summary>
/// Builds a package and its local dependencies out of one tree: paths like "framework/move-stdlib/Move.toml" and
/// "…/sources/vector.move".
/// </summary>
public static class PackageBuild
{
    /// <summary>Packages in one build; a chain of local packages is short.</summary>
    public const int MaximumPackages = 256;

    /// <summary>Builds the package in the folder <paramref name="root"/> ("" when Move.toml is at the top of the tree).</summary>
    public static PackageBuildResult Build(SourceTree tree, string root = "", PackageOptions? options = null)
    {
        options ??= new PackageOptions();
        List<SourceFile> files = [];
        DiagnosticBag diagnostics = new(files);
        Graph graph = new(tree, options, files, diagnostics);
        List<Node> order = graph.Resolve(Normalise(root));
        if (!diagnostics.HasErrors)
        {
            graph.Assign(order[^1]);
        }

        if (diagnostics.HasErrors)
        {
            return new PackageBuildResult([], diagnostics.Finish());
        }

        List<BuiltPackage> built = [];
        foreach (Node node in order)
        {
            bool isRoot = ReferenceEquals(node, order[^1]);
            SortedDictionary<string, Address> addresses = graph.AddressesOf(node);
            if (diagnostics.HasErrors)
            {
                return new PackageBuildResult(built, diagnostics.Finish());
            }

            SourceTree sources = Sources(tree, node.Path, isRoot && options.TestMode);
            List<SourceDependency> dependencies = [];
            foreach (Node dependency in Closure(node))
            {
                dependencies.Add(new SourceDependency(Sources(tree, dependency.Path, false), graph.AddressesOf(dependency)));
            }

            Compilation compilation = Compiler.Compile(sources, new CompilerOptions
            {
                Addresses = addresses,
                // dependencies keep their test_only items, so that the root's tests can use them
                TestMode = options.TestMode,
                Dependencies = dependencies,
                DropAssert = options.DropAssert,
                Verifier = options.Verifier,
            });
            built.Add(new BuiltPackage(node.Manifest.Name, node.Path, node.Manifest, addresses, compilation));
            if (!compilation.Success)
            {
                break;
            }
        }

        return new PackageBuildResult(built, diagnostics.Finish());
    }

    private static List<Node> Closure(Node node)
    {
        List<Node> all = [];
        void Add(Node next)
        {
            foreach (Node dependency in next.Dependencies)
            {
                if (!all.Contains(dependency))
                {
                    Add(dependency);
                    all.Add(dependency);
                }
            }
        }

        Add(node);
        return all;
    }

    private static SourceTree Sources(SourceTree tree, string path, bool withTests)
    {
        SourceTree sources = new();
        string prefix = path.Length == 0 ? "" : path + "/";
        foreach (KeyValuePair<string, string> file in tree.Files)
        {
            if (file.Key.EndsWith(".move", StringComparison.Ordinal) && file.Key.StartsWith(prefix, StringComparison.Ordinal))
            {
                string rest = file.Key[prefix.Length..];
                if (rest.StartsWith("sources/", StringComparison.Ordinal) || rest.StartsWith("scripts/", StringComparison.Ordinal)
                    || (withTests && rest.StartsWith("tests/", StringComparison.Ordinal)))
                {
                    sources[file.Key] = file.Value;
                }
            }
        }

        return sources;
    }

    /// <summary>"a/b/../c" to "a/c"; a path above the tree keeps its dots and finds nothing.</summary>
    internal static string Normalise(string path)
    {
        List<string> parts = [];
        foreach (string part in path.Replace('\\', '/').Split('/'))
        {
            if (part is "" or ".")
            {
                continue;
            }

            if (part == ".." && parts.Count > 0 && parts[^1] != "..")
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else
            {
                parts.Add(part);
            }
        }

        return string.Join('/', parts);
    }

    internal sealed class Node(string path, PackageManifest manifest, int file)
    {
        public string Path => path;

        public PackageManifest Manifest => manifest;

        public int File => file;

        public List<Node> Dependencies { get; } = [];

        /// <summary>Address names of this package by the class of names they are unified with.</summary>
        public SortedDictionary<string, Cell> Names { get; } = new(StringComparer.Ordinal);
    }

    /// <summary>Names of several packages that must have one value (union-find).</summary>
    internal sealed class Cell
    {
        private Cell? _parent;

        public Address? Value { get; set; }

        public Cell Root
        {
            get
            {
                Cell cell = this;
                while (cell._parent is { } parent)
                {
                    cell = parent;
                }

                return cell;
            }
        }

        /// <summary>False when both have different values.</summary>
        public bool Unify(Cell other)
        {
            Cell a = Root;
            Cell b = other.Root;
            if (ReferenceEquals(a, b))
            {
                return true;
            }

            if (a.Value is { } x && b.Value is { } y && x != y)
            {
                return false;
            }

            b.Value ??= a.Value;
            a._parent = b;
            return true;
        }
    }

    private sealed class Graph(SourceTree tree, PackageOptions options, List<SourceFile> files, DiagnosticBag diagnostics)
    {
        private readonly SortedDictionary<string, Node> _nodes = new(StringComparer.Ordinal);
        private readonly List<Node> _order = [];
        private readonly HashSet<string> _path = new(StringComparer.Ordinal);

        public List<Node> Resolve(string root)
        {
            Visit(root, Span.None, 0);
            return _order;
        }

        private Node? Visit(string path, Span from, int depth)
        {
            if (_nodes.TryGetValue(path, out Node? known))
            {
                if (_path.Contains(path))
                {
                    diagnostics.Report(Codes.Package, from,
                        $"the packages depend on each other in a cycle through '{known.Manifest.Name}'");
                    return null;
                }

                return known;
            }

            string manifestPath = path.Length == 0 ? "Move.toml" : path + "/Move.toml";
            if (!tree.TryGet(manifestPath, out string text))
            {
                int at = files.Count;
                files.Add(new SourceFile(manifestPath, ""));
                diagnostics.Report(Codes.Package, from.File >= 0 ? from : new Span(at, 0, 0),
                    $"there is no package at '{path}': {manifestPath} is missing");
                return null;
            }

            if (_nodes.Count >= MaximumPackages || depth >= MaximumPackages)
            {
                diagnostics.Report(Codes.Package, from, $"a build has at most {MaximumPackages} packages");
                return null;
            }

            int file = files.Count;
            files.Add(new SourceFile(manifestPath, text));
            if (MoveToml.Read(text, file, diagnostics) is not { } manifest)
            {
                return null;
            }

            Node node = new(path, manifest, file);
            _nodes[path] = node;
            _path.Add(path);
            bool isRoot = depth == 0;
            DeclareNames(node, isRoot);
            foreach (PackageDependency dependency in manifest.Dependencies.Concat(isRoot && options.TestMode ? manifest.DevDependencies
                : []))
            {
                Span span = dependency.Span;
                if (Locate(path, dependency) is { } place && Visit(place, span, depth + 1) is { } target)
                {
                    if (!node.Dependencies.Contains(target))
                    {
                        node.Dependencies.Add(target);
                    }

                    Connect(node, target, dependency, span);
                }
            }

            _path.Remove(path);
            _order.Add(node);
            return node;
        }

        /// <summary>A dependency's path in the tree, or null after a report.</summary>
        private string? Locate(string path, PackageDependency dependency)
        {
            if (!dependency.Local.StartsWith('/'))
            {
                return Normalise(path + "/" + dependency.Local);
            }

            if (options.Folder is not { } folder)
            {
                diagnostics.Report(Codes.Package, dependency.Span,
                    $"the path of '{dependency.Name}' is absolute, but these sources lie in no folder");
                return null;
            }

            string[] from = Normalise(folder).Split('/', StringSplitOptions.RemoveEmptyEntries);
            string[] to = Normalise(dependency.Local).Split('/', StringSplitOptions.RemoveEmptyEntries);
            int shared = 0;
            while (shared < from.Length && shared < to.Length && from[shared] == to[shared])
            {
                shared++;
            }

            return string.Join('/', Enumerable.Repeat("..", from.Length - shared).Concat(to.Skip(shared)));
        }

        /// <summary>Gives the values of the command line and, where asked for, of development to names that are still open.</summary>
        public void Assign(Node root)
        {
            foreach ((string name, Address value) in options.Addresses.OrderBy(static a => a.Key, StringComparer.Ordinal))
            {
                if (!root.Names.TryGetValue(name, out Cell? cell))
                {
                    diagnostics.Report(Codes.PackageAddress, new Span(root.File, 0, 1),
                        $"no package of this build has an address '{name}' to assign {value} to");
                }
                else if (cell.Root.Value is { } known && known != value)
                {
                    diagnostics.Report(Codes.PackageAddress, new Span(root.File, 0, 1),
                        $"the address '{name}' already is {known}, it can't become {value}");
                }
                else
                {
                    cell.Root.Value = value;
                }
            }

            foreach ((string name, Address? value) in options.OpenAddressesFromDevelopment ? root.Manifest.DevAddresses : [])
            {
                if (root.Names.TryGetValue(name, out Cell? cell) && cell.Root.Value is null)
                {
                    cell.Root.Value = value;
                    diagnostics.Report(Codes.DevelopmentAddress, new Span(root.File, 0, 1),
                        $"the address '{name}' is open; this build takes {value} from [dev-addresses]");
                }
            }
        }

        private void DeclareNames(Node node, bool isRoot)
        {
            foreach ((string name, Address? value) in node.Manifest.Addresses)
            {
                node.Names[name] = new Cell { Value = value };
            }

            if (isRoot && options.TestMode)
            {
                foreach ((string name, Address? value) in node.Manifest.DevAddresses.Where(a => !options.Addresses.ContainsKey(a.Key)))
                {
                    if (node.Names.TryGetValue(name, out Cell? cell))
                    {
                        cell.Root.Value ??= value;
                    }
                    else
                    {
                        node.Names[name] = new Cell { Value = value };
                    }
                }
            }
        }

        /// <summary>
        /// Names of a dependency are names of its user too; renamed ones under the new name, assigned ones with their value.
        /// </summary>
        private void Connect(Node user, Node dependency, PackageDependency edge, Span span)
        {
            HashSet<string> renamed = new(StringComparer.Ordinal);
            foreach ((string key, string target) in edge.Substitutions)
            {
                if (Address.TryParse(target, out Address value) && target.StartsWith("0x", StringComparison.Ordinal))
                {
                    if (!dependency.Names.TryGetValue(key, out Cell? assigned) || !assigned.Unify(new Cell { Value = value }))
                    {
                        diagnostics.Report(Codes.PackageAddress, span,
                            $"'{key}' of '{dependency.Manifest.Name}' can't be assigned {target}");
                    }

                    continue;
                }

                if (!dependency.Names.TryGetValue(target, out Cell? cell))
                {
                    diagnostics.Report(Codes.PackageAddress, span, $"'{dependency.Manifest.Name}' has no address '{target}' to rename");
                    continue;
                }

                renamed.Add(target);
                Unify(user, key, cell, dependency, span);
            }

            foreach ((string name, Cell cell) in dependency.Names)
            {
                if (!renamed.Contains(name))
                {
                    Unify(user, name, cell, dependency, span);
                }
            }
        }

        private void Unify(Node user, string name, Cell cell, Node dependency, Span span)
        {
            if (!user.Names.TryGetValue(name, out Cell? own))
            {
                user.Names[name] = cell;
            }
            else if (!own.Unify(cell))
            {
                diagnostics.Report(Codes.PackageAddress, span,
                    $"the address '{name}' is {own.Root.Value} in '{user.Manifest.Name}' and {cell.Root.Value} in "
                        + $"'{dependency.Manifest.Name}'");
            }
        }

        public SortedDictionary<string, Address> AddressesOf(Node node)
        {
            SortedDictionary<string, Address> result = new(StringComparer.Ordinal);
            foreach ((string name, Cell cell) in node.Names)
            {
                if (cell.Root.Value is { } value)
                {
                    result[name] = value;
                }
                else
                {
                    diagnostics.Report(Codes.PackageAddress, new Span(node.File, 0, 0),
                        $"the address '{name}' of '{node.Manifest.Name}' has no value: assign it in [addresses] of a package that "
                            + $"uses it, or with --named-addresses {name}=0x…");
                }
            }

            return result;
        }
    }
}
