using Theseus.Cli.Commands;
using Theseus.Cli.Framework;
using Theseus.Execution;
using Theseus.Protocol;

namespace Theseus.Cli.Localnet;

/// <summary>The genesis of a localnet: its validators, named accounts and the framework of this checkout.</summary>
internal static class LocalnetGenesis
{
    /// <summary>Chain id byte of a localnet's transactions (execution 1.1).</summary>
    public const int TxChainId = 4;

    /// <summary>Prefunded senders for load.</summary>
    public const int LoadAccounts = 50;

    /// <summary>Stack that a localnet begins with; the voyage upgrades it.</summary>
    private const string GenesisStack = "v1";

    /// <summary>Milliseconds since 1970: 2026-01-01. Given, never read from a clock, so that every localnet of this software has one
    /// genesis.</summary>
    private const ulong GenesisTime = 1_767_225_600_000;

    private const ulong PowerOfEach = 1_000;

    // tens of blocks each (contracts: localnet parameters)
    private const ulong VotingBlocks = 240;
    private const ulong EnactmentBlocks = 4;
    private const ulong ExecutionBlocks = 240;
    private const ulong UnbondingEpochs = 2;

    /// <summary>Least evidence age that the record allows, in blocks.</summary>
    private const ulong LeastEvidenceBlocks = 10;

    /// <summary>Writes genesis.blob and returns the genesis hash.</summary>
    public static string Write(string file, IReadOnlyList<LocalnetNode> nodes, IReadOnlyList<LocalnetAccount> accounts, int epochSeconds)
    {
        Genesis genesis = Create(nodes, accounts, FrameworkRelease.FromSources().Modules, epochSeconds);
        File.WriteAllBytes(file, GenesisCodec.Encode(genesis));
        return genesis.Hash().ToString();
    }

    /// <summary>The genesis itself.</summary>
    public static Genesis Create(
        IReadOnlyList<LocalnetNode> nodes, IReadOnlyList<LocalnetAccount> accounts, IReadOnlyList<byte[]> modules,
        int epochSeconds = LocalnetOptions.DefaultEpochSeconds)
    {
        ulong epochMicros = (ulong)epochSeconds * 1_000_000;
        (ProtocolParameters parameters, ulong unbondingEpochs) = Liability(RecordModels.Known.Find(1)!.Parameters.Defaults, (
            ulong)epochSeconds * 1_000);
        StackTable stacks = StackTable.Of();
        StackEntry first = stacks.Entries.Single(entry => entry.Name == GenesisStack);
        ValidatorEntry[] validators =
        [
            .. nodes.Where(node => node.Role == "validator")
                .Select(node => new ValidatorEntry(Address.Parse(node.Validator!), Hash32.FromHex(node.NodeKey), PowerOfEach))
                .OrderBy(entry => entry.Address),
        ];
        GenesisAccount[] funded =
        [
            .. accounts.Select(account => (account.Name, Address: Address.Parse(account.Address)))
                .Select(account => new GenesisAccount(account.Address, BalanceOf(account.Name), new Hash32(account.Address.ToArray())))
                .OrderBy(account => account.Address),
        ];
        BlockContext context = new(0, GenesisTime * 1_000, Genesis.FirstEpoch, Address.Zero, [], [], validators, [], Hash32.Zero,
            TxChainId) { Parameters = parameters };
        GenesisGovernance governance = new(
            epochMicros, VotingBlocks, EnactmentBlocks, ExecutionBlocks, 10 * Amounts.Unit, 100 * Amounts.Unit, unbondingEpochs);
        BlockResult executed = first.Create().Genesis(new GenesisInput(context, modules, governance, funded, validators));
        return new Genesis(
            LocalnetOptions.Chain, TxChainId, GenesisTime, validators, funded, parameters, ProtocolModules.AtGenesis(first.ModuleId),
            [
                new("bondUnit", Amounts.Unit), new("enactmentBlocks", EnactmentBlocks), new("epochMicros", epochMicros),
                new("executionBlocks", ExecutionBlocks), new("minimumBond", governance.MinimumBond), new("proposalDeposit",
                    governance.ProposalDeposit),
                new("unbondingEpochs", unbondingEpochs), new("votingBlocks", VotingBlocks),
            ],
            executed.Writes);
    }

    /// <summary>
    /// Bonds stay liable until evidence is void, and a localnet's epochs are seconds long: its evidence is void after one epoch, and
    /// unbonding takes
    /// two, or more where an epoch is shorter than the least evidence age.
    /// </summary>
    private static (ProtocolParameters Parameters, ulong UnbondingEpochs) Liability(ProtocolParameters defaults, ulong epochMilliseconds)
    {
        ulong blocks = ulong.Max(LeastEvidenceBlocks, ulong.Min(epochMilliseconds / defaults.BlockInterval, defaults.EvidenceAgeBlocks));
        ulong time = ulong.Min(ulong.Max(epochMilliseconds, LeastEvidenceBlocks * defaults.BlockInterval), defaults.EvidenceAgeTime);
        ulong liable = ulong.Max(time, blocks * defaults.BlockInterval);
        ProtocolParameters parameters = defaults.TryWith(
            [(ParameterNames.EvidenceAgeBlocks, blocks), (ParameterNames.EvidenceAgeTime, time)], out RefusalCode fault, out string subject)
            ?? throw new InvalidOperationException($"a localnet's parameters are refused: {fault} {subject}");
        return (parameters, ulong.Max(UnbondingEpochs, 1 + ((liable + epochMilliseconds - 1) / epochMilliseconds)));
    }

    private static ulong BalanceOf(string name) => name == "faucet" ? 1_000_000_000 * Amounts.Unit : 1_000_000 * Amounts.Unit;
}
