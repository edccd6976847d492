using Theseus.Move.Natives;
using Theseus.Move.Runtime;

namespace Theseus.Execution;

/// <summary>How a transaction is judged before its body.</summary>
/// <param name="CheckSignature">False in simulation.</param>
/// <param name="CheckAuthentication">False in simulation with no or a zero signature.</param>
internal readonly record struct ExecutionMode(bool CheckSignature, bool CheckAuthentication)
{
    public static readonly ExecutionMode Block = new(true, true);

    /// <summary>Whether a transaction's signature was found good before; null for none.</summary>
    public Func<Hash32, bool>? IsKnownGood { get; init; }
}

/// <summary>
/// What the stack itself asks of a transaction before the framework's prologue: the same in the same order and words for a
/// block, a mempool and a simulation.
/// </summary>
/// <param name="Transaction">Null when the bytes do not decode.</param>
/// <param name="Hash">Of the transaction; by the same formula of bytes that are none.</param>
/// <param name="Approved">Governance approved its script, and nothing stands outside the approved hash.</param>
/// <param name="Intrinsic">Gas units that its bytes cost.</param>
/// <param name="Refusal">Null when it passes.</param>
/// <param name="Message">A sentence for people.</param>
internal sealed record Judgement(SignedTransaction? Transaction, Hash32 Hash, bool Approved, ulong Intrinsic,
    RefusalReason? Refusal, string Message)
{
    /// <summary>Hash of bytes that may be no transaction at all: the transaction hash's formula over them.</summary>
    private static readonly byte[] TransactionSalt = Hashing.Salt("APTOS::Transaction").ToArray();

    /// <summary>Judges canonical bytes.</summary>
    public static Judgement Of(StackRules rules, BlockContext block, byte[] bytes, CodeSnapshot code, IStateReader state,
        ExecutionMode mode)
    {
        TransactionRefusal malformed = TransactionDecoding.TryDecode(
            bytes, out SignedTransaction? transaction, simulation: !mode.CheckSignature);
        if (malformed.IsNone)
        {
            malformed = mode.CheckSignature
                ? TransactionDecoding.Check(transaction!, block.TxChainId, block.TimeMicros / 1_000_000, mode.IsKnownGood)
                : transaction!.Raw.ChainId == block.TxChainId ? default : new TransactionRefusal(TransactionRefusalCode.WrongChainId);
        }

        if (!malformed.IsNone)
        {
            Hash32 hash = Hashing.Sha3(TransactionSalt, [0x00], bytes);
            return new Judgement(transaction, hash, false, 0, Refusals.Of(malformed.Code), malformed.ToString());
        }

        RawTransaction raw = transaction!.Raw;
        bool approved = ApprovableScript(transaction) is Hash32 script && IsApproved(rules, block, code, state, script);
        ulong cap = approved ? rules.Transactions.ApprovedMaximumGas : rules.Transactions.MaximumGas;
        ulong intrinsic = rules.Transactions.IntrinsicGas + (rules.Transactions.IntrinsicGasPerByte * (ulong)bytes.Length);
        (RefusalReason? refusal, string message) =
            TransactionLimits.NeedsApproval(bytes.Length) && !approved
                ? (RefusalReason.ScriptNotApproved, "a transaction of this size needs a script that governance approved")
            : raw.MaxGasAmount > cap ? (RefusalReason.MaxGasTooHigh, $"the maximum gas is at most {cap}")
            : raw.MaxGasAmount < intrinsic ? (RefusalReason.MaxGasTooLow, $"the transaction's bytes alone cost {intrinsic} gas")
            : ((RefusalReason?)null, "");
        return new Judgement(transaction, transaction.Hash, approved, intrinsic, refusal, message);
    }

    /// <summary>The facts that Move code learns of the transaction.</summary>
    public BlockFacts Facts(BlockContext block) =>
        new(block, Hash.ToArray(), ApprovableScript(Transaction!) is Hash32 script ? script.ToArray() : []);

    /// <summary>
    /// The script that governance may know: none when the sender adds type arguments or arguments of its own choice, since an
    /// approval fixes
    /// everything (execution 4, ceremony). The session asks the same of the script's own parameters.
    /// </summary>
    private static Hash32? ApprovableScript(SignedTransaction transaction) =>
        transaction.Raw.Payload is TransactionPayload.Script { TypeArguments.Count: 0, Arguments.Count: 0 } ? transaction.ScriptHash : null;

    /// <summary>Whether governance approved a script with this hash (execution 4, hooks).</summary>
    private static bool IsApproved(StackRules rules, BlockContext block, CodeSnapshot code, IStateReader state, Hash32 scriptHash)
    {
        Session session = new(code, state, new BlockFacts(block, new byte[32], []), GasMeter.OfUnits(rules.Transactions.PrologueGas));
        CallResult call = session.CallFunction(Hooks.Governance, "is_approved", [], [Hooks.Bytes(scriptHash.ToArray())], []);
        return call.Status.IsSuccess && call.Values[0].Value is [1];
    }
}
