using System.Text.Json.Nodes;

namespace Theseus.Rpc;

/// <summary>An answer that is an error, with a stable code (Theseus.Client.ErrorCodes); thrown by methods, written by the dispatcher.</summary>
public sealed class RpcError(int code, string message, JsonNode? data = null) : Exception(message)
{
    public int Code { get; } = code;

    public JsonNode? ErrorData { get; } = data;
}
