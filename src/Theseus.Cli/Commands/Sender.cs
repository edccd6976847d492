using System.Diagnostics;
using Theseus.Client;
using Theseus.Protocol;

namespace Theseus.Cli.Commands;

/// <summary>A transaction that is signed, and what its simulation said; null when none was asked for.</summary>
internal sealed record Prepared(SignedTransaction Transaction, SimulateInfo? Simulated);

/// <summary>Builds, signs, sends and waits for a transaction.</summary>
internal sealed class Sender(TheseusClient client)
{
    /// <summary>How long a transaction stays valid; waiting ends a little later.</summary>
    public static readonly TimeSpan Validity = TimeSpan.FromSeconds(60);

    /// <summary>Gas beyond half of what the simulation used: the state moves on until the transaction runs.</summary>
    private const ulong SpareGas = 20_000;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Signs with the price and the limits that the chain has now. A simulation first finds how much gas is needed, so that a sender need
    /// not own
    /// what the largest transaction would cost.
    /// </summary>
    /// <param name="account">Who signs.</param>
    /// <param name="payload">What is done.</param>
    /// <param name="offer">What the sender asks for by itself.</param>
    /// <param name="approved">Whether governance approved the script, which raises the limit.</param>
    /// <param name="simulate">False signs at the limit, unseen.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="CommandFailure">The account does not exist.</exception>
    public async Task<Prepared> PrepareAsync(
        WalletAccount account, TransactionPayload payload, GasOffer offer, bool approved, bool simulate, CancellationToken cancellation)
    {
        StatusInfo status = await client.StatusAsync(cancellation);
        Fees fees = await Fees.ReadAsync(client, status, cancellation);
        ulong sequence = await SequenceAsync(account, cancellation);
        ulong price = offer.Price ?? fees.GasPrice;
        ulong most = offer.Maximum ?? (approved ? fees.ApprovedMaximumGas : fees.MaximumGas);
        ulong affordable = offer.Maximum ?? await AffordableAsync(account, price, most, cancellation);
        SignedTransaction transaction = Sign(affordable);
        if (!simulate)
        {
            return new Prepared(transaction, null);
        }

        SimulateInfo simulated = await client.SimulateAsync(transaction.Bytes, cancellation);
        return simulated.Success && offer.Maximum is null
            ? new Prepared(Sign(ulong.Min(affordable, (simulated.GasUsed * 3 / 2) + SpareGas)), simulated)
            : new Prepared(transaction, simulated);

        SignedTransaction Sign(ulong gas)
        {
            ulong expires = (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds() + (ulong)Validity.TotalSeconds;
            return SignedTransaction.Sign(new RawTransaction(account.Address, sequence, payload, gas, price, expires, (
                byte)status.TxChainId), account.Seed);
        }
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
            throw new CommandFailure($"the node refused the transaction: {RpcWords.Of(e)}");
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
                    string why = receipt.VmStatus is null ? "" : $" ({receipt.VmStatus})";
                    throw new CommandFailure($"the node dropped the transaction {sent.Hash} from its pool: {receipt.Status}{why}");
                }
            }
            catch (RpcException e) when (e.Code == ErrorCodes.NotFound)
            {
                // not there yet
            }

            await Task.Delay(Poll, cancellation);
        }

        throw new CommandFailure(
            $"the transaction {sent.Hash} was not executed within {Validity.TotalSeconds} s; look again with: theseus query tx "
                + $"{sent.Hash}");
    }

    private async Task<ulong> SequenceAsync(WalletAccount account, CancellationToken cancellation)
    {
        try
        {
            ViewInfo sequence = await client.ViewAsync("0x1::account::sequence_number", null, [account.Address.ToLongString()], null,
                cancellation);
            return ulong.Parse(sequence.Values[0].Text);
        }
        catch (RpcException e) when (e.Code == ErrorCodes.ExecutionFailed)
        {
            throw new CommandFailure(
                $"{account.Name} ({account.Address}) has no account on this chain yet; fund it with: theseus txs fund --to "
                    + $"{account.Address} --amount 10");
        }
    }

    // The limit times the price must be there when the transaction begins; a sender with less asks for less.
    private async Task<ulong> AffordableAsync(WalletAccount account, ulong price, ulong most, CancellationToken cancellation)
    {
        try
        {
            ViewInfo view = await client.ViewAsync("0x1::theseus_coin::balance", null, [account.Address.ToLongString()], null,
                cancellation);
            ulong affordable = ulong.Parse(view.Values[0].Text) / price;
            return affordable == 0 ? most : ulong.Min(most, affordable); // with nothing the chain says what is missing
        }
        catch (RpcException e) when (e.Code == ErrorCodes.ExecutionFailed)
        {
            return most;
        }
    }
}
