using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Theseus.Mutate;

/// <summary>
/// A C# room: every chosen mutant is built into one copy of the repository, and the classes of its suite that come to a mutant run for it.
/// </summary>
internal sealed partial class Room(string root, string name, string copy) : IRoom
{
    private static readonly TimeSpan BuildPatience = TimeSpan.FromMinutes(20);

    /// <summary>Rounds in which the compiler says which mutants it refuses.</summary>
    private const int MostRounds = 12;

    private static readonly TimeSpan ClassPatience = TimeSpan.FromMinutes(20);

    /// <summary>Classes that wait in real time: on a busy machine they fail without a mutant as well.</summary>
    private static readonly string[] OfRealTime = ["Theseus.Engine.Tests.DriverTests"];

    private static readonly TimeSpan Quick = TimeSpan.FromSeconds(4);

    private readonly Dictionary<(string, int, string, string), int> _numbers = [];

    private readonly List<Mutant> _mutants = [];

    private readonly List<(string Name, TimeSpan Time, HashSet<int> Reached)> _classes = [];

    /// <summary>Mutants that are built.</summary>
    public IReadOnlyList<Mutant> Mutants => _mutants;

    private string Suite => Path.Combine(copy, $"tests/Theseus.{name}.Tests/bin/Checked/net10.0/Theseus.{name}.Tests.dll");

    private async Task BuildAsync(int every, int seed, string within)
    {
        string source = Path.Combine("src", $"Theseus.{name}");
        string[] files = [.. Directory.EnumerateFiles(Path.Combine(copy, source), "*.cs", SearchOption.AllDirectories)
            .Where(static file => !file.Contains("/obj/") && !file.Contains("/bin/")).Order(StringComparer.Ordinal)];
        Sample sample = new(every, seed);
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
                _mutants.RemoveAll(mutant => refused.Contains((mutant.File, mutant.Line)));
                return;
            }

            int before = refused.Count;
            foreach (Match error in Error().Matches(output))
            {
                string file = error.Groups[1].Value;
                int at = file.IndexOf("src/", StringComparison.Ordinal);
                Refuse(at < 0 ? file : file[at..], int.Parse(error.Groups[2].Value));
            }

            if (refused.Count == before)
            {
                throw new InvalidOperationException($"the build of {name} with mutants fails:\n{output}");
            }

            Console.Error.WriteLine($"mutate: {name}: {refused.Count} lines hold mutants that do not compile");
        }

        throw new InvalidOperationException($"after {MostRounds} rounds {name} does not compile with its mutants");

        // The compiler names the line of the mutant, or that of a longer expression around it.
        void Refuse(string path, int line)
        {
            int last = _mutants.Exists(mutant => mutant.File == path && mutant.Line == line)
                ? line : Switches.LastLine(File.ReadAllText(Path.Combine(root, path)), line);
            refused.UnionWith(Enumerable.Range(line, last - line + 1).Select(one => (path, one)));
        }

        int? Choose(string path, string code, string fault, int line)
        {
            if (!path.Contains(within, StringComparison.Ordinal))
            {
                return null;
            }

            if (_numbers.TryGetValue((path, line, code, fault), out int known))
            {
                return known == 0 || refused.Contains((path, line)) ? null : known;
            }

            Mutant mutant = new(_mutants.Count + 1, path, line, code, fault);
            if (!sample.Takes(mutant))
            {
                _numbers[(path, line, code, fault)] = 0;
                return null;
            }

            _numbers[(path, line, code, fault)] = mutant.Number;
            _mutants.Add(mutant);
            return mutant.Number;
        }
    }

    /// <inheritdoc/>
    public int AtOnce => Environment.ProcessorCount;

    /// <summary>
    /// Builds the mutants and runs the suite without one, each class in a process of its own, to learn which mutants it comes to and how
    /// long it takes.
    /// </summary>
    public async Task<IReadOnlyList<string>> PrepareAsync(int every, int seed, string within)
    {
        await BuildAsync(every, seed, within);
        (_, string list) = await Processes.RunAsync(copy, ClassPatience, 0, "dotnet", Suite, "-list", "classes");
        string[] classes = [.. list.Split('\n').Select(static line => line.Trim())
            .Where(static line => line.StartsWith("Theseus.", StringComparison.Ordinal) && !OfRealTime.Contains(line))];
        ConcurrentBag<string> failed = [];
        await Parallel.ForEachAsync(classes, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (one, _) =>
        {
            string file = Path.Combine(copy, "artifacts", $"{one}.reached");
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            Stopwatch clock = Stopwatch.StartNew();
            int code = (await Processes.RunAsync(copy, ClassPatience, 0, file,
                ["dotnet", Suite, "-noLogo", "-noColor", "-parallel", "none", "-class", one])).Code;
            if (code != 0)
            {
                failed.Add(one);
                return;
            }

            HashSet<int> reached = File.Exists(file) ? [.. File.ReadLines(file).Select(int.Parse)] : [];
            lock (_classes)
            {
                _classes.Add((one, clock.Elapsed, reached));
            }
        });
        _classes.Sort(static (a, b) => a.Time.CompareTo(b.Time));
        return [.. failed];
    }

    /// <summary>Whether a test notices a mutant: the classes that come to it are run, the quick ones together and first.</summary>
    public async Task<bool> IsNoticedAsync(int mutant)
    {
        var classes = _classes.FindAll(one => one.Reached.Contains(mutant));
        var quick = classes.FindAll(static one => one.Time < Quick);
        return (quick.Count > 0 && await FailAsync(mutant, quick)) || await AnyAsync();

        async Task<bool> AnyAsync()
        {
            foreach (var one in classes.Skip(quick.Count))
            {
                if (await FailAsync(mutant, [one]))
                {
                    return true;
                }
            }

            return false;
        }
    }

    // A run that takes far longer than without the mutant goes round in circles: that is noticed, too.
    private async Task<bool> FailAsync(int mutant, List<(string Name, TimeSpan Time, HashSet<int> Reached)> classes) =>
        (await Processes.RunAsync(
            copy, (10 * new TimeSpan(classes.Sum(static one => one.Time.Ticks))) + TimeSpan.FromSeconds(30), mutant, "",
            ["dotnet", Suite, "-noLogo", "-noColor", "-parallel", "none", "-stopOnFail",
                .. classes.SelectMany(static one => new[] { "-class", one.Name })])).Code != 0;

    [GeneratedRegex(@"^\s*(\S+\.cs)\((\d+),\d+\): error ", RegexOptions.Multiline)]
    private static partial Regex Error();
}
