using System.Text.Json;
using System.Text.Json.Serialization;

namespace Theseus.Client;

/// <summary>
/// Method names of JSON-RPC 2.0 at /rpc/v1. Parameters are one object; u64 and wider are decimal strings; byte strings are 0x and
/// hex.
/// </summary>
public static class Methods
{
    /// <summary>Where the node stands: no parameters, <see cref="StatusInfo"/>.</summary>
    public const string Status = "theseus_status";

    /// <summary>A block: <see cref="BlockParams"/>, <see cref="BlockInfo"/>.</summary>
    public const string GetBlock = "theseus_getBlock";

    /// <summary>How a transaction fares: <see cref="HashParams"/>, <see cref="ReceiptInfo"/>.</summary>
    public const string GetTransaction = "theseus_getTransaction";

    /// <summary>The same as <see cref="GetTransaction"/>.</summary>
    public const string GetReceipt = "theseus_getReceipt";

    /// <summary>A resource of an account: <see cref="ResourceParams"/>, <see cref="ResourceInfo"/>.</summary>
    public const string GetResource = "theseus_getResource";

    /// <summary>A module: <see cref="ModuleParams"/>, <see cref="ModuleInfo"/>.</summary>
    public const string GetModule = "theseus_getModule";

    /// <summary>A proof of a state key: <see cref="ProofParams"/>, <see cref="ProofInfo"/>.</summary>
    public const string GetProof = "theseus_getProof";

    /// <summary>Calls a #[view] function: <see cref="ViewParams"/>, <see cref="ViewInfo"/>.</summary>
    public const string View = "theseus_view";

    /// <summary>What a transaction would do: <see cref="TransactionParams"/>, <see cref="SimulateInfo"/>.</summary>
    public const string Simulate = "theseus_simulate";

    /// <summary>Hands a transaction to the node: <see cref="TransactionParams"/>, <see cref="SubmitInfo"/>.</summary>
    public const string Submit = "theseus_submit";

    /// <summary>The protocol record: <see cref="AtParams"/>, <see cref="RecordInfo"/>.</summary>
    public const string GetRecord = "theseus_getRecord";

    /// <summary>Components and their versions: <see cref="AtParams"/>, a list of <see cref="VersionInfo"/>.</summary>
    public const string GetVersions = "theseus_getVersions";

    /// <summary>Proposals by number: <see cref="PageParams"/>, a list of <see cref="ProposalInfo"/>.</summary>
    public const string GetProposals = "theseus_getProposals";

    /// <summary>One proposal: <see cref="ProposalParams"/>, <see cref="ProposalInfo"/>.</summary>
    public const string GetProposal = "theseus_getProposal";

    /// <summary>The validator set: <see cref="AtParams"/>, <see cref="ValidatorsInfo"/>.</summary>
    public const string GetValidators = "theseus_getValidators";

    /// <summary>Proven misbehaviour: <see cref="EvidenceParams"/>, a list of <see cref="EvidenceInfo"/>.</summary>
    public const string GetEvidence = "theseus_getEvidence";
}

/// <summary>Stable error codes; <c>data</c> of the error holds what the sentence says as fields.</summary>
public static class ErrorCodes
{
    /// <summary>The body is not JSON (JSON-RPC 2.0).</summary>
    public const int ParseError = -32700;

    /// <summary>The JSON is not a request (JSON-RPC 2.0).</summary>
    public const int InvalidRequest = -32600;

    /// <summary>No such method; the names are <see cref="Methods"/> (JSON-RPC 2.0).</summary>
    public const int MethodNotFound = -32601;

    /// <summary>
    /// A parameter is missing, unknown or out of range; <c>data.parameter</c> names it (JSON-RPC 2.0).
    /// </summary>
    public const int InvalidParams = -32602;

    /// <summary>A fault of the node (JSON-RPC 2.0).</summary>
    public const int InternalError = -32603;

    /// <summary>No block, transaction, resource, module or proposal has this name here.</summary>
    public const int NotFound = 1;

    /// <summary>The height is above the newest executed block.</summary>
    public const int HeightAhead = 2;

    /// <summary>The height was pruned; <c>data.oldest</c> is the oldest one kept.</summary>
    public const int HeightPruned = 3;

    /// <summary>The transaction was refused; <c>data.code</c> says why.</summary>
    public const int Refused = 4;

    /// <summary>The height's rules need a module that this node lacks; <c>data.required</c> and <c>data.supported</c>.</summary>
    public const int ModuleMissing = 5;

    /// <summary>The view or simulation ended in an abort or failure; <c>data.status</c>.</summary>
    public const int ExecutionFailed = 6;

    /// <summary>
    /// Not now: the node has no room or too much to do. <c>data.code</c> says what is full (<see cref="BusyCodes"/>),
    /// <c>data.retryAfterMs</c>
    /// when to try again. The same request may succeed later; nothing of it was done.
    /// </summary>
    public const int Busy = 7;

    /// <summary>The request's body is larger than <c>data.maximumBytes</c> (HTTP 413).</summary>
    public const int BodyTooLarge = 8;

    /// <summary>The request's body did not arrive in time (HTTP 408).</summary>
    public const int BodyTooLate = 9;

    /// <summary>The API takes POST only (HTTP 405).</summary>
    public const int MethodNotAllowed = 10;
}

/// <summary>Values of <c>data.code</c> beside <see cref="ErrorCodes.Busy"/>.</summary>
public static class BusyCodes
{
    /// <summary>Too many calls of this kind run and wait.</summary>
    public const string Overloaded = "OVERLOADED";

    /// <summary>Answers that wait for their readers, or a batch's answers, fill their room.</summary>
    public const string AnswersFull = "ANSWERS_FULL";

    /// <summary>The mempool holds as much as it can of what pays as much or more.</summary>
    public const string MempoolFull = "MEMPOOL_FULL";

    /// <summary>The sender has as many transactions in the mempool as it may.</summary>
    public const string TooManyFromSender = "TOO_MANY_FROM_SENDER";

    /// <summary>The transaction waits for an earlier sequence number, <c>data.waitsForSequence</c>, and too many wait so.</summary>
    public const string TooManyWaiting = "TOO_MANY_WAITING";
}

/// <summary>u64 as a decimal string on the wire.</summary>
public sealed class U64Converter : JsonConverter<ulong>
{
    /// <inheritdoc/>
    public override ulong Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.String when DecimalText.TryParse(reader.GetString(), out ulong value) => value,
        JsonTokenType.Number when reader.TryGetUInt64(out ulong value) => value,
        _ => throw new JsonException("expected an unsigned integer as a decimal string"),
    };

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, ulong value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}

/// <summary>How every request, answer and CLI output is written.</summary>
public static class ApiJson
{
    /// <summary>On one line; names in camel case, u64 as text, at most 32 levels.</summary>
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        Converters = { new U64Converter(), new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        MaxDepth = 32,
    };

    /// <summary>The same over several lines, for people.</summary>
    public static readonly JsonSerializerOptions Indented = new(Options) { WriteIndented = true };
}

/// <summary>Which state a read is answered from.</summary>
[JsonConverter(typeof(AtConverter))]
public sealed record At(ulong? Height, string? Hash, string? Tag)
{
    /// <summary>The newest executed block; its root is agreed one block later.</summary>
    public static readonly At Latest = new(null, null, "latest");

    /// <summary>The newest block whose result is agreed.</summary>
    public static readonly At Sealed = new(null, null, "sealed");

    /// <summary>The state after a height.</summary>
    public static At AtHeight(ulong height) => new(height, null, null);
}

/// <summary>{"height": "7"}, {"hash": "…"}, "latest" or "sealed".</summary>
public sealed class AtConverter : JsonConverter<At>
{
    /// <inheritdoc/>
    public override At Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
        {
            return reader.GetString() switch
            {
                "latest" => At.Latest,
                "sealed" => At.Sealed,
                _ => throw new JsonException("at: expected \"latest\", \"sealed\", {height} or {hash}"),
            };
        }

        using JsonDocument document = JsonDocument.ParseValue(ref reader);
        JsonElement element = document.RootElement;
        if (element.ValueKind == JsonValueKind.Object && element.TryGetProperty("height", out JsonElement height))
        {
            if (height.ValueKind == JsonValueKind.String ? DecimalText.TryParse(height.GetString(), out ulong value)
                : height.TryGetUInt64(out value))
            {
                return At.AtHeight(value);
            }
        }
        else if (element.ValueKind == JsonValueKind.Object && element.TryGetProperty("hash", out JsonElement hash)
            && hash.ValueKind == JsonValueKind.String)
        {
            return new At(null, hash.GetString(), null);
        }

        throw new JsonException("at: expected \"latest\", \"sealed\", {height} or {hash}");
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, At value, JsonSerializerOptions options)
    {
        if (value.Tag is not null)
        {
            writer.WriteStringValue(value.Tag);
            return;
        }

        writer.WriteStartObject();
        if (value.Height is ulong height)
        {
            writer.WriteString("height", height.ToString());
        }
        else
        {
            writer.WriteString("hash", value.Hash);
        }

        writer.WriteEndObject();
    }
}
