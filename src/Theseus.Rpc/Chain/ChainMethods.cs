using Theseus.Client;
using Theseus.Node;
using static Theseus.Rpc.ApiText;
using Methods = Theseus.Client.Methods;

namespace Theseus.Rpc;

/// <summary>The chain's JSON-RPC methods: maps readers to API records, decides nothing.</summary>
/// <param name="node">Whose chain it is.</param>
public sealed class ChainMethods(ChainNode node)
{
    private readonly BlockMethods _blocks = new(node.Reader);

    /// <summary>A dispatcher with all methods.</summary>
    public Dispatcher Dispatcher()
    {
        Dispatcher dispatcher = new();
        dispatcher.Add(Methods.Status, Status, CallKind.Status);
        _blocks.AddTo(dispatcher);
        new StateMethods(node.Reader).AddTo(dispatcher);
        new TransactionMethods(node.Reader, node.Pool).AddTo(dispatcher);
        new GovernanceMethods(node.Reader).AddTo(dispatcher);
        return dispatcher;
    }

    private StatusInfo Status()
    {
        ChainReader reader = node.Reader;
        ChainHead head = reader.Head;
        NodeHealth health = node.Health;
        return new StatusInfo(
            reader.Chain.Name, reader.Chain.TxChainId, Hex(reader.Chain.GenesisHash), node.Config.Name,
                node.Config.Role == NodeRole.Validator ? "validator" : "access",
            head.Height, reader.SealedHeight, reader.Window.Decided, reader.Window.FirstState, head.Time, Hex(head.BlockId),
                Hex(head.Result.StateRoot), head.Record.Epoch,
            node.Round, node.IsSyncing || !health.IsCurrent, node.Config.Validator, node.Halted, head.Record.Framework.Counter - 1,
                Hex(head.Result.CodeRoot), node.Peers, node.Pool.Count,
            _blocks.Versions(head.Record), ChainNode.Software, health.NotReady is null, health.NotReady,
            (ulong)health.SinceBlock.TotalMilliseconds, node.Warning is string warning ? [warning] : []);
    }
}
