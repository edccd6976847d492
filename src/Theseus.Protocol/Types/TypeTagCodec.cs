namespace Theseus.Protocol;

/// <summary>
/// BCS of type tags, bounded as execution 1 says: depth at most 8, at most 32 nodes. The reading depth is bounded, so
/// recursion is.
/// </summary>
public static class TypeTagCodec
{
    /// <summary>Nesting of a tag.</summary>
    public const int MaximumDepth = 8;

    /// <summary>Nodes of one tag.</summary>
    public const int MaximumNodes = 32;

    /// <summary>Longest identifier of format v6.</summary>
    public const int MaximumName = 65_535;

    /// <summary>Appends a type tag: its variant, then its element or struct.</summary>
    public static void Write(BcsWriter writer, TypeTag tag)
    {
        writer.Uleb((byte)tag.Kind);
        if (tag.Kind == TypeTagKind.Vector)
        {
            Write(writer, tag.Element!);
        }
        else if (tag.Kind == TypeTagKind.Struct)
        {
            Write(writer, tag.Struct!);
        }
    }

    /// <summary>Appends a struct tag: address 32 | module text | name text | vector of type tags.</summary>
    public static void Write(BcsWriter writer, StructTag tag) => writer.Raw(tag.Bytes);

    /// <summary>Reads a type tag.</summary>
    /// <exception cref="BcsException">Not canonical, too deep or too large.</exception>
    public static TypeTag Read(ref BcsReader reader)
    {
        int nodes = 0;
        return Read(ref reader, 1, ref nodes);
    }

    /// <summary>Reads a struct tag.</summary>
    /// <exception cref="BcsException">Not canonical, too deep or too large.</exception>
    public static StructTag ReadStruct(ref BcsReader reader)
    {
        int nodes = 1;
        return ReadStruct(ref reader, 1, ref nodes);
    }

    /// <summary>Canonical bytes of a type tag.</summary>
    public static byte[] Encode(TypeTag tag)
    {
        BcsWriter writer = new(64);
        Write(writer, tag);
        return writer.ToArray();
    }

    internal static byte[] Encode(StructTag tag) => new BcsWriter(96)
        .Address(tag.Address).Text(tag.Module).Text(tag.Name).List(tag.TypeArguments, Write).ToArray();

    private static TypeTag Read(ref BcsReader reader, int depth, ref int nodes)
    {
        if (depth > MaximumDepth || ++nodes > MaximumNodes)
        {
            throw reader.Fail("type tag too deep or too large");
        }

        uint kind = reader.Uleb();
        return kind switch
        {
            (uint)TypeTagKind.Vector => TypeTag.Vector(Read(ref reader, depth + 1, ref nodes)),
            (uint)TypeTagKind.Struct => TypeTag.Of(ReadStruct(ref reader, depth, ref nodes)),
            <= (uint)TypeTagKind.U256 => new TypeTag((TypeTagKind)kind),
            _ => throw reader.Fail($"type tag variant {kind}"),
        };
    }

    private static StructTag ReadStruct(ref BcsReader reader, int depth, ref int nodes)
    {
        Address address = reader.Address();
        string module = reader.Text(MaximumName);
        string name = reader.Text(MaximumName);
        int count = reader.Count(MaximumNodes);
        TypeTag[] arguments = new TypeTag[count];
        for (int i = 0; i < count; i++)
        {
            arguments[i] = Read(ref reader, depth + 1, ref nodes);
        }

        return new StructTag(address, module, name, arguments);
    }
}
