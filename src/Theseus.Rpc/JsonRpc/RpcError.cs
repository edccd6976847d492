using System.Globalization;
using System.Text.Json.Nodes;
using Theseus.Client;

namespace Theseus.Rpc;

/// <summary>
/// An answer that is an error, with a stable code (Theseus.Client.ErrorCodes); thrown by methods, written by the dispatcher.
/// </summary>
/// <param name="code">One of <see cref="ErrorCodes"/>.</param>
/// <param name="message">For people: what is wrong, where, and what to do.</param>
/// <param name="data">The same as fields, for programs.</param>
public sealed class RpcError(int code, string message, JsonNode? data = null) : Exception(message)
{
    /// <summary>One of <see cref="ErrorCodes"/>.</summary>
    public int Code { get; } = code;

    /// <summary>What programs read; null for nothing.</summary>
    public JsonNode? ErrorData { get; } = data;

    /// <summary>Not now.</summary>
    /// <param name="code">One of <see cref="BusyCodes"/>.</param>
    /// <param name="message">What is full.</param>
    /// <param name="retryAfter">When to try again.</param>
    public static RpcError Busy(string code, string message, TimeSpan retryAfter)
    {
        long milliseconds = (long)double.Ceiling(retryAfter.TotalMilliseconds);
        return new RpcError(
            ErrorCodes.Busy,
            string.Create(CultureInfo.InvariantCulture, $"{message}; try again in {milliseconds} ms"),
            new JsonObject { ["code"] = code, ["retryAfterMs"] = milliseconds });
    }
}
