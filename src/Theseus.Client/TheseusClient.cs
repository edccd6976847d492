using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Unicode;

namespace Theseus.Client;

/// <summary>An error that the node answered.</summary>
/// <param name="code">One of <see cref="ErrorCodes"/>.</param>
/// <param name="message">The node's sentence.</param>
/// <param name="data">The error's data.</param>
public sealed class RpcException(int code, string message, JsonNode? data) : Exception(message)
{
    /// <summary>One of <see cref="ErrorCodes"/>.</summary>
    public int Code { get; } = code;

    /// <summary>What programs read; null for nothing.</summary>
    public JsonNode? ErrorData { get; } = data;

    /// <summary>The stable name of what is wrong, e.g. BAD_SIGNATURE or OVERLOADED; null when the node gave none.</summary>
    public string? Name => Text("code");

    /// <summary>Whether the same request may succeed later: the node had no room or too much to do, and did nothing.</summary>
    public bool IsTransient => Code is ErrorCodes.Busy or ErrorCodes.BodyTooLate;

    /// <summary>When to try again, null when the node did not say.</summary>
    public TimeSpan? RetryAfter => Number("retryAfterMs") is ulong milliseconds
        ? TimeSpan.FromMilliseconds(ulong.Min(milliseconds, 3_600_000)) : null;

    /// <summary>The sender's sequence number that a refused transaction waits for; null when it waits for none.</summary>
    public ulong? WaitsForSequence => Number("waitsForSequence");

    /// <summary>The parameter that is wrong, e.g. params.at.height; null when none is.</summary>
    public string? Parameter => Text("parameter");

    private string? Text(string name) => (ErrorData as JsonObject)?[name] is JsonValue value && value.TryGetValue(out string? text)
        ? text : null;

    private ulong? Number(string name) =>
        (ErrorData as JsonObject)?[name] is JsonValue value && DecimalText.TryParse(value.ToString(), out ulong number) ? number : null;
}

/// <summary>A typed client of a chain's JSON-RPC: of one node, or of several that stand in for each other. Safe from any thread.</summary>
public sealed class TheseusClient : IDisposable
{
    /// <summary>Largest answer read: a block with full receipts fits.</summary>
    public const long MaximumAnswer = 64L * 1024 * 1024;

    /// <summary>Most calls that a node takes in one request.</summary>
    public const int MaximumBatch = 50;

    /// <summary>The first pause before a transaction is sent again; it doubles up to <see cref="LongestPause"/>.</summary>
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly HttpClient _http;
    private readonly Uri[] _nodes;
    private readonly TimeProvider _clock;
    private long _nextId;
    private int _present;

    /// <summary>A client of one node.</summary>
    /// <param name="node">The node's base address, e.g. http://127.0.0.1:7100.</param>
    /// <param name="timeout">Of one request; 30 s by default.</param>
    public TheseusClient(Uri node, TimeSpan? timeout = null)
        : this([node], timeout)
    {
    }

    /// <summary>A client of several nodes.</summary>
    /// <param name="nodes">Base addresses of nodes of one chain, the preferred one first.</param>
    /// <param name="timeout">Of one request; 30 s by default.</param>
    /// <param name="clock">For pauses between attempts; the system's when left out.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    public TheseusClient(IReadOnlyList<Uri> nodes, TimeSpan? timeout = null, TimeProvider? clock = null)
    {
        _nodes = nodes.Count > 0 ? [.. nodes] : throw new ArgumentException("a client needs the address of a node", nameof(nodes));
        _clock = clock ?? TimeProvider.System;
        _http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 64, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
        {
            Timeout = timeout ?? TimeSpan.FromSeconds(30),
            MaxResponseContentBufferSize = MaximumAnswer,
        };
    }

    /// <summary>The node that is asked now: the last one that answered.</summary>
    public Uri Node => _nodes[Volatile.Read(ref _present) % _nodes.Length];

    /// <summary>All nodes.</summary>
    public IReadOnlyList<Uri> Nodes => _nodes;

    /// <summary>Where the node stands.</summary>
    public Task<StatusInfo> StatusAsync(CancellationToken cancellation = default) =>
        CallAsync<StatusInfo>(Methods.Status, null, cancellation);

    /// <summary>
    /// A block: its header, with its transactions' hashes ("hashes") or with their receipts ("full").
    /// </summary>
    public Task<BlockInfo> GetBlockAsync(At at, string detail = "header", CancellationToken cancellation = default) =>
        CallAsync<BlockInfo>(Methods.GetBlock, new BlockParams(at, detail), cancellation);

    /// <summary>
    /// How a transaction fares, by its hash; NotFound when neither the chain nor this node's mempool has it.
    /// </summary>
    public Task<ReceiptInfo> GetTransactionAsync(string hash, CancellationToken cancellation = default) =>
        CallAsync<ReceiptInfo>(Methods.GetTransaction, new HashParams(hash), cancellation);

    /// <summary>The same as <see cref="GetTransactionAsync"/>.</summary>
    public Task<ReceiptInfo> GetReceiptAsync(string hash, CancellationToken cancellation = default) =>
        CallAsync<ReceiptInfo>(Methods.GetReceipt, new HashParams(hash), cancellation);

    /// <summary>A resource of an account; NotFound when there is none.</summary>
    public Task<ResourceInfo> GetResourceAsync(string address, string type, At? at = null, CancellationToken cancellation = default) =>
        CallAsync<ResourceInfo>(Methods.GetResource, new ResourceParams(address, type, at), cancellation);

    /// <summary>A module; NotFound when there is none.</summary>
    public Task<ModuleInfo> GetModuleAsync(string address, string name, At? at = null, CancellationToken cancellation = default) =>
        CallAsync<ModuleInfo>(Methods.GetModule, new ModuleParams(address, name, at), cancellation);

    /// <summary>A proof of a state key, to be checked by <see cref="ResourceProof"/>.</summary>
    public Task<ProofInfo> GetProofAsync(ProofParams parameters, CancellationToken cancellation = default) =>
        CallAsync<ProofInfo>(Methods.GetProof, parameters, cancellation);

    /// <summary>Calls a #[view] function with arguments as text; ExecutionFailed when it aborts.</summary>
    public Task<ViewInfo> ViewAsync(string function, IReadOnlyList<string>? typeArguments = null,
        IReadOnlyList<string>? arguments = null, At? at = null, CancellationToken cancellation = default) =>
        CallAsync<ViewInfo>(Methods.View, new ViewParams(function, typeArguments, arguments, null, at), cancellation);

    /// <summary>What a signed transaction would do as the next block's first; nothing is sent on.</summary>
    public Task<SimulateInfo> SimulateAsync(byte[] transaction, CancellationToken cancellation = default) =>
        CallAsync<SimulateInfo>(Methods.Simulate, new TransactionParams("0x" + Convert.ToHexStringLower(transaction)), cancellation);

    /// <summary>
    /// Hands a signed transaction to the node once; see <see cref="DeliverAsync"/> for a sender that must not lose it.
    /// </summary>
    public Task<SubmitInfo> SubmitAsync(byte[] transaction, CancellationToken cancellation = default) =>
        CallAsync<SubmitInfo>(Methods.Submit, new TransactionParams("0x" + Convert.ToHexStringLower(transaction)), cancellation);

    /// <summary>
    /// Hands several signed transactions to one node in one request, once; each has an answer of its own.
    /// </summary>
    /// <param name="transactions">1 to <see cref="MaximumBatch"/> of them, each sender's in the order of its sequence numbers.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>For each, in order: the node's answer, or its refusal.</returns>
    /// <exception cref="ArgumentException">There are none, or too many.</exception>
    /// <exception cref="RpcException">The node refused the request as a whole.</exception>
    /// <exception cref="HttpRequestException">No node could be reached, or none answered each of them.</exception>
    public async Task<IReadOnlyList<(SubmitInfo? Info, RpcException? Refusal)>> SubmitBatchAsync(
        IReadOnlyList<byte[]> transactions, CancellationToken cancellation = default)
    {
        if (transactions.Count is 0 or > MaximumBatch)
        {
            throw new ArgumentException(
                $"a batch holds 1 to {MaximumBatch} transactions, this one {transactions.Count}", nameof(transactions));
        }

        long first = Interlocked.Add(ref _nextId, transactions.Count) - transactions.Count + 1;
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(
            transactions.Select((transaction, i) => new
            {
                jsonrpc = "2.0",
                id = first + i,
                method = Methods.Submit,
                @params = new TransactionParams("0x" + Convert.ToHexStringLower(transaction)),
            }),
            RequestJson);
        return await OfAnyAsync(node => SendAsync(node, Methods.Submit, body, Read, cancellation), cancellation);

        // Answers may stand in any order: the id says whose each is.
        (SubmitInfo?, RpcException?)[] Read(JsonNode answer)
        {
            if (answer is JsonObject refusal)
            {
                throw ErrorOf(refusal) ?? new RpcException(ErrorCodes.InternalError, "a batch was answered by a single result", null);
            }

            (SubmitInfo?, RpcException?)[] results = new (SubmitInfo?, RpcException?)[transactions.Count];
            foreach (JsonNode? item in answer.AsArray())
            {
                if (item is not JsonObject one || one["id"] is not JsonValue id || !id.TryGetValue(out long number)
                    || number < first || number - first >= results.Length)
                {
                    throw new FormatException("an answer belongs to no call");
                }

                results[number - first] = ErrorOf(one) is RpcException error ? (null, error)
                    : (one["result"].Deserialize<SubmitInfo>(ApiJson.Options), null);
            }

            return Array.TrueForAll(results, result => result.Item1 is not null || result.Item2 is not null) ? results
                : throw new FormatException("an answer is missing");
        }
    }

    /// <summary>The protocol record.</summary>
    public Task<RecordInfo> GetRecordAsync(At? at = null, CancellationToken cancellation = default) =>
        CallAsync<RecordInfo>(Methods.GetRecord, new AtParams(at), cancellation);

    /// <summary>Components and their versions.</summary>
    public Task<IReadOnlyList<VersionInfo>> GetVersionsAsync(At? at = null, CancellationToken cancellation = default) =>
        CallAsync<IReadOnlyList<VersionInfo>>(Methods.GetVersions, new AtParams(at), cancellation);

    /// <summary>The newest proposals, at most 100, by number.</summary>
    public Task<IReadOnlyList<ProposalInfo>> GetProposalsAsync(At? at = null, CancellationToken cancellation = default) =>
        CallAsync<IReadOnlyList<ProposalInfo>>(Methods.GetProposals, new PageParams(null, null, at), cancellation);

    /// <summary>One proposal; NotFound when there is none of that number.</summary>
    public Task<ProposalInfo> GetProposalAsync(ulong id, At? at = null, CancellationToken cancellation = default) =>
        CallAsync<ProposalInfo>(Methods.GetProposal, new ProposalParams(id, at), cancellation);

    /// <summary>The validator set of a height.</summary>
    public Task<ValidatorsInfo> GetValidatorsAsync(At? at = null, CancellationToken cancellation = default) =>
        CallAsync<ValidatorsInfo>(Methods.GetValidators, new AtParams(at), cancellation);

    /// <summary>
    /// Proven misbehaviour of heights below <paramref name="before"/>, at most 1,000 (<see cref="EvidenceParams"/>).
    /// </summary>
    public Task<IReadOnlyList<EvidenceInfo>> GetEvidenceAsync(ulong? before = null, int? limit = null,
        CancellationToken cancellation = default) =>
        CallAsync<IReadOnlyList<EvidenceInfo>>(Methods.GetEvidence, new EvidenceParams(before, limit), cancellation);

    /// <summary>
    /// Sends a transaction until a node has it: again when it was refused for lack of room or the answer was lost, and
    /// to the next node when one cannot be reached. The bytes and so the hash are the same each time, and a chain
    /// executes a hash once, so sending again never acts twice. A sender that gives up on a sequence number strands all
    /// that follow it; this method avoids that.
    /// </summary>
    /// <param name="transaction">The signed transaction.</param>
    /// <param name="patience">How long to go on.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>The answer of the node that has it, and how often it was sent.</returns>
    /// <exception cref="RpcException">A node refused it for good, or none had room in time.</exception>
    /// <exception cref="HttpRequestException">No node could be reached in time.</exception>
    public async Task<(SubmitInfo Info, int Tries)> DeliverAsync(byte[] transaction, TimeSpan patience,
        CancellationToken cancellation = default)
    {
        long began = _clock.GetTimestamp();
        TimeSpan pause = FirstPause;
        for (int tries = 1; ; tries++)
        {
            TimeSpan wait = pause;
            try
            {
                return (await SubmitAsync(transaction, cancellation), tries);
            }
            catch (RpcException e) when (e.IsTransient && _clock.GetElapsedTime(began) < patience)
            {
                wait = e.RetryAfter is TimeSpan given && given > pause ? given : pause;
                MoveOn(Node);
            }
            catch (Exception e) when (IsLost(e, cancellation) && _clock.GetElapsedTime(began) < patience)
            {
                // it may have arrived: sent again, the node says that it has it
            }

            TimeSpan left = patience - _clock.GetElapsedTime(began);
            await Task.Delay(wait < left ? wait : left > TimeSpan.Zero ? left : TimeSpan.Zero, _clock, cancellation);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>One call. When a node cannot be reached, the others are asked; all calls are safe to repeat.</summary>
    /// <exception cref="RpcException">The node answered with an error.</exception>
    /// <exception cref="HttpRequestException">No node could be reached.</exception>
    public Task<T> CallAsync<T>(string method, object? parameters, CancellationToken cancellation = default)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(
            new { jsonrpc = "2.0", id = Interlocked.Increment(ref _nextId), method, @params = parameters ?? new { } }, RequestJson);
        return OfAnyAsync(node => SendAsync(node, method, body, Read, cancellation), cancellation);

        T Read(JsonNode answer) => ErrorOf(answer.AsObject()) is RpcException error ? throw error
            : answer["result"].Deserialize<T>(ApiJson.Options)
                ?? throw new RpcException(ErrorCodes.InternalError, $"{method} answered no result", null);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<T> OfAnyAsync<T>(Func<Uri, Task<T>> ask, CancellationToken cancellation)
    {
        for (int others = _nodes.Length - 1; ; others--)
        {
            Uri node = Node;
            try
            {
                return await ask(node);
            }
            catch (Exception e) when (others > 0 && IsLost(e, cancellation))
            {
                MoveOn(node);
            }
        }
    }

    private async Task<T> SendAsync<T>(Uri node, string method, byte[] body, Func<JsonNode, T> read, CancellationToken cancellation)
    {
        using ByteArrayContent content = new(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using HttpResponseMessage response = await _http.PostAsync(new Uri(node, "/rpc/v1"), content, cancellation);
        byte[] answer = await response.Content.ReadAsByteArrayAsync(cancellation);
        JsonNode? envelope;
        try
        {
            envelope = Utf8.IsValid(answer) ? JsonNode.Parse(answer, documentOptions: AnswerJson) : null;
        }
        catch (JsonException)
        {
            envelope = null;
        }

        if (envelope is not (JsonObject or JsonArray))
        {
            throw new HttpRequestException($"{node} answered {(int)response.StatusCode} without JSON", null, response.StatusCode);
        }

        try
        {
            return read(envelope);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException or FormatException
            or OverflowException)
        {
            // JSON is read when it is looked at: numbers that are none, half a surrogate pair, another record than is due
            throw new HttpRequestException($"{node} answered {method} with what is not its answer", e, response.StatusCode);
        }
    }

    private static RpcException? ErrorOf(JsonObject envelope) => envelope["error"] is not JsonObject error ? null
        : new RpcException(error["code"]?.GetValue<int>() ?? ErrorCodes.InternalError,
            Printable.Text(error["message"]?.GetValue<string>() ?? "unknown error"), error["data"]?.DeepClone());

    /// <summary>What is left out is not sent as null.</summary>
    private static readonly JsonSerializerOptions RequestJson = new(ApiJson.Options)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>A member twice has no meaning.</summary>
    private static readonly JsonDocumentOptions AnswerJson = new() { AllowDuplicateProperties = false };

    private static bool IsLost(Exception e, CancellationToken cancellation) =>
        e is HttpRequestException || (e is OperationCanceledException && !cancellation.IsCancellationRequested);

    /// <summary>Another thread may have moved on already: only a caller that saw the present node fail moves on.</summary>
    private void MoveOn(Uri from)
    {
        int present = Volatile.Read(ref _present);
        if (_nodes[present % _nodes.Length] == from)
        {
            Interlocked.CompareExchange(ref _present, (present + 1) % _nodes.Length, present);
        }
    }
}
