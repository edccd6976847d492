namespace Theseus.Storage;

/// <summary>
/// Pruning. Rows that carry a number expire under a floor and leave with files that the database drops or rewrites
/// (<see cref="IKeyValues.Forget"/>); only tree nodes, which live until a later tree replaces them, are listed and
/// deleted in slices inside the block's own write (execution 6).
/// </summary>
public sealed partial class ChainStore
{
    // so that small blocks still get through a backlog
    private const int MinimumSlice = 64;

    private static readonly Table[] OfBlocks =
        [Table.Headers, Table.Bodies, Table.Certificates, Table.ServiceEvents, Table.Results, Table.BlockIds];

    private static readonly byte[] PrunedNodesKey = "prunedNodes"u8.ToArray();

    /// <inheritdoc/>
    public bool Prune(ulong below, int rows)
    {
        using Lock.Scope scope = _writes.EnterScope();
        Opened opened = Current;
        ulong floor = ulong.Min(below, opened.Window.Executed);
        StoreWindow window = opened.Window with
        {
            FirstBlock = ulong.Max(opened.Window.FirstBlock, floor),
            FirstState = ulong.Max(opened.Window.FirstState, floor),
            FirstProof = ulong.Max(opened.Window.FirstProof, floor),
        };
        using IKeyValueBatch batch = _tables.Write();
        WriteWindow(batch, window);
        _opened = opened with { Window = window }; // before any row goes, see HistoricState
        bool done = PruneNodes(batch, window.FirstProof, rows);
        batch.Commit();
        Forget(window);
        return !done;
    }

    private StoreWindow Floors(StoreWindow window) => window with
    {
        FirstBlock = Floor(window.FirstBlock, _retention.Blocks, window.Executed),
        FirstState = Floor(window.FirstState, _retention.States, window.Executed),
        FirstProof = Floor(window.FirstProof, _retention.Proofs, window.Executed),
    };

    private static ulong Floor(ulong floor, ulong? kept, ulong executed) =>
        kept is { } count && executed > count ? ulong.Max(floor, executed - count) : floor;

    /// <summary>A node superseded at H serves trees below H only.</summary>
    /// <returns>Whether none is left that could go.</returns>
    private bool PruneNodes(IKeyValueBatch batch, ulong floor, int budget)
    {
        // a list is kept where it is until its file is dropped whole, so a slice goes on where the last one ended
        (ulong height, int offset) = StaleNodes.Position(_tables.Get(Table.Meta, PrunedNodesKey));
        bool done = true;
        foreach ((byte[] number, byte[] keys) in _tables.From(Table.StaleNodes, StoreKeys.Of(height)))
        {
            if (StoreKeys.Number(number) > floor)
            {
                break;
            }

            if (budget == 0)
            {
                done = false;
                break;
            }

            offset = StoreKeys.Number(number) == height ? offset : 0;
            height = StoreKeys.Number(number);
            for (; offset < keys.Length && budget > 0; budget--)
            {
                batch.Delete(Table.Nodes, StaleNodes.Next(keys, ref offset));
            }

            if (offset < keys.Length)
            {
                done = false;
                break;
            }
        }

        batch.Put(Table.Meta, PrunedNodesKey, StaleNodes.Position(height, offset));
        return done;
    }

    // After the floors are durable: what a reader may not have any more.
    private void Forget(StoreWindow window)
    {
        foreach (Table table in OfBlocks)
        {
            _tables.Forget(table, window.FirstBlock);
        }

        _tables.Forget(Table.History, window.FirstState + 1); // replaced at H: serves heights below H
        _tables.Forget(Table.Trees, window.FirstProof);
        _tables.Forget(Table.StaleNodes, StaleNodes.Position(_tables.Get(Table.Meta, PrunedNodesKey)).Height);
        if (_tables.Get(Table.Results, StoreKeys.Of(window.FirstBlock)) is { } first)
        {
            ulong version = Protocol.ResultCodec.Decode(first).FirstVersion;
            _tables.Forget(Table.Transactions, version);
            _tables.Forget(Table.Hashes, version);
        }
    }
}
