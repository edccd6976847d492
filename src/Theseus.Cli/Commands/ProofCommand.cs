using Theseus.Client;

namespace Theseus.Cli.Commands;

/// <summary>theseus query resource … --prove: believes nothing but a header with its certificate.</summary>
public static class ProofCommand
{
    public static Task<int> RunAsync(TheseusClient client, string address, string type, ulong? at, string? against, string? dir, bool json, CancellationToken cancellation) =>
        throw new CommandFailure("proof checking is not wired yet");
}
