using Theseus.Move.Format;
using Theseus.Protocol;
using Theseus.Storage;

namespace Theseus.Node;

/// <summary>Coins found in one kind of place, e.g. 0x1::stake::Pool.bonded.</summary>
/// <param name="Place">Outermost struct and the fields that lead to the coin; [] stands for the items of a vector.</param>
/// <param name="Count">How many coins of value above 0 are there.</param>
/// <param name="Amount">Their sum in the coin's smallest unit.</param>
public sealed record CoinHolding(string Place, long Count, UInt128 Amount);

/// <summary>A coin's supply as the chain records it, and the coins that its state holds.</summary>
/// <param name="Coin">The coin's type.</param>
/// <param name="Genesis">Given at genesis.</param>
/// <param name="Minted">Made since.</param>
/// <param name="Burned">Destroyed since.</param>
/// <param name="Holdings">By place, in the order of their names.</param>
public sealed record CoinSupply(string Coin, UInt128 Genesis, UInt128 Minted, UInt128 Burned, IReadOnlyList<CoinHolding> Holdings)
{
    /// <summary>genesis + minted - burned (coin.move).</summary>
    public UInt128 Recorded => Genesis + Minted - Burned;

    /// <summary>The sum over all places.</summary>
    public UInt128 Held => Holdings.Aggregate(UInt128.Zero, static (sum, holding) => sum + holding.Amount);

    /// <summary>Whether the state holds exactly the recorded supply.</summary>
    public bool AddsUp => Recorded == Held;
}

/// <summary>What a scan of a whole state found.</summary>
/// <param name="Entries">Values in the state.</param>
/// <param name="Root">Root of the state tree over exactly the entries that were scanned.</param>
/// <param name="LostItems">Table items that no value of the state leads to; nothing can be said about coins in them.</param>
/// <param name="Supplies">By coin.</param>
public sealed record SupplyAudit(long Entries, Hash32 Root, long LostItems, IReadOnlyList<CoinSupply> Supplies)
{
    /// <summary>Whether every coin adds up and nothing was left unread; false for a state without coins.</summary>
    public bool AddsUp => LostItems == 0 && Supplies.Count > 0 && Supplies.All(static supply => supply.AddsUp);

    /// <summary>Scans the state of a store after a height.</summary>
    /// <exception cref="InvalidDataException">The state does not read as its own code says.</exception>
    /// <exception cref="StoreException">Pruned, not executed yet, or Broken.</exception>
    public static SupplyAudit Of(IChainStore store, ulong height)
    {
        return Of(All);

        IEnumerable<StateEntry> All()
        {
            const int Page = 1_000; // a view is closed within a second (execution 6)
            StateKey? after = null;
            IReadOnlyList<StateEntry> page;
            do
            {
                page = store.Scan(height, after, Page);
                foreach (StateEntry entry in page)
                {
                    yield return entry;
                }

                after = page.Count == 0 ? null : page[^1].Key;
            }
            while (page.Count == Page);
        }
    }

    /// <summary>Scans any state, which is enumerated several times: code, then resources, then the tables that they lead to.</summary>
    /// <exception cref="InvalidDataException">The state does not read as its own code says.</exception>
    public static SupplyAudit Of(Func<IEnumerable<StateEntry>> state)
    {
        SortedDictionary<ModuleId, CompiledModule> modules = [];
        List<TreeLeaf> leaves = [];
        long items = 0;
        foreach (StateEntry entry in state())
        {
            leaves.Add(TreeLeaf.Of(entry.Key, entry.Value));
            items += entry.Key.Kind == StateKeyKind.TableItem ? 1 : 0;
            if (entry.Key.Kind == StateKeyKind.Module)
            {
                CompiledModule module = ModuleReader.ReadModule(entry.Value).Value
                    ?? throw new InvalidDataException($"module {entry.Key.ModuleName()} of {entry.Key.Owner} does not decode");
                modules.Add(module.Id, module);
            }
        }

        CoinFinder finder = new(modules);
        foreach (StateEntry entry in state().Where(static entry => entry.Key.Kind == StateKeyKind.Resource))
        {
            StructTag type = entry.Key.ResourceType();
            finder.Read(type.ModuleId + "::" + type.Name, TypeTag.Of(type), entry.Value);
        }

        // A table's items may hold further tables; each pass reads those that the pass before it led to.
        while (finder.TakeNewTables() is { Count: > 0 } tables)
        {
            foreach (StateEntry entry in state().Where(static entry => entry.Key.Kind == StateKeyKind.TableItem))
            {
                if (tables.TryGetValue(entry.Key.Owner, out (string Place, TypeTag Type) table))
                {
                    finder.Read(table.Place, table.Type, entry.Value);
                    items--;
                }
            }
        }

        return new SupplyAudit(leaves.Count, SparseMerkle.Root(leaves), items, finder.Supplies());
    }
}
