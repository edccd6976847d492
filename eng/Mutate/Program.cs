using System.Diagnostics;
using Theseus.Mutate;

const string Usage =
    """
    Puts small faults into a room, one at a time, and sees whether its tests notice: eng/mutate ROOM… [--every N] [--seed S] [--in PATH]

      ROOM       Consensus, Protocol, Engine, Execution, or framework
      --every N  take about one of N mutants, by a hash of what they change, so that other edits do not move the sample; all when left out
      --seed S   which of the N samples, from 0; 0 when left out
      --in PATH  only files whose path contains this

    Works on a copy under artifacts/mutate. Each class of the room's own suite first runs without a mutant, and writes down which mutants it
    comes to; then those classes run for each of these mutants, in processes of their own. Classes that
    wait in real time are left out. A survivor is a fault that no test notices: write one, or say in eng/mutants.md why none can.
    Exit 0 when every survivor is explained there, else 1.
    """;

List<string> rooms = [];
int every = 1;
int seed = 0;
string within = "";
for (int i = 0; i < args.Length; i++)
{
    if (args[i] is "--every" or "--seed" && i + 1 < args.Length && int.TryParse(args[i + 1], out int value)
        && value >= (args[i] == "--every" ? 1 : 0))
    {
        (every, seed) = args[i] == "--every" ? (value, seed) : (every, value);
        i++;
    }
    else if (args[i] == "--in" && i + 1 < args.Length)
    {
        within = args[++i];
    }
    else if (args[i] is "Consensus" or "Protocol" or "Engine" or "Execution" or "framework")
    {
        rooms.Add(args[i]);
    }
    else
    {
        Console.Error.WriteLine(args[i] is "-h" or "--help" ? Usage : $"mutate: '{args[i]}' is neither a room nor an option\n\n{Usage}");
        return args[i] is "-h" or "--help" ? 0 : 2;
    }
}

if (rooms.Count == 0)
{
    Console.Error.WriteLine($"mutate: name a room\n\n{Usage}");
    return 2;
}

string root = Environment.CurrentDirectory;
HashSet<string> explained = [.. File.ReadLines(Path.Combine(root, "eng/mutants.md"))
    .Where(static line => line.StartsWith("- `", StringComparison.Ordinal))
    .Select(static line => line[3..line.LastIndexOf("`:", StringComparison.Ordinal)])];
int unexplained = 0;
List<string> table = [];
foreach (string room in rooms)
{
    string copy = Path.Combine(root, "artifacts/mutate", room);
    await CopyAsync(copy);
    IRoom tests = room == "framework" ? new Framework(root, copy) : new Room(root, room, copy);
    Stopwatch clock = Stopwatch.StartNew();
    IReadOnlyList<string> red = await tests.PrepareAsync(every, seed, within);
    if (red.Count > 0)
    {
        Console.Error.WriteLine($"mutate: without a mutant these tests of {room} do not pass: {string.Join(", ", red)}");
        return 1;
    }

    IReadOnlyList<Mutant> mutants = tests.Mutants;
    Console.Error.WriteLine($"mutate: {room}: {mutants.Count} mutants; built and tested without one in {clock.Elapsed.TotalSeconds:0} s");
    int[] fates = new int[3];
    int done = 0;
    await Parallel.ForEachAsync(mutants, new ParallelOptions { MaxDegreeOfParallelism = tests.AtOnce }, async (mutant, _) =>
    {
        Fate fate = await tests.IsNoticedAsync(mutant.Number) ? Fate.Killed
            : explained.Contains(mutant.Name) ? Fate.Explained : Fate.Survived;
        Interlocked.Increment(ref fates[(int)fate]);
        if (fate == Fate.Survived)
        {
            Console.WriteLine($"survived: {mutant.File}:{mutant.Line}: {mutant.Code} → {mutant.Fault}");
        }

        int count = Interlocked.Increment(ref done);
        if (count % 25 == 0)
        {
            Console.Error.WriteLine($"mutate: {room}: {count} of {mutants.Count}, {fates[(int)Fate.Survived]} survived");
        }
    });
    unexplained += fates[(int)Fate.Survived];
    table.Add($"{room,-12} {mutants.Count,8} {fates[(int)Fate.Killed],8} {fates[(int)Fate.Explained],10} {fates[(int)Fate.Survived],10}");
}

Console.WriteLine($"{"room",-12} {"mutants",8} {"killed",8} {"explained",10} {"survived",10}");
table.ForEach(Console.WriteLine);
return unexplained == 0 ? 0 : 1;

async Task CopyAsync(string copy)
{
    if (Directory.Exists(copy))
    {
        Directory.Delete(copy, recursive: true);
    }

    Directory.CreateDirectory(copy);
    (int code, string output) = await Processes.RunAsync(root, TimeSpan.FromMinutes(5), 0, "bash", "-c",
        $"git ls-files -z | xargs -0 cp --parents -t '{copy}'");
    if (code != 0)
    {
        throw new InvalidOperationException(output);
    }
}
