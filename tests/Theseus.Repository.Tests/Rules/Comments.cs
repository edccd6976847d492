using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Theseus.Repository.Tests.Rules;

/// <summary>A piece of text in which a citation may stand.</summary>
/// <param name="Where">File and line.</param>
/// <param name="Text">The comment, or the name of a test.</param>
internal readonly record struct Citing(string Where, string Text);

/// <summary>All comments of the repository, and the names of its tests.</summary>
internal static partial class Comments
{
    private static readonly string[] Folders = ["src", "framework", "tests", "eng", "examples", "explorer", "proto"];

    private static readonly Lazy<IReadOnlyList<Citing>> Collected = new(Collect);

    /// <summary>In order of files and lines.</summary>
    public static IReadOnlyList<Citing> All => Collected.Value;

    /// <summary>The comments of one C# file, and its test methods' names.</summary>
    private static IEnumerable<Citing> OfCSharp(string where, SyntaxNode root)
    {
        foreach (SyntaxTrivia trivia in root.DescendantTrivia(descendIntoTrivia: true))
        {
            if (trivia.IsKind(SyntaxKind.SingleLineCommentTrivia) || trivia.IsKind(SyntaxKind.MultiLineCommentTrivia))
            {
                yield return new Citing($"{where}:{trivia.GetLocation().GetLineSpan().StartLinePosition.Line + 1}", trivia.ToString());
            }
        }

        foreach (MethodDeclarationSyntax method in root.DescendantNodes().OfType<MethodDeclarationSyntax>().Where(Tests.IsTest))
        {
            // the labels in front: C27_F25_evidence_has_one_form
            string labels = LabelPrefix().Match(method.Identifier.Text).Value.Replace('_', ' ');
            yield return new Citing($"{where}:{method.Identifier.GetLocation().GetLineSpan().StartLinePosition.Line + 1}", labels);
        }
    }

    private static List<Citing> Collect()
    {
        List<Citing> all = [];
        foreach (string file in Folders.SelectMany(folder => Repository.Files(folder, ".cs")))
        {
            all.AddRange(OfCSharp(Repository.Relative(file), Repository.Syntax(file)));
        }

        foreach (string file in Folders.SelectMany(folder => Repository.Files(folder, ".move", ".js", ".mjs", ".proto")))
        {
            AddLines(all, file, line => SlashComment().Match(line).Value);
        }

        string[] plain = ["theseus", "test", ".ci/run", ".editorconfig", "Directory.Build.props", "Directory.Build.targets"];
        foreach (string file in plain.Select(name => Path.Combine(Repository.Root, name)).Where(File.Exists)
            .Concat(Repository.Files("eng", "", ".txt", ".sh", ".py", ".json"))
            .Concat(Folders.SelectMany(folder => Repository.Files(folder, ".csproj", ".toml"))))
        {
            AddLines(all, file, line => line);
        }

        return all;
    }

    private static void AddLines(List<Citing> all, string file, Func<string, string> comment)
    {
        int number = 0;
        foreach (string line in File.ReadLines(file))
        {
            number++;
            string text = comment(line);
            if (text.Length > 0)
            {
                all.Add(new Citing($"{Repository.Relative(file)}:{number}", text));
            }
        }
    }

    [GeneratedRegex(@"^(?:[CFRMLSNP]\d{1,2}_)+")]
    private static partial Regex LabelPrefix();

    [GeneratedRegex(@"(?<!:)//.*$")]
    private static partial Regex SlashComment();
}
