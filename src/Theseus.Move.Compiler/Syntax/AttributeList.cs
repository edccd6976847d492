namespace Theseus.Move.Compiler.Syntax;

internal static class AttributeList
{
    public static bool Has(IReadOnlyList<AttributeSyntax> attributes, string name) => Find(attributes, name) is not null;

    public static AttributeSyntax? Find(IReadOnlyList<AttributeSyntax> attributes, string name)
    {
        foreach (AttributeSyntax attribute in attributes)
        {
            if (attribute.Name.Text == name)
            {
                return attribute;
            }
        }

        return null;
    }
}
