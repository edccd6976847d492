using System.Globalization;
using System.Text;
using Theseus.Node;
using Theseus.Protocol;

namespace Theseus.Rpc;

/// <summary>The node's figures in Prometheus text.</summary>
public static class NodeMetrics
{
    public static string Text(ChainNode node)
    {
        ChainHead head = node.Chain.Head;
        StringBuilder text = new();
        Gauge("theseus_height", "Newest executed block", head.Height);
        Gauge("theseus_sealed_height", "Newest block whose result is agreed", node.Chain.SealedHeight);
        Gauge("theseus_decided_height", "Newest decided block", node.Chain.Store.Window.Decided);
        Gauge("theseus_round", "Round of the height in progress", (ulong)node.Round);
        Gauge("theseus_late_rounds_total", "Blocks decided above round 0 since the start", (ulong)node.LateRounds);
        Gauge("theseus_epoch", "Epoch of the record", head.Record.Epoch);
        Gauge("theseus_peers", "Sessions of the consensus overlay", (ulong)node.Peers);
        Gauge("theseus_mempool_transactions", "Transactions that wait", (ulong)node.Pool.Count);
        Gauge("theseus_mempool_bytes", "Bytes of them", (ulong)node.Pool.Bytes);
        Gauge("theseus_halted", "1 when the node takes no part", node.Halted is null ? 0UL : 1UL);
        text.Append("# HELP theseus_peer_misbehaviour_total Refused sessions, penalties and bans since the start\n# TYPE theseus_peer_misbehaviour_total counter\n");
        foreach ((Network.OverlayKind overlay, string what, string why, ulong count) in node.Misbehaviour.Counts)
        {
            text.Append($"theseus_peer_misbehaviour_total{{overlay=\"{Network.Handshake.Name(overlay)}\",what=\"{what}\",why=\"{why}\"}} {count}\n");
        }

        text.Append("# HELP theseus_component_version Versions of components\n# TYPE theseus_component_version gauge\n");
        foreach (KeyValuePair<string, UpdatableField> pair in head.Record.Components)
        {
            text.Append($"theseus_component_version{{component=\"{pair.Key}\",state=\"active\"}} {pair.Value.Current.Version}\n");
            if (pair.Value.Scheduled is ScheduledVersion scheduled)
            {
                text.Append($"theseus_component_version{{component=\"{pair.Key}\",state=\"scheduled\"}} {scheduled.Version}\n");
                text.Append($"theseus_component_activation_height{{component=\"{pair.Key}\"}} {scheduled.ActivationHeight}\n");
                text.Append($"theseus_component_supported{{component=\"{pair.Key}\"}} {(node.Chain.Supports(scheduled.ModuleId) ? 1 : 0)}\n");
            }
        }

        return text.ToString();

        void Gauge(string name, string help, ulong value) =>
            text.Append("# HELP ").Append(name).Append(' ').Append(help).Append("\n# TYPE ").Append(name).Append(" gauge\n").Append(name).Append(' ').Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }
}
