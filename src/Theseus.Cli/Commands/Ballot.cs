using System.CommandLine;
using Theseus.Cli.Framework;
using Theseus.Client;

namespace Theseus.Cli.Commands;

/// <summary>What a voter is told of a proposal's script.</summary>
internal static class Ballot
{
    /// <summary>--script-dir of commands that need no script, and show what the voted one does when they get it.</summary>
    public static Option<string?> Folder() => new("--script-dir", "--proposal-script-dir")
    {
        Description = "Folder of the proposal's script package: checked against the hash that is voted on, and what it lets types do is "
            + "shown",
    };

    /// <summary>
    /// What a voter must know of a proposal's script. The chain has its hash only, so the script comes from a folder, and is read itself:
    /// what its package says of it binds nobody.
    /// </summary>
    /// <param name="client">The node.</param>
    /// <param name="proposal">What is voted on.</param>
    /// <param name="folder">Of the script package; null shows nothing.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="CommandFailure">The folder has no script, or another than the proposal's.</exception>
    public static async Task<IReadOnlyList<string>> WarnAsync(
        TheseusClient client, ProposalInfo proposal, string? folder, CancellationToken cancellation)
    {
        if (folder is null)
        {
            return [];
        }

        (byte[] script, Protocol.Hash32 hash) = ScriptPackage.ReadScript(folder);
        if ("0x" + hash != proposal.ScriptHash)
        {
            throw new CommandFailure(
                $"the script in {folder} is not what proposal {proposal.Id} would run: its hash is 0x{hash}, voted on is "
                + proposal.ScriptHash);
        }

        IReadOnlyList<string> warnings = UpgradeScripts.WarningsOf(script, await ChainCode.ReadAsync(client, cancellation));
        foreach (string warning in warnings)
        {
            Terminal.Say("theseus: warning: " + warning);
        }

        return warnings;
    }
}
