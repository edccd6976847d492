using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Theseus.Client;

/// <summary>An error that the node answered.</summary>
public sealed class RpcException(int code, string message, JsonNode? data) : Exception(message)
{
    /// <summary>One of <see cref="ErrorCodes"/>.</summary>
    public int Code { get; } = code;

    public JsonNode? ErrorData { get; } = data;
}

/// <summary>A typed client of one node's JSON-RPC.</summary>
public sealed class TheseusClient : IDisposable
{
    /// <summary>Largest answer read: a block with full receipts fits.</summary>
    public const long MaximumAnswer = 64L * 1024 * 1024;

    private readonly HttpClient _http;
    private readonly Uri _endpoint;
    private long _nextId;

    /// <param name="node">The node's base address, e.g. http://127.0.0.1:7100.</param>
    /// <param name="timeout">Of one request; 30 s by default.</param>
    public TheseusClient(Uri node, TimeSpan? timeout = null)
    {
        Node = node;
        _endpoint = new Uri(node, "/rpc/v1");
        _http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 64, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
        {
            Timeout = timeout ?? TimeSpan.FromSeconds(30),
            MaxResponseContentBufferSize = MaximumAnswer,
        };
    }

    public Uri Node { get; }

    public Task<StatusInfo> StatusAsync(CancellationToken cancellation = default) => CallAsync<StatusInfo>(Methods.Status, null, cancellation);

    public Task<BlockInfo> GetBlockAsync(At at, string detail = "header", CancellationToken cancellation = default) =>
        CallAsync<BlockInfo>(Methods.GetBlock, new BlockParams(at, detail), cancellation);

    public Task<ReceiptInfo> GetTransactionAsync(string hash, CancellationToken cancellation = default) =>
        CallAsync<ReceiptInfo>(Methods.GetTransaction, new HashParams(hash), cancellation);

    public Task<ReceiptInfo> GetReceiptAsync(string hash, CancellationToken cancellation = default) =>
        CallAsync<ReceiptInfo>(Methods.GetReceipt, new HashParams(hash), cancellation);

    public Task<ResourceInfo> GetResourceAsync(string address, string type, At? at = null, CancellationToken cancellation = default) =>
        CallAsync<ResourceInfo>(Methods.GetResource, new ResourceParams(address, type, at), cancellation);

    public Task<ModuleInfo> GetModuleAsync(string address, string name, At? at = null, CancellationToken cancellation = default) =>
        CallAsync<ModuleInfo>(Methods.GetModule, new ModuleParams(address, name, at), cancellation);

    public Task<ProofInfo> GetProofAsync(ProofParams parameters, CancellationToken cancellation = default) =>
        CallAsync<ProofInfo>(Methods.GetProof, parameters, cancellation);

    public Task<ViewInfo> ViewAsync(string function, IReadOnlyList<string>? typeArguments = null, IReadOnlyList<string>? arguments = null, At? at = null, CancellationToken cancellation = default) =>
        CallAsync<ViewInfo>(Methods.View, new ViewParams(function, typeArguments, arguments, null, at), cancellation);

    public Task<SimulateInfo> SimulateAsync(byte[] transaction, CancellationToken cancellation = default) =>
        CallAsync<SimulateInfo>(Methods.Simulate, new TransactionParams("0x" + Convert.ToHexStringLower(transaction)), cancellation);

    public Task<SubmitInfo> SubmitAsync(byte[] transaction, CancellationToken cancellation = default) =>
        CallAsync<SubmitInfo>(Methods.Submit, new TransactionParams("0x" + Convert.ToHexStringLower(transaction)), cancellation);

    public Task<RecordInfo> GetRecordAsync(At? at = null, CancellationToken cancellation = default) =>
        CallAsync<RecordInfo>(Methods.GetRecord, new AtParams(at), cancellation);

    public Task<IReadOnlyList<VersionInfo>> GetVersionsAsync(At? at = null, CancellationToken cancellation = default) =>
        CallAsync<IReadOnlyList<VersionInfo>>(Methods.GetVersions, new AtParams(at), cancellation);

    public Task<IReadOnlyList<ProposalInfo>> GetProposalsAsync(At? at = null, CancellationToken cancellation = default) =>
        CallAsync<IReadOnlyList<ProposalInfo>>(Methods.GetProposals, new PageParams(null, null, at), cancellation);

    public Task<ProposalInfo> GetProposalAsync(ulong id, At? at = null, CancellationToken cancellation = default) =>
        CallAsync<ProposalInfo>(Methods.GetProposal, new ProposalParams(id, at), cancellation);

    public Task<ValidatorsInfo> GetValidatorsAsync(At? at = null, CancellationToken cancellation = default) =>
        CallAsync<ValidatorsInfo>(Methods.GetValidators, new AtParams(at), cancellation);

    public Task<IReadOnlyList<EvidenceInfo>> GetEvidenceAsync(ulong? before = null, int? limit = null, CancellationToken cancellation = default) =>
        CallAsync<IReadOnlyList<EvidenceInfo>>(Methods.GetEvidence, new EvidenceParams(before, limit), cancellation);

    /// <summary>One call.</summary>
    /// <exception cref="RpcException">The node answered with an error.</exception>
    /// <exception cref="HttpRequestException">The node could not be reached.</exception>
    public async Task<T> CallAsync<T>(string method, object? parameters, CancellationToken cancellation = default)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(
            new { jsonrpc = "2.0", id = Interlocked.Increment(ref _nextId), method, @params = parameters ?? new { } }, ApiJson.Options);
        using ByteArrayContent content = new(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using HttpResponseMessage response = await _http.PostAsync(_endpoint, content, cancellation);
        byte[] answer = await response.Content.ReadAsByteArrayAsync(cancellation);
        JsonObject? envelope;
        try
        {
            envelope = JsonNode.Parse(answer) as JsonObject;
        }
        catch (JsonException)
        {
            envelope = null;
        }

        if (envelope is null)
        {
            throw new HttpRequestException($"{Node} answered {(int)response.StatusCode} without JSON", null, response.StatusCode);
        }

        if (envelope["error"] is JsonObject error)
        {
            throw new RpcException(error["code"]?.GetValue<int>() ?? ErrorCodes.InternalError, error["message"]?.GetValue<string>() ?? "unknown error", error["data"]?.DeepClone());
        }

        return envelope["result"].Deserialize<T>(ApiJson.Options) ?? throw new RpcException(ErrorCodes.InternalError, $"{method} answered no result", null);
    }

    public void Dispose() => _http.Dispose();
}
