using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>
/// The first entry of a height (consensus N15): height u64 | count | module ids 32 each | set id 32 | log format u16. A replay
/// runs under exactly these.
/// </summary>
public sealed record HeightStart(ulong Height, IReadOnlyList<ValueId> Modules, ValueId SetId, ushort LogFormat)
{
    /// <summary>Modules that govern a height at most: one a component.</summary>
    public const int MaximumModules = 64;

    /// <summary>The canonical bytes.</summary>
    public byte[] Encode()
    {
        CanonicalWriter writer = new(128);
        writer.U64(Height).Uleb((uint)Modules.Count);
        foreach (ValueId module in Modules)
        {
            writer.Value(module);
        }

        return writer.Value(SetId).U16(LogFormat).ToArray();
    }

    /// <summary>Reads an entry's body; null if it is none.</summary>
    public static HeightStart? TryDecode(ReadOnlySpan<byte> bytes)
    {
        CanonicalReader reader = new(bytes);
        ulong height = reader.U64();
        int count = reader.Count(MaximumModules, ValueId.Length);
        ValueId[] modules = new ValueId[count];
        for (int i = 0; i < count; i++)
        {
            modules[i] = reader.Value();
        }

        HeightStart start = new(height, modules, reader.Value(), reader.U16());
        reader.End();
        return reader.Failed ? null : start;
    }
}
