namespace Theseus.Cli.Tests.Hostile;

/// <summary>One network for the tests of a class.</summary>
public sealed class HostileNetworkFixture : IAsyncLifetime
{
    internal HostileNetwork Net { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Net = await HostileNetwork.StartAsync();

    public async ValueTask DisposeAsync() => await Net.DisposeAsync();
}
