using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Theseus.Client;
using Theseus.Node;
using Theseus.Node.Tests;

namespace Theseus.Rpc.Tests;

/// <summary>
/// Overload costs the overloaders: kinds of calls have their own turns, and clients take turns with each other. // fault 103
/// </summary>
public sealed class LaneTests
{
    // fault 85, fault 103
    [Fact]
    public async Task CheapReadsAndSubmissionsAnswerWhileFortyClientsSimulate()
    {
        using Dispatcher dispatcher = new();
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        dispatcher.Add<Nothing>("simulate", async (_, _) => { await go.Task; return new { }; }, CallKind.Run);
        dispatcher.Add("status", () => new { }, CallKind.Status);
        dispatcher.Add("read", () => new { }, CallKind.Read);
        dispatcher.Add("submit", () => new { }, CallKind.Submit);
        Task<JsonNode>[] simulations = [.. Enumerable.Range(0, 40).Select(i => AskAsync(dispatcher, "simulate", $"client {i}"))];
        foreach (string method in (string[])["status", "read", "submit"])
        {
            Assert.NotNull((await AskAsync(dispatcher, method, "client 0"))["result"]);
        }

        Assert.DoesNotContain(simulations, task => task.IsCompletedSuccessfully && task.Result["result"] is not null);
        go.SetResult();
        await Task.WhenAll(simulations);
    }

    // fault 103
    [Fact]
    public async Task OneClientThatFloodsLeavesPlacesAndTurnsToAnother()
    {
        LaneLimits limits = new(1, TimeSpan.FromMinutes(10), 16);
        using Dispatcher dispatcher = new(limits: _ => limits);
        using SemaphoreSlim go = new(0);
        List<string> order = [];
        dispatcher.Add<Name>("work", async (name, _) => { await go.WaitAsync(); order.Add(name.Client); return new { }; });
        List<Task<JsonNode>> flood = [.. Enumerable.Range(0, 100).Select(_ => WorkAsync("flood"))];
        List<Task<JsonNode>> refused = [.. flood.Where(task => task.IsCompleted)];
        Assert.Equal(100 - 1 - 8, refused.Count); // one runs, and one client takes half of the places
        foreach (Task<JsonNode> task in refused)
        {
            JsonNode error = (await task)["error"]!;
            Assert.Equal((ErrorCodes.Busy, BusyCodes.Overloaded), ((int)error["code"]!, (string)error["data"]!["code"]!));
            Assert.True((long)error["data"]!["retryAfterMs"]! >= 50);
        }

        List<Task<JsonNode>> other = [.. Enumerable.Range(0, 3).Select(_ => WorkAsync("other"))];
        Assert.DoesNotContain(other, task => task.IsCompleted);
        go.Release(12);
        await Task.WhenAll(other.Concat(flood));
        Assert.All(other, task => Assert.NotNull(task.Result["result"]));
        Assert.Equal(["flood", "flood", "other", "flood", "other", "flood", "other"], order[..7]); // in turns, one for each

        Task<JsonNode> WorkAsync(string client) => AskAsync(dispatcher, "work", client, $$"""{"client":"{{client}}"}""");
    }

    // fault 103: whoever waits too long hears of it
    [Fact]
    public async Task ACallThatGetsNoTurnInTimeIsRefusedWithTheTimeToComeBack()
    {
        LaneLimits limits = new(1, TimeSpan.FromMilliseconds(2), 16);
        using Dispatcher dispatcher = new(limits: _ => limits);
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        dispatcher.Add<Nothing>("work", async (_, _) => { await go.Task; return new { }; });
        Task<JsonNode> first = AskAsync(dispatcher, "work", "a");
        Task<JsonNode> second = AskAsync(dispatcher, "work", "b");
        Assert.Equal(BusyCodes.Overloaded, (string)(await second)["error"]!["data"]!["code"]!);
        Assert.False(first.IsCompleted);
        go.SetResult();
        Assert.NotNull((await first)["result"]);
        Assert.NotNull((await AskAsync(dispatcher, "work", "b"))["result"]); // the turn that nobody took is free
    }

    // fault 103: a batch hears of its refusals when its last call is answered, so its calls have one patience together
    [Fact]
    public async Task TheCallsOfARequestWaitNoLongerTogetherThanOneMay()
    {
        FakeTimeProvider clock = new();
        TimeSpan patience = TimeSpan.FromMilliseconds(100);
        Lane lane = new(new LaneLimits(1, patience, 16), clock);
        CancellationToken end = TestContext.Current.CancellationToken;
        RequestWait batch = new();
        Assert.Null(await lane.EnterAsync("other", new RequestWait(), end));
        Task<TimeSpan?> first = lane.EnterAsync("batch", batch, end);
        Assert.False(first.IsCompleted);
        clock.Advance(patience);
        lane.Leave(null);
        Assert.Null(await first);

        Assert.NotNull(await lane.EnterAsync("batch", batch, end));
        Task<TimeSpan?> fresh = lane.EnterAsync("batch", new RequestWait(), end);
        Assert.False(fresh.IsCompleted); // another request still may wait
        lane.Leave(null);
        Assert.Null(await fresh);
    }

    // fault 103: what is refused is refused at once, whatever stands before it
    [Fact]
    public async Task AFullPoolRefusesWhileSubmissionsWaitForTheirTurn()
    {
        LocalChain chain = new();
        Mempool pool = chain.Pool(new PoolLimits { Count = 1 });
        Assert.Null(pool.Submit(chain.Transfer(chain.Users[0], chain.Users[1].Address, 1, price: 5), null).Refusal);
        using Dispatcher dispatcher = new(limits: _ => new LaneLimits(1, TimeSpan.FromMinutes(10), 16));
        new TransactionMethods(new ChainReader(chain.Execution), pool).AddTo(dispatcher);
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        dispatcher.Add<Nothing>("work", async (_, _) => { await go.Task; return new { }; }, CallKind.Submit);
        Task<JsonNode> first = AskAsync(dispatcher, "work", "a");
        Task<JsonNode> dear = SubmitAsync(price: 6);
        Task<JsonNode> cheap = SubmitAsync(price: 5);
        Assert.True(cheap.IsCompleted);
        Assert.False(dear.IsCompleted);
        JsonNode error = (await cheap)["error"]!;
        Assert.Equal((ErrorCodes.Busy, "MEMPOOL_FULL"), ((int)error["code"]!, (string)error["data"]!["code"]!));
        Assert.True((long)error["data"]!["retryAfterMs"]! > 0);
        go.SetResult();
        Assert.NotNull((await dear)["result"]);
        await first;

        Task<JsonNode> SubmitAsync(ulong price)
        {
            byte[] transaction = chain.Transfer(chain.Users[2], chain.Users[1].Address, 1, sequence: 0, price: price);
            return AskAsync(dispatcher, Methods.Submit, "b", $$"""{"transaction":"0x{{Convert.ToHexString(transaction)}}"}""");
        }
    }

    [Fact]
    public async Task ARequestThatIsGivenUpLeavesItsPlace()
    {
        LaneLimits limits = new(1, TimeSpan.FromMinutes(10), 4);
        using Dispatcher dispatcher = new(limits: _ => limits);
        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        dispatcher.Add<Nothing>("work", async (_, _) => { await go.Task; return new { }; });
        Task<JsonNode> first = AskAsync(dispatcher, "work", "a");
        for (int i = 0; i < 10; i++)
        {
            using CancellationTokenSource gone = new();
            Task<byte[]?> waits = dispatcher.AnswerAsync(Call("work", "{}"), gone.Token, "b");
            Assert.False(waits.IsCompleted);
            await gone.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waits);
        }

        Task<JsonNode> last = AskAsync(dispatcher, "work", "b");
        go.SetResult();
        Assert.NotNull((await first)["result"]);
        Assert.NotNull((await last)["result"]);
    }

    public sealed record Nothing;

    public sealed record Name(string Client);

    private static byte[] Call(string method, string parameters) =>
        Encoding.UTF8.GetBytes($$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}","params":{{parameters}}}""");

    private static async Task<JsonNode> AskAsync(Dispatcher dispatcher, string method, string client, string parameters = "{}") =>
        JsonNode.Parse(await dispatcher.AnswerAsync(Call(method, parameters), default, client))!;
}
