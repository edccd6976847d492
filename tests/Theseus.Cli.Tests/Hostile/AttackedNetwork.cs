using Theseus.Cli.Localnet;
using Theseus.Cli.Tests.Localnet;

namespace Theseus.Cli.Tests.Hostile;

/// <summary>One localnet for all attacks, one after another, alone on the machine; its first validator is the one attacked.</summary>
public sealed class AttackedNetwork : IAsyncLifetime
{
    public const string Target = "n1";

    internal ChainNetwork Network { get; private set; } = null!;

    internal LocalnetFile File { get; private set; } = null!;

    internal NodeWatch Watch { get; private set; } = null!;

    internal LocalnetNode Node => File.Nodes.Single(node => node.Name == Target);

    public async ValueTask InitializeAsync()
    {
        Network = await ChainNetwork.StartAsync();
        File = new LocalnetLayout(Network.Folder).Read();
        await Network.ReachesAsync(Target, 8); // what it loads once is loaded
        Watch = await NodeWatch.StartAsync(Network, Target);
    }

    public async ValueTask DisposeAsync() => await Network.DisposeAsync();
}

/// <summary>Tests that share the attacked localnet.</summary>
[CollectionDefinition("attacked", DisableParallelization = true)]
public sealed class AttackedCollection : ICollectionFixture<AttackedNetwork>;
