using System.CommandLine;
using Theseus.Client;
using Theseus.Protocol;

namespace Theseus.Cli.Commands;

/// <summary>theseus txs transfer | fund</summary>
public static class TransferCommands
{
    private static readonly ModuleId Coin = new(Address.One, "coin");
    private static readonly TypeTag TheseusCoin = TypeTag.Of(new StructTag(Address.One, "theseus_coin", "TheseusCoin", []));

    public static Command Transfer()
    {
        Option<string> from = new("--from") { Description = "Sender: a localnet account or a key file", Required = true };
        return Build("transfer", "Send coins and wait for the receipt\n\nExample: theseus txs transfer --from alice --to bob --amount 5", from);
    }

    public static Command Fund() => Build("fund", "Send coins from the localnet's faucet\n\nExample: theseus txs fund --to 0xa11ce --amount 100", null);

    /// <summary>The payload of a transfer of the chain's coin.</summary>
    public static TransactionPayload Payload(Address to, ulong amount) => new TransactionPayload.EntryFunction(
        Coin, "transfer", [TheseusCoin], [to.ToArray(), new BcsWriter(8).U64(amount).ToArray()]);

    private static Command Build(string name, string description, Option<string>? from)
    {
        Option<string> to = new("--to") { Description = "Receiver: a localnet account or an address", Required = true };
        Option<string> amount = new("--amount") { Description = "Whole coins, up to 8 decimals", Required = true };
        Option<bool> noWait = new("--no-wait") { Description = "Do not wait for the receipt" };
        Option<bool> dryRun = new("--dry-run") { Description = "Simulate; send nothing" };
        Option<bool> force = new("--force") { Description = "Send even what is known to fail: it costs its fee" };
        Option<string?> url = Shared.Url();
        Option<string?> dir = Shared.Dir();
        Option<bool> json = Shared.Json();
        Command command = new(name, description) { to, amount, noWait, dryRun, force, url, dir, json };
        if (from is not null)
        {
            command.Options.Add(from);
        }

        command.SetAction(async (parsed, cancellation) =>
        {
            Wallet wallet = Wallet.Of(parsed.GetValue(dir));
            WalletAccount sender = wallet.Signer(from is null ? "faucet" : parsed.GetValue(from)!);
            Address receiver = wallet.Receiver(parsed.GetValue(to)!);
            ulong units = Amounts.Parse(parsed.GetValue(amount)!);
            using TheseusClient client = Shared.Connect(parsed.GetValue(url), parsed.GetValue(dir));
            Sender sending = new(client);
            SignedTransaction transaction = await sending.SignAsync(sender, Payload(receiver, units), Sender.MaximumGas, cancellation);
            SimulateInfo? simulated = parsed.GetValue(dryRun) || !parsed.GetValue(force) ? await client.SimulateAsync(transaction.Bytes, cancellation) : null;
            string? failure = simulated is { Success: false } ? await Outcomes.ExplainAsync(client, simulated, cancellation) : null;
            if (simulated is not null && parsed.GetValue(dryRun))
            {
                Report(parsed.GetValue(json), simulated, [("would", failure ?? "succeed"), ("gas", simulated.GasUsed.ToString()), ("fee", Amounts.Format(UInt128.Parse(simulated.Fee)))]);
                return simulated.Success ? ExitCode.Clean : ExitCode.Failure;
            }

            if (failure is not null)
            {
                if (parsed.GetValue(json))
                {
                    Terminal.Json(new { sent = false, success = false, status = simulated!.VmStatus, explanation = failure });
                }

                Terminal.Say($"theseus: {failure}. Nothing was sent");
                return ExitCode.Failure;
            }

            if (parsed.GetValue(noWait))
            {
                SubmitInfo sent = await client.SubmitAsync(transaction.Bytes, cancellation);
                Report(parsed.GetValue(json), sent, [("hash", sent.Hash), ("status", sent.Status)]);
                return ExitCode.Clean;
            }

            ReceiptInfo receipt = await sending.SendAsync(transaction, cancellation);
            if (parsed.GetValue(json))
            {
                Terminal.Json(receipt);
            }
            else
            {
                Terminal.Fields(
                    ("hash", receipt.Hash),
                    ("status", receipt.VmStatus!),
                    ("block", receipt.Height.ToString()!),
                    ("fee", $"{Amounts.Format(UInt128.Parse(receipt.Fee!))} ({receipt.GasUsed} gas)"),
                    (sender.Name, await BalanceAsync(client, sender.Address, cancellation)),
                    (wallet.NameOf(receiver.ToLongString()), await BalanceAsync(client, receiver, cancellation)));
            }

            if (receipt.Success != true)
            {
                Terminal.Say("theseus: " + await Outcomes.ExplainAsync(client, receipt, cancellation));
            }

            return receipt.Success == true ? ExitCode.Clean : ExitCode.Failure;
        });
        return command;
    }

    private static async Task<string> BalanceAsync(TheseusClient client, Address address, CancellationToken cancellation)
    {
        ViewInfo balance = await client.ViewAsync("0x1::theseus_coin::balance", null, [address.ToLongString()], null, cancellation);
        return Amounts.Format(ulong.Parse(balance.Values[0].Text));
    }

    private static void Report<T>(bool json, T value, IReadOnlyList<(string, string)> fields)
    {
        if (json)
        {
            Terminal.Json(value);
        }
        else
        {
            Terminal.Fields(fields);
        }
    }
}
