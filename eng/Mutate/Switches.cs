using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Theseus.Mutate;

/// <summary>
/// Puts every mutant of a file into it at once, each behind a switch that the environment sets, so that a room is built once and not for
/// each of them. Lines stay where they are. What the compiler refuses is left out in a second pass (see <see cref="Room"/>).
/// </summary>
internal sealed class Switches(Func<string, string, int, int?> choose) : CSharpSyntaxRewriter
{
    /// <summary>
    /// The class behind the switches. It also writes down which of them a run came to, where the environment names a file.
    /// </summary>
    public const string Source =
        """
        internal static class Mutants
        {
            private static readonly int Active =
                int.TryParse(System.Environment.GetEnvironmentVariable("THESEUS_MUTANT"), out int number) ? number : 0;

            private static readonly bool[]? Reached = Watch();

            public static bool Is(int number)
            {
                if (Reached is not null)
                {
                    Reached[number] = true;
                }

                return number == Active;
            }

            private static bool[]? Watch()
            {
                if (System.Environment.GetEnvironmentVariable("THESEUS_MUTANTS_REACHED") is not { Length: > 0 } file)
                {
                    return null;
                }

                bool[] reached = new bool[1 << 16];
                System.AppDomain.CurrentDomain.ProcessExit += (_, _) => System.IO.File.WriteAllLines(file,
                    System.Linq.Enumerable.Range(0, reached.Length).Where(number => reached[number]).Select(number => number.ToString()));
                return reached;
            }
        }
        """;

    private static readonly Dictionary<SyntaxKind, string> Operators = new()
    {
        [SyntaxKind.LessThanExpression] = "<=",
        [SyntaxKind.LessThanOrEqualExpression] = "<",
        [SyntaxKind.GreaterThanExpression] = ">=",
        [SyntaxKind.GreaterThanOrEqualExpression] = ">",
        [SyntaxKind.EqualsExpression] = "!=",
        [SyntaxKind.NotEqualsExpression] = "==",
        [SyntaxKind.LogicalAndExpression] = "||",
        [SyntaxKind.LogicalOrExpression] = "&&",
        [SyntaxKind.AddExpression] = "-",
        [SyntaxKind.SubtractExpression] = "+",
        [SyntaxKind.MultiplyExpression] = "+",
        [SyntaxKind.DivideExpression] = "*",
        [SyntaxKind.ModuloExpression] = "*",
        [SyntaxKind.LeftShiftExpression] = ">>",
        [SyntaxKind.RightShiftExpression] = "<<",
        [SyntaxKind.BitwiseAndExpression] = "|",
        [SyntaxKind.BitwiseOrExpression] = "&",
    };

    private static readonly HashSet<string> Growing =
    [
        "List", "Dictionary", "HashSet", "Queue", "Stack", "ArrayBufferWriter", "MemoryStream", "StringBuilder",
        "BcsWriter", "CanonicalWriter",
    ];

    /// <summary>A file with its mutants.</summary>
    /// <param name="text">Its text.</param>
    /// <param name="choose">Given code, fault and line: the number of the mutant, or null to leave it out.</param>
    public static string Into(string text, Func<string, string, int, int?> choose)
    {
        SyntaxTree tree = CSharpSyntaxTree.ParseText(text, new CSharpParseOptions(LanguageVersion.Preview));
        return new Switches(choose).Visit(tree.GetRoot()).ToFullString();
    }

    /// <summary>The last line of the longest expression that begins on a line.</summary>
    public static int LastLine(string text, int line) =>
        CSharpSyntaxTree.ParseText(text, new CSharpParseOptions(LanguageVersion.Preview)).GetRoot().DescendantNodes()
            .OfType<ExpressionSyntax>().Select(static node => node.GetLocation().GetLineSpan())
            .Where(span => span.StartLinePosition.Line == line - 1).Select(static span => span.EndLinePosition.Line + 1)
            .DefaultIfEmpty(line).Max();

    public override SyntaxNode? VisitBinaryExpression(BinaryExpressionSyntax node)
    {
        SyntaxNode? inner = base.VisitBinaryExpression(node);
        return Operators.TryGetValue(node.Kind(), out string? other) && inner is ExpressionSyntax mutated
            ? Switched(node, mutated, $"{Plain(node.Left)} {other} {Plain(node.Right)}")
            : inner;
    }

    public override SyntaxNode? VisitPrefixUnaryExpression(PrefixUnaryExpressionSyntax node)
    {
        SyntaxNode? inner = base.VisitPrefixUnaryExpression(node);
        return node.IsKind(SyntaxKind.LogicalNotExpression) && inner is ExpressionSyntax mutated
            ? Switched(node, mutated, Plain(node.Operand)) : inner;
    }

    public override SyntaxNode? VisitLiteralExpression(LiteralExpressionSyntax node)
    {
        string? fault = node.Kind() switch
        {
            SyntaxKind.TrueLiteralExpression => "false",
            SyntaxKind.FalseLiteralExpression => "true",
            SyntaxKind.NumericLiteralExpression => $"{node.Token.Text} + 1",
            _ => null,
        };
        if (fault is null)
        {
            return node;
        }

        return IsFree(node) && Number(node, fault, Around(node)) is int number
            ? SyntaxFactory.ParseExpression($"(global::Mutants.Is({number}) ? ({fault}) : ({node.WithoutTrivia().ToFullString()}))")
                .WithTriviaFrom(node)
            : node;
    }

    // How large a buffer or a collection is made to begin with: it grows, and nothing else depends on it.
    public override SyntaxNode? VisitArgument(ArgumentSyntax node)
    {
        bool isCapacity = node.NameColon?.Name.Identifier.Text == "capacity"
            || (node.Parent?.Parent is BaseObjectCreationExpressionSyntax made && made.ArgumentList!.Arguments[0] == node
                && Growing.Contains(TypeOf(made)));
        return isCapacity ? node : base.VisitArgument(node);
    }

    private static string TypeOf(BaseObjectCreationExpressionSyntax made)
    {
        TypeSyntax? type = made is ObjectCreationExpressionSyntax named ? named.Type
            : made.Parent?.Parent?.Parent is VariableDeclarationSyntax declared ? declared.Type : null;
        return type is GenericNameSyntax generic ? generic.Identifier.Text : type?.ToString() ?? "";
    }

    public override SyntaxNode? VisitExpressionStatement(ExpressionStatementSyntax node)
    {
        if (base.VisitExpressionStatement(node) is not ExpressionStatementSyntax inner)
        {
            return null;
        }

        if (node.Expression is not InvocationExpressionSyntax || !IsFree(node) || Number(node, "") is not int number)
        {
            return inner;
        }

        return SyntaxFactory.ParseStatement($"if (!global::Mutants.Is({number})) {{ {inner.WithoutTrivia().ToFullString()} }}")
            .WithTriviaFrom(inner);
    }

    // A hash code may be any function of what is equal.
    public override SyntaxNode? VisitMethodDeclaration(MethodDeclarationSyntax node) =>
        node.Identifier.Text == "GetHashCode" ? node : base.VisitMethodDeclaration(node);

    // What must be a constant, and what declares a name, cannot stand behind a switch.
    public override SyntaxNode? VisitAttributeList(AttributeListSyntax node) => node;

    public override SyntaxNode? VisitEnumMemberDeclaration(EnumMemberDeclarationSyntax node) => node;

    public override SyntaxNode? VisitParameter(ParameterSyntax node) => node;

    public override SyntaxNode? VisitCaseSwitchLabel(CaseSwitchLabelSyntax node) => node;

    public override SyntaxNode? VisitConstantPattern(ConstantPatternSyntax node) => node;

    public override SyntaxNode? VisitRelationalPattern(RelationalPatternSyntax node) => node;

    public override SyntaxNode? VisitFieldDeclaration(FieldDeclarationSyntax node) =>
        node.Modifiers.Any(SyntaxKind.ConstKeyword) ? node : base.VisitFieldDeclaration(node);

    public override SyntaxNode? VisitLocalDeclarationStatement(LocalDeclarationStatementSyntax node) =>
        node.IsConst ? node : base.VisitLocalDeclarationStatement(node);

    private ExpressionSyntax Switched(ExpressionSyntax node, ExpressionSyntax inner, string fault) =>
        IsFree(node) && Number(node, fault) is int number
            ? SyntaxFactory.ParseExpression($"(global::Mutants.Is({number}) ? ({fault}) : ({inner.WithoutTrivia().ToFullString()}))")
                .WithTriviaFrom(inner)
            : inner;

    private int? Number(SyntaxNode node, string fault) => Number(node, fault.Length == 0 ? "nothing" : fault, node);

    private int? Number(SyntaxNode node, string fault, SyntaxNode around)
    {
        const int Reach = 60;
        string text = around.ToString();
        int at = node.SpanStart - around.SpanStart;
        int end = at + node.Span.Length;
        string before = node == around ? "" : text[int.Max(0, at - Reach)..at];
        string after = node == around ? "" : text[end..int.Min(text.Length, end + Reach)];
        return choose(
            OnOneLine($"{before}{text[at..end]}{after}"), OnOneLine($"{before}{fault}{after}"),
            node.GetLocation().GetLineSpan().StartLinePosition.Line + 1);
    }

    // A literal alone names no place in a file: what stands around it does.
    private static SyntaxNode Around(SyntaxNode node)
    {
        SyntaxNode around = node.Parent!;
        while (around is ArgumentSyntax or ArgumentListSyntax or EqualsValueClauseSyntax or ExpressionElementSyntax
            or ParenthesizedExpressionSyntax or BracketedArgumentListSyntax or AssignmentExpressionSyntax or ExpressionStatementSyntax)
        {
            around = around.Parent!;
        }

        return around;
    }

    // Names declared inside would not be assigned on both sides; comments would swallow what follows on their line.
    private static bool IsFree(SyntaxNode node) =>
        !node.DescendantNodes().Any(static inner => inner is SingleVariableDesignationSyntax or AnonymousFunctionExpressionSyntax)
        && !node.DescendantTrivia().Any(static trivia => trivia.IsKind(SyntaxKind.SingleLineCommentTrivia)
            || trivia.IsDirective);

    private static string Plain(SyntaxNode node) => OnOneLine(node.WithoutTrivia().ToFullString());

    private static string OnOneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
