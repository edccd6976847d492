using System.Text;
using System.Text.Json.Nodes;
using Theseus.Client;
using Theseus.Consensus;
using Theseus.Node;
using Theseus.Node.Tests;
using Theseus.Storage;

namespace Theseus.Rpc.Tests;

/// <summary>What the API answers of a real chain: at heights that it has, had, or will have, and two nodes beside each other.</summary>
public sealed class ReadingTests : IDisposable
{
    private readonly List<Dispatcher> _dispatchers = [];

    public void Dispose() => _dispatchers.ForEach(static dispatcher => dispatcher.Dispose());

    [Theory]
    [InlineData(Methods.GetBlock, "3", "2")]
    [InlineData(Methods.GetBlock, "18446744073709551615", "2")]
    [InlineData(Methods.GetRecord, "3", "2")]
    [InlineData(Methods.GetProof, "2", "1")] // proofs are of sealed blocks
    public async Task AHeightAheadIsSaidWithTheNewest(string method, string height, string newest)
    {
        LocalChain chain = new();
        chain.Decide();
        chain.Decide();
        string more = method == Methods.GetProof ? ",\"address\":\"0x1\",\"name\":\"coin\"" : "";
        JsonNode error = (await AskAsync(Api(chain), method, $$$"""{"at":{"height":"{{{height}}}"}{{{more}}}}"""))["error"]!;
        Assert.Equal((ErrorCodes.HeightAhead, newest), ((int)error["code"]!, (string)error["data"]!["newest"]!));
    }

    [Theory]
    [InlineData(Methods.GetBlock, "1", "2")] // 5 is the newest sealed block, and three before it are kept
    [InlineData(Methods.GetRecord, "1", "2")]
    [InlineData(Methods.GetModule, "2", "3")] // state and proofs of the two before it
    [InlineData(Methods.GetProof, "2", "3")]
    public async Task AHeightThatWasPrunedIsSaidWithTheOldest(string method, string height, string oldest)
    {
        LocalChain chain = new(ChainStore.InMemory(new Retention(3, 2, 2)));
        for (int i = 0; i < 6; i++)
        {
            chain.Decide();
        }

        string more = method is Methods.GetProof or Methods.GetModule ? ",\"address\":\"0x1\",\"name\":\"coin\"" : "";
        JsonNode error = (await AskAsync(Api(chain), method, $$$"""{"at":{"height":"{{{height}}}"}{{{more}}}}"""))["error"]!;
        Assert.Equal((ErrorCodes.HeightPruned, oldest), ((int)error["code"]!, (string)error["data"]!["oldest"]!));
    }

    // fault 44: what is needed, and all that there is
    [Fact]
    public void AMissingStackIsSaidWithWhatIsNeededAndWhatThereIs()
    {
        ChainReader reader = new(new LocalChain().Execution);
        Hash32 needed = new([.. Enumerable.Repeat((byte)5, 32)]);
        RpcError error = Assert.Throws<RpcError>(() =>
            ApiText.Guard<object>(reader, () => throw new ReadException(ReadFault.ModuleMissing, "no stack", required: needed)));
        Assert.Equal(ErrorCodes.ModuleMissing, error.Code);
        Assert.Equal("0x" + string.Concat(Enumerable.Repeat("05", 32)), (string)error.ErrorData!["required"]!);
        string[] supported = [.. error.ErrorData["supported"]!.AsArray().Select(static item => (string)item!)];
        Assert.NotEmpty(supported);
        Assert.Equal(reader.SupportedModules.Select(static module => "0x" + module), supported);
    }

    // fault 12: two nodes decided by other signers; the certificate is one as soon as a block carries it
    [Fact]
    public async Task TheCertificateOfABlockIsTheSameOnEveryNodeOnceTheNextBlockCarriesIt()
    {
        LocalChain one = new();
        LocalChain two = new();
        (Block first, CommitCertificate all) = one.Next();
        CommitCertificate three = new(all.Height, all.Round, all.Value, [.. all.Signatures.Take(3)]);
        Take(one, first, all);
        Take(two, first, three);
        Assert.NotEqual(await CertificateAsync(one), await CertificateAsync(two)); // each its own, and it says so
        Assert.Equal("false", (await BlockAsync(two))["certificateAgreed"]!.ToJsonString());

        (Block second, CommitCertificate next) = one.Next();
        Take(one, second, next);
        Take(two, second, next);
        Assert.Equal(await CertificateAsync(one), await CertificateAsync(two));
        Assert.Equal("true", (await BlockAsync(two))["certificateAgreed"]!.ToJsonString());
    }

    // fault 46
    [Fact]
    public async Task GenesisHasOneTime()
    {
        LocalChain chain = new();
        Dispatcher api = Api(chain);
        JsonNode block = (await AskAsync(api, Methods.GetBlock, """{"at":{"height":"0"}}"""))["result"]!;
        JsonNode view = (await AskAsync(api, Methods.View,
            """{"at":{"height":"0"},"function":"0x1::timestamp::now_seconds"}"""))["result"]!;
        Assert.Equal("1700000000000", (string)block["header"]!["time"]!); // LocalChain.GenesisTime, in milliseconds
        Assert.Equal("1700000000", (string)view["values"]![0]!["text"]!);
    }

    private static void Take(LocalChain chain, Block block, CommitCertificate certificate)
    {
        Assert.True(chain.Execution.Append(certificate, block));
        chain.Execution.Execute(certificate, block);
    }

    private async Task<string> CertificateAsync(LocalChain chain) => (string)(await BlockAsync(chain))["certificate"]!;

    private async Task<JsonNode> BlockAsync(LocalChain chain) =>
        (await AskAsync(Api(chain), Methods.GetBlock, """{"at":{"height":"1"}}"""))["result"]!;

    private Dispatcher Api(LocalChain chain)
    {
        Dispatcher dispatcher = new();
        _dispatchers.Add(dispatcher);
        ChainReader reader = new(chain.Execution);
        new BlockMethods(reader).AddTo(dispatcher);
        new StateMethods(reader).AddTo(dispatcher);
        return dispatcher;
    }

    private static async Task<JsonNode> AskAsync(Dispatcher dispatcher, string method, string parameters) =>
        JsonNode.Parse(await dispatcher.AnswerAsync(
            Encoding.UTF8.GetBytes($$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}","params":{{parameters}}}"""), default))!;
}
