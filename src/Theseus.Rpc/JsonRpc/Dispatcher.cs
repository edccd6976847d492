using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using Theseus.Client;

namespace Theseus.Rpc;

/// <summary>
/// The method table of JSON-RPC 2.0: requests and batches in, answers out. Whatever the body holds, the answer is JSON-RPC.
/// </summary>
public sealed class Dispatcher : IDisposable
{
    /// <summary>Calls of one batch; a larger one is refused as a whole.</summary>
    public const int MaximumBatch = TheseusClient.MaximumBatch;

    /// <summary>
    /// Bytes of a batch's answers after which its further calls are refused: fifty calls of 160 KiB, which holds the framework's
    /// modules.
    /// </summary>
    public const int MaximumBatchAnswer = 8 * 1024 * 1024;

    /// <summary>Depth of a body's nesting.</summary>
    private const int MaximumDepth = 32;

    /// <summary>A larger buffer is not kept: few answers need it. There are at most as many as calls run at once.</summary>
    private const int MaximumKeptBuffer = 4 * 1024 * 1024;

    private static readonly string[] RequestMembers = ["jsonrpc", "id", "method", "params"];

    private readonly ConcurrentBag<ArrayBufferWriter<byte>> _buffers = [];
    private readonly Dictionary<string, Method> _methods = [];
    private readonly SortedDictionary<CallKind, Lane> _lanes = [];
    private readonly TimeProvider _clock;

    /// <param name="clock">For the turns of calls; the system's when left out.</param>
    /// <param name="limits">Of each kind of call; production's when left out.</param>
    public Dispatcher(TimeProvider? clock = null, Func<CallKind, LaneLimits>? limits = null)
    {
        _clock = clock ?? TimeProvider.System;
        foreach (CallKind kind in Enum.GetValues<CallKind>())
        {
            _lanes.Add(kind, new Lane((limits ?? LaneLimits.Of)(kind), _clock));
        }
    }

    /// <summary>Called when a method throws what is not an answer: a bug or a broken device.</summary>
    public Action<string, Exception>? Failed { get; set; }

    /// <summary>Names of the methods, in order.</summary>
    public IEnumerable<string> Names => _methods.Keys.Order(StringComparer.Ordinal);

    /// <summary>
    /// Adds a method whose parameters are one object. It answers with a result, or with an <see cref="RpcError"/>, thrown or returned.
    /// To return it costs far less, and is the way of a method that refuses much of what it is asked under load.
    /// </summary>
    public void Add<TParameters>(string name, Func<TParameters, CancellationToken, Task<object>> method, CallKind kind = CallKind.Read)
        where TParameters : class
    {
        ParameterBinder binder = new(name, typeof(TParameters));
        _methods.Add(name, new Method(kind,
            element => (null, cancellation => method((TParameters)binder.Bind(element), cancellation))));
    }

    /// <summary>
    /// Adds a method that answers some calls for next to nothing, before their turn comes: the answer, or else the work that has to wait.
    /// </summary>
    public void AddOpen<TParameters>(string name, Func<TParameters, (object? Answer, Func<object>? Work)> method, CallKind kind)
        where TParameters : class
    {
        ParameterBinder binder = new(name, typeof(TParameters));
        _methods.Add(name, new Method(kind, element =>
        {
            (object? answer, Func<object>? work) = method((TParameters)binder.Bind(element));
            return (answer, _ => Task.FromResult(work!()));
        }));
    }

    /// <summary>Adds a method that answers at once.</summary>
    public void Add<TParameters>(string name, Func<TParameters, object> method, CallKind kind = CallKind.Read)
        where TParameters : class => Add<TParameters>(name, (parameters, _) => Task.FromResult(method(parameters)), kind);

    /// <summary>Adds a method without parameters.</summary>
    public void Add(string name, Func<object> method, CallKind kind = CallKind.Read) => _methods.Add(name, new Method(kind, element =>
        (null, _ =>
        {
            ParameterBinder.BindNothing(name, element);
            return Task.FromResult(method());
        })));

    /// <summary>What answers hold, in the making and while they wait to be read.</summary>
    internal HeldAnswers Answers { get; } = new();

    /// <inheritdoc/>
    public void Dispose() => _buffers.Clear();

    /// <summary>The answer to a body whose proper answer cannot be given.</summary>
    public static byte[] ErrorBody(RpcError error) => Error(null, error);

    /// <summary>Answers a request body. Null when it held notifications only.</summary>
    /// <param name="body">What was posted.</param>
    /// <param name="cancellation">Of the request.</param>
    /// <param name="client">Who asks, for fairness between clients; an address.</param>
    public async Task<byte[]?> AnswerAsync(ReadOnlyMemory<byte> body, CancellationToken cancellation, string client = "")
    {
        if (!Utf8.IsValid(body.Span))
        {
            // the parser looks at strings only when they are read
            return Error(null, new RpcError(ErrorCodes.ParseError, "the body is not UTF-8"));
        }

        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = MaximumDepth });
        }
        catch (JsonException e)
        {
            return Error(null, NotJson(e));
        }

        using (document)
        {
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Array)
            {
                // one answer: who sends it looks for room
                return await CallAsync(root, client, new RequestWait(), static () => true, static _ => true, cancellation);
            }

            int count = root.GetArrayLength();
            if (count is 0 or > MaximumBatch)
            {
                return Error(null, new RpcError(ErrorCodes.InvalidRequest, $"a batch holds 1 to {MaximumBatch} calls, this one {count}"));
            }

            return await BatchAsync(root, client, cancellation);
        }
    }

    private async Task<byte[]?> BatchAsync(JsonElement requests, string client, CancellationToken cancellation)
    {
        List<byte[]> answers = [];
        RequestWait waited = new();
        int length = 0;
        int held = 0;
        bool isRefused = false;
        try
        {
            foreach (JsonElement request in requests.EnumerateArray())
            {
                if (await CallAsync(request, client, waited, () => !isRefused && length <= MaximumBatchAnswer, Takes,
                    cancellation) is byte[] answer)
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
    /// <param name="client">Who asks.</param>
    /// <param name="waited">What the calls of its request have waited.</param>
    /// <param name="hasRoom">Whether there is room for another result.</param>
    /// <param name="takes">Takes room for a result of so many bytes; false when there is none.</param>
    /// <param name="cancellation">Of the request.</param>
    private async Task<byte[]?> CallAsync(JsonElement request, string client, RequestWait waited, Func<bool> hasRoom,
        Func<int, bool> takes, CancellationToken cancellation)
    {
        if (!IsRequest(request, out JsonElement method))
        {
            return Error(null, new RpcError(ErrorCodes.InvalidRequest,
                "a request is an object with \"jsonrpc\": \"2.0\" and a method name"));
        }

        if (WrongMember(request) is string wrong)
        {
            return Error(null, new RpcError(ErrorCodes.InvalidRequest, wrong));
        }

        JsonElement? id = request.TryGetProperty("id", out JsonElement given) ? given : null;
        if (id is { ValueKind: not (JsonValueKind.String or JsonValueKind.Number or JsonValueKind.Null) }
            || (id is { ValueKind: JsonValueKind.String } text && TryText(text) is null))
        {
            return Error(null, new RpcError(ErrorCodes.InvalidRequest, "the id is a string, a number or null"));
        }

        byte[] answer;
        try
        {
            string name = TryText(method) ?? "?";
            if (!_methods.TryGetValue(name, out Method? call))
            {
                throw new RpcError(ErrorCodes.MethodNotFound, $"no method {Printable.Text(name, 64)}");
            }

            if (!hasRoom())
            {
                throw NoRoom();
            }

            JsonElement arguments = request.TryGetProperty("params", out JsonElement parameters) ? parameters : default;
            answer = await RunAsync(call, name, client, waited, id, arguments, cancellation);
            if (id is not null && !takes(answer.Length))
            {
                throw NoRoom();
            }
        }
        catch (RpcError e)
        {
            answer = Error(id, e);
        }

        return id is null ? null : answer;
    }

    private async Task<byte[]> RunAsync(Method call, string name, string client, RequestWait waited, JsonElement? id,
        JsonElement parameters, CancellationToken cancellation)
    {
        Lane? lane = null;
        long began = 0;
        try
        {
            (object? result, Func<CancellationToken, Task<object>> work) = call.Open(parameters);
            if (result is null)
            {
                if (await _lanes[call.Kind].EnterAsync(client, waited, cancellation) is TimeSpan retry)
                {
                    return Error(id,
                        RpcError.Busy(BusyCodes.Overloaded, $"{name} is not run now: too many such calls stand before it", retry));
                }

                (lane, began) = (_lanes[call.Kind], _clock.GetTimestamp());
                result = await work(cancellation);
            }

            return result is RpcError refusal ? Error(id, refusal) : WriteResult(id, result);
        }
        catch (Exception e) when (e is not RpcError && !(e is OperationCanceledException && cancellation.IsCancellationRequested))
        {
            Failed?.Invoke(name, e);
            throw new RpcError(ErrorCodes.InternalError, "the node failed to answer; its log says why");
        }
        finally
        {
            lane?.Leave(_clock.GetElapsedTime(began));
        }
    }

    private static RpcError NoRoom() => RpcError.Busy(
        BusyCodes.AnswersFull,
            $"no room for this answer: those of a batch have at most {MaximumBatchAnswer} bytes, and others wait for their readers",
                TimeSpan.FromSeconds(1));

    private static RpcError NotJson(JsonException fault) => new(
        ErrorCodes.ParseError,
        string.Create(CultureInfo.InvariantCulture,
            $"the body is not JSON of at most {MaximumDepth} levels: line {fault.LineNumber + 1}, byte {fault.BytePositionInLine + 1}"),
        new JsonObject { ["line"] = fault.LineNumber + 1, ["byte"] = fault.BytePositionInLine + 1 });

    /// <summary>
    /// A request that says something twice, or what nobody listens to, is not guessed at: "parms" would be no parameters.
    /// </summary>
    private static string? WrongMember(JsonElement request)
    {
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (JsonProperty member in request.EnumerateObject())
        {
            string name = NameOf(member);
            if (!RequestMembers.Contains(name))
            {
                return $"a request holds {string.Join(", ", RequestMembers)} and nothing else, not {Printable.Text(name, 64)}";
            }

            if (!seen.Add(name))
            {
                return $"{name} stands twice in the request";
            }
        }

        return null;
    }

    private static string NameOf(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            return "a name with half a surrogate pair";
        }
    }

    private static bool IsRequest(JsonElement request, out JsonElement method)
    {
        method = default;
        return request.ValueKind == JsonValueKind.Object && request.TryGetProperty("jsonrpc", out JsonElement version)
            && version.ValueKind == JsonValueKind.String &&
            TryText(version) == "2.0" && request.TryGetProperty("method", out method) && method.ValueKind == JsonValueKind.String;
    }

    private static byte[] Error(JsonElement? id, RpcError error) => Write(writer => WriteError(writer, id, error));

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

    private static byte[] Write(Action<Utf8JsonWriter> write) => Write(new ArrayBufferWriter<byte>(1024), write);

    private static byte[] Write(ArrayBufferWriter<byte> buffer, Action<Utf8JsonWriter> write)
    {
        using (Utf8JsonWriter writer = new(buffer))
        {
            write(writer);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>
    /// A result in JSON, written where the last one was: large buffers made afresh for each would pile up faster than they are
    /// collected.
    /// </summary>
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

    private static void WriteError(Utf8JsonWriter writer, JsonElement? id, RpcError error)
    {
        writer.WriteStartObject();
        writer.WriteString("jsonrpc", "2.0");
        WriteId(writer, id);
        writer.WriteStartObject("error");
        writer.WriteNumber("code", error.Code);
        writer.WriteString("message", error.Message);
        if (error.ErrorData is not null)
        {
            writer.WritePropertyName("data");
            error.ErrorData.WriteTo(writer);
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

    /// <param name="Kind">Whose turns it takes.</param>
    /// <param name="Open">An answer that waits for no turn, or else the work that does.</param>
    private sealed record Method(CallKind Kind, Func<JsonElement, (object? Answer, Func<CancellationToken, Task<object>> Work)> Open);
}
