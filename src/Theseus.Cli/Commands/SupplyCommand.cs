using System.CommandLine;
using System.Globalization;
using Theseus.Node;
using Theseus.Protocol;
using Theseus.Storage;

namespace Theseus.Cli.Commands;

/// <summary>theseus db supply: counts every coin in a stopped node's state.</summary>
internal static class SupplyCommand
{
    public static Command Supply()
    {
        Option<string> dir = new("--dir") { Description = "Data folder of a stopped node, or a copy of one", Required = true };
        Option<bool> json = CommonOptions.Json();
        Command command = new(
            "supply",
            "Count every coin in the newest stored state of a stopped node and compare with genesis + minted - burned; exit "
                + "code 1 when they differ\n\nExample:\n  theseus db supply --dir .theseus/localnet/n1")
        {
            dir, json,
        };
        command.SetAction(parsed => Run(parsed.GetValue(dir)!, parsed.GetValue(json)));
        return command;
    }

    private static int Run(string home, bool json)
    {
        string folder = Path.Combine(home, "data");
        folder = ChainStore.IsIn(folder) ? folder : home;
        if (!ChainStore.IsIn(folder))
        {
            throw new CommandFailure($"no chain data in {home}; give a node's data folder, such as .theseus/localnet/n1",
                ExitCode.DataFolder);
        }

        ulong height;
        Hash32 agreed;
        SupplyAudit audit;
        try
        {
            // the archive's retention: a reader prunes nothing
            using ChainStore store = ChainStore.InFolder(folder, Retention.Archive);
            height = store.Window.Executed;
            agreed = store.Result(height)!.StateRoot;
            audit = SupplyAudit.Of(store, height);
        }
        catch (InvalidDataException e)
        {
            throw new CommandFailure($"the state in {folder} cannot be audited: {e.Message}");
        }

        bool whole = audit.Root == agreed;
        bool clean = whole && audit.AddsUp;
        if (json)
        {
            Terminal.Json(new
            {
                clean,
                height,
                stateRoot = audit.Root.ToString(),
                agreedRoot = agreed.ToString(),
                audit.Entries,
                audit.LostItems,
                coins = audit.Supplies.Select(supply => new
                {
                    supply.Coin,
                    addsUp = supply.AddsUp,
                    genesis = Text(supply.Genesis),
                    minted = Text(supply.Minted),
                    burned = Text(supply.Burned),
                    recorded = Text(supply.Recorded),
                    held = Text(supply.Held),
                    holdings = supply.Holdings.Select(holding => new { holding.Place, holding.Count, amount = Text(holding.Amount) }),
                }),
            });
        }
        else
        {
            Terminal.Fields(("height", $"{height}"), ("values", $"{audit.Entries}"),
                ("state root", whole ? $"{audit.Root}, as the block's result says"
                : $"{audit.Root}, BUT the block's result says {agreed}"));
            foreach (CoinSupply supply in audit.Supplies)
            {
                Terminal.Table([supply.Coin, "coins", "amount"],
                [
                    .. supply.Holdings.Select(holding => new[] { holding.Place, $"{holding.Count}", Text(holding.Amount) }),
                    ["held", $"{supply.Holdings.Sum(holding => holding.Count)}", Text(supply.Held)],
                    ["genesis", "", Text(supply.Genesis)],
                    ["minted", "", Text(supply.Minted)],
                    ["burned", "", Text(supply.Burned)],
                    ["genesis + minted - burned", "", Text(supply.Recorded)],
                ]);
                Terminal.Print(supply.AddsUp ? "adds up" : $"DOES NOT add up: {Difference(supply)}");
            }
        }

        if (!clean)
        {
            Terminal.Say(!whole ? "theseus: the stored values are not those that the chain agreed on"
                : audit.LostItems > 0 ? $"theseus: {audit.LostItems} table items belong to no table"
                : "theseus: the supply does not add up");
        }

        return clean ? ExitCode.Clean : ExitCode.Failure;
    }

    // units, not whole coins: only the 0x1::theseus_coin has decimals that this command may assume
    private static string Text(UInt128 units) => units.ToString(CultureInfo.InvariantCulture);

    private static string Difference(CoinSupply supply) => supply.Held > supply.Recorded
        ? $"{Text(supply.Held - supply.Recorded)} more held than recorded"
        : $"{Text(supply.Recorded - supply.Held)} more recorded than held";
}
