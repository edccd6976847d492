using System.Text;
using Theseus.Move.Format;
using Theseus.Move.Natives;
using Theseus.Move.Runtime;
using Theseus.Protocol;

namespace Theseus.Move.Compiler.Testing;

/// <summary>
/// Natives under the names that public Move packages declare them by at 0x1, for unit tests: the same work as this chain's own natives,
/// which have other names, and what only tests have (std::debug, std::unit_test). They add to a table and replace nothing in it.
/// </summary>
public static class LanguageNatives
{
    /// <summary>Signers that one call of std::unit_test::create_signers_for_testing gives.</summary>
    private const ulong MaximumSigners = 65_536;

    /// <summary>Characters of one printed value.</summary>
    private const int MaximumPrinted = 16_384;

    /// <summary>Public names and the natives of this chain that do the same.</summary>
    private static readonly (NativeId Public, NativeId Own)[] SameWork =
    [
        (new("hash", "sha2_256"), new("hash", "native_sha2_256")),
        (new("hash", "sha3_256"), new("hash", "native_sha3_256")),
        (new("bcs", "to_bytes"), new("bcs", "native_to_bytes")),
        (new("signer", "borrow_address"), new("signer", "native_borrow_address")),
        (new("DiemAccount", "create_signer"), new("account", "create_signer")),
        (new("Account", "create_signer"), new("account", "create_signer")),
        (new("Signature", "ed25519_validate_pubkey"), new("ed25519", "native_public_key_is_valid")),
        (new("Signature", "ed25519_verify"), new("ed25519", "native_verify")),
    ];

    /// <summary>The table and the public names.</summary>
    /// <param name="natives">As for <see cref="TestOptions.Natives"/>.</param>
    /// <param name="print">Takes what std::debug prints, a line a call; null drops it.</param>
    public static NativeTable AddTo(NativeTable natives, Action<string>? print = null)
    {
        List<Native> more =
        [
            .. SameWork.Select(pair => natives.Find(pair.Own) is { } own ? own with { Id = pair.Public } : null).OfType<Native>(),
        ];
        Add("debug", "print", "<_>(&T0)", call => Print(call, print));
        Add("debug", "print_stack_trace", "()", static _ => null);
        Add("unit_test", "create_signers_for_testing", "(u64):vector<signer>", Signers);
        Add("type_name", "get", "<_>():0x1::type_name::TypeName", TypeName);
        Add("event", "write_to_event_store", "<drop+store>(vector<u8>,u64,T0)", static _ => null);
        return natives.With(more.Where(native => natives.Find(native.Id) is null));

        void Add(string module, string name, string signature, NativeFunction function) =>
            more.Add(new(new NativeId(module, name), signature, 1, function));
    }

    private static ulong? Signers(NativeCall call)
    {
        ulong count = call[0].Bits;
        if (count > MaximumSigners)
        {
            throw new VmException(StatusCode.MemoryLimitExceeded, $"a test makes at most {MaximumSigners} signers at once");
        }

        Value[] signers = new Value[(int)count];
        for (int i = 0; i < signers.Length; i++)
        {
            signers[i] = Value.Of(Address.FromShort((ulong)i));
        }

        call.Charge(signers.Length);
        call.Return(Value.Of(new ValueVector(signers, signers.Length)));
        return null;
    }

    /// <summary>type_name::TypeName { name: ascii::String { bytes } } of a type, with addresses of 64 digits.</summary>
    private static ulong? TypeName(NativeCall call)
    {
        StringBuilder text = new();
        Append(text, call.TypeArguments[0]);
        call.Charge(text.Length);
        call.Return(Value.Struct(Value.Struct(Value.Bytes(Encoding.ASCII.GetBytes(text.ToString())))));
        return null;
    }

    private static void Append(StringBuilder text, RuntimeType type)
    {
        if (type.Kind == TokenKind.Vector)
        {
            text.Append("vector");
        }
        else if (type.Tag.Struct is { } named)
        {
            text.Append(Convert.ToHexStringLower(named.Address.ToArray())).Append("::").Append(named.Module)
                .Append("::").Append(named.Name);
        }
        else
        {
            text.Append(type.Kind.ToString().ToLowerInvariant());
        }

        for (int i = 0; i < type.Arguments.Length; i++)
        {
            text.Append(i == 0 ? "<" : ", ");
            Append(text, type.Arguments[i]);
        }

        text.Append(type.Arguments.Length > 0 ? ">" : "");
    }

    private static ulong? Print(NativeCall call, Action<string>? print)
    {
        StringBuilder text = new("[debug] ");
        Show(text, call[0].Target, call.TypeArguments[0]);
        call.Charge(text.Length);
        print?.Invoke(text.ToString());
        return null;
    }

    private static void Show(StringBuilder text, in Value value, RuntimeType type)
    {
        if (text.Length > MaximumPrinted)
        {
            return;
        }

        switch (type.Kind)
        {
            case TokenKind.Bool:
                text.Append(value.Bits == 0 ? "false" : "true");
                break;
            case TokenKind.U128:
                text.Append(value.AsU128);
                break;
            case TokenKind.U256:
                text.Append(value.AsU256);
                break;
            case TokenKind.Address or TokenKind.Signer:
                text.Append('@').Append(value.AsAddress);
                break;
            case TokenKind.Vector when value.Ref is ByteVector bytes:
                text.Append("x\"").Append(Convert.ToHexStringLower(bytes.Span)).Append('"');
                break;
            case TokenKind.Vector:
                text.Append('[');
                for (int i = 0; i < value.AsVector.Count; i++)
                {
                    text.Append(i == 0 ? "" : ", ");
                    Show(text, value.AsVector.Get(i), type.Element);
                }

                text.Append(']');
                break;
            case TokenKind.Struct:
                text.Append(type.Tag).Append(" { ");
                for (int i = 0; i < value.AsFields.Length; i++)
                {
                    text.Append(i == 0 ? "" : ", ");
                    Show(text, value.AsFields[i], type.Fields[i]);
                }

                text.Append(" }");
                break;
            default:
                text.Append(value.Bits);
                break;
        }
    }
}
