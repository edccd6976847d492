using System.Text;
using System.Text.RegularExpressions;
using Theseus.Protocol;

namespace Theseus.Move.Compiler.Tests.Conformance;

/// <summary>Where a diagnostic stands: what a baseline file and this compiler can be compared by.</summary>
internal readonly record struct Finding(string Code, int Line, int Column)
{
    public override string ToString() => $"{Code} {Line}:{Column}";
}

/// <summary>One program of a folder of baselines, judged by its baseline and by this compiler.</summary>
/// <param name="Name">Path from the folder, with ":test" when it was compiled in test mode.</param>
internal sealed record CheckedProgram(string Name, IReadOnlyList<Finding> Expected, IReadOnlyList<Finding> Actual, string Rendered)
{
    /// <summary>The same multiset of code, line and column.</summary>
    public bool IsExact => Expected.SequenceEqual(Actual);

    /// <summary>Both accept or both refuse.</summary>
    public bool IsAgreed => Expected.Any(IsError) == Actual.Any(IsError);

    private static bool IsError(Finding finding) => finding.Code[0] is not 'W';
}

/// <summary>
/// Compares this compiler with the baselines of the public repository move-language/move: a file X.move stands beside X.exp,
/// which holds the diagnostics of the reference compiler (no file: none), and beside X.unit_test when test mode counts too.
/// </summary>
internal static partial class MoveCheck
{
    /// <summary>Values that the baselines give to named addresses.</summary>
    private static readonly SortedDictionary<string, Address> Addresses = new(StringComparer.Ordinal)
    {
        ["std"] = Address.One,
        ["M"] = Address.One,
        ["A"] = Address.FromShort(0x42),
        ["B"] = Address.FromShort(0x42),
        ["K"] = Address.FromShort(0x19),
        ["Async"] = Address.FromShort(0x20),
    };

    /// <summary>Judges every program below <paramref name="folder"/>, in ordinal order of their names.</summary>
    /// <param name="folder">A folder of .move and .exp files.</param>
    /// <param name="library">The sources of the reference's standard library, or null.</param>
    public static List<CheckedProgram> Run(string folder, string? library)
    {
        SourceDependency? standard = library is null ? null : new SourceDependency(
            new SourceTree(Directory.GetFiles(library, "*.move").Select(f => new KeyValuePair<string,
                string>("std/" + Path.GetFileName(f), File.ReadAllText(f)))),
            Addresses);
        List<CheckedProgram> programs = [];
        foreach (string file in Directory.GetFiles(folder, "*.move", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            string name = Path.GetRelativePath(folder, file);
            programs.Add(Judge(name, file, Path.ChangeExtension(file, ".exp"), standard, false));
            if (File.Exists(Path.ChangeExtension(file, ".unit_test")))
            {
                programs.Add(Judge(name + ":test", file, Path.ChangeExtension(file, ".unit_test.exp"), standard, true));
            }
        }

        return programs;
    }

    private static CheckedProgram Judge(string name, string file, string baseline, SourceDependency? library, bool test)
    {
        Compilation compilation = Compiler.Compile(SourceTree.Of("program.move", File.ReadAllText(file)), new CompilerOptions
        {
            Addresses = Addresses,
            TestMode = test,
            Verifier = LanguageRules.Verifier,
            Dependencies = library is null ? [] : [library],
        });
        IEnumerable<Finding> actual = compilation.Diagnostics.Select(d => new Finding(d.Code, d.Line, d.Column));
        IEnumerable<Finding> expected = File.Exists(baseline) ? Baseline(File.ReadAllText(baseline)) : [];
        return new CheckedProgram(name, [.. Ordered(expected)], [.. Ordered(actual)], DiagnosticRenderer.Render(compilation.Diagnostics));
    }

    private static IEnumerable<Finding> Ordered(IEnumerable<Finding> findings) =>
        findings.OrderBy(f => f.Line).ThenBy(f => f.Column).ThenBy(f => f.Code, StringComparer.Ordinal);

    [GeneratedRegex(@"^(?:error|warning)\[(?<code>[EWI]\d{5})\][^\n]*\n\s*┌─ [^\n]*?:(?<line>\d+):(?<column>\d+)",
        RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Header();

    private static IEnumerable<Finding> Baseline(string text)
    {
        foreach (Match match in Header().Matches(text.Replace("\r", "", StringComparison.Ordinal)))
        {
            yield return new Finding(match.Groups["code"].Value, Number(match.Groups["line"]), Number(match.Groups["column"]));
        }
    }

    private static int Number(Group group) => int.Parse(group.Value, System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>A page for people: the two figures, what differs by code, then every program that differs.</summary>
    public static string Report(IReadOnlyList<CheckedProgram> programs)
    {
        StringBuilder text = new();
        int exact = programs.Count(p => p.IsExact);
        int agreed = programs.Count(p => p.IsAgreed);
        text.AppendLine($"programs {programs.Count}, exact {exact} ({100.0 * exact / programs.Count:0.0} %), agreed {agreed} "
            + $"({100.0 * agreed / programs.Count:0.0} %)");
        SortedDictionary<string, int> classes = new(StringComparer.Ordinal);
        foreach (CheckedProgram program in programs.Where(p => !p.IsExact))
        {
            string key = string.Join(' ', Minus(program.Expected, program.Actual).Select(f => "-" + f.Code).Distinct()
                .Concat(Minus(program.Actual, program.Expected).Select(f => "+" + f.Code).Distinct()));
            classes[key] = classes.GetValueOrDefault(key) + 1;
        }

        foreach ((string key, int count) in classes.OrderByDescending(c => c.Value))
        {
            text.AppendLine($"{count,4}  {key}");
        }

        foreach (CheckedProgram program in programs.Where(p => !p.IsExact))
        {
            text.AppendLine().AppendLine($"{program.Name}{(program.IsAgreed ? "" : " DISAGREES")}");
            text.AppendLine($"  missing: {string.Join(", ", Minus(program.Expected, program.Actual))}");
            text.AppendLine($"  extra:   {string.Join(", ", Minus(program.Actual, program.Expected))}");
        }

        return text.ToString();
    }

    private static List<Finding> Minus(IReadOnlyList<Finding> from, IReadOnlyList<Finding> what)
    {
        List<Finding> rest = [.. from];
        foreach (Finding finding in what)
        {
            rest.Remove(finding);
        }

        return rest;
    }
}
