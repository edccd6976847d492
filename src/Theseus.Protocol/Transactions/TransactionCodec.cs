namespace Theseus.Protocol;

/// <summary>
/// The wallet format of transactions, byte for byte (execution 1). Writing trusts its caller; reading trusts nobody,
/// see <see cref="TransactionDecoding"/>.
/// </summary>
public static class TransactionCodec
{
    internal const byte ScriptVariant = 0;
    internal const byte EntryFunctionVariant = 2;
    internal const byte Ed25519Variant = 0;
    internal const byte SingleSenderVariant = 4;
    internal const byte SingleKeyVariant = 2;
    internal const byte NoAccountVariant = 4;

    /// <summary>BCS of the raw transaction, what the signing message ends with.</summary>
    public static byte[] Encode(RawTransaction raw)
    {
        BcsWriter writer = new(512);
        Write(writer, raw);
        return writer.ToArray();
    }

    /// <summary>Appends a raw transaction.</summary>
    public static void Write(BcsWriter writer, RawTransaction raw)
    {
        writer.Address(raw.Sender).U64(raw.SequenceNumber);
        Write(writer, raw.Payload);
        writer.U64(raw.MaxGasAmount).U64(raw.GasUnitPrice).U64(raw.ExpirationSeconds).U8(raw.ChainId);
    }

    /// <summary>Appends a payload: its variant, then its fields.</summary>
    /// <exception cref="ArgumentException">The payload is of a kind that the format lacks.</exception>
    public static void Write(BcsWriter writer, TransactionPayload payload)
    {
        switch (payload)
        {
            case TransactionPayload.Script script:
                writer.Uleb(ScriptVariant).Bytes(script.Code).List(script.TypeArguments, TypeTagCodec.Write).List(script.Arguments, Write);
                break;
            case TransactionPayload.EntryFunction call:
                writer.Uleb(EntryFunctionVariant);
                WriteCall(writer, call);
                break;
            default:
                throw new ArgumentException("unknown payload", nameof(payload));
        }
    }

    /// <summary>An entry call without its variant byte, the body of a view request (execution 2).</summary>
    public static void WriteCall(BcsWriter writer, TransactionPayload.EntryFunction call) => writer
        .Address(call.Module.Address).Text(call.Module.Name).Text(call.Function)
        .List(call.TypeArguments, TypeTagCodec.Write).List(call.Arguments, static (w, bytes) => w.Bytes(bytes));

    /// <summary>Appends an argument of a script: its kind, then its BCS.</summary>
    public static void Write(BcsWriter writer, ScriptArgument argument)
    {
        writer.Uleb((byte)argument.Kind);
        if (argument.Kind == ScriptArgumentKind.Serialized)
        {
            writer.Bytes(argument.Value);
        }
        else
        {
            writer.Raw(argument.Value); // the value's own BCS, lengths included
        }
    }

    /// <summary>Appends the sender's proof.</summary>
    public static void Write(BcsWriter writer, TransactionAuthenticator authenticator)
    {
        switch (authenticator.Kind)
        {
            case AuthenticatorKind.Ed25519:
                writer.Uleb(Ed25519Variant).Bytes(authenticator.PublicKey).Bytes(authenticator.Signature);
                break;
            case AuthenticatorKind.SingleKey:
                writer.Uleb(SingleSenderVariant).Uleb(SingleKeyVariant);
                writer.Uleb(Ed25519Variant).Bytes(authenticator.PublicKey).Uleb(Ed25519Variant).Bytes(authenticator.Signature);
                break;
            default:
                writer.Uleb(SingleSenderVariant).Uleb(NoAccountVariant);
                break;
        }
    }
}
