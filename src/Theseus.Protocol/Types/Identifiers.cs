namespace Theseus.Protocol;

/// <summary>
/// Names of modules, structs and functions: a letter, then letters, digits and underscores; or an underscore and at
/// least one of these.
/// </summary>
public static class Identifiers
{
    /// <summary>Whether a text is an identifier of Move. Its length is not judged.</summary>
    public static bool IsValid(string text)
    {
        if (text.Length == 0 || text == "_" || !(char.IsAsciiLetter(text[0]) || text[0] == '_'))
        {
            return false;
        }

        foreach (char c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '_')
            {
                return false;
            }
        }

        return true;
    }
}
