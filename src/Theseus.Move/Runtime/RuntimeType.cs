using Theseus.Move.Format;
using Theseus.Move.Verify;

namespace Theseus.Move.Runtime;

/// <summary>
/// A closed type at run time: immutable, compared by structure with a precomputed hash. Sizes are bounded where types are made.
/// </summary>
public sealed class RuntimeType : IEquatable<RuntimeType>
{
    /// <summary>The primitive types, one object each.</summary>
    public static readonly RuntimeType Bool = new(TokenKind.Bool), U8 = new(TokenKind.U8), U16 = new(TokenKind.U16), U32 =
        new(TokenKind.U32), U64 = new(TokenKind.U64),
        U128 = new(TokenKind.U128), U256 = new(TokenKind.U256), Address = new(TokenKind.Address), Signer = new(TokenKind.Signer);

    private readonly int _hash;
    private RuntimeType[]? _fields;
    private TypeTag? _tag;
    private int _valueDepth;

    private RuntimeType(TokenKind kind, LoadedStruct? definition = null, RuntimeType[]? arguments = null)
    {
        Kind = kind;
        Struct = definition;
        Arguments = arguments ?? [];
        int hash = ((int)kind * 7919) ^ (definition is null ? 0 : string.GetHashCode(definition.Name, StringComparison.Ordinal));
        Depth = 1;
        Nodes = 1;
        foreach (RuntimeType argument in Arguments)
        {
            hash = (hash * 31) + argument._hash;
            Depth = int.Max(Depth, argument.Depth + 1);
            Nodes += argument.Nodes;
        }

        _hash = hash; // process-local, only for in-memory tables, never visible
        Abilities = AbilitiesOf(kind, definition, Arguments);
    }

    /// <summary>The form; <see cref="TokenKind.Struct"/> for every struct.</summary>
    public TokenKind Kind { get; }

    internal LoadedStruct? Struct { get; }

    /// <summary>Type arguments of a struct, the element of a vector, the target of a reference.</summary>
    public RuntimeType[] Arguments { get; }

    /// <summary>What values of the type can do, its arguments taken into account (move 1.3).</summary>
    public Abilities Abilities { get; }

    /// <summary>Nesting of the type as written.</summary>
    public int Depth { get; }

    /// <summary>Nodes of the type as written.</summary>
    public int Nodes { get; }

    /// <summary>The element of a vector, the target of a reference; the first type argument of a struct.</summary>
    public RuntimeType Element => Arguments[0];

    /// <summary>Whether this is <c>&amp;T</c> or <c>&amp;mut T</c>.</summary>
    public bool IsReference => Kind is TokenKind.Reference or TokenKind.MutableReference;

    internal static RuntimeType Vector(RuntimeType element) => new(TokenKind.Vector, null, [element]);

    internal static RuntimeType Reference(RuntimeType target, bool mutable = false) =>
        new(mutable ? TokenKind.MutableReference : TokenKind.Reference, null, [target]);

    internal static RuntimeType Of(LoadedStruct definition, RuntimeType[] arguments) => new(TokenKind.Struct, definition, arguments);

    internal static RuntimeType? Primitive(TokenKind kind) => kind switch
    {
        TokenKind.Bool => Bool,
        TokenKind.U8 => U8,
        TokenKind.U16 => U16,
        TokenKind.U32 => U32,
        TokenKind.U64 => U64,
        TokenKind.U128 => U128,
        TokenKind.U256 => U256,
        TokenKind.Address => Address,
        TokenKind.Signer => Signer,
        _ => null,
    };

    /// <summary>Field types of a struct.</summary>
    public RuntimeType[] Fields
    {
        get
        {
            RuntimeType[]? fields = _fields;
            if (fields is null)
            {
                LoadedStruct definition = Struct!;
                fields = new RuntimeType[definition.Fields.Count];
                for (int i = 0; i < fields.Length; i++)
                {
                    fields[i] = definition.Module.Resolve(definition.Fields[i].Type, Arguments);
                }

                _fields = fields;
            }

            return fields;
        }
    }

    /// <summary>Deepest nesting of a value of this type. Costs no more than the type as written.</summary>
    /// <exception cref="VmException">Values nest deeper than <paramref name="limit"/>.</exception>
    public int ValueDepth(int limit)
    {
        if (_valueDepth == 0)
        {
            _valueDepth = Kind switch
            {
                TokenKind.Struct => StructDepth(limit),
                TokenKind.Vector => Element.ValueDepth(limit) + 1,
                _ => 1,
            };
        }

        return _valueDepth <= limit ? _valueDepth : throw DepthFormula.TooDeep();
    }

    private int StructDepth(int limit)
    {
        DepthFormula formula = DepthFormula.Of(Struct!, limit);
        int depth = formula.Constant;
        for (int i = 0; i < Arguments.Length; i++)
        {
            if (formula.Offsets[i] >= 0)
            {
                depth = int.Max(depth, formula.Offsets[i] + Arguments[i].ValueDepth(limit));
            }
        }

        return depth;
    }

    /// <summary>The type as clients name it.</summary>
    public TypeTag Tag
    {
        get
        {
            return _tag ??= Kind switch
            {
                TokenKind.Bool => TypeTag.Bool,
                TokenKind.U8 => TypeTag.U8,
                TokenKind.U16 => TypeTag.U16,
                TokenKind.U32 => TypeTag.U32,
                TokenKind.U64 => TypeTag.U64,
                TokenKind.U128 => TypeTag.U128,
                TokenKind.U256 => TypeTag.U256,
                TokenKind.Address => TypeTag.Address,
                TokenKind.Signer => TypeTag.Signer,
                TokenKind.Vector => TypeTag.Vector(Element.Tag),
                TokenKind.Struct => TypeTag.Of(new StructTag(
                    Struct!.Module.Id.Address, Struct.Module.Id.Name, Struct.Name, [.. Arguments.Select(a => a.Tag)])),
                _ => throw new InvalidOperationException("a reference has no tag"),
            };
        }
    }

    internal bool Is(ModuleId module, string name) => Struct is not null && Struct.Name == name && Struct.Module.Id == module;

    /// <summary>Compares by structure; a struct by module and name, so that types of two snapshots can be equal.</summary>
    public bool Equals(RuntimeType? other)
    {
        if (ReferenceEquals(this, other))
        {
            return true;
        }

        if (other is null || _hash != other._hash || Kind != other.Kind || Arguments.Length != other.Arguments.Length)
        {
            return false;
        }

        if (!ReferenceEquals(Struct, other.Struct) && (Struct is null || other.Struct is null
            || Struct.Name != other.Struct.Name || Struct.Module.Id != other.Struct.Module.Id))
        {
            return false;
        }

        for (int i = 0; i < Arguments.Length; i++)
        {
            if (!Arguments[i].Equals(other.Arguments[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as RuntimeType);

    /// <summary>Differs from process to process: for tables in memory only.</summary>
    public override int GetHashCode() => _hash;

    /// <summary>
    /// The canonical text of <see cref="Tag"/> (execution 8.8), or that of the target behind <c>&amp;</c> or
    /// <c>&amp;mut</c>.
    /// </summary>
    public override string ToString() => IsReference ? $"&{(Kind == TokenKind.MutableReference ? "mut " : "")}{Element}" : Tag.ToString();

    private static Abilities AbilitiesOf(TokenKind kind, LoadedStruct? definition, RuntimeType[] arguments)
    {
        const Abilities Plain = Abilities.Copy | Abilities.Drop | Abilities.Store;
        switch (kind)
        {
            case TokenKind.Signer: return Abilities.Drop;
            case TokenKind.Reference or TokenKind.MutableReference: return Abilities.Copy | Abilities.Drop;
            case TokenKind.Vector: return TypeRules.Limit(Plain, arguments[0].Abilities);
            case TokenKind.Struct:
                Abilities abilities = definition!.Abilities;
                for (int i = 0; i < arguments.Length; i++)
                {
                    if (!definition.TypeParameters[i].IsPhantom)
                    {
                        abilities = TypeRules.Limit(abilities, arguments[i].Abilities);
                    }
                }

                return abilities;
            default: return Plain;
        }
    }
}

/// <summary>A struct definition of a loaded module.</summary>
internal sealed class LoadedStruct(LoadedUnit module, string name, Abilities abilities,
    IReadOnlyList<StructTypeParameter> typeParameters, IReadOnlyList<FieldDefinition> fields)
{
    public LoadedUnit Module { get; } = module;

    public string Name { get; } = name;

    public Abilities Abilities { get; } = abilities;

    public IReadOnlyList<StructTypeParameter> TypeParameters { get; } = typeParameters;

    public IReadOnlyList<FieldDefinition> Fields { get; } = fields;

    /// <summary>How deep values nest, once it is worked out.</summary>
    internal DepthFormula? Depth { get; set; }
}
