using Theseus.Move.Rules;

namespace Theseus.Move.Runtime;

/// <summary>
/// Copying, comparing and measuring values. Recursion follows the nesting of values, which is bounded by the value depth limit.
/// </summary>
internal static class ValueRules
{
    /// <summary>Words that a deep copy of the value takes; stops counting beyond <paramref name="limit"/>. Boxes are shared.</summary>
    public static long Words(in Value value, long limit, MemoryCosts costs)
    {
        if (!value.IsAggregate)
        {
            return 1;
        }

        if (value.Ref is ByteVector bytes)
        {
            return costs.Vector + MemoryMeter.Rounded(bytes.Count);
        }

        Value[] items;
        int count;
        long words;
        if (value.Ref is Value[] fields)
        {
            items = fields;
            count = fields.Length;
            words = costs.Struct + count;
        }
        else
        {
            ValueVector vector = (ValueVector)value.Ref!;
            items = vector.Items;
            count = vector.Count;
            words = costs.Vector + count;
        }

        for (int i = 0; i < count && words <= limit; i++)
        {
            words += items[i].IsAggregate ? Words(items[i], limit - words, costs) : 0;
        }

        return words;
    }

    public static Value Copy(in Value value)
    {
        if (!value.IsAggregate)
        {
            return value; // boxes are immutable
        }

        switch (value.Ref)
        {
            case Value[] fields:
                return new Value(Value.Aggregate, CopyItems(fields, fields.Length));
            case ByteVector bytes:
                return Value.Of(new ByteVector(bytes.Span.ToArray(), bytes.Count));
            default:
                ValueVector vector = (ValueVector)value.Ref!;
                return Value.Of(new ValueVector(CopyItems(vector.Items, vector.Count), vector.Count));
        }
    }

    private static Value[] CopyItems(Value[] items, int count)
    {
        Value[] copy = new Value[count];
        for (int i = 0; i < count; i++)
        {
            copy[i] = items[i].IsAggregate ? Copy(items[i]) : items[i];
        }

        return copy;
    }

    /// <summary>Equality of two values of one type.</summary>
    public static bool Same(in Value a, in Value b)
    {
        if (a.Bits != b.Bits)
        {
            return false;
        }

        switch (a.Ref)
        {
            case null: return true;
            case AddressBox address: return address.Value == ((AddressBox)b.Ref!).Value;
            case U128Box wide: return wide.Value == ((U128Box)b.Ref!).Value;
            case U256Box wider: return wider.Value == ((U256Box)b.Ref!).Value;
            case Value[] fields: return SameItems(fields, (Value[])b.Ref!, fields.Length);
            case ByteVector bytes: return bytes.Span.SequenceEqual(((ByteVector)b.Ref!).Span);
            default:
                ValueVector left = (ValueVector)a.Ref, right = (ValueVector)b.Ref!;
                return left.Count == right.Count && SameItems(left.Items, right.Items, left.Count);
        }
    }

    private static bool SameItems(Value[] a, Value[] b, int count)
    {
        for (int i = 0; i < count; i++)
        {
            if (!Same(a[i], b[i]))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Writes through a reference: the place keeps its identity, the contents change hands.</summary>
    public static void Write(in Value reference, in Value value)
    {
        if (reference.IsAggregate)
        {
            if (reference.Ref is Value[] fields)
            {
                ((Value[])value.Ref!).CopyTo(fields, 0);
            }
            else
            {
                ((MoveVector)reference.Ref!).Assign((MoveVector)value.Ref!);
            }
        }
        else if (reference.Ref is Value[] place)
        {
            place[reference.Bits] = value;
        }
        else
        {
            ((byte[])reference.Ref!)[reference.Bits] = (byte)value.Bits;
        }
    }
}
