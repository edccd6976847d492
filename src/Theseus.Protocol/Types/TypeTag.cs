namespace Theseus.Protocol;

/// <summary>Names a module.</summary>
public readonly record struct ModuleId(Address Address, string Name) : IComparable<ModuleId>
{
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
    Bool = 0,
    U8 = 1,
    U64 = 2,
    U128 = 3,
    Address = 4,
    Signer = 5,
    Vector = 6,
    Struct = 7,
    U16 = 8,
    U32 = 9,
    U256 = 10,
}

/// <summary>A struct type with its arguments, e.g. 0x1::coin::CoinStore&lt;0x1::theseus_coin::TheseusCoin&gt;. Compared by structure.</summary>
public sealed record StructTag(Address Address, string Module, string Name, IReadOnlyList<TypeTag> TypeArguments)
{
    public ModuleId ModuleId => new(Address, Module);

    public bool Equals(StructTag? other) =>
        other is not null && Address == other.Address && Module == other.Module && Name == other.Name && TypeArguments.SequenceEqual(other.TypeArguments);

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
    public static readonly TypeTag Bool = new(TypeTagKind.Bool);
    public static readonly TypeTag U8 = new(TypeTagKind.U8);
    public static readonly TypeTag U16 = new(TypeTagKind.U16);
    public static readonly TypeTag U32 = new(TypeTagKind.U32);
    public static readonly TypeTag U64 = new(TypeTagKind.U64);
    public static readonly TypeTag U128 = new(TypeTagKind.U128);
    public static readonly TypeTag U256 = new(TypeTagKind.U256);
    public static readonly TypeTag Address = new(TypeTagKind.Address);
    public static readonly TypeTag Signer = new(TypeTagKind.Signer);

    public static TypeTag Vector(TypeTag element) => new(TypeTagKind.Vector, Element: element);

    public static TypeTag Of(StructTag tag) => new(TypeTagKind.Struct, Struct: tag);

    public override string ToString() => TypeText.Format(this);
}
