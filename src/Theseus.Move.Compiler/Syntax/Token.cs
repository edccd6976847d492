namespace Theseus.Move.Compiler.Syntax;

internal enum TokenType : byte
{
    End,
    Identifier,
    Number,
    TypedNumber,
    ByteString,
    Symbol,
    Keyword,
    Error,
}

/// <summary>A token; <see cref="Text"/> is its exact spelling.</summary>
internal readonly record struct Token(TokenType Type, string Text, Span Span, string? Doc = null)
{
    public bool Is(string text) => Type is TokenType.Symbol or TokenType.Keyword && Text == text;
}
