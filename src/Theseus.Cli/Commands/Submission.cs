using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using Theseus.Client;
using Theseus.Protocol;

namespace Theseus.Cli.Commands;

/// <summary>A transaction that was sent and what became of it, or that was not sent because it would have failed.</summary>
/// <param name="Sender">Who signed it.</param>
/// <param name="Receipt">Null when it was not sent.</param>
/// <param name="Explanation">Why it failed, or would have, in words; null when it succeeded.</param>
internal sealed record Sent(WalletAccount Sender, ReceiptInfo? Receipt, string? Explanation)
{
    [MemberNotNullWhen(true, nameof(Receipt))]
    public bool Success => Receipt is not null && Explanation is null;

    public string Refusal => Receipt is null ? Explanation + ". Nothing was sent" : Explanation!;
}

/// <summary>Options and steps of every command that sends a transaction of the ceremony or of a validator.</summary>
internal sealed class Submission
{
    private readonly Option<string?> _from;
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Simulate; send nothing" };
    private readonly Option<bool> _force = new("--force") { Description = "Send even what is known to fail: it costs its fee" };
    private readonly GasOptions _gas = new();
    private readonly Option<string?> _url = CommonOptions.Url();
    private readonly Option<string?> _dir = CommonOptions.Dir();
    private readonly Option<bool> _json = CommonOptions.Json();
    private readonly bool _asValidator;

    /// <param name="asValidator">Whether the sender is a validator: without --from it is the first one of the localnet, else its first
    /// account.</param>
    public Submission(bool asValidator = false)
    {
        _asValidator = asValidator;
        _from = new("--from")
        {
            Description = $"Sender: a localnet account or a key file. Default: the localnet's first "
                + $"{(asValidator ? "validator" : "account")}",
        };
    }

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_from);
        command.Options.Add(_dryRun);
        command.Options.Add(_force);
        _gas.AddTo(command);
        command.Options.Add(_url);
        command.Options.Add(_dir);
        command.Options.Add(_json);
    }

    /// <summary>--json.</summary>
    public bool Json(ParseResult parsed) => parsed.GetValue(_json);

    /// <summary>--dry-run.</summary>
    public bool DryRun(ParseResult parsed) => parsed.GetValue(_dryRun);

    /// <summary>--force.</summary>
    public bool Force(ParseResult parsed) => parsed.GetValue(_force);

    /// <summary>--from.</summary>
    public string? From(ParseResult parsed) => parsed.GetValue(_from);

    /// <summary>--dir.</summary>
    public string? Folder(ParseResult parsed) => parsed.GetValue(_dir);

    /// <summary>--gas-price and --max-gas.</summary>
    public GasOffer Gas(ParseResult parsed) => _gas.Read(parsed);

    /// <summary>A client of the node that the options name.</summary>
    public TheseusClient Connect(ParseResult parsed) => NodeConnection.Open(parsed.GetValue(_url), parsed.GetValue(_dir));

    /// <summary>The localnet's accounts.</summary>
    public Wallet Wallet(ParseResult parsed) => Commands.Wallet.Of(parsed.GetValue(_dir));

    /// <summary>The account that --from names, or the usual one, which is said on stderr.</summary>
    /// <exception cref="CommandFailure">Nobody is named, and there is no localnet.</exception>
    public WalletAccount Signer(ParseResult parsed)
    {
        Wallet wallet = Wallet(parsed);
        if (parsed.GetValue(_from) is string named)
        {
            return wallet.Signer(named);
        }

        Localnet.LocalnetFile? localnet = Localnet.LocalnetLayout.Of(parsed.GetValue(_dir)).TryRead();
        string? usual = _asValidator
            ? localnet?.Nodes.FirstOrDefault(node => node.Role == "validator")?.Name
            : localnet?.Accounts.FirstOrDefault(account => !account.IsLoad)?.Name;
        if (usual is null)
        {
            throw new CommandFailure("say who sends: --from NAME or --from FILE", ExitCode.Usage);
        }

        Terminal.Say($"sending as {usual}, the localnet's first {(_asValidator ? "validator" : "account")}; --from names another");
        return wallet.Signer(usual);
    }

    /// <summary>A call of an entry function at 0x1.</summary>
    public static TransactionPayload Call(string module, string function, params IReadOnlyList<byte[]> arguments) =>
        new TransactionPayload.EntryFunction(new ModuleId(Address.One, module), function, [], arguments);

    /// <summary>
    /// Sends and waits. What would fail now is not sent unless <paramref name="force"/> says so. A transaction that fails is an answer, not
    /// an
    /// exception.
    /// </summary>
    public static async Task<Sent> SendAsync(
        TheseusClient client, WalletAccount sender, TransactionPayload payload, GasOffer offer, bool force, CancellationToken cancellation)
    {
        Sender sending = new(client);
        Prepared prepared = await sending.PrepareAsync(sender, payload, offer, approved: false, simulate: !force, cancellation);
        return await SendAsync(client, sender, prepared, force, cancellation);
    }

    /// <summary>The same for a transaction that is signed already.</summary>
    public static async Task<Sent> SendAsync(TheseusClient client, WalletAccount sender, Prepared prepared, bool force,
        CancellationToken cancellation)
    {
        if (!force && prepared.Simulated is { Success: false } failing)
        {
            return new Sent(sender, null, await Outcomes.ExplainAsync(client, failing, cancellation));
        }

        ReceiptInfo receipt = await new Sender(client).SendAsync(prepared.Transaction, cancellation);
        return new Sent(sender, receipt, receipt.Success == true ? null : await Outcomes.ExplainAsync(client, receipt, cancellation));
    }

    /// <summary>Simulates and prints what would happen: the whole of a --dry-run.</summary>
    public async Task<int> RehearseAsync(
        ParseResult parsed, TheseusClient client, WalletAccount sender, TransactionPayload payload, CancellationToken cancellation)
    {
        Prepared prepared = await new Sender(client).PrepareAsync(sender, payload, Gas(parsed), approved: false, simulate: true,
            cancellation);
        SimulateInfo outcome = prepared.Simulated!;
        return Report(parsed, outcome, outcome.Success ? null : await Outcomes.ExplainAsync(client, outcome, cancellation));
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
            Terminal.Fields(("would", explanation ?? "succeed"), ("gas", outcome.GasUsed.ToString()), ("fee", Amounts.Format(UInt128.Parse(
                outcome.Fee))));
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
                ["sent"] = receipt is not null, ["hash"] = receipt?.Hash, ["success"] = sent.Success, ["status"] = receipt?.VmStatus,
                ["explanation"] = sent.Explanation, ["height"] = receipt?.Height, ["gasUsed"] = receipt?.GasUsed, ["fee"] = receipt?.Fee,
                ["sender"] = sent.Sender.Address.ToLongString(),
            };
            foreach ((string name, string value) in facts)
            {
                document[name] = value;
            }

            Terminal.Json(document);
        }
        else if (sent.Success)
        {
            string fee = $"{Amounts.Format(UInt128.Parse(sent.Receipt.Fee!))} ({sent.Receipt.GasUsed} gas)";
            Terminal.Fields(
            [
                .. facts.Select(fact => (Words(fact.Name), fact.Value)), ("hash", sent.Receipt.Hash), ("block",
                    sent.Receipt.Height.ToString()!), ("fee", fee),
            ]);
        }
        else if (receipt is not null)
        {
            Terminal.Fields(("hash", receipt.Hash), ("block", receipt.Height?.ToString() ?? "–"), ("status",
                receipt.VmStatus ?? receipt.Status));
        }

        if (!sent.Success)
        {
            Terminal.Say("theseus: " + sent.Refusal);
        }

        return sent.Success ? ExitCode.Clean : ExitCode.Failure;
    }

    /// <summary>"proposalId" is "proposal id" for people.</summary>
    private static string Words(string name) =>
        string.Concat(name.Select(letter => char.IsAsciiLetterUpper(letter) ? " " + char.ToLowerInvariant(letter) : letter.ToString()));
}
