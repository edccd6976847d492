using System.Text.Json;
using Microsoft.Extensions.Logging;
using Theseus.Node;

namespace Theseus.Cli.Tests.Output;

/// <summary>A node's log: dated, with stable ids, and nothing of the node waits for it.</summary>
public class NodeLogTests
{
    private static readonly DateTimeOffset Time = new(2026, 11, 28, 0, 12, 13, 123, TimeSpan.Zero);

    [Fact]
    public void ALineHasDateIdSeverityAndNoSteeringCharacters()
    {
        StringWriter output = new();
        using (NodeLog log = new(output, LogFormat.Text, new Still()))
        {
            log.CreateLogger("x").KeyIsOpen("/a\u001b[2J\nb");
            log.CreateLogger("x").Serves("n1", "http://127.0.0.1:1/", "net", 7);
        }

        Assert.Equal(
            [
                "2026-11-28 00:12:13.123 [1204] warning: others may read this node's key; close it with: chmod 600 /a\\u{1b}[2J\\u{a}b",
                "2026-11-28 00:12:13.123 [1202] n1 serves http://127.0.0.1:1/, chain net, head 7",
            ],
            output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void JsonHasOneObjectPerLineWithTheFields()
    {
        StringWriter output = new();
        using (NodeLog log = new(output, LogFormat.Json, new Still()))
        {
            log.CreateLogger("x").MethodFailed("theseus_view", new InvalidOperationException("a\nb"));
        }

        JsonElement line = JsonDocument.Parse(Assert.Single(output.ToString()
            .Split('\n', StringSplitOptions.RemoveEmptyEntries))).RootElement;
        Assert.Equal(
            ("2026-11-28T00:12:13.123Z", "error", 1203, "MethodFailed", "theseus_view", "theseus_view"),
            (Text("time"), Text("level"), line.GetProperty("id").GetInt32(), Text("event"), Text("message"), Text("method")));
        Assert.StartsWith("System.InvalidOperationException: a\nb", Text("fault"), StringComparison.Ordinal);

        string? Text(string name) => line.GetProperty(name).GetString();
    }

    [Fact]
    public void NothingWaitsForAnOutputThatHangsAndWhatIsLostIsTold()
    {
        using Stuck output = new();
        using NodeLog log = new(output, LogFormat.Text, new Still());
        ILogger logger = log.CreateLogger("x");
        for (int i = 0; i < 10_000; i++)
        {
            logger.Serves("n1", "a", "net", (ulong)i); // returns, though nothing is written: the test would not end otherwise
        }

        output.Free();
        // the queue, and one line that the writer may have held; a writer that woke late tells the loss in two parts
        int lost = 0;
        Assert.True(
            SpinWait.SpinUntil(() => (lost = Lost(output)) >= 10_000 - 4_096 - 1, TimeSpan.FromSeconds(30)),
            $"{lost} lines were told as lost");
        log.Dispose();
        Assert.InRange(Lost(output), 10_000 - 4_096 - 1, 10_000 - 4_096);

        static int Lost(Stuck output) => output.Lines
            .Where(line => line.Contains("[1299] warning: ", StringComparison.Ordinal))
            .Sum(line => int.Parse(line.Split("warning: ")[1].Split(' ')[0]));
    }

    [Fact]
    public void ALineThatCannotBeWrittenIsCounted()
    {
        Failing output = new();
        using (NodeLog log = new(output, LogFormat.Text, new Still()))
        {
            log.CreateLogger("x").Serves("n1", "a", "net", 1);
            Assert.True(SpinWait.SpinUntil(() => output.Failed, TimeSpan.FromSeconds(30)));
            log.CreateLogger("x").Serves("n1", "a", "net", 2);
        }

        Assert.Contains("1 lines could not be written here", output.ToString(), StringComparison.Ordinal);
    }

    private sealed class Still : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Time;
    }

    private sealed class Stuck : StringWriter
    {
        private readonly ManualResetEventSlim _free = new();
        private readonly List<string> _lines = [];

        public IReadOnlyList<string> Lines
        {
            get
            {
                lock (_lines)
                {
                    return [.. _lines];
                }
            }
        }

        public void Free() => _free.Set();

        public override void WriteLine(string? value)
        {
            _free.Wait();
            lock (_lines)
            {
                _lines.Add(value!);
            }
        }
    }

    private sealed class Failing : StringWriter
    {
        public bool Failed { get; private set; }

        public override void WriteLine(string? value)
        {
            if (!Failed)
            {
                Failed = true;
                throw new IOException("no space left on device");
            }

            base.WriteLine(value);
        }
    }
}
