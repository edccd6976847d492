using System.CommandLine;
using System.Text;
using Theseus.Client;
using Theseus.Protocol;

namespace Theseus.Cli.Commands;

/// <summary>theseus txs validator join | bond | unbond | withdraw</summary>
internal static class ValidatorCommands
{
    /// <summary>What a consensus key signs to prove that its owner is this validator (stake.move, possession_message).</summary>
    private static readonly byte[] PossessionDomain = Encoding.ASCII.GetBytes("THESEUS::ConsensusKey");

    /// <summary>theseus txs validator and its commands.</summary>
    public static Command Validator() => new(
        "validator", "Become a validator, or stop being one\n\nExample: theseus txs validator bond --amount 50 --from n1")
    {
        Join(),
        Amount("bond", "Add to the bond\n\nExample: theseus txs validator bond --amount 50 --from n1"),
        Amount("unbond",
            "Take coins out of the bond; they are paid out after the unbonding time\n\nExample: theseus txs validator unbond --amount 50 "
                + "--from n1"),
        Withdraw(),
    };

    /// <summary>The proof of possession of a consensus key.</summary>
    public static byte[] Proof(ReadOnlySpan<byte> consensusSeed, Address validator) => Ed25519.Sign(consensusSeed, [.. PossessionDomain,
        .. validator.ToArray()]);

    private static Command Join()
    {
        Option<string> key = new("--consensus-key") { Description = "File with 64 hexadecimal digits of seed, e.g. the node's node.key",
            Required = true };
        Option<string> amount = new("--amount") { Description = "First bond in whole coins", Required = true };
        Command command = new(
            "join",
            "Open a stake pool with a consensus key and a first bond; serves from the next epoch on\n\n"
            + "Example: theseus txs validator join --consensus-key node5/node.key --amount 1000 --from carol") { key, amount };
        return Build(command, (parsed, sender) =>
        {
            byte[] seed = KeyFile.ReadSeed("--consensus-key", parsed.GetValue(key)!);
            byte[] publicKey = Ed25519.PublicKey(seed);
            byte[] proof = new BcsWriter().Bytes(Proof(seed, sender.Address)).ToArray();
            return Submission.Call("stake", "join", new BcsWriter().Bytes(publicKey).ToArray(), proof, U64(Amounts.Parse(parsed.GetValue(
                amount)!)));
        });
    }

    private static Command Amount(string name, string description)
    {
        Option<string> amount = new("--amount") { Description = "Whole coins", Required = true };
        Command command = new(name, description) { amount };
        return Build(command, (parsed, _) => Submission.Call("stake", name, U64(Amounts.Parse(parsed.GetValue(amount)!))));
    }

    private static Command Withdraw() => Build(
        new Command("withdraw", "Get paid what has finished unbonding\n\nExample: theseus txs validator withdraw --from n1"),
        (_, _) => Submission.Call("stake", "withdraw"));

    private static Command Build(Command command, Func<ParseResult, WalletAccount, TransactionPayload> payload)
    {
        Submission submission = new(asValidator: command.Name != "join");
        submission.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            WalletAccount sender = submission.Signer(parsed);
            using TheseusClient client = submission.Connect(parsed);
            TransactionPayload call = payload(parsed, sender);
            if (submission.DryRun(parsed))
            {
                return await submission.RehearseAsync(parsed, client, sender, call, cancellation);
            }

            Sent sent = await Submission.SendAsync(client, sender, call, submission.Gas(parsed), submission.Force(parsed), cancellation);
            return submission.Report(parsed, sent, sent.Success ? await PoolAsync(client, sender.Address, cancellation) : []);
        });
        return command;
    }

    private static async Task<IReadOnlyList<(string, string)>> PoolAsync(TheseusClient client, Address validator,
        CancellationToken cancellation)
    {
        // a withdrawal of the last coins closes the pool
        TypedValue stands = (await client.ViewAsync("0x1::stake::has_pool", null, [validator.ToLongString()], null,
            cancellation)).Values[0];
        if (stands.Text == "false")
        {
            return [("validator", validator.ToLongString()), ("pool", "closed")];
        }

        IReadOnlyList<TypedValue> pool = (await client.ViewAsync("0x1::stake::pool", null, [validator.ToLongString()], null,
            cancellation)).Values;
        return
        [
            ("validator", validator.ToLongString()), ("bonded", Amounts.Format(ulong.Parse(pool[0].Text))),
            ("unbonding", Amounts.Format(ulong.Parse(pool[1].Text))), ("releaseEpoch", pool[2].Text),
        ];
    }

    private static byte[] U64(ulong value) => new BcsWriter(8).U64(value).ToArray();
}
