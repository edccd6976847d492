using System.Text.Json.Nodes;
using Theseus.Client;
using Theseus.Node;
using Theseus.Protocol;
using static Theseus.Rpc.ApiText;
using Methods = Theseus.Client.Methods;

namespace Theseus.Rpc;

/// <summary>Transactions: what became of them, what they would do, and taking them.</summary>
internal sealed class TransactionMethods(ChainReader reader, Mempool pool)
{
    public void AddTo(Dispatcher dispatcher)
    {
        dispatcher.Add<HashParams>(Methods.GetTransaction, p => Guard(reader, () => GetTransaction(p)), CallKind.Status);
        dispatcher.Add<HashParams>(Methods.GetReceipt, p => Guard(reader, () => GetTransaction(p)), CallKind.Status);
        dispatcher.Add<TransactionParams>(Methods.Simulate, p => Guard(reader, () => Simulate(p)), CallKind.Run);
        dispatcher.AddOpen<TransactionParams>(Methods.Submit, Submit, CallKind.Submit);
    }

    /// <summary>An executed transaction as the API shows it.</summary>
    public static ReceiptInfo Receipt(ReadTransaction transaction)
    {
        Receipt receipt = transaction.Output.Receipt;
        SignedTransaction? decoded = null;
        if (transaction.Bytes is byte[] bytes)
        {
            TransactionDecoding.TryDecode(bytes, out decoded);
        }

        TransactionStatus status = receipt.Status;
        return new ReceiptInfo(
            Hex(receipt.TransactionHash), transaction.IsSealed ? "SEALED" : "ACCEPTED", status.Kind == StatusKind.Success,
                FailureText.Words(status),
            status.Module?.ToString(), status.Kind == StatusKind.Aborted ? status.Code : null, transaction.Height, transaction.Version,
                receipt.GasUsed,
            receipt.Fee.ToString(), decoded?.Raw.Sender.ToLongString(), decoded?.Raw.SequenceNumber, Events(transaction.Output),
            FailureText.Of(status, transaction.Output.FailurePlace));
    }

    private ReceiptInfo GetTransaction(HashParams parameters)
    {
        Hash32 hash = ParseHash(parameters.Hash, "hash");
        if (reader.Transaction(hash) is ReadTransaction found)
        {
            return Receipt(found);
        }

        if (pool.Find(hash) is PoolView seen)
        {
            return new ReceiptInfo(
                Hex(hash), seen.Status.ToString().ToUpperInvariant(), null, seen.Reason.Length == 0 ? null : seen.Reason, null, null,
                    null, null, null, null, null, null, null,
                null, seen.WaitsForSequence);
        }

        // a block may have taken it between the two looks
        return reader.Transaction(hash) is ReadTransaction taken ? Receipt(taken)
            : throw new RpcError(ErrorCodes.NotFound, $"no transaction {Hex(hash)} here");
    }

    private SimulateInfo Simulate(TransactionParams parameters)
    {
        TransactionOutput output = reader.Simulate(Bytes(parameters.Transaction, "transaction"));
        TransactionStatus status = output.Receipt.Status;
        return new SimulateInfo(
            status.Kind == StatusKind.Success, FailureText.Words(status), output.Receipt.GasUsed, output.Receipt.Fee.ToString(),
                Events(output),
            FailureText.Of(status, output.FailurePlace));
    }

    /// <summary>
    /// What a full pool refuses waits for nobody's turn: under overload these are most of the answers. Refusals are returned, not thrown,
    /// for the same reason.
    /// </summary>
    private (object? Answer, Func<object>? Work) Submit(TransactionParams parameters)
    {
        Arrival arrival = pool.Receive(Bytes(parameters.Transaction, "transaction"), source: null);
        return arrival.Answer is Submission outcome ? (Guard(reader, () => Answer(outcome)), null)
            : (null, () => Guard(reader, () => Answer(pool.Admit(arrival))));
    }

    private object Answer(Submission outcome)
    {
        if (outcome.Refusal is not RefusalReason refusal)
        {
            return new SubmitInfo(Hex(outcome.Hash), "RECEIVED", outcome.WaitsForSequence);
        }

        if (outcome.Hash != Hash32.Zero && reader.Transaction(outcome.Hash) is not null)
        {
            return new SubmitInfo(Hex(outcome.Hash), "ACCEPTED"); // one hash, one inclusion
        }

        string message = RefusalText.Of(refusal, outcome.Message);
        JsonObject data = new() { ["code"] = refusal.Name() };
        if (outcome.WaitsForSequence is ulong missing)
        {
            data["waitsForSequence"] = missing.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        if (outcome.RetryAfter is TimeSpan retry)
        {
            RpcError busy = RpcError.Busy(refusal.Name(), message, retry);
            data["retryAfterMs"] = busy.ErrorData!["retryAfterMs"]!.DeepClone();
            return new RpcError(busy.Code, busy.Message, data);
        }

        return new RpcError(ErrorCodes.Refused, message, data);
    }
}
