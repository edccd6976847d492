using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Theseus.Cli.Tests.Localnet;
using Theseus.Client;

namespace Theseus.Cli.Tests.Hostile;

/// <summary>Requests that no client would send, to a running node: every answer has a code of the contract, and none
/// costs more than it may.</summary>
[Collection("attacked")]
public sealed class HostileRequestTests(AttackedNetwork attacked, ITestOutputHelper output)
{
    private static readonly string[] AllMethods = [.. typeof(Methods).GetFields()
        .Select(static field => (string)field.GetRawConstantValue()!).Order(StringComparer.Ordinal)];

    [Theory]
    [InlineData("", ErrorCodes.ParseError)]
    [InlineData("{", ErrorCodes.ParseError)]
    [InlineData("{\"jsonrpc\": \"2.0\", \"method\": \"theseus_status\", \"id\": 1", ErrorCodes.ParseError)]
    [InlineData("\u0000", ErrorCodes.ParseError)]
    [InlineData("NaN", ErrorCodes.ParseError)]
    [InlineData("[]", ErrorCodes.InvalidRequest)]
    [InlineData("7", ErrorCodes.InvalidRequest)]
    [InlineData("\"theseus_status\"", ErrorCodes.InvalidRequest)]
    [InlineData("{\"jsonrpc\": \"1.0\", \"method\": \"theseus_status\", \"id\": 1}", ErrorCodes.InvalidRequest)]
    [InlineData("{\"jsonrpc\": \"2.0\", \"method\": 7, \"id\": 1}", ErrorCodes.InvalidRequest)]
    [InlineData("{\"jsonrpc\": \"2.0\", \"method\": \"theseus_status\", \"id\": {}}", ErrorCodes.InvalidRequest)]
    [InlineData("{\"jsonrpc\": \"2.0\", \"method\": \"theseus_none\", \"id\": 1}", ErrorCodes.MethodNotFound)]
    [InlineData("{\"jsonrpc\": \"2.0\", \"method\": \"theseus_getBlock\", \"params\": [1], \"id\": 1}", ErrorCodes.InvalidParams)]
    [InlineData("{\"jsonrpc\": \"2.0\", \"method\": \"theseus_submit\", \"params\": {\"transaction\": \"0xzz\"}, \"id\": 1}",
        ErrorCodes.InvalidParams)]
    [InlineData("{\"jsonrpc\": \"2.0\", \"method\": \"theseus_submit\", \"params\": {\"transaction\": 1e999}, \"id\": 1}",
        ErrorCodes.InvalidParams)]
    public async Task ABodyThatIsNoRequestHasTheCodeOfItsFault(string body, int code)
    {
        using RawRpc rpc = new(attacked.Node.Url);
        (int status, JsonNode? answer) = await rpc.PostAsync(body);
        Assert.Equal((200, code), (status, answer!["error"]!["code"]!.GetValue<int>()));
    }

    [Fact]
    public async Task DeepAndWideBodiesAreRefusedAtOnce()
    {
        const int Deep = 1_000_000;
        using RawRpc rpc = new(attacked.Node.Url);
        foreach ((string body, int code) in (IEnumerable<(string, int)>)
        [
            (new string('[', Deep), ErrorCodes.ParseError),
            (new string('[', Deep) + new string(']', Deep), ErrorCodes.ParseError),
            (string.Concat(Enumerable.Repeat("{\"a\":", Deep / 2)), ErrorCodes.ParseError),
            ($"[{string.Join(',', Enumerable.Repeat("1", Deep))}]", ErrorCodes.InvalidRequest), // a million calls
            ($"[{string.Join(',', Enumerable.Repeat("1", RawRpc.Batch + 1))}]", ErrorCodes.InvalidRequest),
            ($"{{{string.Join(',', Enumerable.Range(0, 200_000).Select(static i => $"\"k{i}\":1"))}}}", ErrorCodes.InvalidRequest),
            ($"{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"{new string('m', 2_000_000)}\"}}", ErrorCodes.MethodNotFound),
            ($"{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"theseus_view\",\"params\":"
                + $"{{\"function\":\"{new string(':', 2_000_000)}\"}}}}", ErrorCodes.InvalidParams),
        ])
        {
            (int status, JsonNode? answer) = await rpc.PostAsync(body);
            Assert.Equal((200, code), (status, answer!["error"]!["code"]!.GetValue<int>()));
            Assert.True(answer.ToJsonString().Length < 1_000, "the answer repeats the request");
        }

        (_, JsonNode? batch) = await rpc.PostAsync($"[{string.Join(',', Enumerable.Repeat("1", RawRpc.Batch))}]");
        Assert.Equal(Enumerable.Repeat(ErrorCodes.InvalidRequest, RawRpc.Batch), batch!.AsArray()
            .Select(static one => one!["error"]!["code"]!.GetValue<int>()));
        await HoldsAsync();
    }

    [Fact]
    public async Task NoParameterOfAnyMethodMakesTheNodeFail()
    {
        string[] values =
        [
            "null", "true", "0", "-1", "1.5", "1e400", "18446744073709551615", "18446744073709551616", "\"\"", "\"latest\"", "\"0x\"",
                "\"0x0\"", "\"0x1\"", "\"18446744073709551615\"", "\"\\ud800\"", "\"\\u0000\"",
            "\"0x1::account::Account\"", "\"0x1::coin::balance\"", "\"0x1::a::b<0x1::a::b<\"", "[]", "[[]]", "[null]", "[\"\\ud800\"]",
                "{}", "{\"height\":\"99999999999\"}", "{\"height\":0}", "{\"hash\":\"0x00\"}", "{\"height\":null}",
            $"\"{new string('f', 64)}\"", $"\"0x{new string('0', 63)}1\"", $"\"{new string('<', 5000)}\"",
                $"\"vector<{string.Concat(Enumerable.Repeat("vector<", 200))}\"",
                $"[{string.Join(',', Enumerable.Repeat("\"0x1\"", 300))}]",
        ];
        string[] names = ["at", "detail", "hash", "address", "type", "name", "key", "function", "typeArguments", "arguments", "call",
            "transaction", "from", "limit", "id"];
        Random random = new(53);
        List<string> calls = [];
        foreach (string method in AllMethods)
        {
            calls.AddRange(values.Select(value => Call(method, value)));
            foreach (string name in names)
            {
                calls.AddRange(values.Select(value => Call(method, $"{{\"{name}\":{value}}}")));
            }

            for (int i = 0; i < 200; i++)
            {
                IEnumerable<string> given = names.Where(_ => random.Next(2) == 0)
                    .Select(name => $"\"{name}\":{values[random.Next(values.Length)]}");
                calls.Add(Call(method, $"{{{string.Join(',', given)}}}"));
            }
        }

        await CountAsync(calls);
        await HoldsAsync();

        static string Call(string method, string parameters) =>
            $"{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"{method}\",\"params\":{parameters}}}";
    }

    [Fact]
    public async Task MutantsOfGoodRequestsHaveACode()
    {
        int many = LongTests.Run ? 20_000 : 2_000;
        Random random = new(59);
        byte[][] good =
        [
            .. ((string[])
            [
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"theseus_view\",\"params\":"
                    + "{\"function\":\"0x1::theseus_coin::balance\",\"typeArguments\":[],"
                    + "\"arguments\":[\"0x1\"],\"at\":{\"height\":\"3\"}}}",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"theseus_getResource\",\"params\":"
                    + "{\"address\":\"0x1\",\"type\":\"0x1::coin::Info<0x1::theseus_coin::TheseusCoin>\",\"at\":\"latest\"}}",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"theseus_getProof\",\"params\":{\"address\":\"0x1\",\"name\":\"coin\"}}",
                "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"theseus_getBlock\",\"params\":"
                    + "{\"at\":{\"height\":\"2\"},\"detail\":\"full\"}},"
                    + "{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"method\":\"theseus_status\"}]",
            ]).Select(Encoding.UTF8.GetBytes),
        ];
        SortedDictionary<int, int> codes = [];
        using RawRpc rpc = new(attacked.Node.Url);
        for (int i = 0; i < many; i++)
        {
            (int status, JsonNode? answer) = await rpc.PostAsync(Mutants.Of(good[i % good.Length], random));
            Assert.True(status == 204 ? answer is null : status == 200, $"status {status}");
            foreach (JsonNode? one in answer as JsonArray ?? [answer?.DeepClone()])
            {
                int code = one?["error"]?["code"]?.GetValue<int>() ?? 0;
                codes[code] = codes.GetValueOrDefault(code) + 1;
            }
        }

        output.WriteLine(string.Join(", ", codes.Select(static pair => $"{pair.Key}: {pair.Value}")));
        Assert.DoesNotContain(ErrorCodes.InternalError, codes.Keys);
        Assert.True(codes.Count > 4);
        await HoldsAsync();
    }

    [Fact]
    public async Task BodiesOfAHundredMegabytesAreRefusedBeforeTheyAreRead()
    {
        const int Connections = 20;
        long[] taken = await Task.WhenAll(Enumerable.Range(0, Connections).Select(async number =>
        {
            const int Whole = 100_000_000;
            bool isChunked = number % 2 == 1;
            byte[] piece = new byte[100_000];
            piece.AsSpan().Fill((byte)' ');
            await using HttpLine line = await HttpLine.OpenAsync(attacked.Node.RpcPort);
            await line.SendAsync(
                $"POST /rpc/v1 HTTP/1.1\r\nHost: x\r\n{(isChunked ? "Transfer-Encoding: chunked" : $"Content-Length: {Whole}")}\r\n\r\n");
            Task<string> answer = line.ReadToEndAsync();
            long sent = 0;
            try
            {
                while (sent < Whole && !answer.IsCompleted)
                {
                    if (isChunked)
                    {
                        await line.SendAsync(piece.Length.ToString("x", CultureInfo.InvariantCulture) + "\r\n");
                    }

                    await line.SendAsync(piece);
                    sent += piece.Length;
                    if (isChunked)
                    {
                        await line.SendAsync("\r\n");
                    }
                }
            }
            catch (IOException)
            {
                // it reads no more
            }

            string heard = await answer;
            // a reset may take the answer
            Assert.True(heard.Length == 0 || heard.StartsWith("HTTP/1.1 413", StringComparison.Ordinal), heard);
            return sent;
        }));
        output.WriteLine($"{Connections} bodies of 100 MB: the node took at most {taken.Max() / 1_000_000} MB of one");
        // what lies in both sockets' buffers, and the few MB that it may read
        Assert.All(taken, static sent => Assert.InRange(sent, 0, 20_000_000));
        await HoldsAsync();
    }

    [Fact]
    public async Task SlowAndSilentConnectionsEndAndHoldLittle()
    {
        const int Each = 60;
        using CancellationTokenSource late = new(TimeSpan.FromSeconds(30));
        List<Task> slow = [];
        for (int i = 0; i < Each; i++)
        {
            // headers without end
            slow.Add(DripAsync(attacked.Node.RpcPort, "POST /rpc/v1 HTTP/1.1\r\nHost: x\r\nX-Slow: ", 'x', late.Token));
            // a body a byte at a time
            slow.Add(DripAsync(attacked.Node.RpcPort, "POST /rpc/v1 HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n", ' ',
                late.Token));
            // nearly all of it, then a byte at a time
            slow.Add(DripAsync(attacked.Node.RpcPort, "POST /rpc/v1 HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n"
                + new string(' ', 2_900_000), ' ', late.Token));
        }

        foreach (int port in (int[])[attacked.Node.ConsensusPort, attacked.Node.SyncPort, attacked.Node.MempoolPort])
        {
            for (int i = 0; i < Each / 2; i++)
            {
                slow.Add(DripAsync(port, "\u0016\u0003\u0001\u0002", '\0', late.Token)); // a TLS record that never ends
            }
        }

        // meanwhile everybody else is served
        await attacked.Watch.HoldsAsync();
        using RawRpc rpc = new(attacked.Node.Url);
        Assert.Equal(200, (await rpc.PostAsync("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"theseus_status\"}")).Status);
        await Task.WhenAll(slow); // the node ends each
        await HoldsAsync();
    }

    [Fact]
    public async Task AnswersThatNobodyReadsHoldLittle()
    {
        // the largest answers that there are, fifty at a time, to clients that never read
        const int Clients = 100;
        string call =
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"theseus_getModule\",\"params\":{\"address\":\"0x1\",\"name\":\"governance\"}}";
        string body = $"[{string.Join(',', Enumerable.Repeat(call, RawRpc.Batch))}]";
        await using Lines lines = new();
        for (int i = 0; i < Clients; i++)
        {
            HttpLine line = await lines.OpenAsync(attacked.Node.RpcPort);
            for (int request = 0; request < 3; request++)
            {
                await line.SendAsync($"POST /rpc/v1 HTTP/1.1\r\nHost: x\r\nContent-Length: {body.Length}\r\n\r\n{body}");
            }
        }

        // while they hold what they may, the chain goes on for some seconds and others are answered
        ulong height = await attacked.Network.HeightAsync(AttackedNetwork.Target);
        await attacked.Network.ReachesAsync(AttackedNetwork.Target, height + 12);
        using RawRpc rpc = new(attacked.Node.Url);
        Assert.Equal("ok", RawRpc.NameOf((await rpc.PostAsync("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"theseus_status\"}")).Answer!));
        await HoldsAsync();
        await lines.DisposeAsync();
        await HoldsAsync();
    }

    private async Task HoldsAsync()
    {
        await attacked.Watch.HoldsAsync();
        output.WriteLine($"RSS {attacked.Watch.Start / 1024} MiB at the start, at most {attacked.Watch.Peak / 1024} MiB");
    }

    private async Task CountAsync(List<string> calls)
    {
        SortedDictionary<int, int> codes = [];
        using RawRpc rpc = new(attacked.Node.Url);
        foreach (string[] batch in calls.Chunk(RawRpc.Batch))
        {
            (int status, JsonNode? answer) = await rpc.PostAsync($"[{string.Join(',', batch)}]");
            Assert.Equal(200, status);
            JsonNode?[] answers = [.. answer!.AsArray()];
            Assert.Equal(batch.Length, answers.Length);
            for (int i = 0; i < batch.Length; i++)
            {
                int code = answers[i]!["error"]?["code"]?.GetValue<int>() ?? 0;
                Assert.True(code != ErrorCodes.InternalError, $"internal error: {batch[i]}");
                codes[code] = codes.GetValueOrDefault(code) + 1;
            }
        }

        output.WriteLine($"{calls.Count} calls: {string.Join(", ", codes.Select(static pair => $"{pair.Key}: {pair.Value}"))}");
    }

    /// <summary>Sends a beginning, then a byte now and then, until the node ends the connection.</summary>
    private static async Task DripAsync(int port, string begin, char drop, CancellationToken late)
    {
        await using HttpLine line = await HttpLine.OpenAsync(port);
        Task<string> answer = line.ReadToEndAsync();
        try
        {
            await line.SendAsync(begin);
            while (!answer.IsCompleted)
            {
                late.ThrowIfCancellationRequested(); // never ended: the test fails
                await line.SendAsync(drop.ToString());
                await Task.WhenAny(answer, Task.Delay(500, late));
            }
        }
        catch (IOException)
        {
            // ended
        }

        await answer;
    }
}

/// <summary>A bare connection.</summary>
internal sealed class HttpLine : IAsyncDisposable
{
    private readonly NetworkStream _stream;

    private HttpLine(NetworkStream stream) => _stream = stream;

    public static async Task<HttpLine> OpenAsync(int port)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return new HttpLine(new NetworkStream(socket, ownsSocket: true));
    }

    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    public async Task SendAsync(byte[] bytes) => await _stream.WriteAsync(bytes);

    /// <summary>What the other side says until it ends or resets the connection; the beginning is enough.</summary>
    public async Task<string> ReadToEndAsync()
    {
        const int Enough = 1_000;
        StringBuilder heard = new();
        byte[] buffer = new byte[4096];
        try
        {
            int read;
            while ((read = await _stream.ReadAsync(buffer)) > 0)
            {
                heard.Append(heard.Length < Enough ? Encoding.Latin1.GetString(buffer.AsSpan(0, read)) : "");
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // reset
        }

        return heard.ToString();
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();
}

/// <summary>Bare connections that end together, however their test ends.</summary>
internal sealed class Lines : IAsyncDisposable
{
    private readonly List<HttpLine> _lines = [];

    public async Task<HttpLine> OpenAsync(int port)
    {
        _lines.Add(await HttpLine.OpenAsync(port));
        return _lines[^1];
    }

    public async ValueTask DisposeAsync()
    {
        foreach (HttpLine line in _lines)
        {
            await line.DisposeAsync();
        }
    }
}
