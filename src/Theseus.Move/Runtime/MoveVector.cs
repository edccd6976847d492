using Theseus.Move.Rules;

namespace Theseus.Move.Runtime;

/// <summary>A growable vector.</summary>
public abstract class MoveVector
{
    /// <summary>Elements.</summary>
    public int Count { get; protected set; }

    /// <summary>
    /// 16-byte words of storage that growing by one would allocate now, the new array's header too; 0 when there is room:
    /// charged before it happens.
    /// </summary>
    internal abstract long GrowthWords { get; }

    internal abstract void Push(in Value value);

    internal abstract Value Pop();

    internal abstract void Swap(int i, int j);

    /// <summary>Reference to an element in bounds.</summary>
    internal abstract Value Borrow(int index);

    /// <summary>The element at an index below <see cref="Count"/>, as it lies: an aggregate is not copied.</summary>
    public abstract Value Get(int index);

    /// <summary>Takes over the contents of another vector of the same type.</summary>
    internal abstract void Assign(MoveVector other);
}

/// <summary>vector&lt;u8&gt;.</summary>
public sealed class ByteVector : MoveVector
{
    /// <param name="items">The storage, which the vector takes over: nobody else may write it.</param>
    /// <param name="count">How many of its first bytes are elements.</param>
    public ByteVector(byte[] items, int count)
    {
        Items = items;
        Count = count;
    }

    /// <summary>
    /// The storage; bytes from <see cref="MoveVector.Count"/> on mean nothing. Another array after growth.
    /// </summary>
    public byte[] Items { get; private set; }

    /// <summary>The elements. Valid until the vector changes.</summary>
    public ReadOnlySpan<byte> Span => Items.AsSpan(0, Count);

    internal override long GrowthWords => Count < Items.Length
        ? 0 : MachineWords.VectorHeader + MemoryMeter.Rounded(int.Max(MachineWords.FirstBytes, Count * MachineWords.Growth));

    internal override void Push(in Value value)
    {
        if (Count == Items.Length)
        {
            byte[] grown = new byte[int.Max(MachineWords.FirstBytes, Count * MachineWords.Growth)];
            Items.AsSpan(0, Count).CopyTo(grown);
            Items = grown;
        }

        Items[Count++] = (byte)value.Bits;
    }

    internal override Value Pop() => new(Items[--Count]);

    internal override void Swap(int i, int j) => (Items[i], Items[j]) = (Items[j], Items[i]);

    internal override Value Borrow(int index) => new((ulong)index, Items);

    /// <inheritdoc/>
    public override Value Get(int index) => new(Items[index]);

    internal override void Assign(MoveVector other)
    {
        Items = ((ByteVector)other).Items;
        Count = other.Count;
    }
}

/// <summary>A vector of anything else.</summary>
public sealed class ValueVector : MoveVector
{
    /// <param name="items">The storage, which the vector takes over: nobody else may write it.</param>
    /// <param name="count">How many of its first values are elements.</param>
    public ValueVector(Value[] items, int count)
    {
        Items = items;
        Count = count;
    }

    /// <summary>
    /// The storage; values from <see cref="MoveVector.Count"/> on mean nothing. Another array after growth.
    /// </summary>
    public Value[] Items { get; private set; }

    internal override long GrowthWords => Count < Items.Length
        ? 0 : MachineWords.VectorHeader + int.Max(MachineWords.FirstElements, Count * MachineWords.Growth);

    internal override void Push(in Value value)
    {
        if (Count == Items.Length)
        {
            Value[] grown = new Value[int.Max(MachineWords.FirstElements, Count * MachineWords.Growth)];
            Items.AsSpan(0, Count).CopyTo(grown);
            Items = grown;
        }

        Items[Count++] = value;
    }

    internal override Value Pop()
    {
        Value top = Items[--Count];
        Items[Count] = default;
        return top;
    }

    internal override void Swap(int i, int j) => (Items[i], Items[j]) = (Items[j], Items[i]);

    internal override Value Borrow(int index)
    {
        Value item = Items[index];
        return item.IsAggregate ? item : new Value((ulong)index, Items);
    }

    /// <inheritdoc/>
    public override Value Get(int index) => Items[index];

    internal override void Assign(MoveVector other)
    {
        Items = ((ValueVector)other).Items;
        Count = other.Count;
    }
}
