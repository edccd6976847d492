using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using Theseus.Node;
using Theseus.Protocol;

namespace Theseus.Rpc;

/// <summary>The node's figures as instruments of System.Diagnostics.Metrics, and their page in Prometheus text.</summary>
public sealed class NodeMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly MeterProvider _provider;
    private readonly ServiceProvider _services = new ServiceCollection().AddOptions().BuildServiceProvider();
    private readonly RequestDelegate _page;

    /// <param name="node">Whose figures they are; read when somebody asks.</param>
    public NodeMetrics(ChainNode node)
    {
        // a name of its own: several nodes of one process, in tests, do not mix their figures
        _meter = new Meter($"Theseus.Node.{Guid.NewGuid():n}");
        Gauge("theseus_height", "Newest executed block", () => (long)node.Chain.Head.Height);
        Gauge("theseus_sealed_height", "Newest block whose result is agreed", () => (long)node.Chain.SealedHeight);
        Gauge("theseus_decided_height", "Newest decided block", () => (long)node.Chain.Store.Window.Decided);
        Gauge("theseus_round", "Round of the height in progress", () => node.Round);
        _meter.CreateObservableCounter("theseus_late_rounds", () => node.LateRounds,
            description: "Blocks decided above round 0 since the start");
        Gauge("theseus_epoch", "Epoch of the record", () => (long)node.Chain.Head.Record.Epoch);
        Gauge("theseus_peers", "Sessions of the consensus overlay", () => node.Peers);
        Gauge("theseus_mempool_transactions", "Transactions in the mempool", () => node.Pool.Count);
        Gauge("theseus_mempool_waiting_transactions", "Transactions in the mempool that cannot run yet", () => node.Pool.WaitingCount);
        Gauge("theseus_mempool_bytes", "Bytes of the transactions in the mempool", () => node.Pool.Bytes);
        Gauge("theseus_halted", "1 when the node takes no part", () => node.Halted is null ? 0 : 1);
        Gauge("theseus_ready", "1 when the node is ready, as /ready says", () => node.Health.NotReady is null ? 1 : 0);
        _meter.CreateObservableGauge(
            "theseus_seconds_since_block", () => node.Health.SinceBlock.TotalSeconds,
                description: "Seconds since the node executed a block, or since its start");
        _meter.CreateObservableGauge(
            "theseus_head_age_seconds", () => node.Health.HeadAge.TotalSeconds,
                description: "Age of the newest block by its header and this node's clock");
        _meter.CreateObservableCounter("theseus_peer_misbehaviour", () => Misbehaviour(node),
            description: "Refused sessions, penalties and bans since the start");
        _meter.CreateObservableGauge("theseus_component_version", () => Versions(node),
            description: "Versions of components, active and scheduled");
        _meter.CreateObservableGauge(
            "theseus_component_activation_height",
            () => Scheduled(node, static (_, scheduled) => (long)scheduled.ActivationHeight),
            description: "Height from which a scheduled component is in force");
        _meter.CreateObservableGauge(
            "theseus_component_supported",
            () => Scheduled(node, static (reader, scheduled) => reader.Supports(scheduled.ModuleId) ? 1 : 0),
            description: "1 when this software has the scheduled component");
        _provider = Sdk.CreateMeterProviderBuilder().AddMeter(_meter.Name).AddPrometheusExporter(static options =>
        {
            options.ScopeInfoEnabled = false;
            options.TargetInfoEnabled = false;
            options.ScrapeResponseCacheDurationMilliseconds = 0;
        }).Build();
        ApplicationBuilder page = new(_services);
        page.UseOpenTelemetryPrometheusScrapingEndpoint(_provider, static _ => true, null, null, null);
        _page = page.Build();
    }

    /// <summary>Answers a scrape.</summary>
    public Task WriteAsync(HttpContext context) => _page(context);

    /// <inheritdoc/>
    public void Dispose()
    {
        _provider.Dispose();
        _services.Dispose();
        _meter.Dispose();
    }

    private void Gauge(string name, string description, Func<long> value) =>
        _meter.CreateObservableGauge(name, value, description: description);

    private static IEnumerable<Measurement<long>> Misbehaviour(ChainNode node) =>
        node.Misbehaviour.Counts.Select(static item => new Measurement<long>(
        (long)item.Count, Tag("overlay", Network.Handshake.Name(item.Overlay)), Tag("what", item.What), Tag("why", item.Why)));

    private static IEnumerable<Measurement<long>> Versions(ChainNode node)
    {
        foreach (KeyValuePair<string, UpdatableField> pair in node.Chain.Head.Record.Components)
        {
            yield return new Measurement<long>(Number(pair.Value.Current.Version), Tag("component", pair.Key), Tag("state", "active"));
            if (pair.Value.Scheduled is ScheduledVersion scheduled)
            {
                yield return new Measurement<long>(Number(scheduled.Version), Tag("component", pair.Key), Tag("state", "scheduled"));
            }
        }
    }

    private static IEnumerable<Measurement<long>> Scheduled(ChainNode node, Func<ChainReader, ScheduledVersion, long> value)
    {
        foreach (KeyValuePair<string, UpdatableField> pair in node.Chain.Head.Record.Components)
        {
            if (pair.Value.Scheduled is ScheduledVersion scheduled)
            {
                yield return new Measurement<long>(value(node.Reader, scheduled), Tag("component", pair.Key));
            }
        }
    }

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);

    // a version is opaque but for its text, which is a number
    private static long Number(ComponentVersion version) => long.Parse(version.ToString(),
        System.Globalization.CultureInfo.InvariantCulture);
}
