using System.Text.RegularExpressions;

namespace Theseus.Mutate;

/// <summary>A C# room: every chosen mutant is built into one copy of the repository, and its suite runs once for each of them.</summary>
internal sealed partial class Room(string root, string name, string copy)
{
    private static readonly TimeSpan BuildPatience = TimeSpan.FromMinutes(20);

    /// <summary>Rounds in which the compiler says which mutants it refuses.</summary>
    private const int MostRounds = 12;

    private readonly Dictionary<(string, int, string, string), int> _numbers = [];

    /// <summary>Mutants that are built.</summary>
    public List<Mutant> Mutants { get; } = [];

    private string Suite => Path.Combine(copy, $"tests/Theseus.{name}.Tests/bin/Checked/net10.0/Theseus.{name}.Tests.dll");

    /// <summary>Builds them.</summary>
    /// <param name="every">Every how many-th mutant is taken.</param>
    /// <param name="seed">Which of them is the first.</param>
    public async Task BuildAsync(int every, int seed)
    {
        string source = Path.Combine("src", $"Theseus.{name}");
        string[] files = [.. Directory.EnumerateFiles(Path.Combine(copy, source), "*.cs", SearchOption.AllDirectories)
            .Where(static file => !file.Contains("/obj/") && !file.Contains("/bin/")).Order(StringComparer.Ordinal)];
        int seen = 0;
        HashSet<(string, int)> refused = [];
        for (int round = 0; round < MostRounds; round++)
        {
            foreach (string file in files)
            {
                string path = Path.GetRelativePath(copy, file);
                string text = File.ReadAllText(Path.Combine(root, path));
                File.WriteAllText(file, Switches.Into(text, (code, fault, line) => Choose(path, code, fault, line)));
            }

            File.WriteAllText(Path.Combine(copy, source, "Mutants.cs"), Switches.Source);
            (int code, string output) = await Processes.RunAsync(copy, BuildPatience, 0, "dotnet", "build",
                $"tests/Theseus.{name}.Tests", "-c", "Checked", "-p:Analyze=false", "-p:TreatWarningsAsErrors=false",
                "-v", "quiet", "--nologo");
            if (code == 0)
            {
                Mutants.RemoveAll(mutant => refused.Contains((mutant.File, mutant.Line)));
                return;
            }

            int before = refused.Count;
            foreach (Match error in Error().Matches(output))
            {
                string file = error.Groups[1].Value;
                int at = file.IndexOf("src/", StringComparison.Ordinal);
                refused.Add((at < 0 ? file : file[at..], int.Parse(error.Groups[2].Value)));
            }

            if (refused.Count == before)
            {
                throw new InvalidOperationException($"the build of {name} with mutants fails:\n{output}");
            }

            Console.Error.WriteLine($"mutate: {name}: {refused.Count} lines hold mutants that do not compile");
        }

        throw new InvalidOperationException($"after {MostRounds} rounds {name} does not compile with its mutants");

        int? Choose(string path, string code, string fault, int line)
        {
            if (_numbers.TryGetValue((path, line, code, fault), out int known))
            {
                return known == 0 || refused.Contains((path, line)) ? null : known;
            }

            bool isTaken = (seen++ + seed) % every == 0;
            int number = isTaken ? Mutants.Count + 1 : 0;
            _numbers[(path, line, code, fault)] = number;
            if (!isTaken)
            {
                return null;
            }

            Mutants.Add(new Mutant(number, path, line, code, fault));
            return number;
        }
    }

    /// <summary>Whether a test notices a mutant; 0 asks whether the suite passes at all.</summary>
    public async Task<bool> IsNoticedAsync(int mutant, TimeSpan patience) =>
        (await Processes.RunAsync(copy, patience, mutant, "dotnet", Suite, "-noLogo", "-noColor", "-stopOnFail")).Code != 0;

    [GeneratedRegex(@"^\s*(\S+\.cs)\((\d+),\d+\): error ", RegexOptions.Multiline)]
    private static partial Regex Error();
}
