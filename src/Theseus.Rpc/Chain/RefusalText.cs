using Theseus.Protocol;

namespace Theseus.Rpc;

/// <summary>What the codes of refused transactions mean, for people. The code itself stands in the error's data.</summary>
public static class RefusalText
{
    private const string ByGovernance =
        "this chain takes scripts and calls of entry functions; code is published by governance alone: see theseus framework upgrade, "
            + "then propose, vote and resolve";

    /// <summary>A sentence that begins with the code's name.</summary>
    /// <param name="refusal">Why.</param>
    /// <param name="detail">What is known of this one; may repeat the name.</param>
    public static string Of(RefusalReason refusal, string detail)
    {
        string name = refusal.Name();
        string plain = name.ToLowerInvariant().Replace('_', ' ');
        string more = detail == name || detail == plain ? "" : detail.StartsWith(name + "(", StringComparison.Ordinal)
            ? detail[name.Length..] : detail;
        string words = refusal switch
        {
            RefusalReason.Malformed => "the bytes are not a signed transaction",
            RefusalReason.TrailingBytes => "bytes follow the transaction's end",
            RefusalReason.TooLarge => "the transaction is larger than a block may hold",
            RefusalReason.UnsupportedPayload => ByGovernance,
            RefusalReason.UnsupportedAuthenticator => "a sender is proven by one Ed25519 key; other authenticators are not accepted",
            RefusalReason.BadTypeArgument => "a type argument names signer, or is too deep or too large, or there are too many",
            RefusalReason.WrongChainId or RefusalReason.BadChainId => "the transaction was signed for another chain",
            RefusalReason.BadSignature => "the signature is not the public key's over this transaction",
            RefusalReason.InvalidAuthKey => "the public key is not the sender's",
            RefusalReason.Expired or RefusalReason.TransactionExpired => "the transaction has expired",
            RefusalReason.InsufficientBalance => "the sender's balance does not cover the maximum gas at this price",
            RefusalReason.GasPriceTooLow => "the gas price is below the chain's minimum",
            RefusalReason.PrologueFailed => "the chain's check of the transaction failed",
            _ => more.Length > 0 ? "" : plain,
        };
        return words.Length == 0 ? $"{name}: {more}" : more.Length == 0 ? $"{name}: {words}" : more.StartsWith('(')
            ? $"{name}: {words} {more}" : $"{name}: {words} ({more})";
    }
}
