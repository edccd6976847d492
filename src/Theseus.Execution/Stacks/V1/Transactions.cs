namespace Theseus.Execution.Stacks.V1;

/// <summary>Rules of transactions (execution 1, 4, 8.2).</summary>
internal static class TransactionRuleValues
{
    public static readonly TransactionRules Transactions = new(
        MaximumGas: 2_000_000,
        ApprovedMaximumGas: 50_000_000,
        IntrinsicGas: 500,
        IntrinsicGasPerByte: 1,
        PrologueGas: 1_000_000,
        EpilogueGas: 1_000_000,
        ApprovedScriptInstructions: 60_000,
        PublishGasPerByte: 10,
        FeeBounds: new FeeBounds(LeastBlockGas: 100_000, MostBlockGas: 120_000_000, MostStorageBytePrice: 50));
}
