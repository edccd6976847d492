using System.Text;
using System.Text.Json.Nodes;
using Theseus.Client;

namespace Theseus.Rpc.Tests;

/// <summary>Parameters are checked strictly, and the answer names the wrong one. // fault 41, fault 93</summary>
public sealed class StrictParameterTests : IDisposable
{
    private readonly Dispatcher _dispatcher = new();

    public StrictParameterTests()
    {
        _dispatcher.Add("status", () => new { });
        _dispatcher.Add<BlockParams>("block", p => new { at = p.At?.Height });
        _dispatcher.Add<PageParams>("page", p => new { p.From, p.Limit });
        _dispatcher.Add<ProposalParams>("proposal", p => new { p.Id });
        _dispatcher.Add<ProofParams>("proof", p => new { p.Key });
        _dispatcher.Add<ViewParams>("view", p => new { count = p.Arguments?.Count });
    }

    public void Dispose() => _dispatcher.Dispose();

    // fault 41
    [Theory]
    [InlineData("block", """{"height":"5"}""", "params.height")]
    [InlineData("block", """{"detial":"full"}""", "params.detial")]
    [InlineData("block", """{"Detail":"full"}""", "params.Detail")]
    [InlineData("block", """{"detail":"FULL"}""", "params.detail")]
    [InlineData("block", """{"detail":1}""", "params.detail")]
    [InlineData("block", """{"at":{"height":" 5"}}""", "params.at.height")]
    [InlineData("block", """{"at":{"height":"007"}}""", "params.at.height")]
    [InlineData("block", """{"at":{"height":"+7"}}""", "params.at.height")]
    [InlineData("block", """{"at":{"height":"-7"}}""", "params.at.height")]
    [InlineData("block", """{"at":{"height":"7 "}}""", "params.at.height")]
    [InlineData("block", """{"at":{"height":"7\u0000"}}""", "params.at.height")]
    [InlineData("block", """{"at":{"height":"٧"}}""", "params.at.height")]
    [InlineData("block", """{"at":{"height":"0x7"}}""", "params.at.height")]
    [InlineData("block", """{"at":{"height":""}}""", "params.at.height")]
    [InlineData("block", """{"at":{"height":7.0}}""", "params.at.height")]
    [InlineData("block", """{"at":{"height":7e0}}""", "params.at.height")]
    [InlineData("block", """{"at":{"height":-0}}""", "params.at.height")]
    [InlineData("block", """{"at":{"height":"18446744073709551616"}}""", "params.at.height")]
    [InlineData("block", """{"at":{"height":"1","hash":"0x00"}}""", "params.at")]
    [InlineData("block", """{"at":{"height":"1","height":"2"}}""", "params.at")]
    [InlineData("block", """{"at":{}}""", "params.at")]
    [InlineData("block", """{"at":{"tag":"latest"}}""", "params.at.tag")]
    [InlineData("block", """{"at":"Latest"}""", "params.at")]
    [InlineData("block", """{"at":7}""", "params.at")]
    [InlineData("block", """{"at":[]}""", "params.at")]
    [InlineData("block", """{"at":{"hash":7}}""", "params.at.hash")]
    [InlineData("block", """{"detail":"full","detail":"full"}""", "params.detail")]
    [InlineData("page", """{"limit":-1}""", "params.limit")]
    [InlineData("page", """{"limit":0}""", "params.limit")]
    [InlineData("page", """{"limit":101}""", "params.limit")]
    [InlineData("page", """{"limit":"5"}""", "params.limit")]
    [InlineData("page", """{"limit":5.5}""", "params.limit")]
    [InlineData("page", """{"limit":99999999999999999999}""", "params.limit")]
    [InlineData("page", """{"from":"-1"}""", "params.from")]
    [InlineData("page", """{"from":true}""", "params.from")]
    [InlineData("proposal", "{}", "params.id")]
    [InlineData("proposal", """{"id":null}""", "params.id")]
    [InlineData("proposal", """{"id":"01"}""", "params.id")]
    [InlineData("view", """{"function":"0x1::coin::supply","arguments":"5"}""", "params.arguments")]
    [InlineData("view", """{"function":"0x1::coin::supply","arguments":["5",6]}""", "params.arguments[1]")]
    [InlineData("view", """{"function":"0x1::coin::supply","arguments":[null]}""", "params.arguments[0]")]
    [InlineData("view", """{"function":"0x1::coin::supply","encoding":"hex"}""", "params.encoding")]
    [InlineData("view", """{"arguments":[]}""", "params.function")]
    [InlineData("status", "\"x\"", "params")]
    [InlineData("status", "[]", "params")]
    [InlineData("status", """{"x":1}""", "params")]
    public async Task WhatIsWrongIsNamed(string method, string parameters, string named)
    {
        JsonNode error = (await AskAsync(method, parameters))["error"]!;
        Assert.Equal((ErrorCodes.InvalidParams, named), ((int)error["code"]!, (string)error["data"]!["parameter"]!));
        Assert.StartsWith("params", (string)error["message"]!);
        Assert.DoesNotContain("System.", error.ToJsonString()); // fault 44
        Assert.DoesNotContain("Theseus.", error.ToJsonString());
    }

    // faults 41 and 93: what stands around the params is checked as strictly
    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"block","parms":{"at":{"height":"5"}}}""", "parms")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"block","Params":{"at":{"height":"5"}}}""", "Params")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"status","method":"block"}""", "method stands twice")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"id":2,"method":"status"}""", "id stands twice")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"block","params":{"at":{"height":"5"}},"params":{}}""", "params stands twice")]
    [InlineData("""{"jsonrpc":"1.0","jsonrpc":"2.0","id":1,"method":"status"}""", "jsonrpc stands twice")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"status","\ud800":1}""", "surrogate")]
    public async Task ARequestSaysEverythingOnceAndNothingElse(string request, string said)
    {
        JsonNode answer = JsonNode.Parse(await _dispatcher.AnswerAsync(Encoding.UTF8.GetBytes(request), default))!;
        Assert.Equal(ErrorCodes.InvalidRequest, (int)answer["error"]!["code"]!);
        Assert.Contains(said, (string)answer["error"]!["message"]!);
        Assert.Null(answer["id"]);
    }

    // fault 93: contradictory selectors
    [Theory]
    [InlineData("""{"key":"0x00","address":"0x1","type":"0x1::a::B"}""")]
    [InlineData("""{"key":"0x00","address":"0x1"}""")]
    [InlineData("""{"address":"0x1","type":"0x1::a::B","name":"a"}""")]
    [InlineData("""{"address":"0x1"}""")]
    [InlineData("""{"type":"0x1::a::B"}""")]
    [InlineData("{}")]
    public async Task AProofIsAskedForInOneWay(string parameters)
    {
        JsonNode error = (await AskAsync("proof", parameters))["error"]!;
        Assert.Equal(ErrorCodes.InvalidParams, (int)error["code"]!);
        Assert.Contains("give key, or address with type, or address with name", (string)error["message"]!);
    }

    [Theory]
    [InlineData("block", """{"at":{"height":"0"}}""")]
    [InlineData("block", """{"at":{"height":18446744073709551615}}""")]
    [InlineData("block", """{"at":"sealed","detail":"full"}""")]
    [InlineData("block", """{"at":null,"detail":null}""")]
    [InlineData("page", """{"from":"18446744073709551615","limit":100}""")]
    [InlineData("proof", """{"key":"0x00"}""")]
    [InlineData("proof", """{"address":"0x1","name":"coin","type":null}""")]
    [InlineData("view", """{"function":"0x1::coin::supply","arguments":["5","x"]}""")]
    [InlineData("status", "{}")]
    public async Task WhatIsRightPasses(string method, string parameters) => Assert.Null((await AskAsync(method, parameters))["error"]);

    // fault 44
    [Theory]
    [InlineData("{\"jsonrpc\":\"2.0\",", 1, 17)]
    [InlineData("{}\n x", 2, 2)]
    public async Task ABodyThatIsNotJsonIsSaidInOurOwnWords(string body, int line, int at)
    {
        JsonNode error = JsonNode.Parse(await _dispatcher.AnswerAsync(Encoding.UTF8.GetBytes(body), default))!["error"]!;
        Assert.Equal((ErrorCodes.ParseError, $"the body is not JSON of at most 32 levels: line {line}, byte {at}"),
            ((int)error["code"]!, (string)error["message"]!));
    }

    private async Task<JsonNode> AskAsync(string method, string parameters) => JsonNode.Parse(await _dispatcher.AnswerAsync(
        Encoding.UTF8.GetBytes($$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}","params":{{parameters}}}"""), default))!;
}
