using Theseus.Protocol;

namespace Theseus.Storage;

/// <summary>Pruning: slices inside the block's own write, at most twice the rows it wrote (execution 6); LMDB has one writer.</summary>
public sealed partial class ChainStore
{
    // so that small blocks still get through a backlog
    private const int MinimumSlice = 64;

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
        using IKeyValueWriter writer = _tables.Write();
        WriteWindow(writer, window);
        _opened = opened with { Window = window }; // before any row goes, see HistoricState
        int left = PruneSlice(writer, window, rows);
        writer.Commit();
        return left == 0;
    }

    private StoreWindow Floors(StoreWindow window) => window with
    {
        FirstBlock = Floor(window.FirstBlock, _retention.Blocks, window.Executed),
        FirstState = Floor(window.FirstState, _retention.States, window.Executed),
        FirstProof = Floor(window.FirstProof, _retention.Proofs, window.Executed),
    };

    private static ulong Floor(ulong floor, ulong? kept, ulong executed) =>
        kept is { } count && executed > count ? ulong.Max(floor, executed - count) : floor;

    private static int PruneSlice(IKeyValueWriter writer, StoreWindow window, int budget)
    {
        budget = PruneNodes(writer, window.FirstProof, budget);
        budget = PruneValues(writer, window.FirstState, budget);
        return PruneBlocks(writer, window.FirstBlock, budget);
    }

    // a node superseded at H serves trees below H only
    private static int PruneNodes(IKeyValueWriter writer, ulong floor, int budget)
    {
        while (budget > 0 && writer.Seek(Table.Trees, [], out byte[] height, out _) && StoreKeys.Number(height) < floor)
        {
            writer.Delete(Table.Trees, height);
            budget--;
        }

        while (budget > 0 && writer.Seek(Table.StaleNodes, [], out byte[] stale, out _) && StoreKeys.Number(stale) <= floor)
        {
            writer.Delete(Table.Nodes, stale.AsSpan(sizeof(ulong)));
            writer.Delete(Table.StaleNodes, stale);
            budget--;
        }

        return budget;
    }

    private static int PruneValues(IKeyValueWriter writer, ulong floor, int budget)
    {
        while (budget > 0 && writer.Seek(Table.StaleValues, [], out byte[] stale, out _) && StoreKeys.Number(stale) <= floor)
        {
            byte[] key = stale[(sizeof(ulong) + 1)..];
            writer.Delete(Table.History, key);
            writer.Delete(Table.StaleValues, stale);
            budget--;
            if (stale[sizeof(ulong)] == StoreKeys.StaleDeletionClass)
            {
                byte[] prefix = key[..StoreKeys.HistoryPrefix];
                if (!writer.Seek(Table.History, prefix, out byte[] next, out _) || !next.AsSpan(0, prefix.Length).SequenceEqual(prefix))
                {
                    writer.Delete(Table.Preimages, prefix.AsSpan(prefix.Length - Hash32.Length));
                }
            }
        }

        return budget;
    }

    private static int PruneBlocks(IKeyValueWriter writer, ulong floor, int budget)
    {
        while (budget > 0 && writer.Seek(Table.Results, [], out byte[] height, out byte[] bytes) && StoreKeys.Number(height) < floor)
        {
            BlockResultSummary result = ResultCodec.Decode(bytes);
            for (ulong i = 0; i < result.TransactionCount; i++)
            {
                byte[] version = StoreKeys.Of(result.FirstVersion + i);
                if (writer.Get(Table.Transactions, version) is { } row)
                {
                    byte[] hash = StoreCodec.DecodeTransaction(result.FirstVersion + i, row).Output.Receipt.TransactionHash.ToArray();
                    if (writer.Get(Table.Hashes, hash) is { } named && named.AsSpan().SequenceEqual(version))
                    {
                        writer.Delete(Table.Hashes, hash); // a skipped transaction's hash may name a later block's
                    }

                    writer.Delete(Table.Transactions, version);
                    budget--;
                }
            }

            if (writer.Get(Table.Headers, height) is { } header)
            {
                writer.Delete(Table.BlockIds, BlockCodec.IdOf(Header(header)).ToArray());
            }

            foreach (Table table in (Table[])[Table.Headers, Table.Bodies, Table.Certificates, Table.ServiceEvents, Table.Results])
            {
                writer.Delete(table, height);
            }

            budget--;
        }

        return int.Max(budget, 0);
    }
}
