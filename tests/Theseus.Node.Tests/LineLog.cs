using Microsoft.Extensions.Logging;

namespace Theseus.Node.Tests;

/// <summary>A log that hands each line to a test: severity and words.</summary>
internal sealed class LineLog(Action<string> take) : ILogger
{
    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        string severity = logLevel switch
        {
            LogLevel.Warning => "warning: ",
            LogLevel.Error => "error: ",
            LogLevel.Critical => "fatal: ",
            _ => "",
        };
        take(severity + formatter(state, exception));
    }
}
