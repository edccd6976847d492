using System.CommandLine;
using Theseus.Client;
using Theseus.Protocol;

namespace Theseus.Cli.Commands;

/// <summary>theseus txs transfer | fund</summary>
internal static class TransferCommands
{
    private static readonly ModuleId Coin = new(Address.One, "coin");
    private static readonly TypeTag TheseusCoin = TypeTag.Of(new StructTag(Address.One, "theseus_coin", "TheseusCoin", []));

    public static Command Transfer()
    {
        Option<string> from = new("--from") { Description = "Sender: a localnet account or a key file", Required = true };
        return Build("transfer", "Send coins and wait for the receipt\n\nExample: theseus txs transfer --from alice --to bob --amount 5",
            from);
    }

    public static Command Fund() => Build("fund",
        "Send coins from the localnet's faucet\n\nExample: theseus txs fund --to 0xa11ce --amount 100", null);

    /// <summary>The payload of a transfer of the chain's coin.</summary>
    public static TransactionPayload Payload(Address to, ulong amount) => new TransactionPayload.EntryFunction(
        Coin, "transfer", [TheseusCoin], [to.ToArray(), new BcsWriter(8).U64(amount).ToArray()]);

    private static Command Build(string name, string description, Option<string>? from)
    {
        TransferOptions options = new(from);
        Command command = new(name, description);
        options.AddTo(command);
        command.SetAction((parsed, cancellation) => RunAsync(options, parsed, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(TransferOptions options, ParseResult parsed, CancellationToken cancellation)
    {
        string? dir = parsed.GetValue(options.Dir);
        bool json = parsed.GetValue(options.Json);
        Wallet wallet = Wallet.Of(dir);
        ulong units = Amounts.Parse(parsed.GetValue(options.Amount)!);
        Address receiver = wallet.Receiver(parsed.GetValue(options.To)!);
        WalletAccount sender = wallet.Signer(options.From is null ? "faucet" : parsed.GetValue(options.From)!);
        using TheseusClient client = NodeConnection.Open(parsed.GetValue(options.Url), dir);
        Sender sending = new(client);
        bool dryRun = parsed.GetValue(options.DryRun);
        Prepared prepared = await sending.PrepareAsync(
            sender, Payload(receiver, units), options.Gas.Read(parsed), approved: false, simulate: dryRun || !parsed.GetValue(
                options.Force), cancellation);
        SimulateInfo? simulated = prepared.Simulated;
        string? failure = simulated is { Success: false } ? await Outcomes.ExplainAsync(client, simulated, cancellation) : null;
        if (simulated is not null && dryRun)
        {
            string fee = Amounts.Format(UInt128.Parse(simulated.Fee));
            Report(json, simulated, [("would", failure ?? "succeed"), ("gas", simulated.GasUsed.ToString()), ("fee", fee)]);
            return simulated.Success ? ExitCode.Clean : ExitCode.Failure;
        }

        if (failure is not null)
        {
            if (json)
            {
                Terminal.Json(new { sent = false, success = false, status = simulated!.VmStatus, explanation = failure });
            }

            Terminal.Say($"theseus: {failure}. Nothing was sent");
            return ExitCode.Failure;
        }

        if (parsed.GetValue(options.NoWait))
        {
            SubmitInfo sent = await client.SubmitAsync(prepared.Transaction.Bytes, cancellation);
            Report(json, sent, [("hash", sent.Hash), ("status", sent.Status)]);
            return ExitCode.Clean;
        }

        return await FinishAsync(client, wallet, sender, receiver, await sending.SendAsync(prepared.Transaction, cancellation), json,
            cancellation);
    }

    private static async Task<int> FinishAsync(
        TheseusClient client, Wallet wallet, WalletAccount sender, Address receiver, ReceiptInfo receipt, bool json,
            CancellationToken cancellation)
    {
        if (json)
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
                ($"{sender.Name} has", await BalanceAsync(client, sender.Address, cancellation)),
                ($"{wallet.NameOf(receiver.ToLongString())} has", await BalanceAsync(client, receiver, cancellation)));
        }

        if (receipt.Success != true)
        {
            Terminal.Say("theseus: " + await Outcomes.ExplainAsync(client, receipt, cancellation));
        }

        return receipt.Success == true ? ExitCode.Clean : ExitCode.Failure;
    }

    private sealed class TransferOptions(Option<string>? from)
    {
        public Option<string>? From { get; } = from;

        public Option<string> To { get; } = new("--to") { Description = "Receiver: a localnet account, or an address that begins with 0x",
            Required = true };

        public Option<string> Amount { get; } = new("--amount") { Description = $"Whole coins, up to {Amounts.Decimals} decimals",
            Required = true };

        public Option<bool> NoWait { get; } = new("--no-wait") { Description = "Do not wait for the receipt" };

        public Option<bool> DryRun { get; } = new("--dry-run") { Description = "Simulate; send nothing" };

        public Option<bool> Force { get; } = new("--force") { Description = "Send even what is known to fail: it costs its fee" };

        public GasOptions Gas { get; } = new();

        public Option<string?> Url { get; } = CommonOptions.Url();

        public Option<string?> Dir { get; } = CommonOptions.Dir();

        public Option<bool> Json { get; } = CommonOptions.Json();

        public void AddTo(Command command)
        {
            if (From is not null)
            {
                command.Options.Add(From);
            }

            foreach (Option option in (Option[])[To, Amount, NoWait, DryRun, Force])
            {
                command.Options.Add(option);
            }

            Gas.AddTo(command);
            command.Options.Add(Url);
            command.Options.Add(Dir);
            command.Options.Add(Json);
        }
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
