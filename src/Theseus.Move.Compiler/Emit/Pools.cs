using ModuleHandle = Theseus.Move.Format.ModuleHandle;
using Theseus.Move.Compiler.Symbols;
using Theseus.Move.Compiler.Types;
using Theseus.Move.Format;
using Theseus.Protocol;

namespace Theseus.Move.Compiler.Emit;

/// <summary>A module grew past what the format can index. Caught where the module is emitted and turned into a diagnostic.</summary>
internal sealed class LimitFault(string what, Span? place = null) : Exception(what)
{
    /// <summary>Where the source exceeds the limit; null while only the unit is known.</summary>
    public Span? Place => place;
}

/// <summary>The tables of one unit; every entry is interned and stands in order of first use, so equal sources give equal bytes.</summary>
internal sealed class Pools
{
    /// <summary>Table entries are indexed by 16 bits.</summary>
    public const int MaximumEntries = 65_535;

    private sealed class Table<TKey, TValue>
        where TKey : notnull
    {
        private readonly Dictionary<TKey, ushort> _index = [];

        public List<TValue> Items { get; } = [];

        public ushort Add(TKey key, Func<TValue> make, string what)
        {
            if (_index.TryGetValue(key, out ushort index))
            {
                return index;
            }

            TValue value = make();
            if (_index.TryGetValue(key, out index))
            {
                return index; // making it interned it
            }

            if (Items.Count >= MaximumEntries)
            {
                throw new LimitFault($"the module needs more than {MaximumEntries} {what}");
            }

            index = (ushort)Items.Count;
            _index[key] = index;
            Items.Add(value);
            return index;
        }
    }

    /// <summary>A list of tokens compared by its items.</summary>
    private readonly record struct TokenList(IReadOnlyList<SignatureToken> Tokens)
    {
        public bool Equals(TokenList other) => Tokens.SequenceEqual(other.Tokens);

        public override int GetHashCode()
        {
            int hash = Tokens.Count;
            foreach (SignatureToken token in Tokens)
            {
                hash = (hash * 31) + token.GetHashCode();
            }

            return hash;
        }
    }

    private readonly Table<string, string> _identifiers = new();
    private readonly Table<Address, Address> _addresses = new();
    private readonly Table<ModuleId, ModuleHandle> _modules = new();
    private readonly Table<StructSymbol, StructHandle> _structs = new();
    private readonly Table<FunctionSymbol, FunctionHandle> _functions = new();
    private readonly Table<(ushort, ushort), FunctionInstantiation> _functionInstances = new();
    private readonly Table<(ushort, ushort), StructInstantiation> _structInstances = new();
    private readonly Table<(ushort, ushort), FieldHandle> _fields = new();
    private readonly Table<(ushort, ushort), FieldInstantiation> _fieldInstances = new();
    private readonly Table<TokenList, Signature> _signatures = new();
    private readonly Table<(SignatureToken, string), Constant> _constants = new();

    public List<string> Identifiers => _identifiers.Items;

    public List<Address> Addresses => _addresses.Items;

    public List<ModuleHandle> Modules => _modules.Items;

    public List<StructHandle> Structs => _structs.Items;

    public List<FunctionHandle> Functions => _functions.Items;

    public List<FunctionInstantiation> FunctionInstances => _functionInstances.Items;

    public List<StructInstantiation> StructInstances => _structInstances.Items;

    public List<FieldHandle> Fields => _fields.Items;

    public List<FieldInstantiation> FieldInstances => _fieldInstances.Items;

    public List<Signature> Signatures => _signatures.Items;

    public List<Constant> Constants => _constants.Items;

    /// <summary>The definition index of each own struct.</summary>
    public Dictionary<StructSymbol, ushort> Definitions { get; } = [];

    public ushort Identifier(string text) => _identifiers.Add(text, () => text, "identifiers");

    public ushort AddressOf(Address address) => _addresses.Add(address, () => address, "addresses");

    public ushort Module(ModuleId id) => _modules.Add(id, () => new ModuleHandle(AddressOf(id.Address), Identifier(id.Name)),
        "module handles");

    public ushort Struct(StructSymbol symbol) => _structs.Add(symbol, () => new StructHandle(
        Module(symbol.Module.Id),
        Identifier(symbol.Name),
        symbol.Abilities,
        [.. symbol.TypeParameters.Select(p => new StructTypeParameter(p.Constraints, p.IsPhantom))]), "struct handles");

    public ushort Function(FunctionSymbol symbol) => _functions.Add(symbol, () =>
    {
        ushort module = Module(symbol.Module.Id);
        ushort name = Identifier(symbol.Name);
        ushort parameters = Signature([.. symbol.Parameters.Select(p => Token(p.Type))]);
        ushort results = Signature(Results(symbol.Return));
        return new FunctionHandle(module, name, parameters, results, [.. symbol.TypeParameters.Select(p => p.Constraints)]);
    }, "function handles");

    public List<SignatureToken> Results(Ty type) => type.Head is TupleTy tuple ? [.. tuple.Items.Select(Token)] : [Token(type)];

    public ushort FunctionInstance(FunctionSymbol symbol, IReadOnlyList<Ty> arguments)
    {
        ushort handle = Function(symbol);
        ushort types = Signature([.. arguments.Select(Token)]);
        return _functionInstances.Add((handle, types), () => new FunctionInstantiation(handle, types), "function instantiations");
    }

    public ushort StructInstance(StructTy type)
    {
        ushort definition = Definitions[type.Symbol];
        ushort types = Signature([.. type.Arguments.Select(Token)]);
        return _structInstances.Add((definition, types), () => new StructInstantiation(definition, types), "struct instantiations");
    }

    public ushort Field(StructSymbol symbol, int index)
    {
        ushort definition = Definitions[symbol];
        return _fields.Add((definition, (ushort)index), () => new FieldHandle(definition, (ushort)index), "field handles");
    }

    public ushort FieldInstance(StructTy type, int index)
    {
        ushort handle = Field(type.Symbol, index);
        ushort types = Signature([.. type.Arguments.Select(Token)]);
        return _fieldInstances.Add((handle, types), () => new FieldInstantiation(handle, types), "field instantiations");
    }

    public ushort Signature(IReadOnlyList<SignatureToken> tokens)
    {
        if (tokens.Count > 255)
        {
            throw new LimitFault("a signature holds at most 255 types");
        }

        return _signatures.Add(new TokenList(tokens), () => new Signature(tokens), "signatures");
    }

    public ushort Constant(Ty type, byte[] data)
    {
        if (data.Length > MaximumEntries)
        {
            throw new LimitFault($"a constant holds at most {MaximumEntries} bytes");
        }

        SignatureToken token = Token(type);
        return _constants.Add((token, Convert.ToHexString(data)), () => new Constant(token, data), "constants");
    }

    public SignatureToken Token(Ty type)
    {
        switch (type.Head)
        {
            case PrimitiveTy p:
                return p.Kind switch
                {
                    TokenKind.Bool => SignatureToken.Bool,
                    TokenKind.U8 => SignatureToken.U8,
                    TokenKind.U16 => SignatureToken.U16,
                    TokenKind.U32 => SignatureToken.U32,
                    TokenKind.U64 => SignatureToken.U64,
                    TokenKind.U128 => SignatureToken.U128,
                    TokenKind.U256 => SignatureToken.U256,
                    TokenKind.Address => SignatureToken.Address,
                    _ => SignatureToken.Signer,
                };
            case VectorTy v:
                return SignatureToken.Vector(Token(v.Element));
            case ReferenceTy r:
                return r.IsMutable ? SignatureToken.MutableReference(Token(r.Target)) : SignatureToken.Reference(Token(r.Target));
            case ParameterTy p:
                return SignatureToken.TypeParameter((ushort)p.Symbol.Index);
            case StructTy s:
                return s.Arguments.Count == 0
                    ? SignatureToken.Struct(Struct(s.Symbol))
                    : SignatureToken.StructInstantiation(Struct(s.Symbol), [.. s.Arguments.Select(Token)]);
            default:
                throw new InvalidOperationException($"the type '{type}' has no token");
        }
    }
}
