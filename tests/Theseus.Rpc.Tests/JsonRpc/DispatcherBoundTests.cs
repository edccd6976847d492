using System.Text;
using System.Text.Json.Nodes;
using Theseus.Client;

namespace Theseus.Rpc.Tests;

/// <summary>What calls may take of the machine together, and what a batch's answers may hold.</summary>
public sealed class DispatcherBoundTests : IDisposable
{
    public sealed record Nothing;

    private readonly Dispatcher _dispatcher = new();

    public void Dispose() => _dispatcher.Dispose();

    [Fact]
    public async Task CallsLeaveHalfOfTheMachineToOthersAndAllAreAnswered()
    {
        int allowed = int.Max(1, Environment.ProcessorCount / 2);
        int running = 0;
        int most = 0;
        using SemaphoreSlim go = new(0);
        _dispatcher.Add<Nothing>("work", async (_, _) =>
        {
            int now = Interlocked.Increment(ref running);
            InterlockedMax(ref most, now);
            await go.WaitAsync();
            Interlocked.Decrement(ref running);
            return new { };
        });
        Task<JsonNode>[] calls =
            [.. Enumerable.Range(0, 20 + allowed).Select(_ => AskAsync("""{"jsonrpc":"2.0","id":1,"method":"work"}"""))];
        Assert.Equal(allowed, Volatile.Read(ref running)); // all that may run did so in this thread, up to where they wait
        go.Release(calls.Length);
        JsonNode[] answers = await Task.WhenAll(calls);
        Assert.All(answers, answer => Assert.NotNull(answer["result"]));
        Assert.Equal(allowed, most);
    }

    [Fact]
    public async Task ACallThatFailsGivesItsTurnBack()
    {
        _dispatcher.Add<Nothing>("breaks", _ => throw new InvalidOperationException());
        _dispatcher.Add<Nothing>("refuses", _ => throw new RpcError(ErrorCodes.NotFound, "nothing"));
        for (int i = 0; i < 2 * Environment.ProcessorCount; i++)
        {
            Assert.Equal(ErrorCodes.InternalError,
                (int)(await AskAsync("""{"jsonrpc":"2.0","id":1,"method":"breaks"}"""))["error"]!["code"]!);
            Assert.Equal(ErrorCodes.NotFound, (int)(await AskAsync("""{"jsonrpc":"2.0","id":1,"method":"refuses"}"""))["error"]!["code"]!);
        }
    }

    [Fact]
    public async Task ABatchWhoseAnswersAreFullRunsNoFurtherCall()
    {
        int ran = 0;
        string megabyte = new('x', 1_000_000);
        _dispatcher.Add<Nothing>("large", _ =>
        {
            ran++;
            return new { megabyte };
        });
        string call = """{"jsonrpc":"2.0","id":1,"method":"large"}""";
        JsonArray answers = (await AskAsync($"[{string.Join(',', Enumerable.Repeat(call, Dispatcher.MaximumBatch))}]")).AsArray();

        // 8 MiB = 8,388,608 bytes: 8 answers of a million and some are below, the ninth passes it, the others find it full
        Assert.Equal(9, ran);
        Assert.Equal(Dispatcher.MaximumBatch, answers.Count);
        Assert.All(answers.Take(9), answer => Assert.Equal(megabyte, (string)answer!["result"]!["megabyte"]!));
        Assert.All(answers.Skip(9), answer => Assert.Equal(ErrorCodes.Busy, (int)answer!["error"]!["code"]!));
    }

    [Fact]
    public async Task BatchesInTheMakingShareTheRoomAndGiveItBack()
    {
        // five batches of 6 MB each want 30 MB of 16 MiB (16.8 MB): each has what it got and an error for the rest
        string megabyte = new('x', 1_000_000);
        _dispatcher.Add<Nothing>("large", async (_, _) =>
        {
            await Task.Yield();
            return new { megabyte };
        });
        string body = $"[{string.Join(',', Enumerable.Repeat("""{"jsonrpc":"2.0","id":1,"method":"large"}""", 6))}]";
        JsonNode[] batches = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => AskAsync(body)));
        JsonNode?[] answers = [.. batches.SelectMany(batch => batch.AsArray())];
        Assert.Equal(30, answers.Length);
        Assert.Contains(answers, answer => answer!["error"] is JsonNode error && (int)error["code"]! == ErrorCodes.Busy);
        Assert.True(answers.Count(answer => answer!["result"] is not null) >= 16);
        // alone again, it finds all the room
        Assert.Equal(6, (await AskAsync(body)).AsArray().Count(answer => answer!["result"] is not null));
    }

    private static void InterlockedMax(ref int most, int now)
    {
        int seen = Volatile.Read(ref most);
        while (now > seen)
        {
            seen = Interlocked.CompareExchange(ref most, now, seen);
        }
    }

    private async Task<JsonNode> AskAsync(string body) => JsonNode.Parse(await _dispatcher.AnswerAsync(Encoding.UTF8.GetBytes(body),
        default))!;
}
