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

    public ulong Bits;
    public object? Ref;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Value(ulong bits, object? reference = null)
    {
        Bits = bits;
        Ref = reference;
    }

    public readonly bool IsAggregate
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Bits == Aggregate && Ref is not null;
    }

    public static Value Of(bool value) => new(value ? 1ul : 0);

    public static Value Of(UInt128 value) => new(0, new U128Box(value));

    public static Value Of(in UInt256 value) => new(0, new U256Box(value));

    public static Value Of(Address value) => new(0, new AddressBox(value));

    /// <summary>A struct with these fields.</summary>
    public static Value Struct(params Value[] fields) => new(Aggregate, fields);

    public static Value Of(MoveVector vector) => new(Aggregate, vector);

    public static Value Bytes(byte[] bytes) => new(Aggregate, new ByteVector(bytes, bytes.Length));

    public readonly UInt128 AsU128 => Unsafe.As<U128Box>(Ref!).Value;

    public readonly UInt256 AsU256 => Unsafe.As<U256Box>(Ref!).Value;

    /// <summary>An address or a signer.</summary>
    public readonly Address AsAddress => ((AddressBox)Ref!).Value;

    public readonly Value[] AsFields => (Value[])Ref!;

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
