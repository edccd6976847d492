namespace Theseus.Protocol;

/// <summary>Manifests of the modules that are no execution stack: a chain's first record names their ids.</summary>
public static class ProtocolModules
{
    /// <summary>Sign bytes, messages and block codecs of the first kind.</summary>
    public static ModuleManifest Consensus1 { get; } = new(Components.Consensus, "consensus-1", 1, [], Hash32.Zero, Hash32.Zero);

    /// <summary>The first dialect of the three networks.</summary>
    public static ModuleManifest Network1 { get; } = new(Components.Network, "network-1", 1, [], Hash32.Zero, Hash32.Zero);

    /// <summary>Ids of every module outside execution that this software implements, for <see cref="RecordSupport"/>.</summary>
    public static IReadOnlyList<Hash32> Supported { get; } =
        [Consensus1.Id, Network1.Id, .. RecordModels.Known.All.Select(static model => model.Manifest.Id)];

    /// <summary>The components of a new chain under a stack, by name.</summary>
    public static IReadOnlyList<GenesisComponent> AtGenesis(Hash32 stackId) =>
    [
        new(Components.Consensus, Consensus1.Id, ComponentGates.All),
        new(Components.Execution, stackId, ComponentGates.All),
        new(Components.Network, Network1.Id, ComponentGates.All),
        new(Components.Record, RecordModels.Known.Find(1)!.Manifest.Id, ComponentGates.All),
    ];
}
