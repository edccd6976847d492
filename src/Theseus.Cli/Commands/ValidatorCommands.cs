using System.CommandLine;
using System.Text;
using Theseus.Client;
using Theseus.Protocol;

namespace Theseus.Cli.Commands;

/// <summary>theseus txs validator join | bond | unbond | withdraw</summary>
public static class ValidatorCommands
{
    /// <summary>What a consensus key signs to prove that its owner is this validator (stake.move, possession_message).</summary>
    private static readonly byte[] PossessionDomain = Encoding.ASCII.GetBytes("THESEUS::ConsensusKey");

    public static Command Validator() => new("validator", "Become a validator, or stop being one") { Join(), Amount("bond", "Add to the bond\n\nExample: theseus txs validator bond --amount 50 --from n1"), Amount("unbond", "Take coins out of the bond; they are paid out after the unbonding time\n\nExample: theseus txs validator unbond --amount 50 --from n1"), Withdraw() };

    /// <summary>The proof of possession of a consensus key.</summary>
    public static byte[] Proof(ReadOnlySpan<byte> consensusSeed, Address validator) => Ed25519.Sign(consensusSeed, [.. PossessionDomain, .. validator.ToArray()]);

    private static Command Join()
    {
        Option<string> key = new("--consensus-key") { Description = "File with 64 hexadecimal digits of seed, e.g. the node's node.key", Required = true };
        Option<string> amount = new("--amount") { Description = "First bond in whole coins", Required = true };
        Command command = new("join", "Open a stake pool with a consensus key and a first bond; serves from the next epoch on\n\nExample: theseus txs validator join --consensus-key node5/node.key --amount 1000 --from carol") { key, amount };
        return Build(command, (parsed, sender) =>
        {
            byte[] seed = Seed(parsed.GetValue(key)!);
            byte[] publicKey = Ed25519.PublicKey(seed);
            return Submission.Call(
                "stake", "join", new BcsWriter().Bytes(publicKey).ToArray(), new BcsWriter().Bytes(Proof(seed, sender.Address)).ToArray(), U64(Amounts.Parse(parsed.GetValue(amount)!)));
        });
    }

    private static Command Amount(string name, string description)
    {
        Option<string> amount = new("--amount") { Description = "Whole coins", Required = true };
        Command command = new(name, description) { amount };
        return Build(command, (parsed, _) => Submission.Call("stake", name, U64(Amounts.Parse(parsed.GetValue(amount)!))));
    }

    private static Command Withdraw() => Build(new Command("withdraw", "Get paid what has finished unbonding\n\nExample: theseus txs validator withdraw --from n1"), (_, _) => Submission.Call("stake", "withdraw"));

    private static Command Build(Command command, Func<ParseResult, WalletAccount, TransactionPayload> payload)
    {
        Submission submission = new();
        submission.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using TheseusClient client = submission.Connect(parsed);
            WalletAccount sender = submission.Signer(parsed);
            TransactionPayload call = payload(parsed, sender);
            if (submission.DryRun(parsed))
            {
                (SimulateInfo outcome, string? explanation) = await Submission.SimulateAsync(client, sender, call, Sender.MaximumGas, cancellation);
                return submission.Report(parsed, outcome, explanation);
            }

            Sent sent = await Submission.SendAsync(client, sender, call, Sender.MaximumGas, submission.Force(parsed), cancellation);
            return submission.Report(parsed, sent, sent.Success ? await PoolAsync(client, sender.Address, cancellation) : []);
        });
        return command;
    }

    private static async Task<IReadOnlyList<(string, string)>> PoolAsync(TheseusClient client, Address validator, CancellationToken cancellation)
    {
        IReadOnlyList<TypedValue> pool = (await client.ViewAsync("0x1::stake::pool", null, [validator.ToLongString()], null, cancellation)).Values;
        return [("validator", validator.ToLongString()), ("bonded", Amounts.Format(ulong.Parse(pool[0].Text))), ("unbonding", Amounts.Format(ulong.Parse(pool[1].Text))), ("releaseEpoch", pool[2].Text)];
    }

    private static byte[] Seed(string file)
    {
        try
        {
            string text = File.ReadAllText(file).Trim();
            return text.Length == 64 && text.All(char.IsAsciiHexDigit) ? Convert.FromHexString(text) : throw new CommandFailure($"{file} is no key file: it should hold 64 hexadecimal digits", ExitCode.Configuration);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure($"cannot read {file}: {e.Message}", ExitCode.Usage);
        }
    }

    private static byte[] U64(ulong value) => new BcsWriter(8).U64(value).ToArray();
}
