namespace Theseus.Protocol;

/// <summary>Names a module.</summary>
public readonly record struct ModuleId(Address Address, string Name) : IComparable<ModuleId>
{
    /// <summary>By address, then name, ordinal.</summary>
    public int CompareTo(ModuleId other)
    {
        int order = Address.CompareTo(other.Address);
        return order != 0 ? order : string.CompareOrdinal(Name, other.Name);
    }

    /// <summary>0x1::coin</summary>
    public override string ToString() => $"{Address}::{Name}";
}

/// <summary>The variants of a type tag, as BCS numbers them (execution 1).</summary>
public enum TypeTagKind : byte
{
    /// <summary><c>bool</c></summary>
    Bool = 0,

    /// <summary><c>u8</c></summary>
    U8 = 1,

    /// <summary><c>u64</c></summary>
    U64 = 2,

    /// <summary><c>u128</c></summary>
    U128 = 3,

    /// <summary><c>address</c></summary>
    Address = 4,

    /// <summary><c>signer</c></summary>
    Signer = 5,

    /// <summary><c>vector</c> of another type, which follows.</summary>
    Vector = 6,

    /// <summary>A struct, whose tag follows.</summary>
    Struct = 7,

    /// <summary><c>u16</c></summary>
    U16 = 8,

    /// <summary><c>u32</c></summary>
    U32 = 9,

    /// <summary><c>u256</c></summary>
    U256 = 10,
}

/// <summary>
/// A struct type with its arguments, e.g. 0x1::coin::CoinStore&lt;0x1::theseus_coin::TheseusCoin&gt;. Compared by
/// structure.
/// </summary>
public sealed record StructTag(Address Address, string Module, string Name, IReadOnlyList<TypeTag> TypeArguments)
{
    private byte[]? _bytes;

    private StructTag(StructTag copied) // without what was computed from the fields: a copy's may differ
    {
        Address = copied.Address;
        Module = copied.Module;
        Name = copied.Name;
        TypeArguments = copied.TypeArguments;
    }

    /// <summary>Canonical bytes (<see cref="TypeTagCodec"/>). Computed once: a type names a value in every state key.</summary>
    internal ReadOnlySpan<byte> Bytes => _bytes ??= TypeTagCodec.Encode(this);

    /// <summary>The module that declares the struct.</summary>
    public ModuleId ModuleId => new(Address, Module);

    /// <inheritdoc/>
    public bool Equals(StructTag? other) =>
        other is not null && Address == other.Address && Module == other.Module && Name == other.Name
        && TypeArguments.SequenceEqual(other.TypeArguments);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Address, Module, Name, TypeArguments.Count);

    /// <summary>Canonical text, no space after commas (execution 8.8).</summary>
    public override string ToString() => TypeText.Format(this);
}

/// <summary>A closed type. Compared by structure.</summary>
/// <param name="Kind">The variant.</param>
/// <param name="Element">The element type of a vector, else null.</param>
/// <param name="Struct">The struct, else null.</param>
public sealed record TypeTag(TypeTagKind Kind, TypeTag? Element = null, StructTag? Struct = null)
{
    /// <summary><c>bool</c></summary>
    public static readonly TypeTag Bool = new(TypeTagKind.Bool);

    /// <summary><c>u8</c></summary>
    public static readonly TypeTag U8 = new(TypeTagKind.U8);

    /// <summary><c>u16</c></summary>
    public static readonly TypeTag U16 = new(TypeTagKind.U16);

    /// <summary><c>u32</c></summary>
    public static readonly TypeTag U32 = new(TypeTagKind.U32);

    /// <summary><c>u64</c></summary>
    public static readonly TypeTag U64 = new(TypeTagKind.U64);

    /// <summary><c>u128</c></summary>
    public static readonly TypeTag U128 = new(TypeTagKind.U128);

    /// <summary><c>u256</c></summary>
    public static readonly TypeTag U256 = new(TypeTagKind.U256);

    /// <summary><c>address</c></summary>
    public static readonly TypeTag Address = new(TypeTagKind.Address);

    /// <summary><c>signer</c></summary>
    public static readonly TypeTag Signer = new(TypeTagKind.Signer);

    /// <summary>A vector of an element type.</summary>
    public static TypeTag Vector(TypeTag element) => new(TypeTagKind.Vector, Element: element);

    /// <summary>The type of a struct.</summary>
    public static TypeTag Of(StructTag tag) => new(TypeTagKind.Struct, Struct: tag);

    /// <summary>Canonical text (execution 8.8).</summary>
    public override string ToString() => TypeText.Format(this);
}
