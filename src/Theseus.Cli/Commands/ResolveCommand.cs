using System.CommandLine;
using Theseus.Cli.Framework;
using Theseus.Client;
using Theseus.Protocol;

namespace Theseus.Cli.Commands;

/// <summary>theseus txs resolve: sends the approved script. Anybody may.</summary>
internal static class ResolveCommand
{
    /// <summary>Five seconds: twenty blocks of a localnet.</summary>
    private const int RecordPolls = 25;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    /// <summary>The command.</summary>
    public static Command Resolve()
    {
        Option<string> scripts = CommonOptions.ScriptFolder();
        Option<bool> wait = new("--wait") { Description = "Wait for the end of the enactment delay" };
        Submission submission = new();
        Command command = new("resolve", "Run an approved script\n\nExample: theseus txs resolve --script-dir up --from bob") { scripts,
            wait };
        submission.AddTo(command);
        command.SetAction((parsed, cancellation) => RunAsync(submission, parsed, parsed.GetValue(scripts)!, parsed.GetValue(wait),
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(Submission submission, ParseResult parsed, string folder, bool wait,
        CancellationToken cancellation)
    {
        (byte[] script, Hash32 hash) = ScriptPackage.ReadScript(folder);
        WalletAccount sender = submission.Signer(parsed);
        using TheseusClient client = submission.Connect(parsed);
        bool forced = submission.Force(parsed);
        ProposalInfo? proposal = await FindAsync(client, hash, cancellation);
        while (wait && proposal?.Status == "QUEUED")
        {
            await Task.Delay(Poll, cancellation);
            proposal = await client.GetProposalAsync(proposal.Id, null, cancellation);
        }

        if (!forced && await ObjectionAsync(client, hash, proposal, cancellation) is string objection)
        {
            return Refuse(submission, parsed, proposal, objection);
        }

        TransactionPayload payload = new TransactionPayload.Script(script, [], []);
        bool approved = proposal?.Status is "APPROVED" or "QUEUED";
        Prepared prepared = await new Sender(client).PrepareAsync(sender, payload, submission.Gas(parsed), approved, simulate: true,
            cancellation);
        SimulateInfo outcome = prepared.Simulated!;
        string? explanation = outcome.Success ? null : await Outcomes.ExplainAsync(client, outcome, cancellation);
        if (submission.DryRun(parsed))
        {
            return submission.Report(parsed, outcome, explanation);
        }

        if (explanation is not null && !forced)
        {
            return Refuse(submission, parsed, proposal, explanation);
        }

        Sent sent = await Submission.SendAsync(client, sender, prepared, force: true, cancellation); // simulated above
        int code = submission.Report(
            parsed, sent, proposal is null ? [] : [("proposalId", proposal.Id.ToString()), ("state", sent.Success ? "RESOLVED"
                : proposal.Status)]);
        if (sent.Success)
        {
            Terminal.Say(await NextAsync(client, sent.Receipt, cancellation));
        }

        return code;
    }

    private static async Task<string> NextAsync(TheseusClient client, ReceiptInfo receipt, CancellationToken cancellation)
    {
        HashSet<string> events = [.. (receipt.Events ?? []).Select(item => item.Type)];
        return events.Contains("0x1::code::Published") ? "the new code runs from the next transaction on, and a new epoch follows by itself"
            : events.Contains("0x1::versions::Schedule") ? await ScheduledAsync(client, cancellation)
            : "the script has run";
    }

    /// <summary>What the record says of the change. The result of the script's block is agreed one block later, and recorded
    /// there.</summary>
    private static async Task<string> ScheduledAsync(TheseusClient client, CancellationToken cancellation)
    {
        StatusInfo status;
        int polls = 0;
        do
        {
            await Task.Delay(Poll, cancellation);
            status = await client.StatusAsync(cancellation);
            if (status.Versions.FirstOrDefault(version => version.ScheduledVersion is not null) is { } change)
            {
                return $"{change.Component} {change.ScheduledVersion} takes over at block {change.ActivationHeight}, now {status.Height}";
            }
        }
        while (++polls < RecordPolls);
        return "the change was asked for, and is not in the record yet; see it, or why it was refused, with: theseus query record";
    }

    /// <summary>The newest proposal with this script's hash.</summary>
    private static async Task<ProposalInfo?> FindAsync(TheseusClient client, Hash32 hash, CancellationToken cancellation)
    {
        string wanted = "0x" + hash;
        return (await client.GetProposalsAsync(null, cancellation)).LastOrDefault(proposal => proposal.ScriptHash == wanted);
    }

    /// <summary>Why the chain would refuse the script now, in words; null when it would not.</summary>
    private static async Task<string?> ObjectionAsync(TheseusClient client, Hash32 hash, ProposalInfo? proposal,
        CancellationToken cancellation)
    {
        if (proposal is null)
        {
            return $"no proposal has this script (SHA3-256 {hash}): it was changed, or never proposed; "
                + "propose it with: theseus txs upgrade propose";
        }

        Pace pace = await Pace.ReadAsync(client, cancellation);
        return proposal.Status switch
        {
            "PENDING" => $"proposal {proposal.Id} is not approved: {proposal.Yes} of {proposal.Total} voting power says yes, "
                + $"{Electorate.NeededOf(proposal)} is needed; voting ends {pace.At(proposal.VotingEnds)}",
            "QUEUED" =>
                $"proposal {proposal.Id} is approved, and its enactment delay runs: it may be resolved {pace.At(proposal.ExecutableFrom)}; "
                + "--wait waits for it",
            "RESOLVED" => $"proposal {proposal.Id} was resolved already",
            "REJECTED" => $"proposal {proposal.Id} was rejected",
            "CANCELLED" => $"proposal {proposal.Id} was cancelled by its proposer",
            "EXPIRED" when proposal.Approved > 0 =>
                $"proposal {proposal.Id} has expired: it had to be resolved up to block {proposal.ExecutableUntil}; propose it again",
            "EXPIRED" =>
                $"proposal {proposal.Id} has expired: its votes did not suffice up to block {proposal.VotingEnds}; propose it again",
            _ => null,
        };
    }

    private static int Refuse(Submission submission, ParseResult parsed, ProposalInfo? proposal, string why)
    {
        if (submission.Json(parsed))
        {
            Terminal.Json(new { success = false, sent = false, proposalId = proposal?.Id, state = proposal?.Status, explanation = why });
        }

        Terminal.Say($"theseus: {why}. Nothing was sent");
        return ExitCode.Failure;
    }
}
