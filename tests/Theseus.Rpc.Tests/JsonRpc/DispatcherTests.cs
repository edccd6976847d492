using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Theseus.Client;

namespace Theseus.Rpc.Tests;

/// <summary>JSON-RPC 2.0 as its specification says, and what a hostile body may not do.</summary>
public class DispatcherTests
{
    private readonly Dispatcher _dispatcher = new();
    private readonly List<(string Method, Exception Error)> _failures = [];
    private int _calls;

    public DispatcherTests()
    {
        _dispatcher.Failed = (method, error) => _failures.Add((method, error));
        _dispatcher.Add("ping", () => { _calls++; return new { pong = true }; });
        _dispatcher.Add<HeightQuery>("height", query => { _calls++; return new { height = query.At?.Height, number = query.Number
            ?? 0 }; });
        _dispatcher.Add<HeightQuery>("refuses", _ => throw new RpcError(ErrorCodes.NotFound, "nothing there",
            new JsonObject { ["oldest"] = "7" }));
        _dispatcher.Add<HeightQuery>("breaks", _ => throw new InvalidOperationException("a secret of the node"));
    }

    public sealed record HeightQuery(At? At, ulong? Number);

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[1,")]
    [InlineData("not json")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"} trailing")]
    [InlineData("{'jsonrpc':'2.0'}")]
    public async Task WhatIsNoJsonIsAParseErrorWithoutAnId(string body)
    {
        JsonNode answer = (await AskAsync(body))!;
        Assert.Equal(-32700, (int)answer["error"]!["code"]!);
        Assert.Null(answer["id"]);
        Assert.Equal("2.0", (string)answer["jsonrpc"]!);
        Assert.Equal(0, _calls);
    }

    [Fact]
    public async Task BytesThatAreNoTextAreAParseError()
    {
        JsonNode answer = JsonNode.Parse(await _dispatcher.AnswerAsync(new byte[] { 0xff, 0xfe, 0x00, 0x80 }, default))!;
        Assert.Equal(-32700, (int)answer["error"]!["code"]!);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("null")]
    [InlineData("\"ping\"")]
    [InlineData("{}")]
    [InlineData("{\"id\":1,\"method\":\"ping\"}")]
    [InlineData("{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"ping\"}")]
    [InlineData("{\"jsonrpc\":2.0,\"id\":1,\"method\":\"ping\"}")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1}")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":7}")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"ping\"}")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":[1],\"method\":\"ping\"}")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":true,\"method\":\"ping\"}")]
    public async Task WhatIsNoRequestIsAnInvalidRequest(string body)
    {
        JsonNode answer = (await AskAsync(body))!;
        Assert.Equal(-32600, (int)answer["error"]!["code"]!);
        Assert.Equal(0, _calls);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("-3")]
    [InlineData("\"abc\"")]
    [InlineData("\"\"")]
    [InlineData("18446744073709551616")]
    [InlineData("null")]
    public async Task TheIdComesBackAsItWas(string id)
    {
        byte[] answer = (await _dispatcher.AnswerAsync(Encoding.UTF8.GetBytes($"{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"ping\"}}"),
            default))!;
        using JsonDocument document = JsonDocument.Parse(answer);
        Assert.Equal(id, document.RootElement.GetProperty("id").GetRawText());
        Assert.True(document.RootElement.GetProperty("result").GetProperty("pong").GetBoolean());
    }

    [Fact]
    public async Task ANotificationIsDoneAndNotAnswered()
    {
        Assert.Null(await AskAsync("{\"jsonrpc\":\"2.0\",\"method\":\"ping\"}"));
        Assert.Equal(1, _calls);
        Assert.Null(await AskAsync("{\"jsonrpc\":\"2.0\",\"method\":\"refuses\"}"));
        Assert.Null(await AskAsync("{\"jsonrpc\":\"2.0\",\"method\":\"nobody\"}"));
        Assert.Null(await AskAsync("[{\"jsonrpc\":\"2.0\",\"method\":\"ping\"},{\"jsonrpc\":\"2.0\",\"method\":\"ping\"}]"));
        Assert.Equal(3, _calls);
    }

    [Fact]
    public async Task AnUnknownMethodIsNamedButNotAtAnyLength()
    {
        Assert.Equal((-32601, "no method theseus_fly"), await ErrorAsync(Call("theseus_fly")));
        (int code, string message) = await ErrorAsync(Call(new string('x', 100_000)));
        Assert.Equal(-32601, code);
        Assert.True(message.Length < 200, $"{message.Length}");
    }

    [Fact]
    public async Task NamesAreExact()
    {
        Assert.Equal(-32601, (await ErrorAsync(Call("PING"))).Code);
        Assert.Equal(-32601, (await ErrorAsync(Call("ping "))).Code);
    }

    [Theory]
    [InlineData("[1]", "params is one object")]
    [InlineData("7", "params is one object")]
    [InlineData("null", "params is one object")]
    [InlineData("{\"number\":\"seven\"}",
        "params.number: expected an unsigned integer as a decimal string, of 64 bits at most, without sign, space or leading zero")]
    [InlineData("{\"number\":\"-1\"}",
        "params.number: expected an unsigned integer as a decimal string, of 64 bits at most, without sign, space or leading zero")]
    [InlineData("{\"number\":\"18446744073709551616\"}",
        "params.number: expected an unsigned integer as a decimal string, of 64 bits at most, without sign, space or leading zero")]
    [InlineData("{\"number\":1.5}",
        "params.number: expected an unsigned integer as a decimal string, of 64 bits at most, without sign, space or leading zero")]
    [InlineData("{\"at\":\"newest\"}", "params.at: one of \"latest\", \"sealed\", {\"height\": \"…\"} or {\"hash\": \"0x…\"}")]
    [InlineData("{\"at\":{\"height\":\"x\"}}",
        "params.at.height: expected an unsigned integer as a decimal string, of 64 bits at most, without sign, space or leading zero")]
    public async Task WrongParametersSayWhere(string parameters, string message)
    {
        Assert.Equal((-32602, message), await ErrorAsync(Call("height", parameters)));
        Assert.Equal(0, _calls);
    }

    [Fact]
    public async Task ParametersMayBeLeftOutWhereAllHaveDefaults()
    {
        JsonNode answer = (await AskAsync("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"height\"}"))!;
        Assert.Equal("0", (string)answer["result"]!["number"]!);
    }

    [Fact]
    public async Task AnErrorKeepsItsCodeAndItsData()
    {
        JsonNode error = (await AskAsync(Call("refuses")))!["error"]!;
        Assert.Equal((ErrorCodes.NotFound, "nothing there", "7"), ((int)error["code"]!, (string)error["message"]!,
            (string)error["data"]!["oldest"]!));
        Assert.Empty(_failures);
    }

    [Fact]
    public async Task ABugIsReportedHereAndNotToldToTheCaller()
    {
        (int code, string message) = await ErrorAsync(Call("breaks"));
        Assert.Equal(-32603, code);
        Assert.DoesNotContain("secret", message);
        Assert.Equal("breaks", Assert.Single(_failures).Method);
    }

    [Fact]
    public async Task ABatchAnswersEveryCallInOrderAndNoNotification()
    {
        JsonArray answers = (await AskAsync(
            $"[{Call("ping", id: "1")},{{\"jsonrpc\":\"2.0\",\"method\":\"ping\"}},{Call("nobody", id: "\"two\"")},5]"))!.AsArray();
        Assert.Equal(3, answers.Count);
        Assert.Equal(1, (int)answers[0]!["id"]!);
        Assert.Equal("two", (string)answers[1]!["id"]!);
        Assert.Equal(-32601, (int)answers[1]!["error"]!["code"]!);
        Assert.Equal(-32600, (int)answers[2]!["error"]!["code"]!);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(51)]
    [InlineData(5_000)]
    public async Task ABatchOfTheWrongSizeIsRefusedWhole(int calls)
    {
        (int code, _) = await ErrorAsync($"[{string.Join(',', Enumerable.Repeat(Call("ping"), calls))}]");
        Assert.Equal(-32600, code);
        Assert.Equal(0, _calls);
    }

    [Fact]
    public async Task ABatchOfTheLargestSizeIsAnswered()
    {
        JsonArray answers = (await AskAsync($"[{string.Join(',', Enumerable.Repeat(Call("ping"), 50))}]"))!.AsArray();
        Assert.Equal((50, 50), (answers.Count, _calls));
    }

    [Theory]
    [InlineData(30, -32602)]
    [InlineData(33, -32700)]
    [InlineData(1_000_000, -32700)]
    public async Task DepthIsBounded(int depth, int expected)
    {
        // params of one more level each; the request itself is one
        string nested = string.Concat(Enumerable.Repeat("{\"a\":", depth - 1)) + "1" + new string('}', depth - 1);
        JsonNode answer = (await AskAsync(Call("ping", nested)))!;
        Assert.Equal(expected, (int?)answer["error"]?["code"] ?? 0);
    }

    [Theory]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\\ud800\"}", -32601)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":\"\\ud800\",\"method\":\"ping\"}", -32600)]
    [InlineData("{\"jsonrpc\":\"\\ud800\",\"id\":1,\"method\":\"ping\"}", -32600)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"height\",\"params\":{\"at\":\"\\ud800\"}}", -32602)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"height\",\"params\":{\"at\":{\"hash\":\"\\ud800\"}}}", -32602)]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"height\",\"params\":{\"number\":\"\\ud800\"}}", -32602)]
    public async Task HalfASurrogatePairIsTheCallersMistake(string body, int code)
    {
        Assert.Equal(code, (await ErrorAsync(body)).Code);
        Assert.Empty(_failures);
    }

    [Fact]
    public async Task RandomBytesAreAlwaysAnswered()
    {
        Random random = new(11);
        byte[] valid = Encoding.UTF8.GetBytes(Call("height", "{\"at\":{\"height\":\"7\"},\"number\":\"5\"}"));
        for (int i = 0; i < 5_000; i++)
        {
            byte[] body = [.. valid];
            for (int change = 0; change <= i % 4; change++)
            {
                body[random.Next(body.Length)] = (byte)random.Next(256);
            }

            // a changed method name or lost id makes a notification; all else is an answer with a result or an error
            if (await _dispatcher.AnswerAsync(body, default) is byte[] answer)
            {
                JsonNode node = JsonNode.Parse(answer)!;
                Assert.True(node["result"] is not null ^ node["error"] is not null);
                Assert.NotEqual(-32603, (int?)node["error"]?["code"] ?? 0);
            }
        }

        Assert.Empty(_failures);
    }

    private static string Call(string method, string parameters = "{}", string id = "1") =>
        $"{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":{JsonSerializer.Serialize(method)},\"params\":{parameters}}}";

    private async Task<JsonNode?> AskAsync(string body) =>
        await _dispatcher.AnswerAsync(Encoding.UTF8.GetBytes(body), default) is byte[] answer ? JsonNode.Parse(answer) : null;

    private async Task<(int Code, string Message)> ErrorAsync(string body)
    {
        JsonNode error = (await AskAsync(body))!["error"]!;
        return ((int)error["code"]!, (string)error["message"]!);
    }
}
