using System.Buffers.Binary;
using System.Text;

namespace Theseus.Move.Format;

/// <summary>
/// A strict cursor over a stretch of a binary. Throws <see cref="DecodeException"/>, which <see cref="ModuleReader"/> turns
/// into a result.
/// </summary>
internal ref struct FormatReader(ReadOnlySpan<byte> bytes, int start, int end)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private readonly int _end = end;
    private int _offset = start;

    public readonly int Offset => _offset;

    public readonly bool AtEnd => _offset >= _end;

    public readonly DecodeException Fail(StatusCode status, string message) => new(status, message, _offset);

    public byte U8()
    {
        if (_offset >= _end)
        {
            throw Fail(StatusCode.Malformed, "the bytes end in the middle of an entry");
        }

        return _bytes[_offset++];
    }

    public ReadOnlySpan<byte> Take(int count, StatusCode status = StatusCode.Malformed)
    {
        if (count > _end - _offset)
        {
            throw Fail(status, "the bytes end in the middle of an entry");
        }

        ReadOnlySpan<byte> view = _bytes.Slice(_offset, count);
        _offset += count;
        return view;
    }

    /// <summary>ULEB128 of at most 64 bits, minimal, at most <paramref name="maximum"/>.</summary>
    public ulong Uleb(ulong maximum, string what)
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte b = U8();
            ulong part = b & 0x7Ful;
            if (shift == 63 && part > 1)
            {
                throw Fail(StatusCode.Malformed, $"{what}: ULEB exceeds 64 bits");
            }

            value |= part << shift;
            if (b < 0x80)
            {
                if (b == 0 && shift > 0)
                {
                    throw Fail(StatusCode.Malformed, $"{what}: ULEB is not minimal");
                }

                return value <= maximum ? value : throw Fail(StatusCode.Malformed, $"{what} is {value}, at most {maximum} is allowed");
            }
        }

        throw Fail(StatusCode.Malformed, $"{what}: ULEB exceeds 64 bits");
    }

    public ushort Index(string what) => (ushort)Uleb(FormatLimits.Index, what);

    public int Count(int maximum, string what) => (int)Uleb((ulong)maximum, what);

    public uint U32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(4, StatusCode.BadU32));

    public ulong U64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8, StatusCode.BadU64));

    public ushort U16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2, StatusCode.BadU16));

    public Abilities AbilitySet()
    {
        ulong bits = Uleb((ulong)Abilities.All, "ability set");
        return (Abilities)bits;
    }

    public List<Abilities> AbilitySets()
    {
        int count = Count(FormatLimits.TypeParameters, "type parameter count");
        List<Abilities> sets = new(count);
        for (int i = 0; i < count; i++)
        {
            sets.Add(AbilitySet());
        }

        return sets;
    }

    public string Identifier()
    {
        int length = Count(FormatLimits.IdentifierBytes, "identifier length");
        ReadOnlySpan<byte> name = Take(length);
        return FormatLimits.IsIdentifier(name) ? Encoding.ASCII.GetString(name) : throw Fail(StatusCode.Malformed, "not an identifier");
    }

    private struct Open
    {
        public TokenKind Kind;
        public ushort Index;
        public int Needed;
        public List<SignatureToken> Arguments;
    }

    /// <summary>One type, read with an explicit stack: nesting is the sender's choice.</summary>
    public SignatureToken Token()
    {
        List<Open>? stack = null;
        while (true)
        {
            SignatureToken? complete = null;
            byte tag = U8();
            TokenKind kind = (TokenKind)tag;
            switch (kind)
            {
                case TokenKind.Bool: complete = SignatureToken.Bool; break;
                case TokenKind.U8: complete = SignatureToken.U8; break;
                case TokenKind.U16: complete = SignatureToken.U16; break;
                case TokenKind.U32: complete = SignatureToken.U32; break;
                case TokenKind.U64: complete = SignatureToken.U64; break;
                case TokenKind.U128: complete = SignatureToken.U128; break;
                case TokenKind.U256: complete = SignatureToken.U256; break;
                case TokenKind.Address: complete = SignatureToken.Address; break;
                case TokenKind.Signer: complete = SignatureToken.Signer; break;
                case TokenKind.Struct: complete = SignatureToken.Struct(Index("struct handle")); break;
                case TokenKind.TypeParameter: complete = SignatureToken.TypeParameter(Index("type parameter")); break;
                case TokenKind.Vector or TokenKind.Reference or TokenKind.MutableReference:
                    (stack ??= []).Add(new Open { Kind = kind, Needed = 1, Arguments = new(1) });
                    break;
                case TokenKind.StructInstantiation:
                    ushort handle = Index("struct handle");
                    int arity = Count(FormatLimits.TypeParameters, "type argument count");
                    if (arity == 0)
                    {
                        throw Fail(StatusCode.Malformed, "a struct instance without type arguments");
                    }

                    (stack ??= []).Add(new Open { Kind = kind, Index = handle, Needed = arity, Arguments = [] });
                    break;
                default:
                    throw Fail(StatusCode.UnknownSerializedType, $"type token {tag}");
            }

            if ((stack?.Count ?? 0) + (complete is null ? 0 : 1) > FormatLimits.TypeNesting)
            {
                throw Fail(StatusCode.Malformed, $"types nest deeper than {FormatLimits.TypeNesting}");
            }

            while (complete is not null)
            {
                if (stack is null || stack.Count == 0)
                {
                    return complete;
                }

                Open open = stack[^1];
                open.Arguments.Add(complete);
                complete = null;
                if (open.Arguments.Count == open.Needed)
                {
                    stack.RemoveAt(stack.Count - 1);
                    complete = new SignatureToken(open.Kind, open.Index, open.Arguments);
                }
            }
        }
    }

    public Instruction Instruction()
    {
        byte code = U8();
        Opcode opcode = (Opcode)code;
        switch (Operands.Of(opcode))
        {
            case OperandKind.None: return new Instruction(opcode);
            case OperandKind.U8: return new Instruction(opcode, Take(1)[0]);
            case OperandKind.U16: return new Instruction(opcode, U16());
            case OperandKind.U32: return new Instruction(opcode, U32());
            case OperandKind.U64: return new Instruction(opcode, U64());
            case OperandKind.U128:
                return new Instruction(opcode, Wide: new UInt256Box(UInt256.Read(Take(16, StatusCode.BadU128))));
            case OperandKind.U256:
                return new Instruction(opcode, Wide: new UInt256Box(UInt256.Read(Take(32, StatusCode.BadU256))));
            case OperandKind.Local: return new Instruction(opcode, Uleb(FormatLimits.LocalIndex, "local index"));
            case OperandKind.SignatureAndCount:
                ushort signature = Index("signature");
                return new Instruction(opcode, signature, U64());
            case OperandKind.Unknown: throw new DecodeException(StatusCode.UnknownOpcode, $"opcode {code:x2}", _offset - 1);
            default: return new Instruction(opcode, Index("operand"));
        }
    }

    public CodeUnit Code()
    {
        ushort locals = Index("locals signature");
        int count = Count(FormatLimits.CodeLength, "code length");
        List<Instruction> code = new(int.Min(count, _end - _offset));
        for (int i = 0; i < count; i++)
        {
            code.Add(Instruction());
        }

        return new CodeUnit(locals, code);
    }
}
