namespace Theseus.Protocol;

/// <summary>
/// Canonical bytes of a module's manifest: component text | name text | contract u32 | vector of native texts | rules
/// hash 32 | vectors hash 32 (docs/protocol/stack.md). Their SHA3-256 is the module id (record, terms).
/// </summary>
public static class ManifestCodec
{
    /// <summary>Natives of a stack at most.</summary>
    public const int MaximumNatives = 4_096;

    /// <summary>Bytes of a component's or stack's name at most.</summary>
    public const int MaximumText = 255;

    /// <summary>Bytes of a native's name and signature at most.</summary>
    public const int MaximumNative = 1_024;

    /// <summary>Canonical bytes of a manifest.</summary>
    public static byte[] Encode(ModuleManifest manifest) => new BcsWriter(1024)
        .Text(manifest.Component).Text(manifest.Name).U32(manifest.Contract)
        .List(manifest.Natives, static (w, native) => w.Text(native))
        .Hash(manifest.RulesHash).Hash(manifest.VectorsHash).ToArray();

    /// <summary>Reads canonical bytes.</summary>
    /// <exception cref="BcsException">The bytes are not a manifest, or its natives are not ascending.</exception>
    public static ModuleManifest Decode(ReadOnlySpan<byte> bytes)
    {
        BcsReader reader = new(bytes);
        string component = reader.Text(MaximumText);
        string name = reader.Text(MaximumText);
        uint contract = reader.U32();
        string[] natives = new string[reader.Count(MaximumNatives)];
        for (int i = 0; i < natives.Length; i++)
        {
            natives[i] = reader.Text(MaximumNative);
            if (i > 0 && string.CompareOrdinal(natives[i], natives[i - 1]) <= 0)
            {
                throw reader.Fail("natives not ascending");
            }
        }

        ModuleManifest manifest = new(component, name, contract, natives, reader.Hash(), reader.Hash());
        reader.End();
        return manifest;
    }
}
