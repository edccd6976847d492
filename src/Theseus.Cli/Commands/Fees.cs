using Theseus.Client;
using Theseus.Execution;
using Theseus.Protocol;

namespace Theseus.Cli.Commands;

/// <summary>Prices and limits of the chain as they are now. Governance and upgrades change both, so nothing of it is a constant
/// here.</summary>
/// <param name="GasPrice">Least price of a gas unit.</param>
/// <param name="MaximumGas">Most gas units that an ordinary transaction may ask for.</param>
/// <param name="ApprovedMaximumGas">Most gas units for a script that governance approved.</param>
internal sealed record Fees(ulong GasPrice, ulong MaximumGas, ulong ApprovedMaximumGas)
{
    /// <summary>Reads them from a node.</summary>
    public static async Task<Fees> ReadAsync(TheseusClient client, StatusInfo status, CancellationToken cancellation)
    {
        TransactionRules rules = RulesOf(status);
        return new Fees(await PriceAsync(client, cancellation), rules.MaximumGas, rules.ApprovedMaximumGas);
    }

    /// <summary>Least price of a gas unit.</summary>
    public static async Task<ulong> PriceAsync(TheseusClient client, CancellationToken cancellation) =>
        ulong.Parse((await client.ViewAsync("0x1::fee_parameters::minimum_gas_price", null, [], null, cancellation)).Values[0].Text);

    // The limits are rules of the execution stack that the chain names. A stack that this command does not know has the newest known one's
    // limits as a first guess; --max-gas overrides it.
    private static TransactionRules RulesOf(StatusInfo status)
    {
        IReadOnlyList<StackEntry> known = StackTable.BuiltIn();
        string? module = status.Versions.FirstOrDefault(version => version.Component == Components.Execution)?.ModuleId;
        StackEntry entry = known.FirstOrDefault(stack => "0x" + stack.ModuleId == module) ?? known[^1];
        return ((RuleStack)entry.Create()).Rules.Transactions;
    }
}
