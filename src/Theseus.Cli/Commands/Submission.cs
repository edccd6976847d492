using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using Theseus.Client;
using Theseus.Protocol;

namespace Theseus.Cli.Commands;

/// <summary>A transaction that was sent and what became of it, or that was not sent because it would have failed.</summary>
/// <param name="Sender">Who signed it.</param>
/// <param name="Receipt">Null when it was not sent.</param>
/// <param name="Explanation">Why it failed, or would have, in words; null when it succeeded.</param>
public sealed record Sent(WalletAccount Sender, ReceiptInfo? Receipt, string? Explanation)
{
    [MemberNotNullWhen(true, nameof(Receipt))]
    public bool Success => Receipt is not null && Explanation is null;

    public string Refusal => Receipt is null ? Explanation + ". Nothing was sent" : Explanation!;
}

/// <summary>Options and steps that all commands share which send a transaction of the ceremony.</summary>
public sealed class Submission
{
    private readonly Option<string?> _from = new("--from") { Description = "Sender: a localnet account or a key file; else the first account of the localnet" };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Simulate; send nothing" };
    private readonly Option<bool> _force = new("--force") { Description = "Send even what is known to fail: it costs its fee" };
    private readonly Option<string?> _url = Shared.Url();
    private readonly Option<string?> _dir = Shared.Dir();
    private readonly Option<bool> _json = Shared.Json();

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_from, _dryRun, _force, _url, _dir, _json])
        {
            command.Options.Add(option);
        }
    }

    public bool Json(ParseResult parsed) => parsed.GetValue(_json);

    public bool DryRun(ParseResult parsed) => parsed.GetValue(_dryRun);

    public bool Force(ParseResult parsed) => parsed.GetValue(_force);

    public string? From(ParseResult parsed) => parsed.GetValue(_from);

    public string? Folder(ParseResult parsed) => parsed.GetValue(_dir);

    public TheseusClient Connect(ParseResult parsed) => Shared.Connect(parsed.GetValue(_url), parsed.GetValue(_dir));

    public Wallet Wallet(ParseResult parsed) => Commands.Wallet.Of(parsed.GetValue(_dir));

    /// <summary>The account that --from names.</summary>
    public WalletAccount Signer(ParseResult parsed)
    {
        if (parsed.GetValue(_from) is string named)
        {
            return Wallet(parsed).Signer(named);
        }

        Localnet.LocalnetFile? localnet = Localnet.LocalnetLayout.Of(parsed.GetValue(_dir)).TryRead();
        return localnet is { Accounts.Count: > 0 } ? Wallet(parsed).Signer(localnet.Accounts[0].Name) : throw new CommandFailure("say who sends: --from NAME or --from FILE", ExitCode.Usage);
    }

    /// <summary>A call of an entry function at 0x1.</summary>
    public static TransactionPayload Call(string module, string function, params IReadOnlyList<byte[]> arguments) =>
        new TransactionPayload.EntryFunction(new ModuleId(Address.One, module), function, [], arguments);

    /// <summary>Sends and waits. What would fail now is not sent unless <paramref name="force"/> says so. A transaction that fails is an answer, not an exception.</summary>
    public static async Task<Sent> SendAsync(TheseusClient client, WalletAccount sender, TransactionPayload payload, ulong maximumGas, bool force, CancellationToken cancellation)
    {
        Sender sending = new(client);
        SignedTransaction transaction = await sending.SignAsync(sender, payload, maximumGas, cancellation);
        if (!force && await client.SimulateAsync(transaction.Bytes, cancellation) is { Success: false } failing)
        {
            return new Sent(sender, null, await Outcomes.ExplainAsync(client, failing, cancellation));
        }

        ReceiptInfo receipt = await sending.SendAsync(transaction, cancellation);
        return new Sent(sender, receipt, receipt.Success == true ? null : await Outcomes.ExplainAsync(client, receipt, cancellation));
    }

    /// <summary>What would become of it.</summary>
    public static async Task<(SimulateInfo Outcome, string? Explanation)> SimulateAsync(TheseusClient client, WalletAccount sender, TransactionPayload payload, ulong maximumGas, CancellationToken cancellation)
    {
        SignedTransaction transaction = await new Sender(client).SignAsync(sender, payload, maximumGas, cancellation);
        SimulateInfo outcome = await client.SimulateAsync(transaction.Bytes, cancellation);
        return (outcome, outcome.Success ? null : await Outcomes.ExplainAsync(client, outcome, cancellation));
    }

    /// <summary>Prints a simulation as the end of a --dry-run.</summary>
    public int Report(ParseResult parsed, SimulateInfo outcome, string? explanation)
    {
        if (Json(parsed))
        {
            Terminal.Json(new { dryRun = true, outcome.Success, status = outcome.VmStatus, explanation, outcome.GasUsed, outcome.Fee });
        }
        else
        {
            Terminal.Fields(("would", explanation ?? "succeed"), ("gas", outcome.GasUsed.ToString()), ("fee", Amounts.Format(UInt128.Parse(outcome.Fee))));
        }

        return outcome.Success ? ExitCode.Clean : ExitCode.Failure;
    }

    /// <summary>Prints a receipt with further facts; a failure goes to stderr in words.</summary>
    public int Report(ParseResult parsed, Sent sent, IReadOnlyList<(string Name, string Value)> facts)
    {
        ReceiptInfo? receipt = sent.Receipt;
        if (Json(parsed))
        {
            SortedDictionary<string, object?> document = new(StringComparer.Ordinal)
            {
                ["sent"] = receipt is not null, ["hash"] = receipt?.Hash, ["success"] = sent.Success, ["status"] = receipt?.VmStatus, ["explanation"] = sent.Explanation,
                ["height"] = receipt?.Height, ["gasUsed"] = receipt?.GasUsed, ["fee"] = receipt?.Fee, ["sender"] = sent.Sender.Address.ToLongString(),
            };
            foreach ((string name, string value) in facts)
            {
                document[name] = value;
            }

            Terminal.Json(document);
        }
        else if (sent.Success)
        {
            Terminal.Fields([.. facts.Select(fact => (Words(fact.Name), fact.Value)), ("hash", sent.Receipt.Hash), ("block", sent.Receipt.Height.ToString()!), ("fee", $"{Amounts.Format(UInt128.Parse(sent.Receipt.Fee!))} ({sent.Receipt.GasUsed} gas)")]);
        }
        else if (receipt is not null)
        {
            Terminal.Fields(("hash", receipt.Hash), ("block", receipt.Height?.ToString() ?? "–"), ("status", receipt.VmStatus ?? receipt.Status));
        }

        if (!sent.Success)
        {
            Terminal.Say("theseus: " + sent.Refusal);
        }

        return sent.Success ? ExitCode.Clean : ExitCode.Failure;
    }

    /// <summary>"proposalId" is "proposal id" for people.</summary>
    private static string Words(string name) => string.Concat(name.Select(letter => char.IsAsciiLetterUpper(letter) ? " " + char.ToLowerInvariant(letter) : letter.ToString()));
}
