namespace Theseus.Protocol;

/// <summary>
/// Reads transactions from strangers: every fault is a refusal, nothing is allocated beyond the input's size
/// (execution 1).
/// </summary>
public static class TransactionDecoding
{
    /// <summary>Decodes the canonical bytes of a signed transaction. Signature, chain id and expiry are <see cref="Check"/>'s.</summary>
    /// <param name="bytes">The whole transaction.</param>
    /// <param name="transaction">The transaction, or null when refused.</param>
    /// <param name="simulation">Whether the bodiless authenticator <c>04 04</c> is accepted.</param>
    /// <returns>The refusal, or none.</returns>
    public static TransactionRefusal TryDecode(ReadOnlySpan<byte> bytes, out SignedTransaction? transaction, bool simulation = false)
    {
        transaction = null;
        if (bytes.Length > TransactionLimits.MaximumOversize)
        {
            return new TransactionRefusal(TransactionRefusalCode.TooLarge, bytes.Length.ToString());
        }

        BcsReader reader = new(bytes);
        try
        {
            RawTransaction raw = ReadRaw(ref reader);
            TransactionAuthenticator authenticator = ReadAuthenticator(ref reader, simulation);
            if (reader.Remaining != 0)
            {
                return new TransactionRefusal(TransactionRefusalCode.TrailingBytes, reader.Remaining.ToString());
            }

            if (!HasLegalSize(raw, bytes.Length))
            {
                return new TransactionRefusal(TransactionRefusalCode.TooLarge, bytes.Length.ToString());
            }

            transaction = new SignedTransaction(raw, authenticator, bytes.ToArray());
            return default;
        }
        catch (RefusedException refused)
        {
            return refused.Refusal;
        }
        catch (BcsException fault)
        {
            return new TransactionRefusal(TransactionRefusalCode.Malformed, fault.Message);
        }
    }

    /// <summary>
    /// Chain id, expiry at <paramref name="blockSeconds"/> and signature, cheap checks first (execution 1,
    /// consensus N10).
    /// </summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="chainId">The chain's byte.</param>
    /// <param name="blockSeconds">Time of its block in seconds since 1970.</param>
    /// <param name="isKnownGood">Whether the signature of the transaction with a hash was found good before; null for none.</param>
    public static TransactionRefusal Check(SignedTransaction transaction, byte chainId, ulong blockSeconds,
        Func<Hash32, bool>? isKnownGood = null)
    {
        TransactionRefusal terms = CheckTerms(transaction, chainId, blockSeconds);
        return !terms.IsNone ? terms
            : isKnownGood?.Invoke(transaction.Hash) == true || transaction.HasValidSignature() ? default
            : new TransactionRefusal(TransactionRefusalCode.BadSignature);
    }

    /// <summary>Chain id and expiry only.</summary>
    public static TransactionRefusal CheckTerms(SignedTransaction transaction, byte chainId, ulong blockSeconds)
    {
        if (transaction.Raw.ChainId != chainId)
        {
            return new TransactionRefusal(TransactionRefusalCode.WrongChainId, transaction.Raw.ChainId.ToString());
        }

        if (blockSeconds >= transaction.Raw.ExpirationSeconds)
        {
            return new TransactionRefusal(TransactionRefusalCode.Expired, transaction.Raw.ExpirationSeconds.ToString());
        }

        return default;
    }

    /// <summary>Decodes an entry call without its variant byte, the body of a BCS view request (execution 2).</summary>
    public static TransactionRefusal TryDecodeCall(ReadOnlySpan<byte> bytes, out TransactionPayload.EntryFunction? call)
    {
        call = null;
        BcsReader reader = new(bytes);
        try
        {
            TransactionPayload.EntryFunction decoded = ReadCall(ref reader);
            reader.End();
            call = decoded;
            return default;
        }
        catch (RefusedException refused)
        {
            return refused.Refusal;
        }
        catch (BcsException fault)
        {
            return new TransactionRefusal(TransactionRefusalCode.Malformed, fault.Message);
        }
    }

    private static bool HasLegalSize(RawTransaction raw, int size) =>
        size <= TransactionLimits.MaximumSize
        || (raw.Payload is TransactionPayload.Script script && size - script.Code.Length <= TransactionLimits.MaximumRest);

    private static RawTransaction ReadRaw(ref BcsReader reader) => new(
        reader.Address(), reader.U64(), ReadPayload(ref reader), reader.U64(), reader.U64(), reader.U64(), reader.U8());

    private static TransactionPayload ReadPayload(ref BcsReader reader)
    {
        uint variant = reader.Uleb();
        switch (variant)
        {
            case TransactionCodec.ScriptVariant:
                byte[] code = reader.Bytes(TransactionLimits.MaximumOversize);
                TypeTag[] types = ReadTypes(ref reader);
                int count = reader.Count(TransactionLimits.MaximumArguments);
                ScriptArgument[] arguments = new ScriptArgument[count];
                for (int i = 0; i < count; i++)
                {
                    arguments[i] = ReadScriptArgument(ref reader);
                }

                return new TransactionPayload.Script(code, types, arguments);
            case TransactionCodec.EntryFunctionVariant:
                return ReadCall(ref reader);
            default:
                throw new RefusedException(TransactionRefusalCode.UnsupportedPayload, variant.ToString());
        }
    }

    private static TransactionPayload.EntryFunction ReadCall(ref BcsReader reader)
    {
        Address address = reader.Address();
        string module = ReadIdentifier(ref reader);
        string function = ReadIdentifier(ref reader);
        TypeTag[] types = ReadTypes(ref reader);
        int count = reader.Count(TransactionLimits.MaximumArguments);
        byte[][] arguments = new byte[count][];
        for (int i = 0; i < count; i++)
        {
            arguments[i] = reader.Bytes(TransactionLimits.MaximumSize);
        }

        return new TransactionPayload.EntryFunction(new ModuleId(address, module), function, types, arguments);
    }

    private static ScriptArgument ReadScriptArgument(ref BcsReader reader)
    {
        uint variant = reader.Uleb();
        if (variant > (uint)ScriptArgumentKind.Serialized)
        {
            throw reader.Fail($"script argument variant {variant}");
        }

        ScriptArgumentKind kind = (ScriptArgumentKind)variant;
        switch (kind)
        {
            case ScriptArgumentKind.Serialized:
                return new ScriptArgument(kind, reader.Bytes(TransactionLimits.MaximumSize));
            case ScriptArgumentKind.Bytes:
                ReadOnlySpan<byte> content = reader.BytesView(TransactionLimits.MaximumSize);
                return new ScriptArgument(kind, new BcsWriter(content.Length + 4).Bytes(content).ToArray());
            case ScriptArgumentKind.Bool:
                return new ScriptArgument(kind, [reader.Bool() ? (byte)1 : (byte)0]);
            default:
                return new ScriptArgument(kind, reader.Raw(FixedSize(kind)).ToArray());
        }
    }

    private static int FixedSize(ScriptArgumentKind kind) => kind switch
    {
        ScriptArgumentKind.U8 => 1,
        ScriptArgumentKind.U16 => 2,
        ScriptArgumentKind.U32 => 4,
        ScriptArgumentKind.U64 => 8,
        ScriptArgumentKind.U128 => 16,
        _ => 32, // u256 and address
    };

    private static TypeTag[] ReadTypes(ref BcsReader reader)
    {
        int count = reader.Count(TransactionLimits.MaximumTypeArguments);
        TypeTag[] types = new TypeTag[count];
        for (int i = 0; i < count; i++)
        {
            try
            {
                types[i] = TypeTagCodec.Read(ref reader);
            }
            catch (BcsException fault)
            {
                throw new RefusedException(TransactionRefusalCode.BadTypeArgument, fault.Message);
            }

            if (!IsAcceptable(types[i]))
            {
                throw new RefusedException(TransactionRefusalCode.BadTypeArgument, i.ToString());
            }
        }

        return types;
    }

    // no signer anywhere, and only real identifiers; depth is bounded by the codec, so recursion is
    private static bool IsAcceptable(TypeTag tag) => tag.Kind switch
    {
        TypeTagKind.Signer => false,
        TypeTagKind.Vector => IsAcceptable(tag.Element!),
        TypeTagKind.Struct => Identifiers.IsValid(tag.Struct!.Module) && Identifiers.IsValid(tag.Struct.Name)
            && tag.Struct.TypeArguments.All(IsAcceptable),
        _ => true,
    };

    private static string ReadIdentifier(ref BcsReader reader)
    {
        string text = reader.Text(TransactionLimits.MaximumIdentifier);
        return Identifiers.IsValid(text) ? text : throw reader.Fail("not an identifier");
    }

    private static TransactionAuthenticator ReadAuthenticator(ref BcsReader reader, bool simulation)
    {
        uint variant = reader.Uleb();
        if (variant == TransactionCodec.Ed25519Variant)
        {
            byte[] plain = ReadExactly(ref reader, Ed25519.PublicKeyLength);
            return new TransactionAuthenticator(AuthenticatorKind.Ed25519, plain, ReadExactly(ref reader, Ed25519.SignatureLength));
        }

        if (variant != TransactionCodec.SingleSenderVariant)
        {
            throw new RefusedException(TransactionRefusalCode.UnsupportedAuthenticator, variant.ToString());
        }

        // 04 00 would wrap the plain signature under a second hash, so only 02 (and 04 in simulation) pass (execution 1)
        uint account = reader.Uleb();
        if (account == TransactionCodec.NoAccountVariant && simulation)
        {
            return TransactionAuthenticator.None;
        }

        if (account != TransactionCodec.SingleKeyVariant)
        {
            throw new RefusedException(TransactionRefusalCode.UnsupportedAuthenticator, $"{variant}.{account}");
        }

        byte[] key = ReadAny(ref reader, Ed25519.PublicKeyLength, "key");
        byte[] signature = ReadAny(ref reader, Ed25519.SignatureLength, "signature");
        return new TransactionAuthenticator(AuthenticatorKind.SingleKey, key, signature);
    }

    private static byte[] ReadAny(ref BcsReader reader, int length, string what)
    {
        uint variant = reader.Uleb();
        return variant == TransactionCodec.Ed25519Variant
            ? ReadExactly(ref reader, length)
            : throw new RefusedException(TransactionRefusalCode.UnsupportedAuthenticator, $"{what} {variant}");
    }

    private static byte[] ReadExactly(ref BcsReader reader, int length)
    {
        byte[] bytes = reader.Bytes(length);
        return bytes.Length == length ? bytes : throw reader.Fail($"{length} bytes expected, got {bytes.Length}");
    }

    // stays within this file: becomes a value at the edge
    private sealed class RefusedException(TransactionRefusalCode code, string detail) : Exception(detail)
    {
        public TransactionRefusal Refusal { get; } = new(code, detail);
    }
}
