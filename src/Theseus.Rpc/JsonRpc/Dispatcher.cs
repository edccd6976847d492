using System.Text.Json;
using System.Text.Unicode;
using Theseus.Client;

namespace Theseus.Rpc;

/// <summary>The method table of JSON-RPC 2.0: requests and batches in, answers out. Whatever the body holds, the answer is JSON-RPC.</summary>
public sealed class Dispatcher
{
    /// <summary>Calls of one batch; a larger one is refused as a whole.</summary>
    public const int MaximumBatch = 50;

    private readonly Dictionary<string, Func<JsonElement, CancellationToken, Task<object>>> _methods = [];

    /// <summary>Called when a method throws what is not an answer: a bug or a broken device.</summary>
    public Action<string, Exception>? Failed { get; set; }

    /// <summary>Adds a method whose parameters are one object.</summary>
    public void Add<TParameters>(string name, Func<TParameters, CancellationToken, Task<object>> method) =>
        _methods.Add(name, (element, cancellation) => method(Parse<TParameters>(element), cancellation));

    /// <summary>Adds a method that answers at once.</summary>
    public void Add<TParameters>(string name, Func<TParameters, object> method) =>
        _methods.Add(name, (element, _) => Task.FromResult(method(Parse<TParameters>(element))));

    /// <summary>Adds a method without parameters.</summary>
    public void Add(string name, Func<object> method) => _methods.Add(name, (_, _) => Task.FromResult(method()));

    public IEnumerable<string> Names => _methods.Keys.Order(StringComparer.Ordinal);

    /// <summary>Answers a request body. Null when it held notifications only.</summary>
    public async Task<byte[]?> AnswerAsync(ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        if (!Utf8.IsValid(body.Span))
        {
            return Write(writer => WriteError(writer, null, ErrorCodes.ParseError, "the body is not UTF-8", null)); // the parser looks at strings only when they are read
        }

        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 32 });
        }
        catch (JsonException e)
        {
            return Write(writer => WriteError(writer, null, ErrorCodes.ParseError, $"the body is not JSON: {e.Message}", null));
        }

        using (document)
        {
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Array)
            {
                Answer? only = await CallAsync(root, cancellation);
                return only is null ? null : Write(only.Value.Write);
            }

            int count = root.GetArrayLength();
            if (count is 0 or > MaximumBatch)
            {
                return Write(writer => WriteError(writer, null, ErrorCodes.InvalidRequest, $"a batch holds 1 to {MaximumBatch} calls, this one {count}", null));
            }

            List<Answer> answers = [];
            foreach (JsonElement request in root.EnumerateArray())
            {
                if (await CallAsync(request, cancellation) is Answer answer)
                {
                    answers.Add(answer);
                }
            }

            return answers.Count == 0 ? null : Write(writer =>
            {
                writer.WriteStartArray();
                foreach (Answer answer in answers)
                {
                    answer.Write(writer);
                }

                writer.WriteEndArray();
            });
        }
    }

    private async Task<Answer?> CallAsync(JsonElement request, CancellationToken cancellation)
    {
        if (request.ValueKind != JsonValueKind.Object || !request.TryGetProperty("jsonrpc", out JsonElement version) || version.ValueKind != JsonValueKind.String || TryText(version) != "2.0" ||
            !request.TryGetProperty("method", out JsonElement method) || method.ValueKind != JsonValueKind.String)
        {
            return Answer.Error(null, ErrorCodes.InvalidRequest, "a request is an object with \"jsonrpc\": \"2.0\" and a method name", null);
        }

        JsonElement? id = request.TryGetProperty("id", out JsonElement given) ? given : null;
        if (id is { ValueKind: not (JsonValueKind.String or JsonValueKind.Number or JsonValueKind.Null) } || (id is { ValueKind: JsonValueKind.String } text && TryText(text) is null))
        {
            return Answer.Error(null, ErrorCodes.InvalidRequest, "the id is a string, a number or null", null);
        }

        string name = TryText(method) ?? "?";
        if (!_methods.TryGetValue(name, out Func<JsonElement, CancellationToken, Task<object>>? call))
        {
            return id is null ? null : Answer.Error(id, ErrorCodes.MethodNotFound, $"no method {(name.Length > 64 ? name[..64] : name)}", null);
        }

        try
        {
            object result = await call(request.TryGetProperty("params", out JsonElement parameters) ? parameters : default, cancellation);
            return id is null ? null : Answer.Result(id, result);
        }
        catch (RpcError e)
        {
            return id is null ? null : Answer.Error(id, e.Code, e.Message, e.ErrorData?.ToJsonString());
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception e)
        {
            Failed?.Invoke(name, e);
            return id is null ? null : Answer.Error(id, ErrorCodes.InternalError, "the node failed to answer; its log says why", null);
        }
    }

    /// <summary>The text of a string; null when its escapes name half a surrogate pair.</summary>
    private static string? TryText(JsonElement element)
    {
        try
        {
            return element.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static T Parse<T>(JsonElement element)
    {
        if (element.ValueKind is not (JsonValueKind.Object or JsonValueKind.Undefined))
        {
            throw new RpcError(ErrorCodes.InvalidParams, "params is one object");
        }

        try
        {
            return (element.ValueKind == JsonValueKind.Undefined ? JsonSerializer.Deserialize<T>("{}", ApiJson.Options) : element.Deserialize<T>(ApiJson.Options))
                ?? throw new RpcError(ErrorCodes.InvalidParams, "params is missing");
        }
        catch (JsonException e)
        {
            throw new RpcError(ErrorCodes.InvalidParams, $"params{e.Path?.TrimStart('$')}: {e.Message.Split(" Path:")[0]}");
        }
    }

    private static byte[] Write(Action<Utf8JsonWriter> write)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream))
        {
            write(writer);
        }

        return stream.ToArray();
    }

    private static void WriteError(Utf8JsonWriter writer, JsonElement? id, int code, string message, string? data)
    {
        writer.WriteStartObject();
        writer.WriteString("jsonrpc", "2.0");
        WriteId(writer, id);
        writer.WriteStartObject("error");
        writer.WriteNumber("code", code);
        writer.WriteString("message", message);
        if (data is not null)
        {
            writer.WritePropertyName("data");
            writer.WriteRawValue(data);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteId(Utf8JsonWriter writer, JsonElement? id)
    {
        writer.WritePropertyName("id");
        if (id is JsonElement element)
        {
            element.WriteTo(writer);
        }
        else
        {
            writer.WriteNullValue();
        }
    }

    private readonly record struct Answer(JsonElement? Id, object? Value, int Code, string? Message, string? ErrorData)
    {
        public static Answer Result(JsonElement? id, object value) => new(id, value, 0, null, null);

        public static Answer Error(JsonElement? id, int code, string message, string? data) => new(id, null, code, message, data);

        public void Write(Utf8JsonWriter writer)
        {
            if (Message is not null)
            {
                WriteError(writer, Id, Code, Message, ErrorData);
                return;
            }

            writer.WriteStartObject();
            writer.WriteString("jsonrpc", "2.0");
            WriteId(writer, Id);
            writer.WritePropertyName("result");
            JsonSerializer.Serialize(writer, Value, Value!.GetType(), ApiJson.Options);
            writer.WriteEndObject();
        }
    }
}
