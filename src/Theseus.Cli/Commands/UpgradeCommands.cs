using System.CommandLine;
using Theseus.Cli.Framework;
using Theseus.Client;
using Theseus.Execution;
using Theseus.Protocol;

namespace Theseus.Cli.Commands;

/// <summary>theseus upgrade script | list | show</summary>
internal static class UpgradeCommands
{
    public static Command Upgrade() =>
        new("upgrade", "Upgrades of the chain: make, list, show\n\nExample: theseus upgrade list") { Script(), List(), Show() };

    private static Command Script()
    {
        Option<string> component = new("--component") { Description = "What changes: execution", Required = true };
        Option<ulong> to = new("--to") { Description = "Its next version", Required = true };
        Option<string> at = new("--at") { Description = "Blocks from resolving to activation, e.g. +40", Required = true };
        Option<string?> stack = new("--stack") { Description = "Name of the execution stack; else v and the version" };
        Option<string> output = new("--script-dir", "--output-dir") { Description = "Where the script package goes", Required = true };
        Option<string?> folder = new("--framework-dir") { Description =
            "Folder with the framework's packages; else the one of this checkout" };
        Option<bool> json = CommonOptions.Json();
        Command command = new("script", "Make the one-time script that schedules a component's next version\n\nExample: theseus "
            + "upgrade script --component execution --to 2 --at +40 --output-dir up") { component, to, at, stack, output, folder, json };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(component) != Components.Execution)
            {
                throw new CommandFailure(
                    $"only {Components.Execution} can be scheduled by this command, not {parsed.GetValue(component)}", ExitCode.Usage);
            }

            ulong delay = Delay(parsed.GetValue(at)!);
            ulong version = parsed.GetValue(to);
            string name = parsed.GetValue(stack) ?? $"v{version}";
            StackEntry entry = StackTable.BuiltIn().FirstOrDefault(known => known.Name == name)
                ?? throw new CommandFailure($"this software has no execution stack {name}; it has "
                    + $"{string.Join(", ", StackTable.BuiltIn().Select(known => known.Name))}", ExitCode.NeedsNewerSoftware);
            new Place("--script-dir", parsed.GetValue(output)!).CheckFolder();
            ScriptPackage package = UpgradeScripts.Schedule(FrameworkRelease.FromSources(parsed.GetValue(folder)), entry, version, delay);
            string target = parsed.GetValue(output)!;
            package.Write(target);
            if (parsed.GetValue(json))
            {
                Terminal.Json(new { directory = target, package.Manifest });
            }
            else
            {
                Terminal.Fields(
                    ("schedules", $"{Components.Execution} {version}: stack {entry.Name}, {delay} blocks after the script runs"),
                    ("stack id", entry.ModuleId.ToString()),
                    ("natives", package.Manifest.Schedule!.Natives.Count.ToString()),
                    ("script", $"{Path.Combine(target, "script.mv")}, {package.Script.Length} bytes"),
                    ("script hash", package.Hash.ToString()));
                Terminal.Say($"next: theseus txs upgrade propose --script-dir {target} --metadata-url URL --from NAME");
            }

            return ExitCode.Clean;
        });
        return command;
    }

    /// <summary>"+40": relative to the block in which the script runs, so that a slow ceremony never becomes too near.</summary>
    public static ulong Delay(string text) => text.StartsWith('+') && ulong.TryParse(text.AsSpan(1), out ulong blocks) && blocks > 0
        ? blocks
        : throw new CommandFailure($"--at {text}: give a number of blocks after the script runs, e.g. +40", ExitCode.Usage);

    private static Command List()
    {
        Option<ulong?> at = CommonOptions.At();
        Option<string?> url = CommonOptions.Url();
        Option<string?> dir = CommonOptions.Dir();
        Option<bool> json = CommonOptions.Json();
        Command command = new("list", "Proposals with their state and deadlines\n\nExample: theseus upgrade list") { at, url, dir, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            using TheseusClient client = NodeConnection.Open(parsed.GetValue(url), parsed.GetValue(dir));
            IReadOnlyList<ProposalInfo> proposals = await client.GetProposalsAsync(CommonOptions.ToAt(parsed.GetValue(at)), cancellation);
            if (parsed.GetValue(json))
            {
                Terminal.Json(proposals);
                return ExitCode.Clean;
            }

            Pace pace = await Pace.ReadAsync(client, cancellation);
            Terminal.Table(
                ["id", "state", "yes", "no", "of", "deadline", "about"],
                proposals.Select(proposal => new[] { proposal.Id.ToString(), proposal.Status, proposal.Yes, proposal.No,
                    proposal.Total, Deadline(proposal, pace), proposal.MetadataUrl }));
            return ExitCode.Clean;
        });
        return command;
    }

    private static Command Show()
    {
        Argument<ulong> id = new("id") { Description = "Number of the proposal" };
        Option<ulong?> at = CommonOptions.At();
        Option<string?> url = CommonOptions.Url();
        Option<string?> dir = CommonOptions.Dir();
        Option<bool> json = CommonOptions.Json();
        Option<string?> scripts = Ballot.Folder();
        Command command = new(
            "show", "One proposal with its votes by validator\n\nExamples:\n  theseus upgrade show 1\n  theseus upgrade show 1 "
                + "--script-dir up")
        {
            id, scripts, at, url, dir, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            using TheseusClient client = NodeConnection.Open(parsed.GetValue(url), parsed.GetValue(dir));
            ProposalInfo proposal = await client.GetProposalAsync(parsed.GetValue(id), CommonOptions.ToAt(parsed.GetValue(at)),
                cancellation);
            IReadOnlyList<string> warnings = await Ballot.WarnAsync(client, proposal, parsed.GetValue(scripts), cancellation);
            Electorate electorate = new((await client.GetValidatorsAsync(CommonOptions.ToAt(parsed.GetValue(at)), cancellation)).Current);
            Pace pace = await Pace.ReadAsync(client, cancellation);
            Wallet wallet = Wallet.Of(parsed.GetValue(dir));
            (string Validator, string Power, string Vote)[] votes =
            [
                .. electorate.Validators.Select(validator =>
                    (wallet.NameOf(validator.Address), validator.Power.ToString(), VoteOf(proposal, validator.Address))),
                .. proposal.Votes.Where(vote => electorate.Validators.All(validator => validator.Address != vote.Voter))
                    .Select(vote => (wallet.NameOf(vote.Voter), "not in force", vote.Approve ? "yes" : "no")),
            ];
            if (parsed.GetValue(json))
            {
                Terminal.Json(new
                {
                    proposal, needed = Electorate.NeededOf(proposal).ToString(), needs = electorate.Needs,
                        deadline = Deadline(proposal, pace),
                    votes = votes.Select(vote => new { vote.Validator, vote.Power, vote.Vote }), warnings,
                });
                return ExitCode.Clean;
            }

            Terminal.Fields(
                ("proposal", proposal.Id.ToString()),
                ("state", proposal.Status),
                ("deadline", Deadline(proposal, pace)),
                ("script hash", proposal.ScriptHash),
                ("about", proposal.MetadataUrl),
                ("proposer", wallet.NameOf(proposal.Proposer)),
                ("created", pace.At(proposal.Created)),
                ("yes", $"{proposal.Yes} of {proposal.Total}, {Electorate.NeededOf(proposal)} needed ({electorate.Needs})"),
                ("no", $"{proposal.No} of {proposal.Total}"));
            Terminal.Table(["validator", "power", "vote"], votes.Select(vote => new[] { vote.Validator, vote.Power, vote.Vote }));
            return ExitCode.Clean;
        });
        return command;
    }

    private static string VoteOf(ProposalInfo proposal, string validator)
    {
        foreach (VoteInfo vote in proposal.Votes)
        {
            if (vote.Voter == validator)
            {
                return vote.Approve ? "yes" : "no";
            }
        }

        return "–";
    }

    /// <summary>What ends, and when, in blocks and minutes.</summary>
    public static string Deadline(ProposalInfo proposal, Pace pace) => proposal.Status switch
    {
        "PENDING" => "voting ends " + pace.At(proposal.VotingEnds),
        "QUEUED" => "may be resolved " + pace.At(proposal.ExecutableFrom),
        "APPROVED" => "must be resolved until block " + proposal.ExecutableUntil
            + (proposal.ExecutableUntil > pace.Height
            ? $" (in {Pace.Blocks(proposal.ExecutableUntil - pace.Height)}{pace.Minutes(proposal.ExecutableUntil - pace.Height)})" : ""),
        "EXPIRED" => "ended " + pace.At(proposal.Approved > 0 ? proposal.ExecutableUntil : proposal.VotingEnds),
        _ => "–",
    };
}
