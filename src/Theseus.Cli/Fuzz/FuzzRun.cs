using System.Diagnostics;
using System.IO.MemoryMappedFiles;

namespace Theseus.Cli.Fuzz;

/// <summary>What a target came to.</summary>
/// <param name="Target">Its name.</param>
/// <param name="Cases">Cases run.</param>
/// <param name="Seconds">Time spent.</param>
/// <param name="NextSeed">The seed of the case after the last one, to go on from.</param>
internal sealed record FuzzTally(string Target, long Cases, double Seconds, ulong NextSeed);

/// <summary>What broke.</summary>
/// <param name="Target">The target.</param>
/// <param name="Entry">What took the input.</param>
/// <param name="Seed">Of the case: with it, the case is the first of a run.</param>
/// <param name="File">Holds the input; null when the seed alone repeats the case.</param>
/// <param name="Message">What happened.</param>
/// <param name="Cause">The exception that escaped, with its places.</param>
/// <param name="IsHang">The case never ended: its thread still runs, so that nothing more can be measured.</param>
internal sealed record FuzzFinding(string Target, string Entry, ulong Seed, string? File, string Message, string? Cause,
    bool IsHang = false);

/// <summary>Runs targets for some time, in turn, each on a thread of its own with the smallest stack that a thread of a node may
/// have.</summary>
/// <param name="targets">What is fuzzed.</param>
/// <param name="seed">Of the first case of each target.</param>
/// <param name="folder">Where findings are written.</param>
/// <param name="mostFindings">The run ends with so many; each is of another kind.</param>
internal sealed class FuzzRun(IReadOnlyList<IFuzzTarget> targets, ulong seed, string folder, int mostFindings = 1)
{
    /// <summary>Bytes of a thread's stack: what .NET gives a thread where the system's default is small.</summary>
    private const int StackBytes = 1_536 * 1024;

    /// <summary>Cases of a target before the next one has its turn.</summary>
    private static readonly TimeSpan Turn = TimeSpan.FromSeconds(5);

    /// <summary>A case that takes longer than this hangs.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly ulong[] _seeds = [.. targets.Select(_ => seed)];
    private readonly long[] _cases = new long[targets.Count];
    private readonly double[] _spent = new double[targets.Count];
    private readonly List<FuzzFinding> _findings = [];
    private readonly SortedSet<string> _kinds = new(StringComparer.Ordinal);

    /// <summary>How far each target has come.</summary>
    public IReadOnlyList<FuzzTally> Tallies =>
        [.. targets.Select((target, i) => new FuzzTally(target.Name, _cases[i], _spent[i], _seeds[i]))];

    /// <summary>Told of each finding when it is made.</summary>
    public Action<FuzzFinding> Made { get; init; } = static _ => { };

    /// <summary>Runs until the time is over, or something breaks.</summary>
    /// <param name="seconds">The time, over all targets.</param>
    /// <param name="progress">Called about every ten seconds.</param>
    /// <param name="cancellation">Ends the run after the case at hand.</param>
    /// <returns>What broke, one of each kind.</returns>
    public IReadOnlyList<FuzzFinding> Run(double seconds, Action<IReadOnlyList<FuzzTally>> progress, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        using CaseFile trace = new(Path.Combine(folder, "running"));
        Stopwatch watch = Stopwatch.StartNew();
        double told = 0;
        TimeSpan turn = TimeSpan.FromSeconds(double.Min(Turn.TotalSeconds, seconds / targets.Count));
        while (watch.Elapsed.TotalSeconds < seconds && !cancellation.IsCancellationRequested)
        {
            for (int i = 0; i < targets.Count && watch.Elapsed.TotalSeconds < seconds && !cancellation.IsCancellationRequested; i++)
            {
                if (TakeTurn(i, turn, trace, cancellation) is { } finding && Enough(i, finding))
                {
                    return _findings;
                }

                if (watch.Elapsed.TotalSeconds - told >= 10)
                {
                    told = watch.Elapsed.TotalSeconds;
                    progress(Tallies);
                }
            }
        }

        trace.IsClean = true;
        return _findings;
    }

    // Of one kind are findings of one entry with one exception at one place, or with one bound exceeded.
    private bool Enough(int i, FuzzFinding finding)
    {
        _seeds[i] = FuzzRandom.After(finding.Seed);
        string? place = finding.Cause?.Split('\n').FirstOrDefault(static line => line.Contains("Theseus.", StringComparison.Ordinal));
        string what = string.Concat(finding.Message.Where(static letter => !char.IsAsciiDigit(letter)));
        if (_kinds.Add($"{finding.Target} {finding.Entry} {place ?? what}"))
        {
            _findings.Add(finding);
            Made(finding);
        }
        else if (finding.File is not null)
        {
            File.Delete(finding.File);
        }

        return finding.IsHang || _findings.Count >= mostFindings;
    }

    private FuzzFinding? TakeTurn(int i, TimeSpan turn, CaseFile trace, CancellationToken cancellation)
    {
        IFuzzTarget target = targets[i];
        Exception? escaped = null;
        long beat = Stopwatch.GetTimestamp();
        ulong at = _seeds[i];
        Stopwatch watch = Stopwatch.StartNew();
        Thread thread = new(
            () =>
            {
                try
                {
                    do
                    {
                        at = _seeds[i];
                        Interlocked.Exchange(ref beat, Stopwatch.GetTimestamp());
                        trace.Case(target.Name, at);
                        target.Run(at, trace);
                        _cases[i]++;
                        _seeds[i] = FuzzRandom.After(at);
                    }
                    while (watch.Elapsed < turn && !cancellation.IsCancellationRequested);
                }
                catch (Exception e)
                {
                    escaped = e; // told by the caller, with the seed
                }
            },
            StackBytes) { IsBackground = true, Name = "fuzz " + target.Name };
        thread.Start();
        while (!thread.Join(TimeSpan.FromSeconds(1)))
        {
            if (Stopwatch.GetElapsedTime(Interlocked.Read(ref beat)) > Patience)
            {
                (string entry, byte[] input) = trace.Last;
                return Found(target, at, new FuzzFault(entry, input, $"no end after {Patience.TotalSeconds:0} s")) with { IsHang = true };
            }
        }

        _spent[i] += watch.Elapsed.TotalSeconds;
        return escaped is null ? null : Found(target, at, escaped as FuzzFault
            ?? new FuzzFault("", [], $"{escaped.GetType().Name}: {escaped.Message}", escaped));
    }

    private FuzzFinding Found(IFuzzTarget target, ulong at, FuzzFault fault)
    {
        string? file = null;
        if (fault.Input.Count > 0)
        {
            file = Path.Combine(folder, $"{target.Name}-{fault.Entry}-{at}.input");
            File.WriteAllBytes(file, [.. fault.Input]);
        }

        return new FuzzFinding(target.Name, fault.Entry, at, file, fault.Message, fault.InnerException?.ToString());
    }

    /// <summary>
    /// A mapped file that holds the case at hand. It stands after the process has ended in whatever way: a stack overflow leaves no time to
    /// write anything.
    /// </summary>
    private sealed class CaseFile : ICaseTrace, IDisposable
    {
        private const int Size = Mutator.MaximumSize + 4_096;
        private const int InputAt = 256;

        private readonly string _path;
        private readonly MemoryMappedFile _file;
        private readonly MemoryMappedViewAccessor _view;

        public CaseFile(string path)
        {
            _path = path;
            _file = MemoryMappedFile.CreateFromFile(path, FileMode.Create, null, Size);
            _view = _file.CreateViewAccessor();
        }

        public bool IsClean { get; set; }

        public (string Entry, byte[] Input) Last { get; private set; } = ("", []);

        public void Case(string target, ulong seed)
        {
            byte[] text = new byte[InputAt];
            System.Text.Encoding.ASCII.GetBytes($"--target {target} --seed {seed}\n", text);
            _view.WriteArray(0, text, 0, text.Length);
            Last = ("", []);
        }

        public void About(string entry, ReadOnlySpan<byte> input)
        {
            byte[] bytes = input.ToArray();
            Last = (entry, bytes);
            _view.Write(InputAt, bytes.Length);
            _view.WriteArray(InputAt + sizeof(int), bytes, 0, int.Min(bytes.Length, Size - InputAt - sizeof(int)));
        }

        public void Dispose()
        {
            _view.Dispose();
            _file.Dispose();
            if (IsClean)
            {
                File.Delete(_path);
            }
        }
    }
}
