using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Theseus.Repository.Tests.Rules;

/// <summary>The tests of the repository, as <c>Suite: Class.Method</c> and <c>framework: module.function</c>.</summary>
internal static partial class Tests
{
    private static readonly Lazy<IReadOnlySet<string>> Collected = new(Collect);

    public static IReadOnlySet<string> All => Collected.Value;

    /// <summary>Whether a method runs as a test: it has an attribute that ends in Fact or Theory, and is not skipped.</summary>
    public static bool IsTest(MethodDeclarationSyntax method) => method.AttributeLists.SelectMany(list => list.Attributes)
        .Any(attribute => TestAttribute().IsMatch(attribute.Name.ToString()) && !IsSkipped(attribute));

    private static bool IsSkipped(AttributeSyntax attribute) =>
        attribute.ArgumentList?.Arguments.Any(argument => argument.NameEquals?.Name.Identifier.Text == "Skip") == true;

    private static SortedSet<string> Collect()
    {
        SortedSet<string> found = new(StringComparer.Ordinal);
        foreach (string file in Repository.Files("tests", ".cs"))
        {
            string suite = Suite().Match(Repository.Relative(file)).Groups[1].Value;
            foreach (MethodDeclarationSyntax method in Repository.Syntax(file)
                .DescendantNodes().OfType<MethodDeclarationSyntax>().Where(IsTest))
            {
                if (method.Parent is TypeDeclarationSyntax type)
                {
                    found.Add($"{suite}: {type.Identifier.Text}.{method.Identifier.Text}");
                }
            }
        }

        foreach (string file in Repository.Files("framework", ".move").Where(file => file.Contains("/tests/", StringComparison.Ordinal)))
        {
            foreach (Match test in MoveTest().Matches(File.ReadAllText(file)))
            {
                found.Add($"framework: {Path.GetFileNameWithoutExtension(file)}.{test.Groups[1].Value}");
            }
        }

        return found;
    }

    [GeneratedRegex(@"(?:Fact|Theory)(?:Attribute)?$")]
    private static partial Regex TestAttribute();

    [GeneratedRegex(@"^tests/Theseus\.(.+)\.Tests/")]
    private static partial Regex Suite();

    // #[test], perhaps with arguments, perhaps followed by #[expected_failure(...)]
    [GeneratedRegex(@"#\[test(?:\([^\]]*\))?\](?:\s*#\[[^\]]*\])*\s*(?:public )?(?:entry )?fun (\w+)")]
    private static partial Regex MoveTest();
}
