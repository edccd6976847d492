using System.Runtime.CompilerServices;

namespace Theseus.Move.Runtime;

/// <summary>
/// One Move value or reference in the interpreter, 16 bytes, without boxing of small integers.
/// <list type="bullet">
/// <item>bool, u8 to u64: <see cref="Bits"/>, <see cref="Ref"/> null.</item>
/// <item>u128, u256, address, signer: an immutable box in <see cref="Ref"/>, Bits 0.</item>
/// <item>struct: its fields as <c>Value[]</c>; vector: a <see cref="MoveVector"/>; Bits = <see cref="Aggregate"/>.</item>
/// <item>reference to a struct or vector: the same words as the owned value, for the object is the place.</item>
/// <item>reference to anything else: the array that holds it in Ref and the position in Bits.</item>
/// </list>
/// Verified code never stores references and never confuses the forms; the decoder tells owned values from references where it matters.
/// </summary>
public struct Value
{
    /// <summary>Marks an object that is its own place. No array position reaches it.</summary>
    public const ulong Aggregate = ulong.MaxValue;

    /// <summary>A small value itself, <see cref="Aggregate"/>, or a position; see the list above.</summary>
    public ulong Bits;
    /// <summary>The object that holds the rest; see the list above.</summary>
    public object? Ref;

    /// <summary>The two words as they are: nothing checks that they make one of the forms above.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Value(ulong bits, object? reference = null)
    {
        Bits = bits;
        Ref = reference;
    }

    /// <summary>Whether this is a struct, a vector, or a reference to one.</summary>
    public readonly bool IsAggregate
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Bits == Aggregate && Ref is not null;
    }

    /// <summary>A bool: 0 or 1.</summary>
    public static Value Of(bool value) => new(value ? 1ul : 0);

    /// <summary>A u128, in a new box.</summary>
    public static Value Of(UInt128 value) => new(0, new U128Box(value));

    /// <summary>A u256, in a new box.</summary>
    public static Value Of(in UInt256 value) => new(0, new U256Box(value));

    /// <summary>An address or a signer, in a new box.</summary>
    public static Value Of(Address value) => new(0, new AddressBox(value));

    /// <summary>A struct with these fields.</summary>
    public static Value Struct(params Value[] fields) => new(Aggregate, fields);

    /// <summary>A vector: the object itself, not a copy.</summary>
    public static Value Of(MoveVector vector) => new(Aggregate, vector);

    /// <summary>A vector&lt;u8&gt; that takes over the array: nobody else may write it.</summary>
    public static Value Bytes(byte[] bytes) => new(Aggregate, new ByteVector(bytes, bytes.Length));

    /// <summary>The u128 of a value that is one: not checked.</summary>
    public readonly UInt128 AsU128 => Unsafe.As<U128Box>(Ref!).Value;

    /// <summary>The u256 of a value that is one: not checked.</summary>
    public readonly UInt256 AsU256 => Unsafe.As<U256Box>(Ref!).Value;

    /// <summary>An address or a signer.</summary>
    public readonly Address AsAddress => ((AddressBox)Ref!).Value;

    /// <summary>The fields of a struct, or of the target of a reference to one.</summary>
    /// <exception cref="InvalidCastException">It is something else.</exception>
    public readonly Value[] AsFields => (Value[])Ref!;

    /// <summary>The vector, or the target of a reference to one.</summary>
    /// <exception cref="InvalidCastException">It is something else.</exception>
    public readonly MoveVector AsVector => (MoveVector)Ref!;

    /// <summary>The bytes of a vector&lt;u8&gt; or of a reference to one.</summary>
    public readonly ReadOnlySpan<byte> AsBytes => ((ByteVector)Ref!).Span;

    /// <summary>What a reference points to: the object itself or the contents of its place.</summary>
    public readonly Value Target => IsAggregate ? this : Ref is Value[] place ? place[Bits] : new Value(((byte[])Ref!)[Bits]);
}

internal sealed class U128Box(UInt128 value)
{
    public readonly UInt128 Value = value;
}

internal sealed class U256Box(in UInt256 value)
{
    public readonly UInt256 Value = value;
}

internal sealed class AddressBox(Address value)
{
    public readonly Address Value = value;
}
