using System.Globalization;
using Theseus.Client;
using Theseus.Consensus;

namespace Theseus.Cli.Commands;

/// <summary>Who decides over proposals now, and how much it takes.</summary>
internal sealed record Electorate(IReadOnlyList<ValidatorInfo> Validators)
{
    public static async Task<Electorate> ReadAsync(TheseusClient client, CancellationToken cancellation) =>
        new((await client.GetValidatorsAsync(null, cancellation)).Current);

    /// <summary>Power of all of them.</summary>
    public ulong Total => Validators.Aggregate(0UL, static (sum, validator) => sum + validator.Power);

    /// <summary>Least power of yes votes: more than 2/3, a quorum as in consensus (execution 4).</summary>
    public ulong Needed => ValidatorSet.QuorumOf(Total);

    /// <summary>Least power of yes votes that a proposal needs, by the power that it is counted against.</summary>
    public static ulong NeededOf(ProposalInfo proposal) => ValidatorSet.QuorumOf(ulong.Parse(proposal.Total, CultureInfo.InvariantCulture));

    /// <summary>Fewest validators that can have it.</summary>
    public int Fewest
    {
        get
        {
            ulong sum = 0;
            int count = 0;
            foreach (ulong power in Validators.Select(validator => validator.Power).OrderDescending())
            {
                if (sum >= Needed)
                {
                    break;
                }

                sum += power;
                count++;
            }

            return count;
        }
    }

    /// <summary>"3 of 4" when all weigh the same, else by power.</summary>
    public string Needs => Validators.Select(validator => validator.Power).Distinct().Count() == 1
        ? $"{Fewest} of {Validators.Count}"
        : $"{Needed} of {Total} voting power ({Fewest} of {Validators.Count} validators at least)";
}
