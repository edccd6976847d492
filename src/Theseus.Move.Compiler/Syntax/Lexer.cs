using System.Text;

namespace Theseus.Move.Compiler.Syntax;

/// <summary>
/// Text to tokens. Every character of the input is consumed exactly once; what is no token becomes a diagnostic and is skipped.
/// </summary>
internal sealed class Lexer(int file, string text, DiagnosticBag diagnostics)
{
    /// <summary>A source of more characters is refused whole: spans and tables stay small.</summary>
    public const int MaximumSource = 16 * 1024 * 1024;

    /// <summary>Format v6: an identifier's length.</summary>
    public const int MaximumWord = 65_535;

    private static readonly HashSet<string> Keywords =
    [
        "abort", "acquires", "as", "break", "const", "continue", "copy", "else", "false", "friend", "fun", "if", "invariant", "let", "loop",
        "module", "move", "native", "phantom", "public", "return", "script", "spec", "struct", "true", "use", "while",
    ];

    // longest first
    private static readonly string[] Symbols =
    [
        "<==>", "==>", "::", "&&", "||", "==", "!=", "<=", ">=", "<<", ">>", "..", "(", ")", "{", "}", "[", "]", "<", ">", ",", ";",
            ":", ".",
        "=", "!", "+", "-", "*", "/", "%", "&", "|", "^", "@", "#",
    ];

    private int _at;

    /// <summary>Whether the file has characters that are no tokens, so that what a parser says of it would be noise.</summary>
    public bool Failed { get; private set; }

    /// <summary>Whether the file ends inside a block comment; a parser has nothing to add to that.</summary>
    public bool EndsInComment { get; private set; }

    public List<Token> Run()
    {
        List<Token> tokens = [];
        if (text.Length > MaximumSource)
        {
            diagnostics.Report(Codes.LimitExceeded, new Span(file, 0, 1), $"the file has more than {MaximumSource} characters");
            tokens.Add(new Token(TokenType.End, "", new Span(file, 0, 0)));
            return tokens;
        }

        StringBuilder? doc = null;
        while (true)
        {
            SkipBlanks(ref doc);
            if (_at >= text.Length)
            {
                break;
            }

            Token token = Next();
            if (token.Type == TokenType.Error)
            {
                continue;
            }

            tokens.Add(doc is null ? token : token with { Doc = doc.ToString().Trim() });
            doc = null;
        }

        tokens.Add(new Token(TokenType.End, "", new Span(file, text.Length, text.Length)));
        return tokens;
    }

    private char Peek(int ahead = 0) => _at + ahead < text.Length ? text[_at + ahead] : '\0';

    private Span From(int start) => new(file, start, _at);

    private void SkipBlanks(ref StringBuilder? doc)
    {
        while (_at < text.Length)
        {
            char c = text[_at];
            if (c is ' ' or '\t' or '\n' or '\r')
            {
                _at++;
            }
            else if (c == '/' && Peek(1) == '/')
            {
                int start = _at;
                int end = text.IndexOf('\n', _at);
                _at = end < 0 ? text.Length : end;
                if (_at - start >= 3 && text[start + 2] == '/' && !(start + 3 < _at && text[start + 3] == '/'))
                {
                    doc = (doc ?? new StringBuilder()).Append(text.AsSpan(start + 3, _at - start - 3).Trim()).Append('\n');
                }
            }
            else if (c == '/' && Peek(1) == '*')
            {
                BlockComment(ref doc);
            }
            else
            {
                return;
            }
        }
    }

    private void BlockComment(ref StringBuilder? doc)
    {
        int start = _at;
        bool isDoc = Peek(2) == '*' && Peek(3) is not ('*' or '/');
        Stack<int> open = new();
        do
        {
            if (_at >= text.Length)
            {
                int last = open.Peek();
                EndsInComment = true;
                diagnostics.Report(Codes.InvalidDocComment, new Span(file, last, last + 2),
                    "this block comment is never closed: the rest of the file is a comment");
                return;
            }

            if (text[_at] == '/' && Peek(1) == '*')
            {
                open.Push(_at);
                _at += 2;
            }
            else if (text[_at] == '*' && Peek(1) == '/')
            {
                open.Pop();
                _at += 2;
            }
            else
            {
                _at++;
            }
        }
        while (open.Count > 0);
        if (isDoc)
        {
            doc = (doc ?? new StringBuilder()).Append(text.AsSpan(start + 3, Math.Max(0, _at - start - 5)).Trim()).Append('\n');
        }
    }

    private Token Next()
    {
        int start = _at;
        char c = text[_at];
        if (char.IsAsciiDigit(c))
        {
            return Number(start);
        }

        if (c is 'x' or 'b' && Peek(1) == '"')
        {
            return ByteString(start);
        }

        if (char.IsAsciiLetter(c) || c == '_')
        {
            while (char.IsAsciiLetterOrDigit(Peek()) || Peek() == '_')
            {
                _at++;
            }

            if (_at - start > MaximumWord)
            {
                Failed = true;
                diagnostics.Report(Codes.LimitExceeded, new Span(file, start, start + 1),
                    $"a name has at most {MaximumWord} characters, this one has {_at - start}");
            }

            string word = text[start.._at];
            return new Token(Keywords.Contains(word) ? TokenType.Keyword : TokenType.Identifier, word, From(start));
        }

        foreach (string symbol in Symbols)
        {
            if (string.CompareOrdinal(text, _at, symbol, 0, symbol.Length) == 0)
            {
                _at += symbol.Length;
                return new Token(TokenType.Symbol, symbol, From(start));
            }
        }

        // one report for a run of characters that no token can hold
        do
        {
            _at++;
        }
        while (_at < text.Length && text[_at] > 127);
        Failed = true;
        string advice = c is '"' or '\'' ? "a text is a byte string: write b\"…\", or x\"…\" for hexadecimal digits"
            : "it can't be used in Move source outside of comments and strings";
        diagnostics.Report(Codes.InvalidCharacter, From(start), $"'{Printable(c)}': {advice}");
        return new Token(TokenType.Error, "", From(start));
    }

    private static string Printable(char c) => c is > ' ' and < (char)127 ? c.ToString() : $"U+{(int)c:X4}";

    private Token Number(int start)
    {
        bool hex = text[_at] == '0' && Peek(1) == 'x' && char.IsAsciiHexDigit(Peek(2));
        if (hex)
        {
            _at += 2;
            while (char.IsAsciiHexDigit(Peek()) || Peek() == '_')
            {
                _at++;
            }
        }
        else
        {
            while (char.IsAsciiDigit(Peek()) || Peek() == '_')
            {
                _at++;
            }
        }

        bool typed = false;
        foreach (string suffix in (ReadOnlySpan<string>)["u8", "u16", "u32", "u64", "u128", "u256"])
        {
            if (string.CompareOrdinal(text, _at, suffix, 0, suffix.Length) == 0 && !char.IsAsciiLetterOrDigit(Peek(suffix.Length)))
            {
                _at += suffix.Length;
                typed = true;
                break;
            }
        }

        return new Token(typed ? TokenType.TypedNumber : TokenType.Number, text[start.._at], From(start));
    }

    private Token ByteString(int start)
    {
        _at += 2;
        while (_at < text.Length && text[_at] is not ('"' or '\n'))
        {
            _at += text[_at] == '\\' && Peek(1) is not ('\n' or '\0') ? 2 : 1;
        }

        _at = Math.Min(_at, text.Length);
        if (_at >= text.Length || text[_at] != '"')
        {
            Failed = true;
            diagnostics.Report(text[start] == 'x' ? Codes.InvalidHexString : Codes.InvalidByteString, From(start),
                "the string is not closed on its line");
            return new Token(TokenType.ByteString, text[start.._at] + "\"", From(start));
        }

        _at++;
        return new Token(TokenType.ByteString, text[start.._at], From(start));
    }
}
