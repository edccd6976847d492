using System.Diagnostics;
using Theseus.Client;
using Theseus.Protocol;

namespace Theseus.Cli.Commands;

/// <summary>Builds, signs, sends and waits for a transaction.</summary>
public sealed class Sender(TheseusClient client)
{
    /// <summary>How long a transaction stays valid; waiting ends a little later.</summary>
    public static readonly TimeSpan Validity = TimeSpan.FromSeconds(60);

    /// <summary>Gas limit of an ordinary transaction: the cap of the execution stack.</summary>
    public const ulong MaximumGas = 2_000_000;

    /// <summary>Gas limit of a transaction with an approved script (execution 8.2).</summary>
    public const ulong ApprovedMaximumGas = 50_000_000;

    public async Task<SignedTransaction> SignAsync(WalletAccount account, TransactionPayload payload, ulong maximumGas, CancellationToken cancellation)
    {
        StatusInfo status = await client.StatusAsync(cancellation);
        ViewInfo sequence;
        try
        {
            sequence = await client.ViewAsync("0x1::account::sequence_number", null, [account.Address.ToLongString()], null, cancellation);
        }
        catch (RpcException e) when (e.Code == ErrorCodes.ExecutionFailed)
        {
            throw new CommandFailure($"{account.Name} ({account.Address}) has no account on this chain yet; fund it with: theseus txs fund --to {account.Address} --amount 10");
        }

        ulong now = (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        RawTransaction raw = new(account.Address, ulong.Parse(sequence.Values[0].Text), payload, maximumGas, 1, now + (ulong)Validity.TotalSeconds, (byte)status.TxChainId);
        return SignedTransaction.Sign(raw, account.Seed);
    }

    /// <summary>Sends and waits until the transaction is executed.</summary>
    /// <exception cref="CommandFailure">Refused, expired, or not seen in time.</exception>
    public async Task<ReceiptInfo> SendAsync(SignedTransaction transaction, CancellationToken cancellation)
    {
        SubmitInfo sent;
        try
        {
            sent = await client.SubmitAsync(transaction.Bytes, cancellation);
        }
        catch (RpcException e)
        {
            throw new CommandFailure($"the node refused the transaction: {e.Message}");
        }

        Stopwatch waited = Stopwatch.StartNew();
        while (waited.Elapsed < Validity + TimeSpan.FromSeconds(10))
        {
            try
            {
                ReceiptInfo receipt = await client.GetTransactionAsync(sent.Hash, cancellation);
                if (receipt.Success is not null)
                {
                    return receipt;
                }

                if (receipt.Status is "EXPIRED" or "EVICTED")
                {
                    throw new CommandFailure($"the transaction {sent.Hash} did not make it: {receipt.Status}{(receipt.VmStatus is null ? "" : $" ({receipt.VmStatus})")}");
                }
            }
            catch (RpcException e) when (e.Code == ErrorCodes.NotFound)
            {
                // not there yet
            }

            await Task.Delay(100, cancellation);
        }

        throw new CommandFailure($"the transaction {sent.Hash} was not executed within {Validity.TotalSeconds} s; look again with: theseus query tx {sent.Hash}");
    }
}
