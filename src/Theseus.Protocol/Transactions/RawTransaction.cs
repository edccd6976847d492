namespace Theseus.Protocol;

/// <summary>What a sender signs (execution 1).</summary>
/// <param name="Sender">The account that pays and acts.</param>
/// <param name="SequenceNumber">The account's next number.</param>
/// <param name="Payload">A script or an entry call.</param>
/// <param name="MaxGasAmount">Gas units at most.</param>
/// <param name="GasUnitPrice">Smallest coin units for a gas unit.</param>
/// <param name="ExpirationSeconds">Discarded in a block whose time in seconds has reached it.</param>
/// <param name="ChainId">The chain's transaction id byte.</param>
public sealed record RawTransaction(
    Address Sender,
    ulong SequenceNumber,
    TransactionPayload Payload,
    ulong MaxGasAmount,
    ulong GasUnitPrice,
    ulong ExpirationSeconds,
    byte ChainId);

/// <summary>What a transaction does. Variant 0 is a script, 2 an entry call; all others are refused by number (execution 1).</summary>
public abstract record TransactionPayload
{
    private TransactionPayload()
    {
    }

    /// <summary>Bytecode that runs once.</summary>
    public sealed record Script(
        byte[] Code,
        IReadOnlyList<TypeTag> TypeArguments,
        IReadOnlyList<ScriptArgument> Arguments) : TransactionPayload;

    /// <summary>A call of an entry function; each argument is its BCS.</summary>
    public sealed record EntryFunction(
        ModuleId Module,
        string Function,
        IReadOnlyList<TypeTag> TypeArguments,
        IReadOnlyList<byte[]> Arguments) : TransactionPayload;
}

/// <summary>The variants of a script argument, as BCS numbers them (execution 1).</summary>
public enum ScriptArgumentKind : byte
{
    /// <summary>1 byte.</summary>
    U8 = 0,

    /// <summary>8 bytes, little-endian.</summary>
    U64 = 1,

    /// <summary>16 bytes, little-endian.</summary>
    U128 = 2,

    /// <summary>32 bytes.</summary>
    Address = 3,

    /// <summary>A vector of bytes, with its length.</summary>
    Bytes = 4,

    /// <summary>1 byte, 0 or 1.</summary>
    Bool = 5,

    /// <summary>2 bytes, little-endian.</summary>
    U16 = 6,

    /// <summary>4 bytes, little-endian.</summary>
    U32 = 7,

    /// <summary>32 bytes, little-endian.</summary>
    U256 = 8,

    /// <summary>The BCS of a value of any type, as a vector of bytes.</summary>
    Serialized = 9,
}

/// <summary>
/// One argument of a script. Kinds are not compared with the parameter's type: <paramref name="Value"/>, the BCS of the
/// argument, is decoded against it (execution 1, argument rule).
/// </summary>
/// <param name="Kind">How it stands in the transaction.</param>
/// <param name="Value">
/// The argument's BCS: for <see cref="ScriptArgumentKind.Bytes"/> with its length, for <see
/// cref="ScriptArgumentKind.Serialized"/> the content.
/// </param>
public sealed record ScriptArgument(ScriptArgumentKind Kind, byte[] Value);

/// <summary>How a transaction proves its sender (execution 1).</summary>
public enum AuthenticatorKind
{
    /// <summary><c>00</c>{public key, signature}: the SDK's default.</summary>
    Ed25519 = 0,

    /// <summary><c>04 02</c>{AnyPublicKey 00, AnySignature 00}.</summary>
    SingleKey = 1,

    /// <summary><c>04 04</c>, no body: only in simulation.</summary>
    None = 2,
}

/// <summary>A sender's proof: 32 bytes of key and 64 of signature, both empty for <see cref="AuthenticatorKind.None"/>.</summary>
public sealed record TransactionAuthenticator(AuthenticatorKind Kind, byte[] PublicKey, byte[] Signature)
{
    /// <summary>No proof, for simulation.</summary>
    public static readonly TransactionAuthenticator None = new(AuthenticatorKind.None, [], []);

    /// <summary>The authentication key that this proof satisfies; zero for <see cref="AuthenticatorKind.None"/>.</summary>
    public Hash32 AuthenticationKey() => Kind switch
    {
        AuthenticatorKind.Ed25519 => AuthenticationKeys.OfEd25519(PublicKey),
        AuthenticatorKind.SingleKey => AuthenticationKeys.OfSingleKey(PublicKey),
        _ => Hash32.Zero,
    };
}

/// <summary>Authentication keys; an account's address is its first one (execution 1).</summary>
public static class AuthenticationKeys
{
    private const byte Ed25519Scheme = 0x00;
    private const byte SingleKeyScheme = 0x02;

    /// <summary>SHA3-256(pk ‖ 00).</summary>
    public static Hash32 OfEd25519(ReadOnlySpan<byte> publicKey) => Hashing.Sha3(publicKey, [Ed25519Scheme]);

    /// <summary>SHA3-256(00 20 ‖ pk ‖ 02).</summary>
    public static Hash32 OfSingleKey(ReadOnlySpan<byte> publicKey) =>
        Hashing.Sha3([0x00, Ed25519.PublicKeyLength], publicKey, [SingleKeyScheme]);

    /// <summary>The address that a key has at first.</summary>
    public static Address ToAddress(Hash32 authenticationKey) => new(authenticationKey.ToArray());
}
