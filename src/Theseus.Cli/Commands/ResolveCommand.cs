using System.CommandLine;
using Theseus.Cli.Framework;
using Theseus.Client;
using Theseus.Protocol;

namespace Theseus.Cli.Commands;

/// <summary>theseus txs resolve: sends the approved script. Anybody may.</summary>
public static class ResolveCommand
{
    /// <summary>Gas beyond what the simulation used: the state moves on until the script runs.</summary>
    private const ulong SpareGas = 1_000_000;

    /// <summary>Five seconds: twenty blocks of a localnet.</summary>
    private const int RecordPolls = 25;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    public static Command Resolve()
    {
        Option<string> scripts = new("--proposal-script-dir") { Description = "Folder of the approved script package", Required = true };
        Option<bool> wait = new("--wait") { Description = "Wait for the end of the enactment delay" };
        Submission submission = new();
        Command command = new("resolve", "Run an approved script\n\nExample: theseus txs resolve --proposal-script-dir up --from bob") { scripts, wait };
        submission.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            (byte[] script, Hash32 hash) = ScriptPackage.ReadScript(parsed.GetValue(scripts)!);
            using TheseusClient client = submission.Connect(parsed);
            WalletAccount sender = submission.Signer(parsed);
            bool forced = submission.Force(parsed);
            ProposalInfo? proposal = await FindAsync(client, hash, cancellation);
            while (parsed.GetValue(wait) && proposal?.Status == "QUEUED")
            {
                await Task.Delay(Poll, cancellation);
                proposal = await client.GetProposalAsync(proposal.Id, null, cancellation);
            }

            bool approved = proposal?.Status is "APPROVED" or "QUEUED";
            if (!forced && await ObjectionAsync(client, hash, proposal, cancellation) is string objection)
            {
                return Refuse(submission, parsed, proposal, objection);
            }

            TransactionPayload payload = new TransactionPayload.Script(script, [], []);
            ulong gas = approved ? Sender.ApprovedMaximumGas : Sender.MaximumGas;
            (SimulateInfo outcome, string? explanation) = await Submission.SimulateAsync(client, sender, payload, gas, cancellation);
            if (submission.DryRun(parsed))
            {
                return submission.Report(parsed, outcome, explanation);
            }

            if (explanation is not null && !forced)
            {
                return Refuse(submission, parsed, proposal, explanation);
            }

            if (explanation is null)
            {
                gas = ulong.Min(gas, (outcome.GasUsed * 3 / 2) + SpareGas);
            }

            Sent sent = await Submission.SendAsync(client, sender, payload, gas, force: true, cancellation); // simulated above
            int code = submission.Report(parsed, sent, proposal is null ? [] : [("proposalId", proposal.Id.ToString()), ("state", sent.Success ? "RESOLVED" : proposal.Status)]);
            if (sent.Success)
            {
                bool published = sent.Receipt.Events?.Any(item => item.Type == "0x1::code::Published") == true;
                bool scheduled = sent.Receipt.Events?.Any(item => item.Type == "0x1::versions::Schedule") == true;
                Terminal.Say(published ? "the new code runs from the next transaction on, and a new epoch follows by itself"
                    : scheduled ? await ScheduledAsync(client, cancellation)
                    : "the script has run");
            }

            return code;
        });
        return command;
    }

    /// <summary>What the record says of the change. The result of the script's block is agreed one block later, and recorded there.</summary>
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
    private static async Task<string?> ObjectionAsync(TheseusClient client, Hash32 hash, ProposalInfo? proposal, CancellationToken cancellation)
    {
        if (proposal is null)
        {
            return $"no proposal has this script (SHA3-256 {hash}): it was changed, or never proposed; propose it with: theseus txs upgrade propose";
        }

        Pace pace = await Pace.ReadAsync(client, cancellation);
        return proposal.Status switch
        {
            "PENDING" => $"proposal {proposal.Id} is not approved: {proposal.Yes} of {proposal.Total} voting power says yes, {Electorate.Least(UInt128.Parse(proposal.Total))} is needed; voting ends {pace.At(proposal.VotingEnds)}",
            "QUEUED" => $"proposal {proposal.Id} is approved, and its enactment delay runs: it may be resolved {pace.At(proposal.ExecutableFrom)}; --wait waits for it",
            "RESOLVED" => $"proposal {proposal.Id} was resolved already",
            "REJECTED" => $"proposal {proposal.Id} was rejected",
            "CANCELLED" => $"proposal {proposal.Id} was cancelled by its proposer",
            "EXPIRED" when proposal.Approved > 0 => $"proposal {proposal.Id} has expired: it had to be resolved up to block {proposal.ExecutableUntil}; propose it again",
            "EXPIRED" => $"proposal {proposal.Id} has expired: its votes did not suffice up to block {proposal.VotingEnds}; propose it again",
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
