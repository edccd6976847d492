using System.Collections.Frozen;

namespace Theseus.Protocol;

/// <summary>
/// Why a transaction was skipped in a block (the number stands in its receipt), or not admitted to a mempool. 1001 to 1999 are
/// the abort codes of the
/// framework's prologue as they are, 2000 to 2999 the stack's own, 3000 to 3999 those of decoding (<see
/// cref="TransactionRefusalCode"/>), from 4000 the
/// mempool's. A framework may abort with a number that has no name here.
/// </summary>
public enum RefusalReason : ushort
{
    /// <summary>The key that signed is not the account's.</summary>
    InvalidAuthKey = 1001,

    /// <summary>The sequence number was used.</summary>
    SequenceNumberTooOld = 1002,

    /// <summary>The sequence number is not the account's next one. Admission allows gaps.</summary>
    SequenceNumberTooNew = 1003,

    /// <summary>The sender has no account.</summary>
    AccountDoesNotExist = 1004,

    /// <summary>The balance is below maximum gas times price.</summary>
    InsufficientBalance = 1005,

    /// <summary>The chain's time has reached the expiration.</summary>
    TransactionExpired = 1006,

    /// <summary>The transaction is of another chain.</summary>
    BadChainId = 1007,

    /// <summary>The sequence number can rise no further.</summary>
    SequenceNumberTooBig = 1008,

    /// <summary>The price is below the chain's minimum.</summary>
    GasPriceTooLow = 1009,

    /// <summary>Price times gas does not fit 64 bits.</summary>
    FeeOverflow = 1010,

    /// <summary>The block has too little gas left; the only reason that is worth another try.</summary>
    BlockGas = 2000,

    /// <summary>The prologue failed otherwise than by an abort code of its own.</summary>
    PrologueFailed = 2001,

    /// <summary>The maximum gas is above the cap.</summary>
    MaxGasTooHigh = 2002,

    /// <summary>The maximum gas does not pay for the transaction's bytes.</summary>
    MaxGasTooLow = 2003,

    /// <summary>An oversize transaction whose script governance has not approved.</summary>
    ScriptNotApproved = 2004,

    /// <summary>The fee could not be taken even after the body was dropped: an alarm.</summary>
    EpilogueFailed = 2005,

    /// <summary>Decoding: <see cref="TransactionRefusalCode.Malformed"/>.</summary>
    Malformed = 3001,

    /// <summary>Decoding: <see cref="TransactionRefusalCode.TrailingBytes"/>.</summary>
    TrailingBytes = 3002,

    /// <summary>Decoding: <see cref="TransactionRefusalCode.UnsupportedPayload"/>.</summary>
    UnsupportedPayload = 3003,

    /// <summary>Decoding: <see cref="TransactionRefusalCode.UnsupportedAuthenticator"/>.</summary>
    UnsupportedAuthenticator = 3004,

    /// <summary>Decoding: <see cref="TransactionRefusalCode.TooLarge"/>.</summary>
    TooLarge = 3005,

    /// <summary>Decoding: <see cref="TransactionRefusalCode.BadTypeArgument"/>.</summary>
    BadTypeArgument = 3006,

    /// <summary>Decoding: <see cref="TransactionRefusalCode.WrongChainId"/>.</summary>
    WrongChainId = 3007,

    /// <summary>Decoding: <see cref="TransactionRefusalCode.BadSignature"/>.</summary>
    BadSignature = 3008,

    /// <summary>Decoding: <see cref="TransactionRefusalCode.Expired"/>.</summary>
    Expired = 3009,

    /// <summary>Mempool: it is full of transactions that pay as much or more.</summary>
    MempoolFull = 4001,

    /// <summary>Mempool: as many transactions of the sender wait as may.</summary>
    TooManyFromSender = 4002,

    /// <summary>Mempool: a replacement must pay more.</summary>
    ReplacementUnderpriced = 4003,

    /// <summary>Mempool: the expiration lies too far ahead of the clock.</summary>
    ExpirationTooFar = 4004,

    /// <summary>Mempool: this node lacks the execution stack of the next block.</summary>
    ModuleMissing = 4005,

    /// <summary>Mempool: another transaction with the same sequence number took its place.</summary>
    Replaced = 4006,

    /// <summary>Mempool: it cannot run yet, and the sender or all senders have as many such transactions as may wait.</summary>
    TooManyWaiting = 4007,
}

/// <summary>The one table of names that clients see for refusals.</summary>
public static class Refusals
{
    /// <summary>The first number of the prologue's abort codes.</summary>
    private const ulong FirstOfPrologue = 1_000;

    /// <summary>What is added to a <see cref="TransactionRefusalCode"/>.</summary>
    private const ushort FirstOfDecoding = 3_000;

    private static readonly FrozenDictionary<RefusalReason, string> Names = new KeyValuePair<RefusalReason, string>[]
    {
        new(RefusalReason.InvalidAuthKey, "INVALID_AUTH_KEY"),
        new(RefusalReason.SequenceNumberTooOld, "SEQUENCE_NUMBER_TOO_OLD"),
        new(RefusalReason.SequenceNumberTooNew, "SEQUENCE_NUMBER_TOO_NEW"),
        new(RefusalReason.AccountDoesNotExist, "ACCOUNT_DOES_NOT_EXIST"),
        new(RefusalReason.InsufficientBalance, "INSUFFICIENT_BALANCE_FOR_TRANSACTION_FEE"),
        new(RefusalReason.TransactionExpired, "TRANSACTION_EXPIRED"),
        new(RefusalReason.BadChainId, "BAD_CHAIN_ID"),
        new(RefusalReason.SequenceNumberTooBig, "SEQUENCE_NUMBER_TOO_BIG"),
        new(RefusalReason.GasPriceTooLow, "GAS_PRICE_TOO_LOW"),
        new(RefusalReason.FeeOverflow, "FEE_OVERFLOW"),
        new(RefusalReason.BlockGas, "BLOCK_GAS"),
        new(RefusalReason.PrologueFailed, "PROLOGUE_FAILED"),
        new(RefusalReason.MaxGasTooHigh, "MAX_GAS_TOO_HIGH"),
        new(RefusalReason.MaxGasTooLow, "MAX_GAS_TOO_LOW"),
        new(RefusalReason.ScriptNotApproved, "SCRIPT_NOT_APPROVED"),
        new(RefusalReason.EpilogueFailed, "EPILOGUE_FAILED"),
        new(RefusalReason.Malformed, "MALFORMED"),
        new(RefusalReason.TrailingBytes, "TRAILING_BYTES"),
        new(RefusalReason.UnsupportedPayload, "UNSUPPORTED_PAYLOAD"),
        new(RefusalReason.UnsupportedAuthenticator, "UNSUPPORTED_AUTHENTICATOR"),
        new(RefusalReason.TooLarge, "TOO_LARGE"),
        new(RefusalReason.BadTypeArgument, "BAD_TYPE_ARGUMENT"),
        new(RefusalReason.WrongChainId, "WRONG_CHAIN_ID"),
        new(RefusalReason.BadSignature, "BAD_SIGNATURE"),
        new(RefusalReason.Expired, "EXPIRED"),
        new(RefusalReason.MempoolFull, "MEMPOOL_FULL"),
        new(RefusalReason.TooManyFromSender, "TOO_MANY_FROM_SENDER"),
        new(RefusalReason.ReplacementUnderpriced, "REPLACEMENT_UNDERPRICED"),
        new(RefusalReason.ExpirationTooFar, "EXPIRATION_TOO_FAR"),
        new(RefusalReason.ModuleMissing, "MODULE_MISSING"),
        new(RefusalReason.Replaced, "REPLACED"),
        new(RefusalReason.TooManyWaiting, "TOO_MANY_WAITING"),
    }.ToFrozenDictionary();

    /// <summary>The stable name, e.g. <c>SEQUENCE_NUMBER_TOO_OLD</c>; <c>SKIPPED_n</c> for a framework's number without one.</summary>
    public static string Name(this RefusalReason refusal) =>
        Names.TryGetValue(refusal, out string? name) ? name : $"SKIPPED_{(ushort)refusal}";

    /// <summary>The refusal that decoding gave.</summary>
    public static RefusalReason Of(TransactionRefusalCode code) => (RefusalReason)(FirstOfDecoding + (ushort)code);

    /// <summary>The refusal that an abort code of the prologue means: the code itself where it is one of the prologue's numbers.</summary>
    public static RefusalReason OfPrologue(ulong? abortCode) =>
        abortCode is > FirstOfPrologue and < (ulong)RefusalReason.BlockGas ? (RefusalReason)abortCode.Value : RefusalReason.PrologueFailed;
}
