using Theseus.Cli.Fuzz.Targets;
using Theseus.Protocol;

namespace Theseus.Cli.Fuzz.Conversation;

/// <summary>Transactions with good signatures over anything, and anything else.</summary>
internal static class LiarTransactions
{
    /// <summary>A transaction, or bytes near one.</summary>
    /// <param name="chain">Whose accounts sign.</param>
    /// <param name="random">Chooses.</param>
    /// <param name="sequences">Each account's next number.</param>
    public static byte[] Some(FuzzChain chain, FuzzRandom random, IReadOnlyList<ulong> sequences)
    {
        TransactionPayload[] known = [.. TransactionSamples.Payloads(chain)];
        TransactionPayload payload = random.OneIn(2) ? Twisted(random.Of(known), random) : known[0];
        int user = random.Below(chain.Users.Count);
        FuzzKey from = chain.Users[user];
        bool isPlain = !random.OneIn(3); // what is signed is what is wrong, or the terms are
        ulong number = isPlain ? sequences[user] : Extremes.Near(sequences[user], random);
        RawTransaction raw = new(
            from.Address,
            number,
            payload,
            isPlain ? 20_000 : Extremes.Near(20_000, random),
            isPlain ? 100 : Extremes.Near(100, random),
            isPlain ? (chain.Genesis.Time / 1_000) + 600 : Extremes.Near((chain.Genesis.Time / 1_000) + 600, random),
            isPlain ? chain.Genesis.TxChainId : (byte)random.Below(6));
        byte[] bytes = SignedTransaction.Sign(raw, from.Seed, random.OneIn(4) ? AuthenticatorKind.SingleKey
            : AuthenticatorKind.Ed25519).Bytes;
        return random.OneIn(6) ? Mutator.Mutate(bytes, bytes, random) : bytes;
    }

    private static TransactionPayload Twisted(TransactionPayload payload, FuzzRandom random) => payload switch
    {
        TransactionPayload.EntryFunction call => new TransactionPayload.EntryFunction(
            random.OneIn(4) ? new ModuleId(Address.One, random.Of(Modules)) : call.Module,
            random.OneIn(4) ? random.Of(Functions) : call.Function,
            random.OneIn(4) ? [TypeTag.U64, .. call.TypeArguments] : call.TypeArguments,
            [.. call.Arguments.Select(argument => random.OneIn(2) ? Mutator.Mutate(argument, argument, random) : argument)]),
        TransactionPayload.Script script => new TransactionPayload.Script(
            Mutator.Mutate(script.Code, script.Code, random),
            random.OneIn(2) ? [] : script.TypeArguments,
            [.. script.Arguments.Select(argument => random.OneIn(2)
                ? argument with { Value = Mutator.Mutate(argument.Value, argument.Value, random) } : argument)]),
        _ => payload,
    };

    private static readonly string[] Modules = ["coin", "stake", "governance", "account", "code", "versions", "genesis", "block",
        "reconfiguration", "consensus_config"];

    private static readonly string[] Functions = ["transfer", "vote", "propose", "join", "bond", "unbond", "publish", "initialize",
        "begin", "resolve", "cancel"];
}
