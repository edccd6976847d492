using System.Text;

namespace Theseus.Move.Format;

/// <summary>An abort code with its name and its doc comment.</summary>
public readonly record struct ErrorName(ulong Code, string Name, string Doc);

/// <summary>
/// What the compiler leaves in a module under the key <see cref="Key"/> (execution 2): BCS of views: vector of function names,
/// events: vector of struct names, errors: vector of (u64, name, doc), each sorted. Part of the module's hash.
/// </summary>
public sealed record ModuleMetadata(IReadOnlyList<string> Views, IReadOnlyList<string> Events, IReadOnlyList<ErrorName> Errors)
{
    /// <summary>The key of the entry in the metadata table, in ASCII.</summary>
    public const string Key = "theseus::metadata_v1";

    /// <summary>What a module without the entry has: no views, no events, no error names.</summary>
    public static readonly ModuleMetadata Empty = new([], [], []);

    /// <summary>Names in one list; the format's limit for a metadata value bounds the bytes.</summary>
    private const int MaximumItems = FormatLimits.MetadataValueBytes;

    /// <summary>The metadata of a module; empty when the key is absent, null when its bytes are not canonical.</summary>
    public static ModuleMetadata? Of(CompiledUnit unit)
    {
        byte[] key = Encoding.ASCII.GetBytes(Key);
        foreach (Metadata entry in unit.Metadata)
        {
            if (entry.Key.AsSpan().SequenceEqual(key))
            {
                return Decode(entry.Value);
            }
        }

        return Empty;
    }

    /// <summary>Null when the bytes are not canonical.</summary>
    public static ModuleMetadata? Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            BcsReader reader = new(bytes);
            List<string> views = Names(ref reader), events = Names(ref reader);
            List<ErrorName> errors = [];
            int count = reader.Count(MaximumItems, 10);
            for (int i = 0; i < count; i++)
            {
                errors.Add(new ErrorName(reader.U64(), reader.Text(MaximumItems), reader.Text(MaximumItems)));
            }

            reader.End();
            return new ModuleMetadata(views, events, errors);
        }
        catch (BcsException)
        {
            return null;
        }
    }

    /// <summary>
    /// The value of the entry in BCS. Names are sorted by ordinal, errors by code, then name, so that equal contents
    /// give equal bytes.
    /// </summary>
    public byte[] Encode()
    {
        BcsWriter writer = new();
        writer.List([.. Views.Order(StringComparer.Ordinal)], (w, name) => w.Text(name));
        writer.List([.. Events.Order(StringComparer.Ordinal)], (w, name) => w.Text(name));
        writer.List([.. Errors.OrderBy(e => e.Code).ThenBy(e => e.Name, StringComparer.Ordinal)], (w, e) =>
            w.U64(e.Code).Text(e.Name).Text(e.Doc));
        return writer.ToArray();
    }

    /// <summary>As an entry of the metadata table.</summary>
    public Metadata ToEntry() => new(Encoding.ASCII.GetBytes(Key), Encode());

    private static List<string> Names(ref BcsReader reader)
    {
        List<string> names = [];
        int count = reader.Count(MaximumItems);
        for (int i = 0; i < count; i++)
        {
            names.Add(reader.Text(MaximumItems));
        }

        return names;
    }
}
