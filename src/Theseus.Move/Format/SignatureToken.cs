namespace Theseus.Move.Format;

/// <summary>The four abilities, as the bits of format v6.</summary>
[Flags]
public enum Abilities : byte
{
    /// <summary>
    /// Such a value is neither copied nor dropped nor stored: it has to be passed on, or unpacked by its own module.
    /// </summary>
    None = 0,
    /// <summary>Values may be copied.</summary>
    Copy = 1,
    /// <summary>Values may be overwritten, popped, or left behind when a function returns.</summary>
    Drop = 2,
    /// <summary>Values may lie inside a stored value.</summary>
    Store = 4,
    /// <summary>Values may be stored under an account by themselves; every field then needs <see cref="Store"/>.</summary>
    Key = 8,
    /// <summary>Every bit that an ability set of the format may have.</summary>
    All = Copy | Drop | Store | Key,
}

/// <summary>
/// The first byte of a type in the binary; what follows it is said at each form. A token ends where its parts end.
/// </summary>
public enum TokenKind : byte
{
    /// <summary>In BCS one byte, 0 or 1.</summary>
    Bool = 1,
    /// <summary>In BCS one byte.</summary>
    U8 = 2,
    /// <summary>In BCS 8 bytes, little-endian.</summary>
    U64 = 3,
    /// <summary>In BCS 16 bytes, little-endian.</summary>
    U128 = 4,
    /// <summary>An account: 32 bytes.</summary>
    Address = 5,
    /// <summary><c>&amp;T</c>: the token of T follows. Never inside another type.</summary>
    Reference = 6,
    /// <summary><c>&amp;mut T</c>: the token of T follows. Never inside another type.</summary>
    MutableReference = 7,
    /// <summary>A struct without type parameters: the index of its handle follows.</summary>
    Struct = 8,
    /// <summary>A type parameter of the enclosing struct or function: its position follows.</summary>
    TypeParameter = 9,
    /// <summary><c>vector&lt;T&gt;</c>: the token of T follows.</summary>
    Vector = 0xA,
    /// <summary>
    /// A generic struct: the index of its handle, the number of arguments (at least 1) and their tokens follow.
    /// </summary>
    StructInstantiation = 0xB,
    /// <summary>
    /// Proof that the account with its address signed the transaction. Never decoded or stored (move 5.2).
    /// </summary>
    Signer = 0xC,
    /// <summary>In BCS 2 bytes, little-endian.</summary>
    U16 = 0xD,
    /// <summary>In BCS 4 bytes, little-endian.</summary>
    U32 = 0xE,
    /// <summary>In BCS 32 bytes, little-endian.</summary>
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
    /// <summary>The one token <c>bool</c>, shared.</summary>
    public static readonly SignatureToken Bool = new(TokenKind.Bool, 0, []);
    /// <summary>The one token <c>u8</c>, shared.</summary>
    public static readonly SignatureToken U8 = new(TokenKind.U8, 0, []);
    /// <summary>The one token <c>u16</c>, shared.</summary>
    public static readonly SignatureToken U16 = new(TokenKind.U16, 0, []);
    /// <summary>The one token <c>u32</c>, shared.</summary>
    public static readonly SignatureToken U32 = new(TokenKind.U32, 0, []);
    /// <summary>The one token <c>u64</c>, shared.</summary>
    public static readonly SignatureToken U64 = new(TokenKind.U64, 0, []);
    /// <summary>The one token <c>u128</c>, shared.</summary>
    public static readonly SignatureToken U128 = new(TokenKind.U128, 0, []);
    /// <summary>The one token <c>u256</c>, shared.</summary>
    public static readonly SignatureToken U256 = new(TokenKind.U256, 0, []);
    /// <summary>The one token <c>address</c>, shared.</summary>
    public static readonly SignatureToken Address = new(TokenKind.Address, 0, []);
    /// <summary>The one token <c>signer</c>, shared.</summary>
    public static readonly SignatureToken Signer = new(TokenKind.Signer, 0, []);

    /// <summary><c>vector&lt;T&gt;</c> of an element type, which is not a reference.</summary>
    public static SignatureToken Vector(SignatureToken element) => new(TokenKind.Vector, 0, [element]);

    /// <summary><c>&amp;T</c>.</summary>
    public static SignatureToken Reference(SignatureToken target) => new(TokenKind.Reference, 0, [target]);

    /// <summary><c>&amp;mut T</c>.</summary>
    public static SignatureToken MutableReference(SignatureToken target) => new(TokenKind.MutableReference, 0, [target]);

    /// <summary>A struct without type parameters, by its index among the struct handles.</summary>
    public static SignatureToken Struct(ushort handle) => new(TokenKind.Struct, handle, []);

    /// <summary>A type parameter, by its position from 0.</summary>
    public static SignatureToken TypeParameter(ushort position) => new(TokenKind.TypeParameter, position, []);

    /// <summary>
    /// A generic struct, by its index among the struct handles, with one argument for each of its type parameters.
    /// </summary>
    public static SignatureToken StructInstantiation(ushort handle, IReadOnlyList<SignatureToken> arguments) =>
        new(TokenKind.StructInstantiation, handle, arguments);

    /// <summary>Whether this is <c>&amp;T</c> or <c>&amp;mut T</c>.</summary>
    public bool IsReference => Kind is TokenKind.Reference or TokenKind.MutableReference;

    /// <summary>Whether this is an unsigned integer of any width.</summary>
    public bool IsInteger => Kind is TokenKind.U8 or TokenKind.U16 or TokenKind.U32 or TokenKind.U64 or TokenKind.U128 or TokenKind.U256;

    /// <summary>Compares kind, index and arguments, at every depth: indices mean the same within one module only.</summary>
    public bool Equals(SignatureToken? other) =>
        other is not null && (ReferenceEquals(this, other) ||
        (Kind == other.Kind && Index == other.Index && Arguments.SequenceEqual(other.Arguments)));

    /// <inheritdoc/>
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
