namespace Theseus.Move.Format;

/// <summary>
/// The maxima that the encoding itself fixes (format v6). They are not configurable: another value would be another format.
/// </summary>
public static class FormatLimits
{
    /// <summary>Written as a u32 behind the magic bytes.</summary>
    public const uint Version = 6;
    /// <summary>The first four bytes of every module and script.</summary>
    public static ReadOnlySpan<byte> Magic => [0xA1, 0x1C, 0xEB, 0x0B];

    /// <summary>Table headers of one binary; each kind may occur once.</summary>
    public const int Tables = 255;
    /// <summary>Greatest index into a pool, and most entries of one.</summary>
    public const int Index = 65_535;
    /// <summary>Greatest index of a local in an instruction.</summary>
    public const int LocalIndex = 255;
    /// <summary>Fields of a struct.</summary>
    public const int Fields = 255;
    /// <summary>Type parameters of a struct, function or script, and type arguments of a struct in a token.</summary>
    public const int TypeParameters = 255;
    /// <summary>Structs that a function acquires.</summary>
    public const int Acquires = 255;
    /// <summary>Types in one signature.</summary>
    public const int SignatureLength = 255;
    /// <summary>Bytes of a name.</summary>
    public const int IdentifierBytes = 65_535;
    /// <summary>BCS bytes of a constant.</summary>
    public const int ConstantBytes = 65_535;
    /// <summary>Bytes of a metadata key.</summary>
    public const int MetadataKeyBytes = 1_023;
    /// <summary>Bytes of a metadata value.</summary>
    public const int MetadataValueBytes = 65_535;
    /// <summary>Instructions of a body.</summary>
    public const int CodeLength = 65_535;
    /// <summary>Levels of a type token: it bounds the recursion over types everywhere behind the reader.</summary>
    public const int TypeNesting = 256;
    /// <summary>Parameters and locals of a function together.</summary>
    public const int Locals = 255;

    /// <summary>
    /// Letter or underscore first (a lone underscore is no name), then letters, digits and underscores; the name
    /// <c>&lt;SELF&gt;</c> is tolerated.
    /// </summary>
    public static bool IsIdentifier(ReadOnlySpan<byte> name)
    {
        if (name.SequenceEqual("<SELF>"u8))
        {
            return true;
        }

        if (name.Length == 0 || (name.Length == 1 && name[0] == (byte)'_') || !(char.IsAsciiLetter((char)name[0]) || name[0] == (byte)'_'))
        {
            return false;
        }

        foreach (byte c in name)
        {
            if (!char.IsAsciiLetterOrDigit((char)c) && c != (byte)'_')
            {
                return false;
            }
        }

        return true;
    }
}
