using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Theseus.Client;

namespace Theseus.Cli.Tests.Hostile;

/// <summary>JSON-RPC without a typed client, so that what no client would send can be sent.</summary>
internal sealed class RawRpc(string url) : IDisposable
{
    /// <summary>Calls of one batch that the node takes.</summary>
    public const int Batch = 50;

    private readonly HttpClient _http = new() { BaseAddress = new Uri(url), Timeout = TimeSpan.FromSeconds(60) };

    public async Task<(int Status, JsonNode? Answer)> PostAsync(byte[] body)
    {
        using ByteArrayContent content = new(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using HttpResponseMessage response = await _http.PostAsync("/rpc/v1", content);
        byte[] answer = await response.Content.ReadAsByteArrayAsync();
        return ((int)response.StatusCode, answer.Length > 0 && response.Content.Headers.ContentType?.MediaType == "application/json"
            ? JsonNode.Parse(answer) : null);
    }

    public Task<(int Status, JsonNode? Answer)> PostAsync(string body) => PostAsync(Encoding.UTF8.GetBytes(body));

    /// <summary>A batch of submissions.</summary>
    public static byte[] Submissions(IEnumerable<byte[]> transactions) =>
        JsonSerializer.SerializeToUtf8Bytes(transactions.Select((bytes, id) => new
    {
        jsonrpc = "2.0",
        id,
        method = Methods.Submit,
        @params = new { transaction = "0x" + Convert.ToHexStringLower(bytes) },
    }));

    /// <summary>The name of an answer: <c>ok</c>, the refusal's code where it has one, else the number.</summary>
    public static string NameOf(JsonNode answer) =>
        answer["error"] is not JsonNode error ? "ok" : error["data"]?["code"]?.GetValue<string>() ?? error["code"]!.GetValue<int>()
            .ToString(System.Globalization.CultureInfo.InvariantCulture);

    public void Dispose() => _http.Dispose();
}
