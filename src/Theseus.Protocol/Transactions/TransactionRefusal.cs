namespace Theseus.Protocol;

/// <summary>Why bytes are not a transaction of this chain. Stable names; users see them in upper case.</summary>
public enum TransactionRefusalCode : ushort
{
    /// <summary>Nothing is wrong.</summary>
    None = 0,

    /// <summary>Not canonical BCS, an unknown variant, or text that is not an identifier.</summary>
    Malformed = 1,

    /// <summary>A whole transaction, and bytes after it.</summary>
    TrailingBytes = 2,

    /// <summary>Payload variant in the detail (execution 1).</summary>
    UnsupportedPayload = 3,

    /// <summary>Authenticator variant in the detail (execution 1).</summary>
    UnsupportedAuthenticator = 4,

    /// <summary>More bytes than <see cref="TransactionLimits"/> allows.</summary>
    TooLarge = 5,

    /// <summary>A type argument that names signer, is too deep or too large, or too many of them.</summary>
    BadTypeArgument = 6,

    /// <summary>Signed for another chain, whose id is the detail.</summary>
    WrongChainId = 7,

    /// <summary>The signature is not the authenticator's key's over this transaction.</summary>
    BadSignature = 8,

    /// <summary>Chain time has reached its expiry.</summary>
    Expired = 9,
}

/// <summary>A refusal with its detail, e.g. <c>UNSUPPORTED_PAYLOAD(4)</c>.</summary>
public readonly record struct TransactionRefusal(TransactionRefusalCode Code, string Detail = "")
{
    /// <summary>Whether nothing is wrong.</summary>
    public bool IsNone => Code == TransactionRefusalCode.None;

    /// <summary>The stable name that clients see.</summary>
    public string Name => IsNone ? "NONE" : Refusals.Of(Code).Name();

    /// <summary>The name, with the detail in brackets when there is one.</summary>
    public override string ToString() => string.IsNullOrEmpty(Detail) ? Name : $"{Name}({Detail})";
}

/// <summary>Sizes of transactions (execution 1).</summary>
public static class TransactionLimits
{
    /// <summary>Bytes of an ordinary signed transaction at most.</summary>
    public const int MaximumSize = 65_536;

    /// <summary>Bytes of a transaction whose script is approved by governance at most.</summary>
    public const int MaximumOversize = 1_048_576;

    /// <summary>Bytes besides the script's code in an oversize transaction at most.</summary>
    public const int MaximumRest = 4_096;

    /// <summary>Type arguments of a payload at most.</summary>
    public const int MaximumTypeArguments = 32;

    /// <summary>Arguments at most: the binary format bounds a function's parameters by 255.</summary>
    public const int MaximumArguments = 255;

    /// <summary>Bytes of a module, struct or function name in a transaction at most.</summary>
    public const int MaximumIdentifier = 255;

    /// <summary>Whether a transaction of this size must have an approved script (execution 1, 4).</summary>
    public static bool NeedsApproval(int size) => size > MaximumSize;
}
