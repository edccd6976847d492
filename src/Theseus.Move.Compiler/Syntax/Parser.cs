using System.Globalization;
using System.Numerics;
using Theseus.Protocol;

namespace Theseus.Move.Compiler.Syntax;

/// <summary>
/// Tokens to syntax trees by recursive descent. The first syntax error of a file ends its parsing: what stands behind it is read in
/// a wrong light.
/// </summary>
internal sealed partial class Parser(int file, List<Token> tokens, DiagnosticBag diagnostics, bool endsInComment = false)
{
    /// <summary>
    /// Nesting and chain length of expressions and types. All later passes recurse over these trees, so this bounds their stacks
    /// too.
    /// </summary>
    public const int MaximumDepth = 200;

    /// <summary>Ends an item after its error was reported; never leaves this class.</summary>
    private sealed class SyntaxFault : Exception;

    private readonly List<Token> _tokens = tokens;
    private int _at;
    private int _depth;
    private List<Name> _specNames = [];

    private Token Current => _tokens[_at];

    private Token Ahead(int count) => _tokens[Math.Min(_at + count, _tokens.Count - 1)];

    private Span Previous => _at > 0 ? _tokens[_at - 1].Span : new Span(file, 0, 0);

    private bool At(string text) => Current.Is(text);

    private Token Advance()
    {
        Token token = Current;
        if (token.Type != TokenType.End)
        {
            _at++;
        }

        return token;
    }

    private bool Take(string text)
    {
        if (!At(text))
        {
            return false;
        }

        _at++;
        return true;
    }

    private Span Since(Span start) => new(file, start.Start, Math.Max(Previous.End, start.Start));

    private static string Describe(Token token) => token.Type == TokenType.End ? "the end of the file"
        : $"'{(token.Text.Length > 40 ? token.Text[..40] : token.Text)}'";

    private SyntaxFault Unexpected(string expected)
    {
        // the missing rest of a file that ends in a comment is no news
        if (Current.Type != TokenType.End || !endsInComment)
        {
            diagnostics.Report(Codes.UnexpectedToken, Current.Span,
                $"unexpected {Describe(Current)}: {Advice() ?? "expected " + expected}");
        }

        return new SyntaxFault();
    }

    private readonly Stack<Span> _open = new(); // braces whose ends were not seen yet

    /// <summary>
    /// What Move writes for what a person who knows another language, or Move 2, wrote at this token; null when nothing comes to
    /// mind.
    /// </summary>
    private string? Advice()
    {
        Token previous = _at > 0 ? _tokens[_at - 1] : Current;
        switch (Current.Text)
        {
            case "=" when previous.Type == TokenType.Symbol && previous.Text is "+" or "-" or "*" or "/" or "%" or "|" or "&" or "^"
                or "<<" or ">>":
                return $"'{previous.Text}=' is Move 2 syntax; write `x = x {previous.Text} …`";
        }

        if (Current.Type == TokenType.End && _open.Count > 0)
        {
            (int line, int column) = diagnostics.Position(_open.Peek());
            return $"a '}}' is missing for the '{{' at {line}:{column}";
        }

        if (Current.Type == TokenType.Keyword && Current.Text is "fun" or "struct" or "const" or "public" or "module" or "native"
            && _open.Count > 1)
        {
            (int line, int column) = diagnostics.Position(_open.Peek());
            return $"a '}}' is missing before it, for the '{{' at {line}:{column}: functions and structs don't stand inside each other";
        }

        if (Current.Type != TokenType.Identifier)
        {
            return null;
        }

        if (previous is { Type: TokenType.Identifier, Text: "mut" })
        {
            return "every local can be assigned: write `let x`";
        }

        return Current.Text switch
        {
            "pub" => "Move writes 'public'",
            "fn" or "func" or "function" or "def" => "Move writes 'fun'",
            "mut" => "every local can be assigned: write `let x`; references are written '&mut'",
            "for" => "there is no 'for' in Move 1: write `while (i < n) { …; i = i + 1 }`, or use vector::for_each",
            "match" or "enum" => "there are no enums in Move 1: use structs and `if`",
            "package" => "'public(package)' is Move 2 syntax: write 'public(friend)' and declare the modules friends",
            "impl" or "trait" or "interface" or "class" => $"there is no '{Current.Text}' in Move: write functions beside the struct",
            "macro" => "Move 1 writes 'inline fun'",
            _ => null,
        };
    }

    private SyntaxFault Fault(string code, Span span, string message)
    {
        diagnostics.Report(code, span, message);
        return new SyntaxFault();
    }

    private Token Expect(string text) => At(text) ? Advance() : throw Unexpected($"'{text}'");

    private void ExpectCloseAngle()
    {
        // ">>" and ">=" may hold the end of a type argument list
        Token token = Current;
        if (token.Type == TokenType.Symbol && token.Text is ">>")
        {
            _tokens[_at] = token with { Text = ">", Span = token.Span with { Start = token.Span.Start + 1 } };
            return;
        }

        Expect(">");
    }

    private bool AtInteger => Current.Type == TokenType.Number;

    private bool AtIdentifier => Current.Type == TokenType.Identifier;

    private bool AtWord(string text) => Current.Type == TokenType.Identifier && Current.Text == text;

    private Name Identifier(string what)
    {
        if (!AtIdentifier)
        {
            throw Unexpected(what);
        }

        Token token = Advance();
        return new Name(token.Text, token.Span);
    }

    private void Enter(Span span)
    {
        if (++_depth > MaximumDepth)
        {
            throw Fault(Codes.TooDeep, span, $"expressions and types nest at most {MaximumDepth} levels");
        }
    }

    private T Limited<T>(T expression, int depth)
        where T : Expr
    {
        if (depth > MaximumDepth)
        {
            throw Fault(Codes.TooDeep, expression.Span,
                $"expressions nest and chain at most {MaximumDepth} levels; bind a part of this one to a local");
        }

        return expression with { Depth = depth };
    }

    private List<T> CommaList<T>(string open, string close, Func<T> item)
    {
        Expect(open);
        bool isBrace = open == "{";
        if (isBrace)
        {
            _open.Push(Previous);
        }

        List<T> items = [];
        while (!At(close))
        {
            items.Add(item());
            if (!Take(","))
            {
                break;
            }
        }

        if (!At(close))
        {
            throw Unexpected($"',' or '{close}'");
        }

        Advance();
        if (isBrace)
        {
            _open.Pop();
        }

        return items;
    }

    private List<T> AngleList<T>(Func<T> item)
    {
        Expect("<");
        List<T> items = [];
        while (!At(">") && !At(">>"))
        {
            items.Add(item());
            if (!Take(","))
            {
                break;
            }
        }

        if (!At(">") && !At(">>"))
        {
            throw Unexpected("',' or '>'");
        }

        ExpectCloseAngle();
        return items;
    }

    // ---- paths and types ----

    private LeadingName Leading(string what)
    {
        if (AtInteger)
        {
            Token token = Advance();
            return new LeadingName(null, AddressLiteral(token), token.Span);
        }

        Name name = Identifier(what);
        return new LeadingName(name.Text, null, name.Span);
    }

    private Address AddressLiteral(Token token)
    {
        string digits = token.Text.Replace("_", "", StringComparison.Ordinal);
        if (digits.StartsWith("0x", StringComparison.Ordinal))
        {
            if (Address.TryParse(digits, out Address hex))
            {
                return hex;
            }
        }
        else if (digits.Length <= 78 && BigInteger.TryParse(digits, NumberStyles.None, NumberFormatInfo.InvariantInfo, out BigInteger value)
            && value.GetBitLength() <= 256)
        {
            return Address.Parse(value.IsZero ? "0" : value.ToString("x64", NumberFormatInfo.InvariantInfo)[^64..]);
        }

        diagnostics.Report(Codes.InvalidAddressLiteral, token.Span,
            $"'{(token.Text.Length > 80 ? token.Text[..80] : token.Text)}' is not an address: write @0x and up to 64 hexadecimal digits");
        return default;
    }

    private AccessChain Chain(string what)
    {
        Span start = Current.Span;
        LeadingName first = Leading(what);
        if (first.Literal is not null && !At("::"))
        {
            throw Unexpected("'::'");
        }

        if (!Take("::"))
        {
            return new AccessChain(Since(start), first);
        }

        Name second = Identifier("an identifier");
        if (!Take("::"))
        {
            return new AccessChain(Since(start), first, second);
        }

        Name third = Identifier("an identifier");
        return new AccessChain(Since(start), first, second, third);
    }

    private TypeSyntax Type()
    {
        Span start = Current.Span;
        Enter(start);
        TypeSyntax type;
        if (At("("))
        {
            List<TypeSyntax> items = CommaList("(", ")", Type);
            type = items.Count == 1 ? items[0] : new TupleTypeSyntax(Since(start), items);
        }
        else if (At("&") || At("&&"))
        {
            if (At("&&"))
            {
                throw Unexpected("a type; a reference to a reference does not exist");
            }

            Advance();
            bool mutable = AtWord("mut");
            if (mutable)
            {
                Advance();
            }

            TypeSyntax target = Type();
            type = new ReferenceTypeSyntax(Since(start), mutable, target);
        }
        else if (At("|") || At("||"))
        {
            List<TypeSyntax> parameters = Take("||") ? [] : CommaList("|", "|", Type);
            TypeSyntax result = AtStartOfType() ? Type() : new TupleTypeSyntax(Previous, []);
            type = new FunctionTypeSyntax(Since(start), parameters, result);
        }
        else
        {
            AccessChain name = Chain("a type name");
            List<TypeSyntax> arguments = At("<") ? AngleList(Type) : [];
            type = new NamedType(Since(start), name, arguments);
        }

        _depth--;
        return type;
    }

    private bool AtStartOfType() => AtIdentifier || Current.Type == TokenType.Number || At("(") || At("&");

    private Format.Abilities Ability()
    {
        Token token = Current;
        Format.Abilities ability = token.Text switch
        {
            "copy" => Format.Abilities.Copy,
            "drop" => Format.Abilities.Drop,
            "store" => Format.Abilities.Store,
            "key" => Format.Abilities.Key,
            _ => Format.Abilities.None,
        };
        if (ability == Format.Abilities.None || token.Type is not (TokenType.Identifier or TokenType.Keyword))
        {
            throw Unexpected("one of 'copy', 'drop', 'store' or 'key'");
        }

        Advance();
        return ability;
    }

    private Format.Abilities Abilities(string separator, Func<bool> atEnd)
    {
        Format.Abilities all = Format.Abilities.None;
        while (!atEnd())
        {
            Span span = Current.Span;
            Format.Abilities one = Ability();
            if ((all & one) != Format.Abilities.None)
            {
                diagnostics.Report(Codes.DuplicateItem, span, "this ability is already in the list");
            }

            all |= one;
            if (atEnd())
            {
                break;
            }

            Expect(separator);
            if (atEnd())
            {
                throw Unexpected("one of 'copy', 'drop', 'store' or 'key'");
            }
        }

        return all;
    }

    private TypeParameterSyntax TypeParameter()
    {
        bool phantom = Take("phantom");
        Name name = Identifier("a type parameter");
        Format.Abilities constraints = Format.Abilities.None;
        if (Take(":"))
        {
            if (At(">") || At(","))
            {
                throw Unexpected("one of 'copy', 'drop', 'store' or 'key'");
            }

            constraints = Abilities("+", () => At(">") || At(","));
        }

        return new TypeParameterSyntax(name, constraints, phantom);
    }

    // ---- spec constructs: consumed, never understood ----

    /// <summary>Skips balanced tokens up to and with the end of a spec item.</summary>
    private void SkipSpec()
    {
        Span start = Current.Span;
        Expect("spec");
        bool isModule = Take("module");
        SpecName(isSchemaToo: true);
        if (At("fun") && Ahead(1).Type == TokenType.Identifier && !Ahead(2).Is("(") && !Ahead(2).Is("<"))
        {
            throw Unexpected("a function of specifications, as in `spec fun name(…)`, or a spec block: `spec name { … }`");
        }

        int depth = 0;
        while (Current.Type != TokenType.End)
        {
            if (isModule && depth == 1)
            {
                SpecName(isSchemaToo: false);
            }

            Token token = Advance();
            if (token.Is("{") || token.Is("(") || token.Is("["))
            {
                depth++;
            }
            else if (token.Is("}") || token.Is(")") || token.Is("]"))
            {
                depth--;
                if (depth == 0 && token.Is("}"))
                {
                    return;
                }

                if (depth < 0)
                {
                    break;
                }
            }
            else if (depth == 0 && token.Is(";"))
            {
                return;
            }
        }

        throw Fault(Codes.UnexpectedToken, start, "this spec construct has no end");
    }

    /// <summary>
    /// Keeps a name that a `use` may mention and that no other member of the module may have, although it means nothing here.
    /// </summary>
    private void SpecName(bool isSchemaToo)
    {
        int ahead = (isSchemaToo && AtWord("schema")) || At("fun") ? 1 : isSchemaToo && At("native") && Ahead(1).Is("fun") ? 2 : 0;
        if (ahead > 0 && Ahead(ahead).Type == TokenType.Identifier)
        {
            Token name = Ahead(ahead);
            bool isSchema = AtWord("schema");
            if (isSchema && !char.IsAsciiLetterUpper(name.Text[0]))
            {
                diagnostics.ReportAt(Stage.Names, Codes.InvalidName, name.Span,
                    $"invalid schema name '{name.Text}': schema names start with a capital letter");
            }

            _specNames.Add(new Name(name.Text, name.Span));
        }
    }
}
