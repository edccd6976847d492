using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Theseus.Client;
using Theseus.Node;

namespace Theseus.Rpc.Tests;

/// <summary>The HTTP front over a real socket.</summary>
public sealed class HttpFrontTests : IAsyncLifetime
{
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private HttpFront _front = null!;
    private bool _live = true;
    private string? _notReady;
    private string? _warning;

    public async ValueTask InitializeAsync()
    {
        Dispatcher dispatcher = new();
        dispatcher.Add("echo", () => new { said = "hello" });
        dispatcher.Add<TransactionParams>("size", parameters => new { length = parameters.Transaction.Length });
        _front = await HttpFront.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), dispatcher,
            new FrontProbes(() => TestProbes.Health(_live, _notReady), () => _warning, static context =>
                context.Response.WriteAsync("theseus_height 7\n")), default);
        _http.BaseAddress = new Uri($"http://{_front.EndPoint}");
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _front.DisposeAsync();
    }

    [Fact]
    public async Task ACallIsAnsweredAsJson()
    {
        HttpResponseMessage response = await PostAsync("""{"jsonrpc":"2.0","id":1,"method":"echo"}""");
        Assert.Equal((HttpStatusCode.OK, "application/json"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        Assert.Equal("hello", (string)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["result"]!["said"]!);
    }

    [Fact]
    public async Task ANotificationHasNoContent()
    {
        HttpResponseMessage response = await PostAsync("""{"jsonrpc":"2.0","method":"echo"}""");
        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task AnErrorOfJsonRpcIsNoErrorOfHttp()
    {
        HttpResponseMessage response = await PostAsync("not json");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(-32700, (int)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error"]!["code"]!);
    }

    [Fact]
    public async Task LivenessAndReadinessFollowTheNode()
    {
        Assert.Equal((HttpStatusCode.OK, "live\n"), await GetAsync("/live"));
        Assert.Equal((HttpStatusCode.OK, "ready\n"), await GetAsync("/ready"));
        _notReady = "catching up";
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "catching up\n"), await GetAsync("/ready"));
        Assert.Equal((HttpStatusCode.OK, "live\n"), await GetAsync("/live"));
        _live = false;
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "not live\n"), await GetAsync("/live"));
    }

    [Fact]
    public async Task AReadyNodeSaysWhatWillMakeItUnready()
    {
        _warning = "execution version 2 is scheduled";
        Assert.Equal((HttpStatusCode.OK, "ready\nwarning: execution version 2 is scheduled\n"), await GetAsync("/ready"));
        _notReady = "catching up";
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "catching up\n"), await GetAsync("/ready"));
    }

    [Fact]
    public async Task MetricsAreWhatTheirPageWrites() => Assert.Equal((HttpStatusCode.OK, "theseus_height 7\n"),
        await GetAsync("/metrics"));

    [Fact]
    public async Task TheExplorerAndEverythingThatItNamesIsServed()
    {
        HttpResponseMessage page = await _http.GetAsync("/");
        Assert.Equal("text/html; charset=utf-8", page.Content.Headers.ContentType!.ToString());
        string html = await page.Content.ReadAsStringAsync();
        string[] named = [.. System.Text.RegularExpressions.Regex.Matches(html, "(?:src|href)=\"([^\"#]+)\"")
            .Select(match => match.Groups[1].Value)];
        Assert.NotEmpty(named);
        foreach (string name in named)
        {
            Assert.False(name.Contains("://", StringComparison.Ordinal), $"{name} is not offline");
            HttpResponseMessage file = await _http.GetAsync("/" + name.TrimStart('/'));
            Assert.True(file.StatusCode == HttpStatusCode.OK, $"{name}: {file.StatusCode}");
            string script = await file.Content.ReadAsStringAsync();
            foreach (System.Text.RegularExpressions.Match import in System.Text.RegularExpressions.Regex.Matches(script,
                "from '\\./([^']+)'"))
            {
                HttpResponseMessage module = await _http.GetAsync("/explorer/" + import.Groups[1].Value);
                Assert.Equal((HttpStatusCode.OK, "text/javascript; charset=utf-8"),
                    (module.StatusCode, module.Content.Headers.ContentType!.ToString()));
            }
        }
    }

    [Theory]
    [InlineData("/nothing")]
    [InlineData("/explorer/nothing.js")]
    [InlineData("/explorer/..%2f..%2fetc/passwd")]
    [InlineData("/../../etc/passwd")]
    [InlineData("/rpc/v2")]
    public async Task WhatIsNotThereIsNotFound(string path) => Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(path)).Status);

    [Fact]
    public async Task OnlyPostsReachTheApi()
    {
        foreach (HttpMethod method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Put, HttpMethod.Delete, HttpMethod.Patch])
        {
            using HttpRequestMessage request = new(method, "/rpc/v1");
            HttpResponseMessage response = await _http.SendAsync(request);
            Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode); // fault 44
            Assert.Equal(["POST", "OPTIONS"], response.Content.Headers.Allow);
            JsonNode error = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error"]!;
            Assert.Equal(ErrorCodes.MethodNotAllowed, (int)error["code"]!);
        }
    }

    // fault 44
    [Theory]
    [InlineData("/live")]
    [InlineData("/ready")]
    [InlineData("/metrics")]
    [InlineData("/")]
    public async Task PagesAreReadAndNothingElse(string path)
    {
        HttpResponseMessage response = await _http.PostAsync(path, new StringContent("{}"));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal(["GET", "HEAD", "OPTIONS"], response.Content.Headers.Allow);
        using HttpRequestMessage head = new(HttpMethod.Head, path);
        HttpResponseMessage bare = await _http.SendAsync(head);
        Assert.Equal(HttpStatusCode.OK, bare.StatusCode);
    }

    [Fact]
    public async Task PagesOfOtherOriginsMayAsk()
    {
        using HttpRequestMessage preflight = new(HttpMethod.Options, "/rpc/v1");
        preflight.Headers.Add("Origin", "https://example.org");
        HttpResponseMessage allowed = await _http.SendAsync(preflight);
        Assert.Equal(HttpStatusCode.NoContent, allowed.StatusCode);
        Assert.Equal("*", Assert.Single(allowed.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.Contains("POST", Assert.Single(allowed.Headers.GetValues("Access-Control-Allow-Methods")));
        Assert.Contains("content-type", Assert.Single(allowed.Headers.GetValues("Access-Control-Allow-Headers")));
        HttpResponseMessage response = await PostAsync("""{"jsonrpc":"2.0","id":1,"method":"echo"}""");
        Assert.Equal("*", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Origin")));
    }

    [Fact]
    public async Task TheLargestUsefulBodyPassesAndOneByteMoreDoesNot()
    {
        const string Before = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"size\",\"params\":{\"transaction\":\"";
        const string After = "\"}}";
        int fill = (int)HttpFront.MaximumBody - Before.Length - After.Length;
        HttpResponseMessage fits = await PostAsync(Before + new string('a', fill) + After);
        Assert.Equal(fill, (int)JsonNode.Parse(await fits.Content.ReadAsStringAsync())!["result"]!["length"]!);

        // asks before it sends: a server that answers 413 may close while the body is still on its way
        using HttpRequestMessage tooLarge = new(HttpMethod.Post, "/rpc/v1") { Content = new StringContent(Before + new string('a',
            fill + 1) + After, Encoding.UTF8, "application/json") };
        tooLarge.Headers.ExpectContinue = true;
        HttpResponseMessage over = await _http.SendAsync(tooLarge);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, over.StatusCode);
        JsonNode error = JsonNode.Parse(await over.Content.ReadAsStringAsync())!["error"]!; // fault 44
        Assert.Equal((ErrorCodes.BodyTooLarge, HttpFront.MaximumBody), ((int)error["code"]!, (long)error["data"]!["maximumBytes"]!));
    }

    [Fact]
    public async Task ABodyOf100MBAnnouncedIsRefusedBeforeItIsSent()
    {
        string answer = await RawAsync("POST /rpc/v1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
            + "104857600\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 413", answer);
    }

    [Fact]
    public async Task BodiesOf100MBInPiecesDoNotGrowTheProcess()
    {
        long before = GC.GetTotalAllocatedBytes(precise: true);
        for (int i = 0; i < 3; i++)
        {
            using TcpClient client = new();
            await client.ConnectAsync(_front.EndPoint);
            NetworkStream stream = client.GetStream();
            await stream.WriteAsync("POST /rpc/v1 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray());
            byte[] piece = [.. "10000\r\n"u8, .. new byte[0x10000], .. "\r\n"u8];
            int sent = 0;
            try
            {
                for (; sent < 1_600; sent++)
                {
                    await stream.WriteAsync(piece);
                }
            }
            catch (IOException)
            {
                // refused before the end
            }

            Assert.True(sent < 1_600, "all of 100 MB were taken");
        }

        // three times the limit, its doublings while it grows, and the copies: far below three bodies
        long grown = GC.GetTotalAllocatedBytes(precise: true) - before;
        Assert.True(grown < 100L * 1024 * 1024, $"{grown:N0} bytes");
        Assert.Equal(HttpStatusCode.OK, (await PostAsync("""{"jsonrpc":"2.0","id":1,"method":"echo"}""")).StatusCode);
    }

    [Fact]
    public async Task APortInUseIsAnIoError() =>
        await Assert.ThrowsAsync<IOException>(() => HttpFront.StartAsync(_front.EndPoint, new Dispatcher(), TestProbes.Ready, default));

    [Theory]
    [InlineData("GET / HTTP/9.9\r\n\r\n")]
    [InlineData("nonsense\r\n\r\n")]
    [InlineData("POST /rpc/v1 HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n")]
    public async Task NonsenseIsRefusedAndTheFrontStays(string request)
    {
        string answer = await RawAsync(request);
        Assert.Matches("^HTTP/1.1 (400|505)", answer);
        Assert.Equal((HttpStatusCode.OK, "live\n"), await GetAsync("/live"));
    }

    private Task<HttpResponseMessage> PostAsync(string body) => _http.PostAsync("/rpc/v1",
        new StringContent(body, Encoding.UTF8, "application/json"));

    private async Task<(HttpStatusCode Status, string Text)> GetAsync(string path)
    {
        HttpResponseMessage response = await _http.GetAsync(path);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private async Task<string> RawAsync(string request)
    {
        using TcpClient client = new();
        await client.ConnectAsync(_front.EndPoint);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        byte[] buffer = new byte[1024];
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(20));
        int length = await stream.ReadAsync(buffer, limit.Token);
        return Encoding.ASCII.GetString(buffer, 0, length);
    }
}
