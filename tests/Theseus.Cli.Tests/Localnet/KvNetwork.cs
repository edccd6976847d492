using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Theseus.Consensus;

namespace Theseus.Cli.Tests.Localnet;

/// <summary>A localnet of four real processes with the key-value application, in a folder of its own.</summary>
internal sealed class KvNetwork : RunningLocalnet
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };

    private KvNetwork(Started started)
        : base(started)
    {
    }

    public static async Task<KvNetwork> StartAsync(string? folder = null) => new(await StartAsync(folder, "--application", "kv"));

    public override async Task<ulong> HeightAsync(string node)
    {
        try
        {
            return (await Http.GetFromJsonAsync<JsonNode>(UrlOf(node) + "/status"))!["height"]!.GetValue<ulong>();
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return 0;
        }
    }

    public async Task PutAsync(string node, string key, string value)
    {
        using HttpResponseMessage response = await Http.PutAsync($"{UrlOf(node)}/kv/{key}", new StringContent(value));
        response.EnsureSuccessStatusCode();
    }

    public async Task<string?> GetAsync(string node, string key)
    {
        try
        {
            using HttpResponseMessage response = await Http.GetAsync($"{UrlOf(node)}/kv/{key}");
            return response.IsSuccessStatusCode ? await response.Content.ReadAsStringAsync() : null;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return null;
        }
    }

    public Task SeesAsync(string node, string key, string value) =>
        TheseusCommand.UntilAsync(async () => await GetAsync(node, key) == value, $"{key}={value} on {node}");

    /// <summary>The certificates and contents that a node holds durably, in order (layout: KvStore).</summary>
    public IReadOnlyList<(CommitCertificate Certificate, byte[] Content)> Decisions(string node)
    {
        using FileStream file = new(Path.Combine(HomeOf(node), "decided.log"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        byte[] bytes = new byte[file.Length];
        int length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        List<(CommitCertificate, byte[])> decisions = [];
        int at = 0;
        while (TryPiece(out byte[] certificate) && TryPiece(out byte[] content))
        {
            decisions.Add((Canonical.TryDecodeCommit(certificate, out string? fault) ?? throw new InvalidDataException(fault), content));
        }

        return decisions;

        bool TryPiece(out byte[] piece)
        {
            piece = [];
            if (at + 4 > length || at + 4 + BitConverter.ToInt32(bytes, at) > length)
            {
                return false; // a running node is just writing it
            }

            piece = bytes.AsSpan(at + 4, BitConverter.ToInt32(bytes, at)).ToArray();
            at += 4 + piece.Length;
            return true;
        }
    }

    /// <summary>The validator id of a node: in this example its key.</summary>
    public override ValidatorId IdOf(string node) => ValidatorId.FromHex(DescriptionOf(node)["nodeKey"]!.GetValue<string>());
}
