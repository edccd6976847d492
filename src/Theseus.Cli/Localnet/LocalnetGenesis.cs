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

    /// <summary>Ranges and relations that every genesis must keep; its defaults are a localnet's.</summary>
    private static readonly ParameterTable Table = RecordModels.Known.Find(1)!.Parameters;

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
        (ProtocolParameters parameters, ulong unbondingEpochs) = Liability((ulong)epochSeconds * 1_000);
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
            epochMicros, Default(ParameterNames.VotingBlocks), Default(ParameterNames.EnactmentBlocks),
            Default(ParameterNames.ExecutionBlocks), Default(ParameterNames.ProposalDeposit), Default(ParameterNames.MinimumBond),
            unbondingEpochs);
        BlockResult executed = first.Create().Genesis(new GenesisInput(context, modules, governance, funded, validators));
        return new Genesis(
            LocalnetOptions.Chain, TxChainId, GenesisTime, validators, funded, parameters, ProtocolModules.AtGenesis(first.ModuleId),
            [
                new("bondUnit", Amounts.Unit), new("enactmentBlocks", governance.EnactmentBlocks), new("epochMicros", epochMicros),
                new("executionBlocks", governance.ExecutionBlocks), new("minimumBond", governance.MinimumBond), new("proposalDeposit",
                    governance.ProposalDeposit),
                new("unbondingEpochs", unbondingEpochs), new("votingBlocks", governance.VotingBlocks),
            ],
            executed.Writes);
    }

    private static ulong Default(string name) => Table.Find(name)!.Default;

    /// <summary>
    /// Bonds stay liable until evidence is void, and a localnet's epochs are seconds long: its evidence is void after
    /// one epoch, or after the least age where an epoch is shorter, and unbonding takes the fewest epochs that the
    /// relations of the table allow.
    /// </summary>
    private static (ProtocolParameters Parameters, ulong UnbondingEpochs) Liability(ulong epochMilliseconds)
    {
        ProtocolParameters defaults = Table.Defaults;
        ulong least = Table.Find(ParameterNames.EvidenceAgeBlocks)!.Minimum;
        ulong blocks = ulong.Max(least, ulong.Min(epochMilliseconds / defaults.BlockInterval, defaults.EvidenceAgeBlocks));
        ulong time = ulong.Min(ulong.Max(epochMilliseconds, least * defaults.BlockInterval), defaults.EvidenceAgeTime);
        ProtocolParameters parameters = defaults.TryWith(
            [(ParameterNames.EvidenceAgeBlocks, blocks), (ParameterNames.EvidenceAgeTime, time)], out RefusalCode fault, out string subject)
            ?? throw new InvalidOperationException($"a localnet's parameters are refused: {fault} {subject}");

        ParameterDefinition epochs = Table.Find(ParameterNames.UnbondingEpochs)!;
        for (ulong unbonding = epochs.Minimum; unbonding <= epochs.Maximum; unbonding++)
        {
            ulong tried = unbonding;
            ulong? Value(string name) => name switch
            {
                ParameterNames.UnbondingEpochs => tried,
                ParameterNames.EpochMicros => epochMilliseconds * 1_000,
                _ => parameters.Find(name),
            };
            if (Table.FirstBroken(Value, [ParameterNames.UnbondingEpochs]) is null)
            {
                return (parameters, unbonding);
            }
        }

        throw new InvalidOperationException($"no unbonding time suits epochs of {epochMilliseconds} ms");
    }

    private static ulong BalanceOf(string name) => name == "faucet" ? 1_000_000_000 * Amounts.Unit : 1_000_000 * Amounts.Unit;
}
