using System.Security.Cryptography;
using System.Text;
using Theseus.Move.Rules;
using Theseus.Move.Runtime;

namespace Theseus.Move.Natives;

/// <summary>The chain's signature check (execution 1): signature 64 bytes, public key 32 bytes, message.</summary>
public delegate bool SignatureCheck(ReadOnlySpan<byte> signature, ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message);

/// <summary>Whether 32 bytes are a public key that could verify anything: canonical and not of small order.</summary>
public delegate bool KeyCheck(ReadOnlySpan<byte> publicKey);

/// <summary>
/// Every native that exists, by name; a set of rules picks from them (<see cref="NativeTable.Pick"/>). Names and signatures are
/// those of the framework's
/// <c>native fun</c> declarations. Each charges before it works.
/// </summary>
public static class StandardNatives
{
    /// <summary>The bytes are not the canonical form of the type, or the type is no struct.</summary>
    private const ulong InvalidArgument = 0x10001;

    /// <param name="verify">Libsodium's rule, injected because this room calls no foreign code.</param>
    /// <param name="isKey">Likewise.</param>
    public static NativeTable All(SignatureCheck verify, KeyCheck isKey)
    {
        List<Native> table = [];
        void Add(string module, string name, string signature, NativeFunction function) =>
            table.Add(new Native(new NativeId(module, name), signature, Semantics: 1, function));

        Add("hash", "native_sha2_256", "(vector<u8>):vector<u8>", call => Hash(call, data => SHA256.HashData(data)));
        Add("hash", "native_sha3_256", "(vector<u8>):vector<u8>", call => Hash(call, data => Consensus.Sha3.Hash256(data)));
        Add("hash", "native_keccak256", "(vector<u8>):vector<u8>", call => Hash(call, data => Consensus.Keccak.Hash256(data)));
        Add("bcs", "native_to_bytes", "<_>(&T0):vector<u8>", ToBytes);
        Add("from_bcs", "from_bytes", "<_>(vector<u8>):T0", FromBytes);
        Add("signer", "native_borrow_address", "(&signer):&address", BorrowAddress);
        Add("string", "internal_check_utf8", "(&vector<u8>):bool", StringNatives.CheckUtf8);
        Add("string", "internal_is_char_boundary", "(&vector<u8>,u64):bool", StringNatives.IsCharBoundary);
        Add("string", "internal_sub_string", "(&vector<u8>,u64,u64):vector<u8>", StringNatives.SubString);
        Add("string", "internal_index_of", "(&vector<u8>,&vector<u8>):u64", StringNatives.IndexOf);
        Add("type_info", "native_type_of", "<_>():address,vector<u8>,vector<u8>", TypeOf);
        Add("type_info", "native_type_name", "<_>():vector<u8>", TypeName);
        Add("event", "native_emit", "<drop+store>(T0)", Emit);
        Add("account", "create_signer", "(address):signer", CreateSigner);
        Add("code", "request_publish", "(vector<u8>,vector<u8>,vector<vector<u8>>)", RequestPublish);
        Add("transaction_context", "native_script_hash", "():vector<u8>", call => Give(call, call.Session.ScriptHash));
        Add("transaction_context", "native_tx_hash", "():vector<u8>", call => Give(call, call.Session.Facts.TransactionHash));
        Add("block_context", "get", "(u8):vector<u8>", call => Give(call, call.Session.Facts.BlockField((byte)call[0].Bits)));
        Add("protocol_record", "component", "(vector<u8>,u8):vector<u8>", call =>
            Give(call, call.Session.Facts.ComponentField(call[0].AsBytes, (byte)call[1].Bits)));
        Add("ed25519", "native_verify", "(vector<u8>,vector<u8>,vector<u8>):bool", call => Verify(call, verify));
        Add("ed25519", "native_public_key_is_valid", "(vector<u8>):bool", call =>
        {
            call.Charge(Gas(call).KeyCheck);
            call.Return(Value.Of(call[0].AsBytes.Length == 32 && isKey(call[0].AsBytes)));
            return null;
        });
        Add("fixed_point32", "native_sqrt", "(u64):u64", call => Sqrt(call, 32));
        Add("fixed_point64", "native_sqrt", "(u128):u128", call => Sqrt(call, 64));
        Add("table", "new_table_handle", "<_,_>():address", TableNatives.NewHandle);
        Add("table", "add_box", "<copy+drop,_,_>(&mut 0x1::table::Table<T0,T1>,T0,0x1::table::Box<T1>)", TableNatives.Add);
        Add("table", "borrow_box", "<copy+drop,_,_>(&0x1::table::Table<T0,T1>,T0):&0x1::table::Box<T1>", call =>
            TableNatives.Borrow(call, mutable: false));
        Add("table", "borrow_box_mut", "<copy+drop,_,_>(&mut 0x1::table::Table<T0,T1>,T0):&mut 0x1::table::Box<T1>", call =>
            TableNatives.Borrow(call, mutable: true));
        Add("table", "contains_box", "<copy+drop,_,_>(&0x1::table::Table<T0,T1>,T0):bool", TableNatives.Contains);
        Add("table", "remove_box", "<copy+drop,_,_>(&mut 0x1::table::Table<T0,T1>,T0):0x1::table::Box<T1>", TableNatives.Remove);
        Add("table", "destroy_empty_box", "<copy+drop,_,_>(&0x1::table::Table<T0,T1>)", _ => null);
        Add("table", "drop_unchecked_box", "<copy+drop,_,_>(0x1::table::Table<T0,T1>)", _ => null);
        return new NativeTable(table);
    }

    internal static GasTable Gas(NativeCall call) => call.Session.Snapshot.Rules.Gas;

    /// <summary>Answers bytes of the host, charged by size.</summary>
    internal static ulong? Give(NativeCall call, byte[] bytes)
    {
        call.Session.Gas.Charge(bytes.Length, Gas(call).BcsByte);
        call.Session.Memory.Encoding(MemoryMeter.Rounded(bytes.Length));
        call.Return([.. bytes]);
        return null;
    }

    private delegate byte[] HashFunction(ReadOnlySpan<byte> data);

    private static ulong? Hash(NativeCall call, HashFunction hash)
    {
        ReadOnlySpan<byte> data = call[0].AsBytes;
        call.Charge(Gas(call).HashBase, data.Length, Gas(call).HashByte);
        call.Return(hash(data));
        return null;
    }

    private static ulong? ToBytes(NativeCall call)
    {
        Value value = call[0].Target;
        call.Session.ChargeEncoding(value);
        call.Return(ValueCodec.Encode(value, call.TypeArguments[0]));
        return null;
    }

    private static ulong? FromBytes(NativeCall call)
    {
        ReadOnlySpan<byte> bytes = call[0].AsBytes;
        call.Session.Gas.Charge(bytes.Length, Gas(call).BcsByte);
        RuntimeType type = call.TypeArguments[0];
        type.ValueDepth(call.Session.Snapshot.Rules.Limits.ValueDepth);
        if (!ValueCodec.TryDecode(bytes, type, call.Session.Memory, asArgument: false, out Value value))
        {
            return InvalidArgument;
        }

        call.Return(value);
        return null;
    }

    /// <summary>A signer is stored like its address, so the reference itself serves.</summary>
    private static ulong? BorrowAddress(NativeCall call)
    {
        call.Return(call[0]);
        return null;
    }

    private static ulong? TypeOf(NativeCall call)
    {
        RuntimeType type = call.TypeArguments[0];
        call.Charge(type.Nodes * Gas(call).TypeNode);
        if (type.Struct is not { } definition)
        {
            return InvalidArgument;
        }

        string name = definition.Name;
        if (type.Arguments.Length > 0)
        {
            name += $"<{string.Join(',', type.Arguments.Select(a => a.Tag.ToString()))}>"; // no space after commas (execution 8.8)
        }

        byte[] module = Encoding.ASCII.GetBytes(definition.Module.Id.Name), text = Encoding.ASCII.GetBytes(name);
        call.Charge(0, module.Length + text.Length, Gas(call).BcsByte);
        call.Session.Memory.Box();
        call.Return(Value.Of(definition.Module.Id.Address));
        call.Return(module);
        call.Return(text);
        return null;
    }

    private static ulong? TypeName(NativeCall call)
    {
        RuntimeType type = call.TypeArguments[0];
        call.Charge(type.Nodes * Gas(call).TypeNode);
        byte[] text = Encoding.ASCII.GetBytes(type.Tag.ToString());
        call.Charge(0, text.Length, Gas(call).BcsByte);
        call.Return(text);
        return null;
    }

    private static ulong? Emit(NativeCall call)
    {
        call.Session.Emit(call.TypeArguments[0], call[0]);
        return null;
    }

    internal static ulong? CreateSigner(NativeCall call)
    {
        call.Return(call[0]);
        return null;
    }

    private static ulong? RequestPublish(NativeCall call)
    {
        ValueVector modules = (ValueVector)call[2].Ref!;
        call.Session.ChargeCopy(call[2]);
        List<byte[]> blobs = new(modules.Count);
        for (int i = 0; i < modules.Count; i++)
        {
            blobs.Add(modules.Items[i].AsBytes.ToArray());
        }

        call.Session.Request(new PublishRequest(call[0].AsBytes.ToArray(), call[1].AsBytes.ToArray(), blobs));
        return null;
    }

    private static ulong? Verify(NativeCall call, SignatureCheck verify)
    {
        ReadOnlySpan<byte> signature = call[0].AsBytes, key = call[1].AsBytes, message = call[2].AsBytes;
        call.Charge(Gas(call).SignatureVerify, message.Length, Gas(call).SignatureVerifyByte);
        call.Return(Value.Of(signature.Length == 64 && key.Length == 32 && verify(signature, key, message)));
        return null;
    }

    /// <summary>
    /// The square root of an unsigned fixed-point number of 2·<paramref name="fraction"/> bits given and answered raw:
    /// floor(sqrt(raw · 2^fraction)).
    /// fixed_point32: <c>native fun native_sqrt(raw: u64): u64</c>; fixed_point64: <c>native fun native_sqrt(raw: u128): u128</c>.
    /// </summary>
    private static ulong? Sqrt(NativeCall call, int fraction)
    {
        call.Charge(Gas(call).SquareRoot);
        UInt256 raw = fraction == 32 ? call[0].Bits : call[0].AsU128;
        UInt256 root = IntegerRoot(raw << fraction);
        call.Return(fraction == 32 ? new Value(root.A) : Value.Of(root.ToUInt128()));
        return null;
    }

    /// <summary>floor(sqrt(x)) bit by bit, x below 2^192.</summary>
    internal static UInt256 IntegerRoot(UInt256 x)
    {
        UInt256 root = UInt256.Zero;
        for (int bit = 95; bit >= 0; bit--)
        {
            UInt256 candidate = root | ((UInt256)1ul << bit);
            UInt256.TryMultiply(candidate, candidate, out UInt256 square); // below 2^192: cannot overflow
            root = square <= x ? candidate : root;
        }

        return root;
    }
}
