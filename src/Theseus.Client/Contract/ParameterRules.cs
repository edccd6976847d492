namespace Theseus.Client;

/// <summary>A text parameter is one of these words.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class OneOfAttribute(params string[] words) : Attribute
{
    /// <summary>The words, exactly as they are written.</summary>
    public IReadOnlyList<string> Words { get; } = words;
}

/// <summary>A number parameter lies between two bounds, both included.</summary>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class BetweenAttribute(long least, long most) : Attribute
{
    /// <summary>The smallest number allowed.</summary>
    public long Least { get; } = least;

    /// <summary>The largest number allowed.</summary>
    public long Most { get; } = most;
}

/// <summary>Parameters of which a call gives exactly one set: the members of one group, and none of another's.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ChoiceAttribute(params string[] groups) : Attribute
{
    /// <summary>Groups of names in the wire's spelling; the names of a group are separated by "+".</summary>
    public IReadOnlyList<IReadOnlyList<string>> Groups { get; } = [.. groups.Select(group => group.Split('+'))];
}

/// <summary>Whole numbers as the API writes them: decimal digits, no sign, no space, no leading zero.</summary>
public static class DecimalText
{
    /// <summary>Reads one; false for anything else, and for more than 64 bits.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ulong value)
    {
        value = 0;
        if (text.Length is 0 or > 20 || (text.Length > 1 && text[0] == '0') || text.ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        return ulong.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out value);
    }
}
