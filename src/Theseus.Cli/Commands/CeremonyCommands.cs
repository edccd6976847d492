using System.CommandLine;
using Theseus.Cli.Framework;
using Theseus.Client;
using Theseus.Protocol;

namespace Theseus.Cli.Commands;

/// <summary>theseus txs upgrade propose, txs vote | cancel | veto</summary>
internal static class CeremonyCommands
{
    private const string ProposedEvent = "0x1::governance::Proposed";

    /// <summary>Of a metadata URL (governance.move).</summary>
    private const int MaximumUrlBytes = 512;

    /// <summary>theseus txs upgrade …</summary>
    public static Command Upgrade() => new(
        "upgrade", "Propose an upgrade\n\nExample: theseus txs upgrade propose --script-dir up --from alice") { Propose() };

    /// <summary>theseus txs upgrade propose.</summary>
    public static Command Propose()
    {
        Option<string> scripts = CommonOptions.ScriptFolder();
        Option<string?> metadata = new("--metadata-url") { Description = "Where voters can read about it" };
        Submission submission = new();
        Command command = new(
            "propose",
            "Put a script to the vote; the deposit comes back when the proposal has ended\n\nExamples:\n"
            + "  theseus txs upgrade propose --script-dir up --from alice\n"
            + "  theseus txs upgrade propose --script-dir up --metadata-url https://example.org/up --from alice") { scripts, metadata };
        submission.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            (_, Hash32 hash) = ScriptPackage.ReadScript(parsed.GetValue(scripts)!);
            string url = Url(parsed.GetValue(metadata));
            WalletAccount sender = submission.Signer(parsed);
            using TheseusClient client = submission.Connect(parsed);
            TransactionPayload payload = Submission.Call("governance", "propose", new BcsWriter().Bytes(hash.ToArray()).ToArray(),
                new BcsWriter().Text(url).ToArray());
            if (submission.DryRun(parsed))
            {
                return await submission.RehearseAsync(parsed, client, sender, payload, cancellation);
            }

            Electorate electorate = await Electorate.ReadAsync(client, cancellation);
            Sent sent = await Submission.SendAsync(client, sender, payload, submission.Gas(parsed), submission.Force(parsed), cancellation);
            if (!sent.Success)
            {
                return submission.Report(parsed, sent, []);
            }

            ulong id = ProposalOf(sent.Receipt) ?? throw new CommandFailure($"the receipt of {sent.Receipt.Hash} holds no {ProposedEvent}");
            ProposalInfo proposal = await client.GetProposalAsync(id, null, cancellation);
            int code = submission.Report(
                parsed, sent,
                [("proposalId", id.ToString()), ("scriptHash", hash.ToString()), ("needs", electorate.Needs), ("votingEnds",
                    proposal.VotingEnds.ToString())]);
            Terminal.Say($"proposal {id} needs {electorate.Needs}; next: theseus txs vote --proposal-id {id} --from NAME");
            return code;
        });
        return command;
    }

    private static string Url(string? given)
    {
        string url = given ?? "";
        return url.Length > 0 && !(Uri.TryCreate(url, UriKind.Absolute, out Uri? read) && read.Scheme is ("http" or "https" or "ipfs"))
            ? throw new CommandFailure($"--metadata-url takes an address such as https://example.org/up, not '{url}'", ExitCode.Usage)
            : System.Text.Encoding.UTF8.GetByteCount(url) > MaximumUrlBytes
            ? throw new CommandFailure($"--metadata-url takes at most {MaximumUrlBytes} bytes", ExitCode.Usage)
            : url;
    }

    /// <summary>The id in the event that a proposal leaves: never guessed beforehand, another proposer may be faster.</summary>
    public static ulong? ProposalOf(ReceiptInfo receipt)
    {
        foreach (EventInfo item in receipt.Events ?? [])
        {
            if (item.Type == ProposedEvent)
            {
                return new BcsReader(Convert.FromHexString(item.Data[2..])).U64();
            }
        }

        return null;
    }

    /// <summary>theseus txs vote.</summary>
    public static Command Vote()
    {
        Option<ulong> id = ProposalId();
        Option<bool> against = new("--should-fail") { Description = "Vote no" };
        Option<bool> all = new("--all") { Description = "With every validator's key of a localnet, until the vote is decided" };
        Option<string?> scripts = Ballot.Folder();
        Submission submission = new(asValidator: true);
        Command command = new(
            "vote",
            "Vote on a proposal as a validator\n\nExamples:\n  theseus txs vote --proposal-id 1\n  theseus txs vote --proposal-id 1 "
                + "--from n2 --should-fail\n"
            + "  theseus txs vote --proposal-id 1 --all\n  theseus txs vote --proposal-id 1 --script-dir up") { id, against, all, scripts };
        submission.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (parsed.GetValue(scripts) is string folder)
            {
                using TheseusClient client = submission.Connect(parsed);
                ProposalInfo proposal = await client.GetProposalAsync(parsed.GetValue(id), null, cancellation);
                await Ballot.WarnAsync(client, proposal, folder, cancellation);
            }

            return await EachAsync(
                submission, parsed, parsed.GetValue(id), parsed.GetValue(all), "PENDING",
                Submission.Call("governance", "vote", U64(parsed.GetValue(id)), [parsed.GetValue(against) ? (byte)0 : (byte)1]),
                parsed.GetValue(against) ? "no" : "yes", cancellation);
        });
        return command;
    }

    /// <summary>theseus txs veto.</summary>
    public static Command Veto()
    {
        Option<ulong> id = ProposalId();
        Option<bool> all = new("--all") { Description = "With every validator's key of a localnet, until the veto holds" };
        Submission submission = new(asValidator: true);
        Command command = new(
            "veto",
            "Stop an approved proposal in its enactment delay; a third of the power does\n\nExample: theseus txs veto --proposal-id 1 "
                + "--from n1") { id, all };
        submission.AddTo(command);
        command.SetAction((parsed, cancellation) => EachAsync(
            submission, parsed, parsed.GetValue(id), parsed.GetValue(all), "QUEUED", Submission.Call("governance", "veto", U64(
                parsed.GetValue(id))),
            "veto", cancellation));
        return command;
    }

    /// <summary>theseus txs cancel.</summary>
    public static Command Cancel()
    {
        Option<ulong> id = ProposalId();
        Submission submission = new();
        Command command = new("cancel",
            "Take back one's own proposal while it is pending\n\nExample: theseus txs cancel --proposal-id 1 --from alice") { id };
        submission.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            using TheseusClient client = submission.Connect(parsed);
            WalletAccount sender = submission.Signer(parsed);
            TransactionPayload payload = Submission.Call("governance", "cancel", U64(parsed.GetValue(id)));
            if (submission.DryRun(parsed))
            {
                return await submission.RehearseAsync(parsed, client, sender, payload, cancellation);
            }

            Sent sent = await Submission.SendAsync(client, sender, payload, submission.Gas(parsed), submission.Force(parsed), cancellation);
            (string, string) proposal = ("proposalId", parsed.GetValue(id).ToString());
            return submission.Report(parsed, sent, sent.Success ? [proposal, ("state", "CANCELLED")] : [proposal]);
        });
        return command;
    }

    private static Option<ulong> ProposalId() => Inputs.Required("--proposal-id", "Number of the proposal", 1);

    private static byte[] U64(ulong value) => new BcsWriter(8).U64(value).ToArray();

    /// <summary>One ballot, or those of all validators of a localnet as long as the proposal's state asks for them.</summary>
    private static async Task<int> EachAsync(
        Submission submission, ParseResult parsed, ulong id, bool all, string open, TransactionPayload payload, string choice,
            CancellationToken cancellation)
    {
        if (all && submission.From(parsed) is not null)
        {
            throw new CommandFailure("--all and --from do not go together: one names everybody, the other one voter", ExitCode.Usage);
        }

        WalletAccount? single = all ? null : submission.Signer(parsed);
        using TheseusClient client = submission.Connect(parsed);
        List<WalletAccount> voters = single is null ? await LocalValidatorsAsync(submission, parsed, client, cancellation) : [single];
        if (submission.DryRun(parsed))
        {
            return await submission.RehearseAsync(parsed, client, voters[0], payload, cancellation);
        }

        if (!all)
        {
            Sent sent = await Submission.SendAsync(client, voters[0], payload, submission.Gas(parsed), submission.Force(parsed),
                cancellation);
            (string, string) voter = ("voter", voters[0].Name); // who votes by default is said, not guessed
            return submission.Report(parsed, sent, sent.Success
                ? [voter, .. await TallyAsync(client, id, choice, cancellation)]
                : [voter, ("proposalId", id.ToString())]);
        }

        return await AllAsync(submission, parsed, client, id, open, payload, choice, voters, cancellation);
    }

    private static async Task<int> AllAsync(
        Submission submission, ParseResult parsed, TheseusClient client, ulong id, string open, TransactionPayload payload, string choice,
        IReadOnlyList<WalletAccount> voters, CancellationToken cancellation)
    {
        List<Sent> ballots = [];
        foreach (WalletAccount voter in voters)
        {
            ProposalInfo now = await client.GetProposalAsync(id, null, cancellation);
            if (now.Status != open)
            {
                break; // decided: further ballots would only be refused
            }

            if (choice != "veto" && now.Votes.Any(vote => vote.Voter == voter.Address.ToLongString() && vote.Approve == (choice == "yes")))
            {
                Terminal.Say($"{voter.Name} has voted {choice} already");
                continue;
            }

            Sent ballot = await Submission.SendAsync(client, voter, payload, submission.Gas(parsed), submission.Force(parsed),
                cancellation);
            Terminal.Say($"{voter.Name}: {(ballot.Success ? choice : ballot.Refusal)}");
            ballots.Add(ballot);
        }

        ProposalInfo proposal = await client.GetProposalAsync(id, null, cancellation);
        if (submission.Json(parsed))
        {
            Terminal.Json(new
            {
                proposal,
                ballots = ballots.Select(ballot => new { voter = ballot.Sender.Name, ballot.Receipt?.Hash, ballot.Success,
                    ballot.Explanation }),
            });
        }
        else
        {
            Terminal.Fields([.. Tally(proposal, choice)]);
        }

        if (ballots.Count == 0 && proposal.Status != open)
        {
            Terminal.Say($"theseus: proposal {id} is {proposal.Status}: nothing was sent");
            return ExitCode.Failure;
        }

        return ballots.All(ballot => ballot.Success) ? ExitCode.Clean : ExitCode.Failure;
    }

    private static async Task<List<WalletAccount>> LocalValidatorsAsync(
        Submission submission, ParseResult parsed, TheseusClient client, CancellationToken cancellation)
    {
        Localnet.LocalnetFile localnet = Localnet.LocalnetLayout.Of(submission.Folder(parsed)).TryRead()
            ?? throw new CommandFailure("--all votes with a localnet's public keys, and there is no localnet here", ExitCode.Usage);
        HashSet<string> inForce = [.. (await Electorate.ReadAsync(client, cancellation)).Validators.Select(validator => validator.Address)];
        Wallet wallet = new(localnet);
        List<WalletAccount> voters =
        [
            .. localnet.Accounts.Where(account => inForce.Contains(account.Address)).Select(account => wallet.Signer(account.Name)),
        ];
        return voters.Count > 0 ? voters : throw new CommandFailure("none of the localnet's accounts is a validator in force");
    }

    private static async Task<IReadOnlyList<(string, string)>> TallyAsync(TheseusClient client, ulong id, string choice,
        CancellationToken cancellation) =>
        Tally(await client.GetProposalAsync(id, null, cancellation), choice);

    private static IReadOnlyList<(string, string)> Tally(ProposalInfo proposal, string choice) =>
    [
        ("proposalId", proposal.Id.ToString()), ("choice", choice), ("state", proposal.Status), ("yes", proposal.Yes), ("no", proposal.No),
        ("needed", $"{Electorate.NeededOf(proposal)} of {proposal.Total}"),
    ];
}
