using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Theseus.Client;

namespace Theseus.Rpc.Tests;

/// <summary>Clients that ask for much and read nothing hold a bounded part of the node, and nobody else's answers.</summary>
public sealed class UnreadAnswerTests
{
    [Fact]
    public async Task LargeAnswersThatNobodyReadsAreBoundedAndSmallOnesPass()
    {
        const int Large = 7_000_000; // two of them find room in 16 MiB, a third does not
        int answered = 0;
        using Dispatcher dispatcher = new();
        dispatcher.Add("large", () =>
        {
            Interlocked.Increment(ref answered);
            return new { text = new string('x', Large) };
        });
        dispatcher.Add("small", () => new { text = "here" });
        await using HttpFront front = await HttpFront.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), dispatcher, TestProbes.Ready,
            default);
        using HttpClient http = new() { BaseAddress = new Uri($"http://{front.EndPoint}"), Timeout = TimeSpan.FromSeconds(60) };
        List<Socket> silent = [];
        for (int i = 0; i < 2; i++)
        {
            Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
            silent.Add(socket);
            await socket.ConnectAsync(front.EndPoint);
            await socket.SendAsync(Encoding.ASCII.GetBytes($"POST /rpc/v1 HTTP/1.1\r\nHost: x\r\nContent-Length: "
                + $"{Call("large").Length}\r\n\r\n{Call("large")}"));
            byte[] first = new byte[1];
            Assert.Equal(1, await socket.ReceiveAsync(first)); // its answer has begun
        }

        (HttpStatusCode status, JsonNode answer) = await AskAsync("large");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, ErrorCodes.Busy), (status, (int)answer["error"]!["code"]!));
        (status, answer) = await AskAsync("small");
        Assert.Equal((HttpStatusCode.OK, "here"), (status, (string)answer["result"]!["text"]!));

        silent.ForEach(socket => socket.Dispose());
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(30));
        do
        {
            (status, answer) = await AskAsync("large");
            limit.Token.ThrowIfCancellationRequested();
        }
        while (status == HttpStatusCode.ServiceUnavailable); // the room of those who left is seen to be free a moment later

        Assert.Equal(Large, ((string)answer["result"]!["text"]!).Length);
        Assert.True(answered >= 4);

        async Task<(HttpStatusCode, JsonNode)> AskAsync(string method)
        {
            using StringContent content = new(Call(method), Encoding.UTF8, "application/json");
            using HttpResponseMessage response = await http.PostAsync("/rpc/v1", content);
            return (response.StatusCode, JsonNode.Parse(await response.Content.ReadAsStringAsync())!);
        }
    }

    private static string Call(string method) => $$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}"}""";
}
