using System.Globalization;
using Theseus.Client;
using Theseus.Consensus;
using Theseus.Node;
using Theseus.Protocol;
using Theseus.Storage;

namespace Theseus.Cli.Tests.Hostile;

/// <summary>A stake::Punished event.</summary>
internal sealed record Punishment(string Validator, byte Kind, ulong Height, ulong Slashed);

/// <summary>What a running network and its disks say about a punishment.</summary>
internal static class EvidenceAccounts
{
    private const string Coin = "0x1::theseus_coin::TheseusCoin";

    /// <summary>Genesis, minted and burned of the chain's coin after a block.</summary>
    public static async Task<(UInt128 Genesis, UInt128 Minted, UInt128 Burned)> SupplyAsync(TheseusClient client, ulong height)
    {
        ViewInfo parts = await client.ViewAsync("0x1::coin::supply_parts", [Coin], null, At.AtHeight(height));
        UInt128[] values = [.. parts.Values.Select(value => UInt128.Parse(value.Text, CultureInfo.InvariantCulture))];
        return (values[0], values[1], values[2]);
    }

    /// <summary>Every punishment in a range of blocks, whoever it hit.</summary>
    public static async Task<IReadOnlyList<Punishment>> PunishmentsAsync(TheseusClient client, ulong from, ulong to)
    {
        List<Punishment> found = [];
        for (ulong height = from; height <= to; height++)
        {
            BlockInfo block = await client.GetBlockAsync(At.AtHeight(height), "full");
            foreach (EventInfo item in block.Transactions!.SelectMany(receipt => receipt.Events ?? [])
                .Where(item => item.Type.EndsWith("::stake::Punished", StringComparison.Ordinal)))
            {
                // validator, kind, height, slashed, jailed_until (stake.move)
                BcsReader reader = new(Convert.FromHexString(item.Data[2..]));
                found.Add(new Punishment(reader.Address().ToLongString(), reader.U8(), reader.U64(), reader.U64()));
            }
        }

        return found;
    }

    /// <summary>Every node has the same block and the same state after each height.</summary>
    public static async Task AgreeAsync(IReadOnlyList<TheseusClient> nodes, ulong from, ulong to)
    {
        for (ulong height = from; height <= to; height++)
        {
            BlockInfo[] blocks = await Task.WhenAll(nodes.Select(node => node.GetBlockAsync(At.AtHeight(height))));
            Assert.Single(blocks.Select(block => (block.Header.Hash, block.Result!.StateRoot)).Distinct());
        }
    }

    /// <summary>The offences that the bodies of a stopped node's blocks prove, with their blocks.</summary>
    public static IReadOnlyList<(EvidenceKind Kind, ulong Height, string Validator, ulong Block)> InBlocks(string home, ulong from,
        ulong to)
    {
        using ChainStore store = ChainStore.InFolder(Path.Combine(home, "data"), Retention.Archive);
        List<(EvidenceKind, ulong, string, ulong)> found = [];
        for (ulong height = from; height <= to; height++)
        {
            found.AddRange(store.Block(height)!.Body.Evidence.Select(evidence =>
                (evidence.Kind, evidence.Height, ValidatorSets.ToAddress(evidence.Validator).ToLongString(), height)));
        }

        return found;
    }
}
