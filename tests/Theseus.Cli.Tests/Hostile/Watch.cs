using System.Diagnostics;
using System.Globalization;
using Theseus.Cli.Localnet;
using Theseus.Client;

namespace Theseus.Cli.Tests.Hostile;

/// <summary>Looks at one node and the chain while somebody attacks the node: its memory, whether it is ready, whether blocks are decided.</summary>
internal sealed class Watch : IAsyncDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _stop = new();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly int _process;
    private readonly Uri _ready;
    private readonly TheseusClient _chain;
    private readonly Task _watching;

    public Watch(int process, LocalnetNode target, LocalnetNode other)
    {
        _process = process;
        _ready = new Uri(target.Url + "/ready");
        _chain = new TheseusClient(new Uri(other.Url));
        File.WriteAllText($"/proc/{process}/clear_refs", "5\n"); // the kernel's high-water mark begins anew
        StartKb = Figure("VmRSS");
        _watching = Task.WhenAll(SampleAsync(), FollowAsync());
    }

    public long StartKb { get; }

    /// <summary>The kernel's own mark of the most resident memory since the start of the watch.</summary>
    public long PeakKb => long.Max(SampledKb, Figure("VmHWM"));

    public long SampledKb { get; private set; }

    /// <summary>The longest time in which another node saw no new block.</summary>
    public TimeSpan LongestGap { get; private set; }

    public ulong Blocks { get; private set; }

    /// <summary>What /ready said when it was not "ready".</summary>
    public IReadOnlyCollection<string> NotReady => _notReady;

    private readonly SortedSet<string> _notReady = [];

    public int ReadyAnswers { get; private set; }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _watching;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _http.Dispose();
        _chain.Dispose();
        _stop.Dispose();
    }

    private long Figure(string name) =>
        long.Parse(File.ReadLines($"/proc/{_process}/status").Single(line => line.StartsWith(name + ":", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);

    private async Task SampleAsync()
    {
        int round = 0;
        while (!_stop.IsCancellationRequested)
        {
            SampledKb = long.Max(SampledKb, Figure("VmRSS"));
            if (round++ % 10 == 0)
            {
                try
                {
                    string answer = await _http.GetStringAsync(_ready);
                    ReadyAnswers++;
                    if (answer != "ready\n")
                    {
                        _notReady.Add(answer);
                    }
                }
                catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
                {
                    _notReady.Add(e.Message);
                }
            }

            await Task.Delay(Every);
        }
    }

    private async Task FollowAsync()
    {
        Stopwatch since = Stopwatch.StartNew();
        ulong height = 0;
        while (!_stop.IsCancellationRequested)
        {
            ulong now = (await _chain.StatusAsync()).DecidedHeight;
            if (now > height)
            {
                Blocks += height == 0 ? 0 : now - height;
                height = now;
                since.Restart();
            }

            LongestGap = since.Elapsed > LongestGap ? since.Elapsed : LongestGap;
            await Task.Delay(Every);
        }
    }
}
