namespace Theseus.Move.Format;

/// <summary>
/// The maxima that the encoding itself fixes (format v6). They are not configurable: another value would be another format.
/// </summary>
public static class FormatLimits
{
    public const uint Version = 6;
    public static ReadOnlySpan<byte> Magic => [0xA1, 0x1C, 0xEB, 0x0B];

    public const int Tables = 255;
    public const int Index = 65_535;
    public const int LocalIndex = 255;
    public const int Fields = 255;
    public const int TypeParameters = 255;
    public const int Acquires = 255;
    public const int SignatureLength = 255;
    public const int IdentifierBytes = 65_535;
    public const int ConstantBytes = 65_535;
    public const int MetadataKeyBytes = 1_023;
    public const int MetadataValueBytes = 65_535;
    public const int CodeLength = 65_535;
    public const int TypeNesting = 256;
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
