using System.Globalization;
using System.Text.Json;
using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Theseus.Client;

namespace Theseus.Cli;

/// <summary>How a node writes its log.</summary>
internal enum LogFormat
{
    /// <summary><c>2026-11-28 00:12:13.123 [1010] warning: height 7 enters round 1</c></summary>
    Text,

    /// <summary>One JSON object per line: time, level, id, event, message, the message's fields, and fault where there is one.</summary>
    Json,
}

/// <summary>
/// A node's log on standard output, one dated line per message. Nothing of the node waits for it: lines go through a
/// bounded queue to a writer of their own, and a line that finds the queue full, or that cannot be written, is counted
/// and the count is written later. Whoever reads the log may go away, and the disk behind it may be full. (The
/// framework's console logger writes on its caller's thread after a first failure.)
/// </summary>
internal sealed class NodeLog : ILoggerProvider
{
    /// <summary>Lines that wait: some seconds of a busy node.</summary>
    private const int QueuedLines = 4_096;

    /// <summary>How long an ending node waits for its last lines to be written.</summary>
    private static readonly TimeSpan FlushPatience = TimeSpan.FromSeconds(1);

    private readonly Channel<string> _lines = Channel.CreateBounded<string>(new BoundedChannelOptions(QueuedLines) { SingleReader = true });
    private readonly TextWriter _output;
    private readonly LogFormat _format;
    private readonly TimeProvider _clock;
    private readonly Task _writer;
    private long _lost;

    /// <param name="output">Where lines go.</param>
    /// <param name="format">How they are written.</param>
    /// <param name="clock">For their dates.</param>
    public NodeLog(TextWriter output, LogFormat format, TimeProvider clock)
    {
        _output = output;
        _format = format;
        _clock = clock;
        // a thread of its own: an output that blocks must not hold one of the pool's
        _writer = Task.Factory.StartNew(Write, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new Sink(this);

    /// <summary>Writes what is queued, within a bound.</summary>
    public void Dispose()
    {
        _lines.Writer.TryComplete();
        _writer.Wait(FlushPatience);
    }

    private void Write()
    {
        while (_lines.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (_lines.Reader.TryRead(out string? line))
            {
                long lost = Interlocked.Exchange(ref _lost, 0);
                try
                {
                    if (lost > 0)
                    {
                        _output.WriteLine(Render(LogLevel.Warning, new EventId(1299, "LinesLost"), [new("Lines", lost)],
                            $"{lost} lines could not be written here", null));
                        lost = 0;
                    }

                    _output.WriteLine(line);
                    _output.Flush();
                }
                catch (Exception e) when (e is IOException or ObjectDisposedException)
                {
                    Interlocked.Add(ref _lost, lost + 1);
                }
            }
        }
    }

    private void Enqueue(string line)
    {
        if (!_lines.Writer.TryWrite(line))
        {
            Interlocked.Increment(ref _lost);
        }
    }

    private string Render(LogLevel level, EventId id, IReadOnlyList<KeyValuePair<string, object?>>? fields, string message,
        Exception? fault) =>
        _format == LogFormat.Text ? Text(level, id, message, fault) : Json(level, id, fields, message, fault);

    private string Text(LogLevel level, EventId id, string message, Exception? fault)
    {
        string severity = level switch
        {
            LogLevel.Warning => "warning: ",
            LogLevel.Error => "error: ",
            LogLevel.Critical => "fatal: ",
            _ => "",
        };
        string line = string.Create(CultureInfo.InvariantCulture,
            $"{_clock.GetUtcNow():yyyy-MM-dd HH:mm:ss.fff} [{id.Id}] {severity}{Printable.Text(message, int.MaxValue)}");
        return fault is null ? line : $"{line}: {Printable.Lines(fault.ToString())}";
    }

    private string Json(LogLevel level, EventId id, IReadOnlyList<KeyValuePair<string, object?>>? fields, string message, Exception? fault)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            json.WriteString("time", _clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            json.WriteString("level", level == LogLevel.Critical ? "fatal" : level.ToString().ToLowerInvariant());
            json.WriteNumber("id", id.Id);
            json.WriteString("event", id.Name);
            json.WriteString("message", message);
            foreach ((string name, object? value) in fields ?? [])
            {
                if (name != "{OriginalFormat}")
                {
                    json.WriteString(char.ToLowerInvariant(name[0]) + name[1..], Convert.ToString(value, CultureInfo.InvariantCulture));
                }
            }

            if (fault is not null)
            {
                json.WriteString("fault", fault.ToString());
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    private sealed class Sink(NodeLog log) : ILogger
    {
        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?,
            string> formatter) =>
            log.Enqueue(log.Render(logLevel, eventId, state as IReadOnlyList<KeyValuePair<string, object?>>,
                formatter(state, exception), exception));
    }
}
