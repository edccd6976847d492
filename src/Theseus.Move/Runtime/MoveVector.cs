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
    public abstract long GrowthWords { get; }

    public abstract void Push(in Value value);

    public abstract Value Pop();

    public abstract void Swap(int i, int j);

    /// <summary>Reference to an element in bounds.</summary>
    public abstract Value Borrow(int index);

    public abstract Value Get(int index);

    /// <summary>Takes over the contents of another vector of the same type.</summary>
    public abstract void Assign(MoveVector other);
}

/// <summary>vector&lt;u8&gt;.</summary>
public sealed class ByteVector : MoveVector
{
    public ByteVector(byte[] items, int count)
    {
        Items = items;
        Count = count;
    }

    public byte[] Items { get; private set; }

    public ReadOnlySpan<byte> Span => Items.AsSpan(0, Count);

    public override long GrowthWords => Count < Items.Length
        ? 0 : MachineWords.VectorHeader + MemoryMeter.Rounded(int.Max(MachineWords.FirstBytes, Count * MachineWords.Growth));

    public override void Push(in Value value)
    {
        if (Count == Items.Length)
        {
            byte[] grown = new byte[int.Max(MachineWords.FirstBytes, Count * MachineWords.Growth)];
            Items.AsSpan(0, Count).CopyTo(grown);
            Items = grown;
        }

        Items[Count++] = (byte)value.Bits;
    }

    public override Value Pop() => new(Items[--Count]);

    public override void Swap(int i, int j) => (Items[i], Items[j]) = (Items[j], Items[i]);

    public override Value Borrow(int index) => new((ulong)index, Items);

    public override Value Get(int index) => new(Items[index]);

    public override void Assign(MoveVector other)
    {
        Items = ((ByteVector)other).Items;
        Count = other.Count;
    }
}

/// <summary>A vector of anything else.</summary>
public sealed class ValueVector : MoveVector
{
    public ValueVector(Value[] items, int count)
    {
        Items = items;
        Count = count;
    }

    public Value[] Items { get; private set; }

    public override long GrowthWords => Count < Items.Length
        ? 0 : MachineWords.VectorHeader + int.Max(MachineWords.FirstElements, Count * MachineWords.Growth);

    public override void Push(in Value value)
    {
        if (Count == Items.Length)
        {
            Value[] grown = new Value[int.Max(MachineWords.FirstElements, Count * MachineWords.Growth)];
            Items.AsSpan(0, Count).CopyTo(grown);
            Items = grown;
        }

        Items[Count++] = value;
    }

    public override Value Pop()
    {
        Value top = Items[--Count];
        Items[Count] = default;
        return top;
    }

    public override void Swap(int i, int j) => (Items[i], Items[j]) = (Items[j], Items[i]);

    public override Value Borrow(int index)
    {
        Value item = Items[index];
        return item.IsAggregate ? item : new Value((ulong)index, Items);
    }

    public override Value Get(int index) => Items[index];

    public override void Assign(MoveVector other)
    {
        Items = ((ValueVector)other).Items;
        Count = other.Count;
    }
}
