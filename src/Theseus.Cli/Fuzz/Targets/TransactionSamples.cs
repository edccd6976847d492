using Theseus.Protocol;

namespace Theseus.Cli.Fuzz.Targets;

/// <summary>Transactions of every kind that is understood.</summary>
internal static class TransactionSamples
{
    /// <summary>A script that the reader takes: its author's business is not this sample's.</summary>
    private static readonly byte[] Script = [0xa1, 0x1c, 0xeb, 0x0b, 6, 0, 0, 0, 1, 5, 0, 1, 0, 0, 0, 0, 1, 2];

    public static IEnumerable<byte[]> Of(FuzzChain chain)
    {
        foreach (TransactionPayload payload in Payloads(chain))
        {
            yield return chain.Sign(chain.Users[0], 0, payload).Bytes;
        }

        RawTransaction raw = new(
            chain.Users[1].Address, 3, Commands.TransferCommands.Payload(chain.Users[0].Address, 1), 20_000, 100,
                (chain.Genesis.Time / 1_000) + 60, chain.Genesis.TxChainId);
        yield return SignedTransaction.Sign(raw, chain.Users[1].Seed, AuthenticatorKind.SingleKey).Bytes;
    }

    public static IEnumerable<TransactionPayload> Payloads(FuzzChain chain)
    {
        yield return Commands.TransferCommands.Payload(chain.Users[1].Address, 1_000);
        yield return new TransactionPayload.EntryFunction(
            new ModuleId(Address.One, "governance"), "vote", [], [new BcsWriter(8).U64(1).ToArray(), [1]]);
        yield return new TransactionPayload.Script(
            Script, [TypeTag.U64, TypeTag.Of(new StructTag(Address.One, "theseus_coin", "TheseusCoin", []))],
            [
                new ScriptArgument(ScriptArgumentKind.U64, new BcsWriter(8).U64(ulong.MaxValue).ToArray()),
                new ScriptArgument(ScriptArgumentKind.Bytes, [1, 2, 3]), new ScriptArgument(ScriptArgumentKind.Bool, [1]),
                new ScriptArgument(ScriptArgumentKind.Address, chain.Users[1].Address.ToArray()),
            ]);
    }
}
