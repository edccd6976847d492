using System.Globalization;
using System.Text.Json.Nodes;
using Theseus.Client;
using Theseus.Consensus;
using Theseus.Node;
using Theseus.Protocol;

namespace Theseus.Rpc;

/// <summary>Values in the API's spelling, both ways.</summary>
internal static class ApiText
{
    public static string Hex(Hash32 hash) => "0x" + hash;

    public static string Hex(ReadOnlySpan<byte> bytes) => "0x" + Convert.ToHexStringLower(bytes);

    /// <summary>An address parameter.</summary>
    /// <exception cref="RpcError">It is none.</exception>
    public static Address ParseAddress(string? text, string name = "address") =>
        TryParseAddress(text, out Address address) ? address : throw Wrong(name, "an address is 0x and 1 to 64 hexadecimal digits");

    /// <summary>
    /// Whether a text is an address: with its 0x, as everywhere in the API. A name that happens to be hexadecimal is none.
    /// </summary>
    public static bool TryParseAddress(string? text, out Address address)
    {
        address = default;
        return text is not null && text.StartsWith("0x", StringComparison.Ordinal) && Address.TryParse(text, out address);
    }

    /// <summary>A hash parameter.</summary>
    /// <exception cref="RpcError">It is none.</exception>
    public static Hash32 ParseHash(string? text, string name) =>
        Bytes(text, name) is { Length: Hash32.Length } bytes ? new Hash32(bytes)
            : throw Wrong(name, "a hash is 0x and 64 hexadecimal digits");

    /// <summary>A parameter of bytes.</summary>
    /// <exception cref="RpcError">It is none.</exception>
    public static byte[] Bytes(string? text, string name)
    {
        bool isMarked = text is not null && text.StartsWith("0x", StringComparison.Ordinal);
        ReadOnlySpan<char> digits = isMarked ? text.AsSpan(2) : default;
        byte[] bytes = new byte[digits.Length / 2];
        return isMarked && digits.Length % 2 == 0 && Convert.FromHexString(digits, bytes, out _,
            out _) == System.Buffers.OperationStatus.Done
            ? bytes
            : throw Wrong(name, "bytes are 0x and an even number of hexadecimal digits");
    }

    /// <summary>-32602 that names a parameter.</summary>
    public static RpcError Wrong(string name, string message) =>
        new(ErrorCodes.InvalidParams, $"params.{name}: {message}", new JsonObject { ["parameter"] = "params." + name });

    /// <summary>Answers, with the reader's faults as errors of the API.</summary>
    public static T Guard<T>(ChainReader reader, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (ReadException e)
        {
            throw e.Fault switch
            {
                ReadFault.NotFound => new RpcError(ErrorCodes.NotFound, e.Message),
                ReadFault.Ahead => new RpcError(ErrorCodes.HeightAhead, e.Message,
                    new JsonObject { ["newest"] = (e.Newest ?? reader.Head.Height).ToString(CultureInfo.InvariantCulture) }),
                ReadFault.Pruned => new RpcError(ErrorCodes.HeightPruned, e.Message,
                    new JsonObject { ["oldest"] = e.Oldest?.ToString(CultureInfo.InvariantCulture) }),
                _ => new RpcError(ErrorCodes.ModuleMissing, e.Message, new JsonObject
                {
                    ["required"] = e.Required is Hash32 required ? Hex(required) : null,
                    ["supported"] = new JsonArray([.. reader.SupportedModules.Select(static module => (JsonNode)Hex(module))]),
                }),
            };
        }
    }

    /// <summary>The height that a call asks about; the newest executed one when it does not say.</summary>
    public static ulong HeightOf(ChainReader reader, At? at) => at switch
    {
        { Tag: "sealed" } => reader.SealedHeight,
        { Height: ulong height } => height,
        { Hash: string hash } => reader.HeightOf(ParseHash(hash, "at.hash")),
        _ => reader.Head.Height,
    };

    public static List<EventInfo> Events(TransactionOutput output) => [.. output.Events.Select(static item =>
        new EventInfo(item.Type.ToString(), Hex(item.Data)))];

    public static EvidenceInfo Evidence(EvidenceKey offence, ulong includedAt) =>
        new(((EvidenceKind)offence.Kind).ToString(), offence.Height, offence.Validator.ToLongString(), includedAt);
}
