using System.Text;
using Theseus.Protocol;

namespace Theseus.Cli.Fuzz.Sockets;

/// <summary>Valid requests over HTTP: JSON-RPC bodies of every method, and whole requests.</summary>
internal static class RpcSamples
{
    private const string Coin = "0x1::coin::CoinStore<0x1::theseus_coin::TheseusCoin>";

    /// <summary>Bodies.</summary>
    public static IReadOnlyList<byte[]> Bodies(FuzzChain chain)
    {
        string transaction = "0x" + Convert.ToHexStringLower(chain.Sign(
            chain.Users[0], 0, Commands.TransferCommands.Payload(chain.Users[1].Address, 5)).Bytes);
        string alice = chain.Users[0].Address.ToLongString();
        string[] calls =
        [
            Call("theseus_status"), Call("theseus_getBlock", "\"at\":{\"height\":\"3\"},\"detail\":\"full\""),
                Call("theseus_getBlock", "\"at\":{\"hash\":\"" + Hash32.Zero + "\"}"),
            Call("theseus_getRecord", "\"at\":{\"height\":\"2\"}"), Call("theseus_getVersions"),
                Call("theseus_getEvidence", "\"before\":\"9\",\"limit\":5"),
            Call("theseus_getProposals", "\"from\":\"1\",\"limit\":3"), Call("theseus_getProposal", "\"id\":\"1\""),
                Call("theseus_getValidators"),
            Call("theseus_getResource", $"\"address\":\"{alice}\",\"type\":\"{Coin}\""),
                Call("theseus_getModule", "\"address\":\"0x1\",\"name\":\"coin\""),
            Call("theseus_getProof", $"\"address\":\"{alice}\",\"type\":\"{Coin}\",\"at\":{{\"height\":\"2\"}}"),
                Call("theseus_getProof", "\"key\":\"0x0001\""),
            Call(
                "theseus_view",
                $"\"function\":\"0x1::coin::balance\",\"typeArguments\":[\"0x1::theseus_coin::TheseusCoin\"],\"arguments\":[\"{alice}\"]"),
            Call("theseus_getTransaction", "\"hash\":\"0x" + Hash32.Zero + "\""),
                Call("theseus_getReceipt", "\"hash\":\"0x" + Hash32.Zero + "\""),
            Call("theseus_simulate", $"\"transaction\":\"{transaction}\""), Call("theseus_submit", $"\"transaction\":\"{transaction}\""),
        ];
        return [.. calls.Select(Encoding.UTF8.GetBytes), Encoding.UTF8.GetBytes("[" + string.Join(',', calls.Take(6)) + "]")];
    }

    /// <summary>Whole requests.</summary>
    public static IReadOnlyList<byte[]> Requests(FuzzChain chain)
    {
        byte[] body = Bodies(chain)[0];
        string[] heads =
        [
            $"POST /rpc/v1 HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n",
            "POST /rpc/v1 HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"a\":\r\n0\r\n\r\n",
            "GET /metrics HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n", "GET /explorer HTTP/1.0\r\n\r\n",
                "HEAD /live HTTP/1.1\r\nHost: x\r\n\r\n",
            "OPTIONS /rpc/v1 HTTP/1.1\r\nHost: x\r\nOrigin: https://a\r\nAccess-Control-Request-Method: POST\r\n\r\n",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        ];
        return [.. heads.Select(Encoding.ASCII.GetBytes), [.. Encoding.ASCII.GetBytes(heads[0]), .. body]];
    }

    private static string Call(string method, string parameters = "") =>
        $"{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"{method}\",\"params\":{{{parameters}}}}}";
}
