using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Unicode;
using Theseus.Client;

namespace Theseus.Rpc;

/// <summary>The method table of JSON-RPC 2.0: requests and batches in, answers out. Whatever the body holds, the answer is JSON-RPC.</summary>
public sealed class Dispatcher : IDisposable
{
    /// <summary>Calls of one batch; a larger one is refused as a whole.</summary>
    public const int MaximumBatch = 50;

    /// <summary>Bytes of a batch's answers after which its further calls are refused: fifty calls of 160 KiB, which holds the framework's modules.</summary>
    public const int MaximumBatchAnswer = 8 * 1024 * 1024;

    /// <summary>Calls that run at once: half of the machine at most, so that requests never keep consensus from its turn. The others wait in order.</summary>
    private static readonly int Running = int.Max(1, Environment.ProcessorCount / 2);

    /// <summary>A larger buffer is not kept: few answers need it. There are at most as many as calls run at once.</summary>
    private const int MaximumKeptBuffer = 4 * 1024 * 1024;

    private readonly SemaphoreSlim _turns = new(Running);
    private readonly ConcurrentBag<ArrayBufferWriter<byte>> _buffers = [];
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

    /// <summary>What answers hold, in the making and while they wait to be read.</summary>
    internal HeldAnswers Answers { get; } = new();

    public void Dispose() => _turns.Dispose();

    /// <summary>The answer to a body whose proper answer cannot be given now.</summary>
    public static byte[] Busy(string message) => Write(writer => WriteError(writer, null, ErrorCodes.Busy, message, null));

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
                return await CallAsync(root, static () => true, static _ => true, cancellation); // one answer: who sends it looks for room
            }

            int count = root.GetArrayLength();
            if (count is 0 or > MaximumBatch)
            {
                return Write(writer => WriteError(writer, null, ErrorCodes.InvalidRequest, $"a batch holds 1 to {MaximumBatch} calls, this one {count}", null));
            }

            return await BatchAsync(root, cancellation);
        }
    }

    private async Task<byte[]?> BatchAsync(JsonElement requests, CancellationToken cancellation)
    {
        List<byte[]> answers = [];
        int length = 0;
        int held = 0;
        bool isRefused = false;
        try
        {
            foreach (JsonElement request in requests.EnumerateArray())
            {
                if (await CallAsync(request, () => !isRefused && length <= MaximumBatchAnswer, Takes, cancellation) is byte[] answer)
                {
                    answers.Add(answer);
                    length += answer.Length + 1; // a bracket or comma before each
                }
            }

            if (answers.Count == 0)
            {
                return null;
            }

            byte[] whole = new byte[length + 1];
            int at = 0;
            foreach (byte[] answer in answers)
            {
                whole[at] = (byte)(at == 0 ? '[' : ',');
                answer.CopyTo(whole, at + 1);
                at += answer.Length + 1;
            }

            whole[at] = (byte)']';
            return whole;
        }
        finally
        {
            Answers.Return(held);
        }

        // Many batches are in the making at once, as their calls take turns: what they have so far counts like what waits to be read.
        bool Takes(int bytes)
        {
            if (length + bytes <= HeldAnswers.Small)
            {
                return true;
            }

            if (!Answers.TryTake(bytes))
            {
                isRefused = true;
                return false;
            }

            held += bytes;
            return true;
        }
    }

    /// <param name="request">One call.</param>
    /// <param name="hasRoom">Whether there is room for another result.</param>
    /// <param name="takes">Takes room for a result of so many bytes; false when there is none.</param>
    /// <param name="cancellation">Of the request.</param>
    private async Task<byte[]?> CallAsync(JsonElement request, Func<bool> hasRoom, Func<int, bool> takes, CancellationToken cancellation)
    {
        if (request.ValueKind != JsonValueKind.Object || !request.TryGetProperty("jsonrpc", out JsonElement version) || version.ValueKind != JsonValueKind.String || TryText(version) != "2.0" ||
            !request.TryGetProperty("method", out JsonElement method) || method.ValueKind != JsonValueKind.String)
        {
            return Error(null, ErrorCodes.InvalidRequest, "a request is an object with \"jsonrpc\": \"2.0\" and a method name", null);
        }

        JsonElement? id = request.TryGetProperty("id", out JsonElement given) ? given : null;
        if (id is { ValueKind: not (JsonValueKind.String or JsonValueKind.Number or JsonValueKind.Null) } || (id is { ValueKind: JsonValueKind.String } text && TryText(text) is null))
        {
            return Error(null, ErrorCodes.InvalidRequest, "the id is a string, a number or null", null);
        }

        string name = TryText(method) ?? "?";
        if (!_methods.TryGetValue(name, out Func<JsonElement, CancellationToken, Task<object>>? call))
        {
            return id is null ? null : Error(id, ErrorCodes.MethodNotFound, $"no method {(name.Length > 64 ? name[..64] : name)}", null);
        }

        if (!hasRoom())
        {
            return id is null ? null : NoRoom();
        }

        await _turns.WaitAsync(cancellation);
        try
        {
            object result = await call(request.TryGetProperty("params", out JsonElement parameters) ? parameters : default, cancellation);
            if (id is null)
            {
                return null;
            }

            byte[] answer = WriteResult(id, result);
            return takes(answer.Length) ? answer : NoRoom();
        }
        catch (RpcError e)
        {
            return id is null ? null : Error(id, e.Code, e.Message, e.ErrorData?.ToJsonString());
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception e)
        {
            Failed?.Invoke(name, e);
            return id is null ? null : Error(id, ErrorCodes.InternalError, "the node failed to answer; its log says why", null);
        }
        finally
        {
            _turns.Release();
        }

        byte[] NoRoom() => Error(id, ErrorCodes.Busy, $"no room for this answer: those of a batch have at most {MaximumBatchAnswer} bytes, and others wait for their readers", null);
    }

    private static byte[] Error(JsonElement? id, int code, string message, string? data) => Write(writer => WriteError(writer, id, code, message, data));

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

    private static byte[] Write(Action<Utf8JsonWriter> write) => Write(new ArrayBufferWriter<byte>(1024), write);

    private static byte[] Write(ArrayBufferWriter<byte> buffer, Action<Utf8JsonWriter> write)
    {
        using (Utf8JsonWriter writer = new(buffer))
        {
            write(writer);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>A result in JSON, written where the last one was: large buffers made afresh for each would pile up faster than they are collected.</summary>
    private byte[] WriteResult(JsonElement? id, object result)
    {
        if (!_buffers.TryTake(out ArrayBufferWriter<byte>? buffer))
        {
            buffer = new ArrayBufferWriter<byte>(1024);
        }

        byte[] answer = Write(buffer, writer => WriteResult(writer, id, result));
        if (buffer.Capacity <= MaximumKeptBuffer)
        {
            buffer.ResetWrittenCount();
            _buffers.Add(buffer);
        }

        return answer;
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

    private static void WriteResult(Utf8JsonWriter writer, JsonElement? id, object result)
    {
        writer.WriteStartObject();
        writer.WriteString("jsonrpc", "2.0");
        WriteId(writer, id);
        writer.WritePropertyName("result");
        JsonSerializer.Serialize(writer, result, result.GetType(), ApiJson.Options);
        writer.WriteEndObject();
    }
}
