namespace Theseus.Move.Format;

/// <summary>
/// Reads the container of format v6. A blob says nowhere whether it is a module or a script: the caller knows.
/// Accepted bytes are canonical but for the order of tables, indices are in bounds, nothing follows the end.
/// </summary>
public static class ModuleReader
{
    /// <summary>Decodes and bounds-checks a module.</summary>
    public static DecodeResult<CompiledModule> ReadModule(ReadOnlySpan<byte> bytes)
    {
        try
        {
            Pools pools = new();
            int tail = Tables(bytes, pools, isScript: false);
            FormatReader reader = new(bytes, tail, bytes.Length);
            ushort self = reader.Index("self module handle");
            End(reader);
            CompiledModule module = pools.Module(self);
            return BoundsChecker.Check(module) is { } error
                ? new DecodeResult<CompiledModule>(null, error.Status, error.Message, bytes.Length)
                : new DecodeResult<CompiledModule>(module, StatusCode.Executed, "", bytes.Length);
        }
        catch (DecodeException refused)
        {
            return new DecodeResult<CompiledModule>(null, refused.Status, refused.Message, refused.Offset);
        }
    }

    /// <summary>Decodes and bounds-checks a script.</summary>
    public static DecodeResult<CompiledScript> ReadScript(ReadOnlySpan<byte> bytes)
    {
        try
        {
            Pools pools = new();
            int tail = Tables(bytes, pools, isScript: true);
            FormatReader reader = new(bytes, tail, bytes.Length);
            List<Abilities> typeParameters = reader.AbilitySets();
            ushort parameters = reader.Index("parameter signature");
            CodeUnit code = reader.Code();
            End(reader);
            CompiledScript script = pools.Script(typeParameters, parameters, code);
            return BoundsChecker.Check(script) is { } error
                ? new DecodeResult<CompiledScript>(null, error.Status, error.Message, bytes.Length)
                : new DecodeResult<CompiledScript>(script, StatusCode.Executed, "", bytes.Length);
        }
        catch (DecodeException refused)
        {
            return new DecodeResult<CompiledScript>(null, refused.Status, refused.Message, refused.Offset);
        }
    }

    private static void End(FormatReader reader)
    {
        if (!reader.AtEnd)
        {
            throw reader.Fail(StatusCode.TrailingBytes, "bytes follow the end of the program");
        }
    }

    private readonly record struct Header(TableKind Kind, uint Offset, uint Length);

    /// <summary>Reads the tables and returns the offset of the tail.</summary>
    private static int Tables(ReadOnlySpan<byte> bytes, Pools pools, bool isScript)
    {
        if (bytes.Length < 4 || !bytes[..4].SequenceEqual(FormatLimits.Magic))
        {
            throw new DecodeException(StatusCode.BadMagic, "the magic bytes are missing", 0);
        }

        FormatReader reader = new(bytes, 4, bytes.Length);
        uint version = reader.U32();
        if (version != FormatLimits.Version)
        {
            throw new DecodeException(StatusCode.UnknownVersion, $"format version {version}", 4);
        }

        int count = reader.Count(FormatLimits.Tables, "table count");
        List<Header> headers = new(count);
        for (int i = 0; i < count; i++)
        {
            byte kind = reader.U8();
            if (kind is 0 or 9 or > 0x10)
            {
                throw reader.Fail(StatusCode.UnknownTableType, $"table kind {kind}");
            }

            headers.Add(new Header((TableKind)kind, (uint)reader.Uleb(uint.MaxValue, "table offset"),
                (uint)reader.Uleb(uint.MaxValue, "table length")));
        }

        int start = reader.Offset;
        ulong next = 0;
        int seen = 0;
        foreach (Header header in headers.OrderBy(h => h.Offset))
        {
            if (header.Offset != next || header.Length == 0 || next + header.Length > (ulong)(bytes.Length - start))
            {
                throw new DecodeException(StatusCode.BadHeaderTable,
                    "tables must start at 0 and touch, be non-empty and lie inside the bytes", start);
            }

            if ((seen & (1 << (int)header.Kind)) != 0)
            {
                throw new DecodeException(StatusCode.DuplicateTable, $"two tables of kind {header.Kind}", start);
            }

            seen |= 1 << (int)header.Kind;
            next += header.Length;
        }

        foreach (Header header in headers)
        {
            if (isScript && header.Kind is >= TableKind.StructDefinitions and <= TableKind.Friends)
            {
                throw new DecodeException(StatusCode.Malformed, $"a script has no table {header.Kind}", start);
            }

            int from = start + (int)header.Offset;
            pools.Read(header.Kind, new FormatReader(bytes, from, from + (int)header.Length));
        }

        return start + (int)next;
    }

    /// <summary>The tables while they are being read.</summary>
    private sealed class Pools
    {
        private readonly List<ModuleHandle> _modules = [];
        private readonly List<StructHandle> _structs = [];
        private readonly List<FunctionHandle> _functions = [];
        private readonly List<FunctionInstantiation> _functionInstantiations = [];
        private readonly List<Signature> _signatures = [];
        private readonly List<Constant> _constants = [];
        private readonly List<string> _identifiers = [];
        private readonly List<Address> _addresses = [];
        private readonly List<Metadata> _metadata = [];
        private readonly List<StructDefinition> _structDefinitions = [];
        private readonly List<StructInstantiation> _structInstantiations = [];
        private readonly List<FunctionDefinition> _functionDefinitions = [];
        private readonly List<FieldHandle> _fields = [];
        private readonly List<FieldInstantiation> _fieldInstantiations = [];
        private readonly List<ModuleHandle> _friends = [];

        public void Read(TableKind kind, FormatReader r)
        {
            while (!r.AtEnd)
            {
                switch (kind)
                {
                    case TableKind.ModuleHandles: _modules.Add(new ModuleHandle(r.Index("address"), r.Index("name"))); break;
                    case TableKind.StructHandles: _structs.Add(ReadStructHandle(ref r)); break;
                    case TableKind.FunctionHandles:
                        _functions.Add(new FunctionHandle(r.Index("module"), r.Index("name"), r.Index("parameters"),
                            r.Index("results"), r.AbilitySets()));
                        break;
                    case TableKind.FunctionInstantiations: _functionInstantiations.Add(
                        new FunctionInstantiation(r.Index("function"), r.Index("type arguments"))); break;
                    case TableKind.Signatures: _signatures.Add(ReadSignature(ref r)); break;
                    case TableKind.Constants:
                        SignatureToken type = r.Token();
                        _constants.Add(new Constant(type, r.Take(r.Count(FormatLimits.ConstantBytes, "constant length")).ToArray()));
                        break;
                    case TableKind.Identifiers: _identifiers.Add(r.Identifier()); break;
                    case TableKind.Addresses: _addresses.Add(new Address(r.Take(Address.Length))); break;
                    case TableKind.StructDefinitions: _structDefinitions.Add(ReadStructDefinition(ref r)); break;
                    case TableKind.StructInstantiations: _structInstantiations.Add(
                        new StructInstantiation(r.Index("struct"), r.Index("type arguments"))); break;
                    case TableKind.FunctionDefinitions: _functionDefinitions.Add(ReadFunctionDefinition(ref r)); break;
                    case TableKind.FieldHandles:
                        _fields.Add(new FieldHandle(r.Index("struct"), (ushort)r.Uleb(FormatLimits.Fields, "field")));
                        break;
                    case TableKind.FieldInstantiations: _fieldInstantiations.Add(
                        new FieldInstantiation(r.Index("field"), r.Index("type arguments"))); break;
                    case TableKind.Friends: _friends.Add(new ModuleHandle(r.Index("address"), r.Index("name"))); break;
                    case TableKind.Metadata:
                        byte[] key = r.Take(r.Count(FormatLimits.MetadataKeyBytes, "metadata key length")).ToArray();
                        _metadata.Add(new Metadata(key, r.Take(r.Count(FormatLimits.MetadataValueBytes, "metadata length")).ToArray()));
                        break;
                }
            }

            int entries = kind switch
            {
                TableKind.ModuleHandles => _modules.Count,
                TableKind.StructHandles => _structs.Count,
                TableKind.FunctionHandles => _functions.Count,
                TableKind.FunctionInstantiations => _functionInstantiations.Count,
                TableKind.Signatures => _signatures.Count,
                TableKind.Constants => _constants.Count,
                TableKind.Identifiers => _identifiers.Count,
                TableKind.Addresses => _addresses.Count,
                TableKind.StructDefinitions => _structDefinitions.Count,
                TableKind.StructInstantiations => _structInstantiations.Count,
                TableKind.FunctionDefinitions => _functionDefinitions.Count,
                TableKind.FieldHandles => _fields.Count,
                TableKind.FieldInstantiations => _fieldInstantiations.Count,
                TableKind.Friends => _friends.Count,
                _ => _metadata.Count,
            };
            if (entries > FormatLimits.Index)
            {
                throw r.Fail(StatusCode.Malformed, $"table {kind} has more entries than an index can name");
            }
        }

        public CompiledModule Module(ushort self) => new()
        {
            Version = FormatLimits.Version,
            SelfHandle = self,
            ModuleHandles = _modules,
            StructHandles = _structs,
            FunctionHandles = _functions,
            FunctionInstantiations = _functionInstantiations,
            Signatures = _signatures,
            Constants = _constants,
            Identifiers = _identifiers,
            Addresses = _addresses,
            Metadata = _metadata,
            StructDefinitions = _structDefinitions,
            StructInstantiations = _structInstantiations,
            FunctionDefinitions = _functionDefinitions,
            FieldHandles = _fields,
            FieldInstantiations = _fieldInstantiations,
            Friends = _friends,
        };

        public CompiledScript Script(List<Abilities> typeParameters, ushort parameters, CodeUnit code) => new()
        {
            Version = FormatLimits.Version,
            ModuleHandles = _modules,
            StructHandles = _structs,
            FunctionHandles = _functions,
            FunctionInstantiations = _functionInstantiations,
            Signatures = _signatures,
            Constants = _constants,
            Identifiers = _identifiers,
            Addresses = _addresses,
            Metadata = _metadata,
            TypeParameters = typeParameters,
            Parameters = parameters,
            Code = code,
        };

        private static StructHandle ReadStructHandle(ref FormatReader r)
        {
            ushort module = r.Index("module");
            ushort name = r.Index("name");
            Abilities abilities = r.AbilitySet();
            int count = r.Count(FormatLimits.TypeParameters, "type parameter count");
            List<StructTypeParameter> parameters = new(count);
            for (int i = 0; i < count; i++)
            {
                Abilities constraints = r.AbilitySet();
                byte phantom = r.U8();
                parameters.Add(phantom <= 1
                    ? new StructTypeParameter(constraints, phantom == 1)
                    : throw r.Fail(StatusCode.Malformed, "the phantom mark must be 0 or 1"));
            }

            return new StructHandle(module, name, abilities, parameters);
        }

        private static Signature ReadSignature(ref FormatReader r)
        {
            int count = r.Count(FormatLimits.SignatureLength, "signature length");
            List<SignatureToken> tokens = new(count);
            for (int i = 0; i < count; i++)
            {
                tokens.Add(r.Token());
            }

            return new Signature(tokens);
        }

        private static StructDefinition ReadStructDefinition(ref FormatReader r)
        {
            ushort handle = r.Index("struct handle");
            byte flag = r.U8();
            if (flag == 1)
            {
                return new StructDefinition(handle, null);
            }

            if (flag != 2)
            {
                throw r.Fail(StatusCode.UnknownNativeStructFlag, $"struct flag {flag}");
            }

            int count = r.Count(FormatLimits.Fields, "field count");
            List<FieldDefinition> fields = new(count);
            for (int i = 0; i < count; i++)
            {
                ushort name = r.Index("field name");
                fields.Add(new FieldDefinition(name, r.Token()));
            }

            return new StructDefinition(handle, fields);
        }

        private static FunctionDefinition ReadFunctionDefinition(ref FormatReader r)
        {
            const byte Native = 2, Entry = 4;
            ushort handle = r.Index("function handle");
            byte visibility = r.U8();
            if (visibility is not (0 or 1 or 3))
            {
                throw r.Fail(StatusCode.Malformed, $"visibility {visibility}");
            }

            byte flags = r.U8();
            if ((flags & ~(Native | Entry)) != 0)
            {
                throw r.Fail(StatusCode.InvalidFlagBits, $"function flags {flags:x2}");
            }

            int count = r.Count(FormatLimits.Acquires, "acquires count");
            List<ushort> acquires = new(count);
            for (int i = 0; i < count; i++)
            {
                acquires.Add(r.Index("acquired struct"));
            }

            CodeUnit? code = (flags & Native) != 0 ? null : r.Code();
            return new FunctionDefinition(handle, (Visibility)visibility, (flags & Entry) != 0, acquires, code);
        }
    }
}
