using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Theseus.Repository.Tests;

/// <summary>
/// What the banned-API analyzer cannot see in the pure rooms: floating point, enumeration of unordered collections, and
/// component versions unwrapped outside their table.
/// </summary>
public partial class PurityTests
{
    /// <summary>
    /// The only folders that may look inside a <c>ComponentVersion</c>: the record's own models and machines, which count versions up, and
    /// the tables that turn one into code.
    /// </summary>
    private static readonly string[] VersionTables = ["src/Theseus.Protocol/Record/", "src/Theseus.Execution/StackTable.cs"];

    private static readonly string[] ImplicitUsings =
    [
        "System", "System.Collections.Generic", "System.Linq", "System.IO", "System.Net.Http", "System.Threading", "System.Threading.Tasks",
    ];

    /// <summary>A partial method whose body a source generator writes (LibraryImport): generators do not run here.</summary>
    private const string GeneratedPart = "CS8795";

    private static readonly Lazy<CSharpCompilation[]> Pure = new(Compile);

    [Fact]
    public void PureRoomsCompileForThisTest()
    {
        // If the sources could not be bound, the checks below would be blind.
        Diagnostic[] errors = [.. Pure.Value.SelectMany(room => room.GetDiagnostics())
            .Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error && diagnostic.Id != GeneratedPart)];
        Assert.True(errors.Length == 0, string.Join("\n", errors.Take(10)));
    }

    [Fact]
    public void PureRoomsHaveNoFloatingPoint()
    {
        List<string> found = [];
        foreach ((SyntaxTree tree, SemanticModel model) in Sources())
        {
            foreach (SyntaxNode node in tree.GetRoot().DescendantNodes())
            {
                bool isFloat = node switch
                {
                    PredefinedTypeSyntax type => type.Keyword.Kind()
                        is SyntaxKind.FloatKeyword or SyntaxKind.DoubleKeyword or SyntaxKind.DecimalKeyword,
                    LiteralExpressionSyntax literal => literal.Token.Value is float or double or decimal,
                    InvocationExpressionSyntax call => IsFloat(model.GetTypeInfo(call).Type),
                    _ => false,
                };
                if (isFloat)
                {
                    found.Add(Where(node));
                }
            }
        }

        Assert.Empty(found);
    }

    [Fact]
    public void PureRoomsDoNotEnumerateUnorderedCollections()
    {
        List<string> found = [];
        foreach ((SyntaxTree tree, SemanticModel model) in Sources())
        {
            SyntaxNode root = tree.GetRoot();
            IEnumerable<ExpressionSyntax> sources = root.DescendantNodes().OfType<CommonForEachStatementSyntax>()
                .Select(loop => loop.Expression)
                .Concat(root.DescendantNodes().OfType<SpreadElementSyntax>().Select(spread => spread.Expression))
                .Concat(root.DescendantNodes().OfType<InvocationExpressionSyntax>()
                    .Where(call => call.Expression is MemberAccessExpressionSyntax && !OrderFree(model.GetSymbolInfo(call).Symbol))
                    .Select(call => ((MemberAccessExpressionSyntax)call.Expression).Expression));
            found.AddRange(sources.Where(source => IsUnordered(model.GetTypeInfo(source).Type) && !IsSortedAtOnce(source)).Select(Where));
        }

        Assert.Empty(found);
    }

    [Fact]
    public void ComponentVersionsAreUnwrappedByTheTablesOnly()
    {
        List<string> found = [];
        foreach ((SyntaxTree tree, SemanticModel model) in Sources())
        {
            foreach (MemberAccessExpressionSyntax access in tree.GetRoot().DescendantNodes().OfType<MemberAccessExpressionSyntax>())
            {
                if (access.Name.Identifier.Text == "Value" && model.GetTypeInfo(access.Expression).Type?.Name == "ComponentVersion" &&
                    !VersionTables.Any(table => tree.FilePath.StartsWith(table, StringComparison.Ordinal)))
                {
                    found.Add(Where(access));
                }
            }
        }

        Assert.Empty(found);
    }

    /// <summary>Each pure room with its own global usings, on the rooms before it: the listed order is the order of the arrows.</summary>
    private static CSharpCompilation[] Compile()
    {
        CSharpParseOptions options = new(LanguageVersion.Preview, DocumentationMode.None);
        List<MetadataReference> references = [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator).Where(path => PlatformAssembly().IsMatch(Path.GetFileName(path)))
            .Select(path => MetadataReference.CreateFromFile(path))];
        List<CSharpCompilation> rooms = [];
        foreach (string project in Repository.PureProjects)
        {
            IEnumerable<string> own = XDocument.Load(Repository.Absolute($"src/{project}/{project}.csproj")).Descendants("Using")
                .Select(item => (item.Attribute("Alias") is XAttribute alias ? alias.Value + " = " : "")
                    + item.Attribute("Include")!.Value);
            string usings = string.Concat(ImplicitUsings.Concat(own).Select(name => $"global using {name};"));
            List<SyntaxTree> trees = [CSharpSyntaxTree.ParseText(usings, options, project + "/usings")];
            trees.AddRange(Repository.Files($"src/{project}", ".cs")
                .Select(file => CSharpSyntaxTree.ParseText(File.ReadAllText(file), options, Repository.Relative(file))));
            CSharpCompilationOptions library = new(
                OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable);
            CSharpCompilation room = CSharpCompilation.Create(project, trees, references, library);
            rooms.Add(room);
            references.Add(room.ToMetadataReference());
        }

        return [.. rooms];
    }

    private static IEnumerable<(SyntaxTree Tree, SemanticModel Model)> Sources() =>
        Pure.Value.SelectMany(room => room.SyntaxTrees.Select(tree => (tree, room.GetSemanticModel(tree))));

    /// <summary>Whether the result does not depend on the order of the source: not a method of Enumerable, or one that counts.</summary>
    private static bool OrderFree(ISymbol? called) =>
        called is not IMethodSymbol { ContainingType.Name: "Enumerable" }
        || called.Name is "Any" or "All" or "Count" or "Sum" or "Contains" or "Max" or "Min" or "LongCount";

    /// <summary>A collection expression or chain that ends in an ordering makes the order its own.</summary>
    private static bool IsSortedAtOnce(ExpressionSyntax source) =>
        source.Ancestors().OfType<InvocationExpressionSyntax>().Any(call => call.Expression is MemberAccessExpressionSyntax access &&
            access.Name.Identifier.Text
                is "Order" or "OrderBy" or "OrderDescending" or "ToSortedList" or "ToFrozenDictionary"
                or "ToFrozenSet" or "ToDictionary" or "ToHashSet");

    private static bool IsUnordered(ITypeSymbol? type) => type switch
    {
        null => false,
        { Name: "Dictionary" or "HashSet" or "FrozenDictionary" or "FrozenSet" or "ConcurrentDictionary" } => true,
        { Name: "IReadOnlyDictionary" or "IDictionary" or "ISet" or "IReadOnlySet" } => true,
        { Name: "KeyCollection" or "ValueCollection", ContainingType.Name: "Dictionary" } => true,
        _ => false,
    };

    private static bool IsFloat(ITypeSymbol? type) =>
        type?.SpecialType is SpecialType.System_Single or SpecialType.System_Double or SpecialType.System_Decimal;

    [GeneratedRegex(@"^(?:System\..*|NSec\..*|Tomlyn\.dll|netstandard\.dll|mscorlib\.dll)$")]
    private static partial Regex PlatformAssembly();

    private static string Where(SyntaxNode node)
    {
        FileLinePositionSpan span = node.GetLocation().GetLineSpan();
        return $"{span.Path}:{span.StartLinePosition.Line + 1}: {node.ToString().Split('\n')[0]}";
    }
}
