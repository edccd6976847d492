using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Theseus.Client;

namespace Theseus.Rpc.Tests;

/// <summary>Connections of one client, idle or busy, over real sockets. // fault 85</summary>
public sealed class ConnectionTests
{
    // fault 85
    [Fact]
    public async Task IdleConnectionsOfOneClientGiveWayAndEverythingAnswers()
    {
        const int Idle = 2_100;
        using Dispatcher dispatcher = new();
        dispatcher.Add("status", () => new { height = 7 }, CallKind.Status);
        await using HttpFront front = await HttpFront.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), dispatcher, TestProbes.Ready,
            default);
        List<Socket> idle = [];
        byte[] request = Encoding.ASCII.GetBytes("GET /live HTTP/1.1\r\nHost: x\r\n\r\n");
        byte[] buffer = new byte[1024];
        try
        {
            for (int i = 0; i < Idle; i++)
            {
                Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                idle.Add(socket);
                await socket.ConnectAsync(front.EndPoint);
                if (i % 3 == 0)
                {
                    await socket.SendAsync(request); // keep-alive after an answer; the others say nothing at all
                    Assert.StartsWith("HTTP/1.1 200", Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer)));
                }
            }

            foreach (string path in (string[])["/live", "/ready", "/metrics"])
            {
                using HttpClient http = new() { BaseAddress = new Uri($"http://{front.EndPoint}") }; // a connection of its own
                Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(path)).StatusCode);
            }

            using HttpClient api = new() { BaseAddress = new Uri($"http://{front.EndPoint}") };
            Assert.Equal(7, (int)(await AskAsync(api, "status"))["result"]!["height"]!);
        }
        finally
        {
            idle.ForEach(socket => socket.Dispose());
        }
    }

    // fault 85: each simulation holds the thread that runs it, as executing a script of 2M gas does
    [Fact]
    public async Task FortyConnectionsThatSimulateDelayNoStatusSubmissionOrProbe()
    {
        const int Simulations = 40;
        using Dispatcher dispatcher = new();
        using ManualResetEventSlim go = new();
        using SemaphoreSlim begun = new(0);
        dispatcher.Add<Nothing>(
            "simulate",
            (_, _) =>
            {
                begun.Release();
                go.Wait();
                return Task.FromResult<object>(new { });
            },
            CallKind.Run);
        dispatcher.Add("status", () => new { height = 7 }, CallKind.Status);
        dispatcher.Add("read", () => new { }, CallKind.Read);
        dispatcher.Add("submit", () => new { }, CallKind.Submit);
        await using HttpFront front = await HttpFront.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), dispatcher, TestProbes.Ready,
            default);
        List<HttpClient> clients = [.. Enumerable.Range(0, Simulations).Select(_ =>
            new HttpClient { BaseAddress = new Uri($"http://{front.EndPoint}") })];
        List<Task<JsonNode>> simulating = [.. clients.Select(client => AskAsync(client, "simulate"))];
        await begun.WaitAsync();

        using HttpClient other = new() { BaseAddress = new Uri($"http://{front.EndPoint}"), Timeout = TimeSpan.FromSeconds(30) };
        foreach (string method in (string[])["status", "read", "submit"])
        {
            Assert.NotNull((await AskAsync(other, method))["result"]);
        }

        foreach (string path in (string[])["/live", "/ready", "/metrics"])
        {
            Assert.Equal(HttpStatusCode.OK, (await other.GetAsync(path)).StatusCode);
        }

        Assert.DoesNotContain(simulating, task => task.IsCompletedSuccessfully && task.Result["result"] is not null);
        go.Set();
        foreach (JsonNode answer in await Task.WhenAll(simulating)) // done, or told at once to come back
        {
            Assert.True(answer["result"] is not null || (int)answer["error"]!["code"]! == ErrorCodes.Busy, answer.ToJsonString());
        }

        clients.ForEach(client => client.Dispose());
    }

    // fault 85: no place is idle
    [Fact]
    public async Task WhenAllPlacesAreBusyProbesAreAnsweredAndCallsAreToldToComeBack()
    {
        const int Places = 4;
        using Dispatcher dispatcher = new(limits: static _ => new LaneLimits(Places, TimeSpan.FromMinutes(10), 16));
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using SemaphoreSlim begun = new(0);
        dispatcher.Add<Nothing>("work", async (_, _) =>
        {
            begun.Release();
            await go.Task;
            return new { };
        });
        dispatcher.Add("status", () => new { height = 7 }, CallKind.Status);
        await using HttpFront front = await HttpFront.StartAsync(
            new IPEndPoint(IPAddress.Loopback, 0), dispatcher, TestProbes.Ready, default, new ConnectionLimits(100, Places, Probes: 2));
        List<HttpClient> clients = [.. Enumerable.Range(0, Places).Select(_ =>
            new HttpClient { BaseAddress = new Uri($"http://{front.EndPoint}") })];
        List<Task<JsonNode>> working = [.. clients.Select(client => AskAsync(client, "work"))];
        for (int i = 0; i < Places; i++)
        {
            await begun.WaitAsync();
        }

        using HttpClient probe = new() { BaseAddress = new Uri($"http://{front.EndPoint}") };
        JsonNode answer = await AskAsync(probe, "status");
        Assert.Equal((ErrorCodes.Busy, BusyCodes.Overloaded), ((int)answer["error"]!["code"]!, (string)answer["error"]!["data"]!["code"]!));
        Assert.True((int)answer["error"]!["data"]!["retryAfterMs"]! > 0);
        Assert.Equal(HttpStatusCode.OK, (await probe.GetAsync("/ready")).StatusCode);
        go.SetResult();
        await Task.WhenAll(working);
        Assert.All(working, task => Assert.NotNull(task.Result["result"]));
        clients.ForEach(client => client.Dispose());
    }

    // fault 85: who waits for nothing gives way, and of those who never asked the oldest first; a request under way keeps its place
    [Fact]
    public async Task TheSilentGiveWayFirstThenTheAnsweredThenHalfRequests()
    {
        using Dispatcher dispatcher = new();
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using SemaphoreSlim begun = new(0);
        dispatcher.Add<Nothing>("work", async (_, _) =>
        {
            begun.Release();
            await go.Task;
            return new { };
        });
        ConnectionLimits limits = new(100, PerClient: 5, Probes: 2);
        ManualClock clock = new();
        await using HttpFront front = await HttpFront.StartAsync(
            new IPEndPoint(IPAddress.Loopback, 0), dispatcher, TestProbes.Ready, default, limits, clock);
        const string Live = "GET /live HTTP/1.1\r\nHost: x\r\n\r\n";
        const string Body = """{"jsonrpc":"2.0","id":1,"method":"work"}""";

        using Socket busy = await ConnectAsync(front);
        await SayAsync(
            busy,
            "POST /rpc/v1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                + $"Content-Length: {Body.Length}\r\n\r\n{Body}");
        await begun.WaitAsync();
        using Socket half = await ConnectAsync(front);
        using Socket answered = await ConnectAsync(front);
        await SayAsync(half, Live[..10]);
        await SayAsync(answered, Live);
        Assert.StartsWith("HTTP/1.1 200", await HearAsync(answered));
        using Socket older = await ConnectAsync(front);
        await UntilAsync(() => front.Connections == 4); // connections may be given their places in another order than they came
        using Socket younger = await ConnectAsync(front);
        await UntilAsync(() => front.Connections == 5);

        clock.Advance(ClientConnections.Grace);
        List<Socket> newcomers = [];
        foreach (Socket next in (Socket[])[older, younger])
        {
            newcomers.Add(await ConnectAsync(front));
            await SayAsync(newcomers[^1], Live); // whether it was answered or is read yet: it asked, so the silent go before it
            Assert.Equal("", await HearAsync(next));
            Assert.StartsWith("HTTP/1.1 200", await HearAsync(newcomers[^1]));
        }

        clock.Advance(ClientConnections.Grace);

        // nobody is silent: the answered go, oldest first, down to the newcomers; the half request only after them
        foreach (Socket next in (Socket[])[answered, .. newcomers])
        {
            Socket newcomer = await ConnectAsync(front);
            newcomers.Add(newcomer);
            await SayAsync(newcomer, Live[..10]);
            Assert.Equal("", await HearAsync(next));
        }

        await SayAsync(half, Live[10..]);
        Assert.StartsWith("HTTP/1.1 200", await HearAsync(half));
        go.SetResult();
        Assert.StartsWith("HTTP/1.1 200", await HearAsync(busy)); // the oldest of all, and nobody took its place
        newcomers.ForEach(socket => socket.Dispose());
    }

    // fault 85: among connections that were answered the newest is the silent one, and must not give way before it is heard
    [Fact]
    public async Task AFreshConnectionIsHeardBeforeItGivesWay()
    {
        using Dispatcher dispatcher = new();
        ConnectionLimits limits = new(100, PerClient: 3, Probes: 1);
        ManualClock clock = new();
        await using HttpFront front = await HttpFront.StartAsync(
            new IPEndPoint(IPAddress.Loopback, 0), dispatcher, TestProbes.Ready, default, limits, clock);
        const string Live = "GET /live HTTP/1.1\r\nHost: x\r\n\r\n";
        List<Socket> answered = [];
        for (int i = 0; i < 3; i++)
        {
            answered.Add(await ConnectAsync(front));
            await SayAsync(answered[i], Live);
            Assert.StartsWith("HTTP/1.1 200", await HearAsync(answered[i]));
            int waiting = i + 1;
            await UntilAsync(() => front.Waiting == waiting); // its request has ended on the other side too
        }

        using Socket fresh = await ConnectAsync(front);
        Assert.Equal("", await HearAsync(answered[0]));
        using Socket next = await ConnectAsync(front);
        Assert.Equal("", await HearAsync(answered[1]));
        await SayAsync(fresh, Live[..10]); // heard, and not whole yet
        using Socket third = await ConnectAsync(front);
        Assert.Equal("", await HearAsync(answered[2]));
        await SayAsync(fresh, Live[10..]);
        Assert.StartsWith("HTTP/1.1 200", await HearAsync(fresh));

        clock.Advance(ClientConnections.Grace); // now the others have been silent for long
        using Socket last = await ConnectAsync(front);
        Assert.Equal("", await HearAsync(next));
        answered.ForEach(static socket => socket.Dispose());
    }

    [Theory]
    [InlineData("10.1.2.3", "10.1.2.3")]
    [InlineData("::ffff:10.1.2.3", "10.1.2.3")]
    [InlineData("2001:db8:1:2:3:4:5:6", "20010db800010002")]
    [InlineData("2001:db8:1:2:ffff::1", "20010db800010002")]
    public void AClientIsAnAddressOrANetworkOfOneHost(string address, string client) =>
        Assert.Equal(client, HttpFront.ClientOf(IPAddress.Parse(address)));

    // fault 89: all connections together stay within what the descriptor limit leaves; none of its numbers is below what works
    [Theory]
    [InlineData(6, 4, 2, 2)]
    [InlineData(22, 20, 10, 2)]
    [InlineData(68, 60, 30, 8)]
    [InlineData(1 << 20, 2_048, 512, 32)]
    public void ConnectionsFollowTheDescriptorLimit(int connections, int total, int perClient, int probes)
    {
        ConnectionLimits limits = new ConnectionLimits().Within(connections);
        Assert.Equal(new ConnectionLimits(total, perClient, probes), limits);
        Assert.InRange(limits.Total + limits.Probes, 1, connections);
    }

    public sealed record Nothing;

    private static async Task<Socket> ConnectAsync(HttpFront front)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(front.EndPoint);
        return socket;
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(30));
        while (!condition())
        {
            await Task.Delay(5, limit.Token);
        }
    }

    private static async Task SayAsync(Socket socket, string text) => await socket.SendAsync(Encoding.ASCII.GetBytes(text));

    /// <summary>What comes next; empty when the other side has ended the connection.</summary>
    private static async Task<string> HearAsync(Socket socket)
    {
        byte[] buffer = new byte[4096];
        try
        {
            return Encoding.ASCII.GetString(buffer, 0, await socket.ReceiveAsync(buffer).WaitAsync(TimeSpan.FromSeconds(30)));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            return "";
        }
    }

    private static async Task<JsonNode> AskAsync(HttpClient http, string method)
    {
        using StringContent content = new($$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}"}""", Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await http.PostAsync("/rpc/v1", content);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
    }

    /// <summary>A clock that stands where it is put; timers run.</summary>
    private sealed class ManualClock : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Increment(ref _now); // no two things happen at the same time

        public void Advance(TimeSpan by) => Interlocked.Add(ref _now, by.Ticks);
    }
}
