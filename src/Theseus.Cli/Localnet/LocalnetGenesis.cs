namespace Theseus.Cli.Localnet;

/// <summary>The genesis of a localnet: its validators, named accounts and the framework of this checkout.</summary>
public static class LocalnetGenesis
{
    /// <summary>Chain id byte of a localnet's transactions (design: execution rules).</summary>
    public const int TxChainId = 4;

    /// <summary>Prefunded senders for load.</summary>
    public const int LoadAccounts = 50;

    public static string Write(string file, IReadOnlyList<LocalnetNode> nodes, IReadOnlyList<LocalnetAccount> accounts) =>
        throw new CommandFailure("the chain application is not built in yet; use --application kv");
}
