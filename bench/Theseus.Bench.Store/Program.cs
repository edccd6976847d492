using System.Diagnostics;
using System.Security.Cryptography;
using Theseus.Bench.Store;
using Theseus.Cli.Bench;
using Theseus.Protocol;
using Theseus.Storage;

// The store on the chain's own pattern: a state of many rows with its tree, blocks of 8,000 random changes with one sync for the decided block
// and one for its results, random reads of newest and past values. Decides between databases; see docs/decisions.
//   dotnet run -c Release --project bench/Theseus.Bench.Store -- rocks|lmdb [rows] [folder]
string engine = args.Length > 0 ? args[0] : "rocks";
int rows = args.Length > 1 ? int.Parse(args[1]) : 10_000_000;
string folder = args.Length > 2 ? args[2] : Path.Combine(Path.GetTempPath(), "theseus-bench-store");
const int Changes = 8_000;
const int Blocks = 60;
const int FillRows = 50_000;
const int Reads = 20_000;
const int Kept = 20;

Directory.CreateDirectory(folder);
using ChainStore store = new(engine == "lmdb" ? new LmdbKeyValues(folder) : RocksKeyValues.Open(folder), new Retention(Kept, Kept, Kept));
BenchChain chain = new(store, new BenchLedger(4).Genesis);
Random random = new(20_261_127);
Stopwatch clock = Stopwatch.StartNew();
for (int first = 0; first < rows; first += FillRows)
{
    chain.Write(WriteSet.From(Enumerable.Range(first, int.Min(FillRows, rows - first)).Select(i => new StateWrite(Key(i), Value(i, 0)))));
}

Console.WriteLine($"{engine}: filled {rows:#,0} rows at {rows / clock.Elapsed.TotalSeconds:#,0} rows/s, {Megabytes():#,0} MB");
List<double> times = [];
for (int block = 1; block <= Blocks; block++)
{
    HashSet<int> chosen = [];
    while (chosen.Count < Changes)
    {
        chosen.Add(random.Next(rows));
    }

    WriteSet writes = WriteSet.From(chosen.Select(i => new StateWrite(Key(i), Value(i, block))));
    clock.Restart();
    chain.Write(writes);
    times.Add(clock.Elapsed.TotalMilliseconds);
}

times.Sort();
Console.WriteLine($"{engine}: {Changes:#,0} changes a block: median {times[times.Count / 2]:0} ms, longest {times[^1]:0} ms");
Console.WriteLine($"{engine}: newest value of a random row: {Read(store.Window.Executed, 0):0.0} us");
Console.WriteLine($"{engine}: past value of a random row: {Read(store.Window.Executed, Kept - 1):0.0} us");
Console.WriteLine($"{engine}: {Megabytes():#,0} MB after {Blocks} blocks, {Kept} kept; {Environment.WorkingSet >> 20:#,0} MB of memory");

StateKey Key(int i) => StateKey.TableItem(new Hash32(SHA256.HashData(BitConverter.GetBytes(i / 16))), BitConverter.GetBytes(i));

static byte[] Value(int i, int block)
{
    byte[] value = new byte[120];
    BitConverter.TryWriteBytes(value, ((long)block << 32) | (uint)i);
    SHA256.HashData(value.AsSpan(0, 8)).CopyTo(value, 32);
    return value;
}

double Read(ulong newest, int past)
{
    int missing = 0;
    Stopwatch reading = Stopwatch.StartNew();
    for (int i = 0; i < Reads; i++)
    {
        missing += store.StateAt(newest - (ulong)random.Next(past + 1)).TryGet(Key(random.Next(rows))) is null ? 1 : 0;
    }

    return missing == 0 ? reading.Elapsed.TotalMicroseconds / Reads : throw new InvalidOperationException($"{missing} rows are missing");
}

long Megabytes() => Directory.GetFiles(folder).Sum(static file => OnDisk(file)) >> 20;

// LMDB's file is sparse
static long OnDisk(string file)
{
    using Process stat = Process.Start(new ProcessStartInfo("stat", ["-c", "%b", file]) { RedirectStandardOutput = true, UseShellExecute = false })!;
    return long.Parse(stat.StandardOutput.ReadToEnd()) * 512;
}
