namespace Theseus.Move.Format;

/// <summary>The four abilities, as the bits of format v6.</summary>
[Flags]
public enum Abilities : byte
{
    None = 0,
    Copy = 1,
    Drop = 2,
    Store = 4,
    Key = 8,
    All = Copy | Drop | Store | Key,
}

/// <summary>The token bytes of a type in the signature table.</summary>
public enum TokenKind : byte
{
    Bool = 1,
    U8 = 2,
    U64 = 3,
    U128 = 4,
    Address = 5,
    Reference = 6,
    MutableReference = 7,
    Struct = 8,
    TypeParameter = 9,
    Vector = 0xA,
    StructInstantiation = 0xB,
    Signer = 0xC,
    U16 = 0xD,
    U32 = 0xE,
    U256 = 0xF,
}

/// <summary>A type as a module spells it: struct types by handle index, type parameters by position. Compared by structure.</summary>
/// <param name="Kind">Which form this is.</param>
/// <param name="Index">
/// The struct handle of <see cref="TokenKind.Struct"/> and <see cref="TokenKind.StructInstantiation"/>, the position of <see
/// cref="TokenKind.TypeParameter"/>, else 0.
/// </param>
/// <param name="Arguments">
/// The element of a vector, the target of a reference, the type arguments of a struct instantiation, else empty.
/// </param>
public sealed record SignatureToken(TokenKind Kind, ushort Index, IReadOnlyList<SignatureToken> Arguments)
{
    public static readonly SignatureToken Bool = new(TokenKind.Bool, 0, []);
    public static readonly SignatureToken U8 = new(TokenKind.U8, 0, []);
    public static readonly SignatureToken U16 = new(TokenKind.U16, 0, []);
    public static readonly SignatureToken U32 = new(TokenKind.U32, 0, []);
    public static readonly SignatureToken U64 = new(TokenKind.U64, 0, []);
    public static readonly SignatureToken U128 = new(TokenKind.U128, 0, []);
    public static readonly SignatureToken U256 = new(TokenKind.U256, 0, []);
    public static readonly SignatureToken Address = new(TokenKind.Address, 0, []);
    public static readonly SignatureToken Signer = new(TokenKind.Signer, 0, []);

    public static SignatureToken Vector(SignatureToken element) => new(TokenKind.Vector, 0, [element]);

    public static SignatureToken Reference(SignatureToken target) => new(TokenKind.Reference, 0, [target]);

    public static SignatureToken MutableReference(SignatureToken target) => new(TokenKind.MutableReference, 0, [target]);

    public static SignatureToken Struct(ushort handle) => new(TokenKind.Struct, handle, []);

    public static SignatureToken TypeParameter(ushort position) => new(TokenKind.TypeParameter, position, []);

    public static SignatureToken StructInstantiation(ushort handle, IReadOnlyList<SignatureToken> arguments) =>
        new(TokenKind.StructInstantiation, handle, arguments);

    public bool IsReference => Kind is TokenKind.Reference or TokenKind.MutableReference;

    public bool IsInteger => Kind is TokenKind.U8 or TokenKind.U16 or TokenKind.U32 or TokenKind.U64 or TokenKind.U128 or TokenKind.U256;

    public bool Equals(SignatureToken? other) =>
        other is not null && (ReferenceEquals(this, other) ||
        (Kind == other.Kind && Index == other.Index && Arguments.SequenceEqual(other.Arguments)));

    public override int GetHashCode()
    {
        int hash = ((int)Kind * 397) ^ Index;
        foreach (SignatureToken argument in Arguments)
        {
            hash = (hash * 31) + argument.GetHashCode();
        }

        return hash;
    }
}
