using System.Net;
using System.Net.Sockets;
using System.Text;
using Theseus.Client;

namespace Theseus.Rpc.Tests;

/// <summary>A client does not believe a node: what is no answer to its call is a node that did not answer, never a fault of the
/// client.</summary>
public sealed class StrangeAnswerTests
{
    [Theory]
    [InlineData("{\"result\":5}")]
    [InlineData("{\"result\":{\"hash\":1,\"status\":[]}}")]
    [InlineData("{\"result\":{\"hash\":\"\\ud800\",\"status\":\"RECEIVED\"}}")]
    [InlineData("{\"result\":{\"hash\":\"0x\",\"status\":\"RECEIVED\",\"waitsForSequence\":\"99999999999999999999\"}}")]
    [InlineData("{\"result\":1,\"result\":2}")]
    [InlineData("{\"error\":{\"code\":\"x\",\"message\":\"no\"}}")]
    [InlineData("{\"error\":{\"code\":1e99,\"message\":\"no\"}}")]
    [InlineData("{\"error\":{\"code\":1,\"message\":7}}")]
    [InlineData("{\"error\":{\"code\":1,\"message\":\"\\ud800\"}}")]
    [InlineData("{\"error\":{\"code\":1,\"message\":\"no\",\"data\":{\"code\":1,\"code\":2}}}")]
    [InlineData("{\"result\":{\"hash\":\"\u00ff\",\"status\":\"RECEIVED\"}}")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("")]
    public async Task WhatIsNoAnswerIsANodeThatDoesNotAnswer(string body)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Task serving = ServeAsync(listener, Encoding.Latin1.GetBytes(body));
        using TheseusClient client = new(new Uri($"http://{listener.LocalEndpoint}"), TimeSpan.FromSeconds(30));
        await Assert.ThrowsAsync<HttpRequestException>(() => client.SubmitAsync([1]));
        await serving;
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("[null]")]
    [InlineData("[5]")]
    [InlineData("{\"result\":5}", true)]
    [InlineData("[{\"id\":1,\"result\":null}]")]
    [InlineData("[{\"id\":0,\"result\":{\"hash\":\"0x\",\"status\":\"RECEIVED\"}}]")]
    [InlineData("[{\"id\":2,\"result\":{\"hash\":\"0x\",\"status\":\"RECEIVED\"}}]")]
    [InlineData("[{\"id\":99999999999999999999,\"result\":{\"hash\":\"0x\",\"status\":\"RECEIVED\"}}]")]
    [InlineData("[{\"id\":\"1\",\"error\":{\"code\":1,\"message\":\"no\"}}]")]
    public async Task WhatIsNoAnswerToABatchIsANodeThatDoesNotAnswer(string body, bool isRefusal = false)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Task serving = ServeAsync(listener, Encoding.Latin1.GetBytes(body));
        using TheseusClient client = new(new Uri($"http://{listener.LocalEndpoint}"), TimeSpan.FromSeconds(30));
        Exception thrown = await Assert.ThrowsAnyAsync<Exception>(() => client.SubmitBatchAsync([[1]])); // whose id is 1
        Assert.IsType(isRefusal ? typeof(RpcException) : typeof(HttpRequestException), thrown);
        await serving;
    }

    private static async Task ServeAsync(TcpListener listener, byte[] body)
    {
        using TcpClient peer = await listener.AcceptTcpClientAsync();
        NetworkStream stream = peer.GetStream();
        using StreamReader reader = new(stream, Encoding.Latin1, leaveOpen: true);
        int length = 0;
        while (await reader.ReadLineAsync() is { Length: > 0 } line)
        {
            length = line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase) ? int.Parse(line.Split(':')[1]) : length;
        }

        await reader.ReadBlockAsync(new char[length]);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n"));
        await stream.WriteAsync(body);
    }
}
