using Theseus.Client;

namespace Theseus.Cli.Commands;

/// <summary>Who decides over proposals now, and how much it takes.</summary>
internal sealed record Electorate(IReadOnlyList<ValidatorInfo> Validators)
{
    public static async Task<Electorate> ReadAsync(TheseusClient client, CancellationToken cancellation) => new((await client.GetValidatorsAsync(null, cancellation)).Current);

    public UInt128 Total => Validators.Aggregate(UInt128.Zero, static (sum, validator) => sum + validator.Power);

    /// <summary>Least power of yes votes: more than 2/3 (execution 4).</summary>
    public UInt128 Needed => Least(Total);

    /// <summary>Least power with 3·yes > 2·total.</summary>
    public static UInt128 Least(UInt128 total) => (2 * total / 3) + 1;

    /// <summary>Fewest validators that can have it.</summary>
    public int Fewest
    {
        get
        {
            UInt128 sum = 0;
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
