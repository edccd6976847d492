namespace Theseus.Protocol;

/// <summary>A transaction with its proof, its canonical bytes and its one hash.</summary>
public sealed class SignedTransaction
{
    // Salts of execution 1; the names are those of the wallet format, so that existing wallets can sign.
    private static readonly byte[] RawSalt = Hashing.Salt("APTOS::RawTransaction").ToArray();
    private static readonly byte[] TransactionSalt = Hashing.Salt("APTOS::Transaction").ToArray();

    private Hash32? _hash;

    internal SignedTransaction(RawTransaction raw, TransactionAuthenticator authenticator, byte[] bytes)
    {
        Raw = raw;
        Authenticator = authenticator;
        Bytes = bytes;
    }

    /// <summary>What the sender signed.</summary>
    public RawTransaction Raw { get; }

    /// <summary>The sender's proof.</summary>
    public TransactionAuthenticator Authenticator { get; }

    /// <summary>BCS of RawTransaction ‖ authenticator. Not to be changed.</summary>
    public byte[] Bytes { get; }

    /// <summary>SHA3-256(salt ‖ 00 ‖ bytes) (execution 1).</summary>
    public Hash32 Hash => _hash ??= HashOf(Bytes);

    /// <summary>The hash of a transaction's canonical bytes; of any others the same formula. About 2 microseconds.</summary>
    public static Hash32 HashOf(ReadOnlySpan<byte> bytes) => Hashing.Sha3(TransactionSalt, [0x00], bytes);

    /// <summary>The script's hash (SHA3-256 of its code), or null for an entry call (execution 4, ceremony).</summary>
    public Hash32? ScriptHash => Raw.Payload is TransactionPayload.Script script ? Hashing.Sha3(script.Code) : null;

    /// <summary>salt ‖ BCS(RawTransaction), signed as it is (execution 1).</summary>
    public static byte[] SigningMessage(RawTransaction raw)
    {
        BcsWriter writer = new(512);
        writer.Raw(RawSalt);
        TransactionCodec.Write(writer, raw);
        return writer.ToArray();
    }

    /// <summary>Puts a transaction together; the signature is not checked.</summary>
    public static SignedTransaction Of(RawTransaction raw, TransactionAuthenticator authenticator)
    {
        BcsWriter writer = new(512);
        TransactionCodec.Write(writer, raw);
        TransactionCodec.Write(writer, authenticator);
        return new SignedTransaction(raw, authenticator, writer.ToArray());
    }

    /// <summary>Signs with a 32-byte Ed25519 seed.</summary>
    /// <exception cref="ArgumentException">The seed has another length.</exception>
    public static SignedTransaction Sign(RawTransaction raw, ReadOnlySpan<byte> seed, AuthenticatorKind kind = AuthenticatorKind.Ed25519) =>
        Of(raw, new TransactionAuthenticator(kind, Ed25519.PublicKey(seed), Ed25519.Sign(seed, SigningMessage(raw))));

    /// <summary>Whether the signature is the authenticator's key's over this transaction. About 40 microseconds.</summary>
    public bool HasValidSignature() =>
        Authenticator.Kind != AuthenticatorKind.None
        && Ed25519.Verify(Authenticator.PublicKey, SigningMessage(Raw), Authenticator.Signature);
}

/// <summary>The system transactions of a block (execution 1).</summary>
public enum SystemTransactionKind : byte
{
    /// <summary>Block 0.</summary>
    Genesis = 1,

    /// <summary>The begin hook, first in every block.</summary>
    Begin = 2,

    /// <summary>The end hook, last in every block.</summary>
    End = 3,
}

/// <summary>
/// Hashes of system transactions: SHA3-256(salt ‖ kind ‖ genesis hash ‖ height). They do not depend on the block id, so
/// rehearsals and replays agree (execution 3).
/// </summary>
public static class SystemTransactions
{
    private static readonly byte[] Salt = Hashing.Salt("THESEUS::SystemTransaction").ToArray();

    /// <summary>The hash of a system transaction of a height.</summary>
    public static Hash32 Hash(SystemTransactionKind kind, Hash32 genesisHash, ulong height) =>
        Hashing.Sha3(new BcsWriter(80).Raw(Salt).U8((byte)kind).Hash(genesisHash).U64(height).Written);
}

/// <summary>Handles of tables: SHA3-256("THESEUS::Table" ‖ transaction hash ‖ u32 counter) (execution 3).</summary>
public static class TableHandles
{
    /// <summary>The handle of the table that a transaction makes.</summary>
    /// <param name="transactionHash">The transaction's hash.</param>
    /// <param name="counter">Tables that it made before this one.</param>
    public static Hash32 Of(Hash32 transactionHash, uint counter) =>
        Hashing.Sha3(new BcsWriter(64).Raw("THESEUS::Table"u8).Hash(transactionHash).U32(counter).Written);
}
