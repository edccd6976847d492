using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Theseus.Repository.Tests.Pages;

/// <summary>The operators' pages say what the code does: every key, code, metric, event and reason, and nothing else.</summary>
public partial class OperatorPagesTests
{
    private const string Folder = "docs/operators/";

    [Fact]
    public void EveryKeyOfNodeJsonIsListed()
    {
        SyntaxNode[] sources = [.. Repository.Files("src/Theseus.Node", ".cs").Select(Repository.Syntax)];
        SortedSet<string> keys = new(StringComparer.Ordinal);
        Collect(sources, "NodeConfig", "", keys);
        Assert.Contains("ports.rpc", keys); // the walk reaches nested records
        Equal(keys, Tables.Rows(Folder + "configuration.md", "key", "meaning").Select(row => Tables.Code(row[0])), "configuration.md");
    }

    [Fact]
    public void EveryEnvironmentVariableIsListed()
    {
        IEnumerable<string> used = Repository.Files("src", ".cs").Append(Repository.Absolute("theseus"))
            .SelectMany(file => Variable().Matches(File.ReadAllText(file)).Select(match => match.Value));
        Equal(used, Tables.Rows(Folder + "configuration.md", "variable", "meaning").Select(row => Tables.Code(row[0])), "configuration.md");
    }

    [Fact]
    public void EveryExitCodeIsListed()
    {
        IEnumerable<string> codes = Types("src/Theseus.Cli").OfType<ClassDeclarationSyntax>()
            .Single(type => type.Identifier.Text == "ExitCode").Members.OfType<FieldDeclarationSyntax>()
            .SelectMany(field => field.Declaration.Variables)
            .Select(variable => $"{variable.Initializer!.Value} {variable.Identifier.Text}");
        Equal(codes, Tables.Rows(Folder + "exit-codes.md", "code", "name").Select(row => $"{row[0]} {row[1]}"), "exit-codes.md");
    }

    /// <summary>
    /// Names of metrics stand as text in files that are named after them, or are given to the Create… methods of a meter.
    /// A name with dots is served with underscores, a counter with _total.
    /// </summary>
    [Fact]
    public void EveryMetricIsListed()
    {
        SortedSet<string> names = new(StringComparer.Ordinal);
        foreach (string file in Repository.Files("src", ".cs"))
        {
            string source = File.ReadAllText(file);
            if (Path.GetFileName(file).Contains("Metric", StringComparison.Ordinal))
            {
                names.UnionWith(MetricName().Matches(source).Select(match => match.Groups[1].Value.Replace('.', '_')));
            }

            foreach (Match instrument in Instrument().Matches(source))
            {
                string name = instrument.Groups[2].Value.Replace('.', '_');
                bool total = instrument.Groups[1].Value == "Counter" && !name.EndsWith("_total", StringComparison.Ordinal);
                names.Remove(name);
                names.Add(total ? name + "_total" : name);
            }
        }

        Assert.True(names.Count >= 10, $"only {names.Count} metrics found: the search has gone blind");
        Equal(names, Tables.Rows(Folder + "metrics.md", "metric", "labels").Select(row => Tables.Code(row[0])), "metrics.md");
    }

    [Fact]
    public void EveryEventOfTheEngineIsListed()
    {
        IEnumerable<string> events = Types("src/Theseus.Engine").OfType<RecordDeclarationSyntax>()
            .Where(type => type.BaseList?.Types.Any(b => b.Type.ToString() == "EngineEvent") == true).Select(type => type.Identifier.Text);
        Equal(events, Tables.Rows(Folder + "logs.md", "event", "meaning").Select(row => Tables.Code(row[0])), "logs.md");
    }

    [Fact]
    public void EveryMessageOfTheLogIsListedByItsId()
    {
        string messages = Repository.Read("src/Theseus.Node/Logging/NodeMessages.cs");
        List<string> ids = [.. MessageId().Matches(messages).Select(match => match.Groups[1].Value)];
        Assert.Equal(ids.Distinct(StringComparer.Ordinal), ids); // an id names one message
        ids.Add("1299"); // written by the log itself
        Equal(ids, Tables.Rows(Folder + "logs.md", "id", "line").Select(row => row[0].Trim()), "logs.md");
    }

    [Theory]
    [InlineData("src/Theseus.Node", "NodeEndKind", "## The node ended")]
    [InlineData("src/Theseus.Engine", "HaltReason", "## The engine stopped")]
    [InlineData("src/Theseus.Engine", "AbstainReason", "## The node abstains")]
    [InlineData("src/Theseus.Consensus", "ReportKind", "## Reports of the core")]
    public void EveryReasonIsListedUnderItsAlarm(string room, string name, string heading)
    {
        IEnumerable<string> members = Types(room).OfType<EnumDeclarationSyntax>().Single(type => type.Identifier.Text == name)
            .Members.Select(member => member.Identifier.Text);
        string section = Repository.Read(Folder + "alarms.md").Split(heading)[1].Split("\n## ")[0];
        Equal(members, FirstCell().Matches(section).Select(match => match.Groups[1].Value), "alarms.md, " + heading);
    }

    [Fact]
    public void DefaultsOfTheConfigurationAreTheCodes()
    {
        string source = Repository.Read("src/Theseus.Node/Hosting/NodeConfig.cs");
        string retention = Tables.Rows(Folder + "configuration.md", "key", "meaning").Single(row => Tables.Code(row[0]) == "retention")[2];
        string inCode = Regex.Match(source, @"DefaultRetention = ([\d_]+)").Groups[1].Value;
        Assert.Equal(inCode.Replace("_", "", StringComparison.Ordinal), retention);
    }

    private static void Collect(SyntaxNode[] sources, string record, string prefix, SortedSet<string> keys)
    {
        RecordDeclarationSyntax type = Records(sources).Single(type => type.Identifier.Text == record);
        foreach (ParameterSyntax parameter in type.ParameterList!.Parameters)
        {
            string key = prefix + char.ToLowerInvariant(parameter.Identifier.Text[0]) + parameter.Identifier.Text[1..];
            string of = parameter.Type!.ToString().TrimEnd('?');
            string element = ListOf().Match(of) is { Success: true } list ? list.Groups[1].Value : "";
            bool nested = IsRecord(sources, of), nestedList = IsRecord(sources, element);
            if (!nested)
            {
                keys.Add(key);
            }

            if (nested || nestedList)
            {
                Collect(sources, nested ? of : element, key + (nestedList ? "[]." : "."), keys);
            }
        }
    }

    private static bool IsRecord(SyntaxNode[] sources, string name) =>
        Records(sources).Any(type => type.Identifier.Text == name && type.ParameterList is not null);

    private static IEnumerable<RecordDeclarationSyntax> Records(SyntaxNode[] sources) =>
        sources.SelectMany(source => source.DescendantNodes().OfType<RecordDeclarationSyntax>());

    private static IEnumerable<BaseTypeDeclarationSyntax> Types(string room) =>
        Repository.Files(room, ".cs").SelectMany(file => Repository.Syntax(file).DescendantNodes().OfType<BaseTypeDeclarationSyntax>());

    private static void Equal(IEnumerable<string> code, IEnumerable<string> page, string name)
    {
        SortedSet<string> inCode = new(code, StringComparer.Ordinal), onPage = new(page, StringComparer.Ordinal);
        string missing = string.Join(", ", inCode.Except(onPage)), gone = string.Join(", ", onPage.Except(inCode));
        Assert.True(missing.Length == 0 && gone.Length == 0,
            $"docs/operators/{name}: not listed: [{missing}]; listed and not in the code: [{gone}]");
    }

    [GeneratedRegex(@"LoggerMessage\((\d+),")]
    private static partial Regex MessageId();

    [GeneratedRegex(@"THESEUS_[A-Z]+(?:_[A-Z]+)*")]
    private static partial Regex Variable();

    [GeneratedRegex(@"""(?:# HELP )?(theseus[_.][a-z_.]+)(?=[""{ \\])")]
    private static partial Regex MetricName();

    [GeneratedRegex(@"\.Create(?:Observable)?(Counter|Gauge|UpDownCounter|Histogram)(?:<[^>]*>)?\(\s*""([a-z_.]+)""")]
    private static partial Regex Instrument();

    [GeneratedRegex(@"^IReadOnlyList<(\w+)>$")]
    private static partial Regex ListOf();

    [GeneratedRegex(@"^\| `(\w+)` ", RegexOptions.Multiline)]
    private static partial Regex FirstCell();
}
