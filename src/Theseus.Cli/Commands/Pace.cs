using Theseus.Client;

namespace Theseus.Cli.Commands;

/// <summary>How fast the chain goes, to say deadlines in minutes.</summary>
/// <param name="Height">Newest executed block.</param>
/// <param name="BlockMilliseconds">Mean time between the last blocks.</param>
internal sealed record Pace(ulong Height, double BlockMilliseconds)
{
    /// <summary>Blocks that the mean is taken over.</summary>
    private const ulong Window = 40;

    public static async Task<Pace> ReadAsync(TheseusClient client, CancellationToken cancellation)
    {
        StatusInfo status = await client.StatusAsync(cancellation);
        ulong span = ulong.Min(Window, status.Height - ulong.Max(1, ulong.Min(status.OldestHeight, status.Height)));
        if (status.Height < 2 || span == 0)
        {
            return new Pace(status.Height, 0);
        }

        BlockInfo earlier = await client.GetBlockAsync(Client.At.AtHeight(status.Height - span), "header", cancellation);
        return new Pace(status.Height, (double)(status.HeaderTime - earlier.Header.Time) / span);
    }

    /// <summary>"at block 120 (in 40 blocks, about 0.2 minutes)".</summary>
    public string At(ulong height) => height <= Height ? $"at block {height} ({Blocks(Height - height)} ago)"
        : $"at block {height} (in {Blocks(height - Height)}{Minutes(height - Height)})";

    /// <summary>"1 block", "3 blocks".</summary>
    public static string Blocks(ulong count) => count == 1 ? "1 block" : $"{count} blocks";

    public string Minutes(ulong blocks) => BlockMilliseconds <= 0 ? ""
        : FormattableString.Invariant($", about {blocks * BlockMilliseconds / 60_000:0.0} minutes");
}
