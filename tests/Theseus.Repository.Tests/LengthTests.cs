using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Theseus.Repository.Tests;

/// <summary>
/// House rule 7: lines of at most 140 columns, methods of at most 80 lines. What was longer when the rule came is listed in
/// eng/lengths.txt, which may only shrink. To write it anew after shortening something: <c>THESEUS_WRITE_LENGTHS=1 ./test Repository</c>.
/// </summary>
public class LengthTests
{
    private const int Columns = 140;

    private const int MethodLines = 80;

    private static readonly string[] Folders = ["src", "tests", "examples", "framework", "explorer"];

    private static readonly string List = Repository.Absolute("eng/lengths.txt");

    private static readonly Lazy<SortedDictionary<string, int>> Found = new(Measure);

    private static readonly Lazy<SortedDictionary<string, int>> Allowed = new(Read);

    [Fact]
    public void NothingGrowsBeyondTheBoundsOrTheList()
    {
        SortedDictionary<string, int> allowed = Allowed.Value;
        string[] grown = [.. Found.Value.Where(entry => entry.Value > allowed.GetValueOrDefault(entry.Key))
            .Select(entry => $"{entry.Key}: {entry.Value}, allowed {allowed.GetValueOrDefault(entry.Key)}")];
        Assert.True(grown.Length == 0, 
            $"lines above {Columns} columns (how many in a file) or methods above {MethodLines} lines:\n{string.Join('\n', grown)}");
    }

    [Fact]
    public void WhatIsShortAgainLeavesTheList()
    {
        string[] done = [.. Allowed.Value.Keys.Where(key => !Found.Value.ContainsKey(key))];
        Assert.True(done.Length == 0, $"eng/lengths.txt allows what is no longer there; remove:\n{string.Join('\n', done)}");
    }

    private static SortedDictionary<string, int> Measure()
    {
        SortedDictionary<string, int> found = new(StringComparer.Ordinal);
        foreach (string file in Folders.SelectMany(folder => Repository.Files(folder, ".cs", ".move", ".js")))
        {
            string path = Repository.Relative(file);
            int wide = File.ReadLines(file).Count(line => line.Length > Columns);
            if (wide > 0)
            {
                found[$"columns {path}"] = wide;
            }

            if (path.EndsWith(".cs", StringComparison.Ordinal))
            {
                Methods(path, Repository.Syntax(file), found);
            }
        }

        return found;
    }

    private static void Methods(string path, SyntaxNode root, SortedDictionary<string, int> found)
    {
        foreach (SyntaxNode node in root.DescendantNodes())
        {
            string? name = node switch
            {
                MethodDeclarationSyntax method => method.Identifier.Text,
                ConstructorDeclarationSyntax constructor => constructor.Identifier.Text,
                AccessorDeclarationSyntax accessor => accessor.Keyword.Text,
                OperatorDeclarationSyntax => "operator",
                _ => null,
            };
            if (name is null)
            {
                continue;
            }

            FileLinePositionSpan span = node.GetLocation().GetLineSpan();
            int lines = span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
            if (lines > MethodLines)
            {
                string key = $"method {path} {name}";
                found[key] = int.Max(lines, found.GetValueOrDefault(key));
            }
        }
    }

    private static SortedDictionary<string, int> Read()
    {
        SortedDictionary<string, int> allowed = new(StringComparer.Ordinal);
        foreach (string line in File.ReadLines(List).Where(line => line.Length > 0 && line[0] != '#'))
        {
            int end = line.LastIndexOf(' ');
            allowed.Add(line[..end], int.Parse(line[(end + 1)..], CultureInfo.InvariantCulture));
        }

        if (Environment.GetEnvironmentVariable("THESEUS_WRITE_LENGTHS") == "1")
        {
            allowed = new SortedDictionary<string, int>(
                Found.Value.Where(entry => allowed.ContainsKey(entry.Key)).ToDictionary(
                    static entry => entry.Key, entry => int.Min(entry.Value, allowed[entry.Key])), StringComparer.Ordinal);
            Write(allowed);
        }

        return allowed;
    }

    private static void Write(SortedDictionary<string, int> allowed) => File.WriteAllLines(List,
        allowed.Select(entry => $"{entry.Key} {entry.Value}").Prepend(
            "# What is longer than house rule 7 allows. This list only shrinks: LengthTests fails for what is no longer needed."));
}
