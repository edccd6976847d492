using System.Globalization;
using System.Numerics;
using System.Text;

namespace Theseus.Move.Compiler.Syntax;

internal sealed partial class Parser
{
    private static int Precedence(Token token) => token.Type != TokenType.Symbol ? 0 : token.Text switch
    {
        "==>" or "<==>" => 1,
        "||" => 2,
        "&&" => 3,
        "==" or "!=" or "<" or ">" or "<=" or ">=" => 4,
        ".." => 5,
        "|" => 6,
        "^" => 7,
        "&" => 8,
        "<<" or ">>" => 9,
        "+" or "-" => 10,
        "*" or "/" or "%" => 11,
        _ => 0,
    };

    private bool AtStartOfExpression() => Current.Type switch
    {
        TokenType.Identifier or TokenType.Number or TokenType.TypedNumber or TokenType.ByteString => true,
        TokenType.Symbol => Current.Text is "(" or "{" or "*" or "&" or "&&" or "!" or "@" or "|" or "||" or "[",
        TokenType.Keyword => Current.Text is "abort" or "break" or "continue" or "copy" or "false" or "if" or "loop" or "move"
            or "return" or "true" or "while" or "spec",
        _ => false,
    };

    private Expr Expression()
    {
        Span start = Current.Span;
        Enter(start);
        Expr result;
        if (At("|") || At("||"))
        {
            BindList parameters;
            if (Take("||"))
            {
                parameters = new BindList(Previous, []);
            }
            else
            {
                List<BindSyntax> items = CommaList("|", "|", Bind);
                parameters = new BindList(Since(start), items);
            }

            Expr body = Expression();
            result = Limited(new LambdaExpr(Since(start), parameters, body), body.Depth + 1);
        }
        else
        {
            Expr left = Unary(out _);
            if (Current.Type == TokenType.Symbol && At("="))
            {
                Advance();
                Expr value = Expression();
                result = Limited(new AssignExpr(Since(start), left, value), Math.Max(left.Depth, value.Depth) + 1);
            }
            else
            {
                CheckCompoundAssignment();
                result = Binary(left, 1);
            }
        }

        _depth--;
        return result;
    }

    private void CheckCompoundAssignment()
    {
        if (Current.Type == TokenType.Symbol && Current.Text is "+" or "-" or "*" or "/" or "%" or "|" or "&" or "^" or "<<" or ">>"
            && Ahead(1).Is("=") && Ahead(1).Span.Start == Current.Span.End)
        {
            throw Fault(Codes.UnexpectedToken, Ahead(1).Span, $"'{Current.Text}=' is Move 2 syntax; write `x = x {Current.Text} …`");
        }
    }

    private Expr Binary(Expr left, int minimum)
    {
        while (true)
        {
            int precedence = Precedence(Current);
            if (precedence == 0 || precedence < minimum)
            {
                return left;
            }

            Token op = Advance();
            Expr right = Unary(out _);
            int next = Precedence(Current);
            while (next > precedence)
            {
                right = Binary(right, precedence + 1);
                next = Precedence(Current);
            }

            if (op.Text is "==>" or "<==>" or "..")
            {
                diagnostics.Report(Codes.SpecOnly, new Span(file, left.Span.Start, right.Span.End),
                    $"'{op.Text}' is only allowed in specifications");
            }

            left = Limited(new BinaryExpr(new Span(file, left.Span.Start, right.Span.End), left, op.Text, op.Span, right),
                Math.Max(left.Depth, right.Depth) + 1);
        }
    }

    private Expr Unary(out bool endsInBlock)
    {
        Span start = Current.Span;
        endsInBlock = false;
        Enter(start);
        Expr result;
        if (Take("!"))
        {
            Expr operand = Unary(out _);
            result = Limited(new NotExpr(Since(start), operand), operand.Depth + 1);
        }
        else if (At("&&"))
        {
            throw Unexpected("an expression; a reference to a reference does not exist");
        }
        else if (Take("&"))
        {
            bool mutable = AtWord("mut");
            if (mutable)
            {
                Advance();
            }

            Expr target = Unary(out _);
            result = Limited(new BorrowExpr(Since(start), mutable, target), target.Depth + 1);
        }
        else if (Take("*"))
        {
            Expr target = Unary(out _);
            result = Limited(new DerefExpr(Since(start), target), target.Depth + 1);
        }
        else if (Take("move"))
        {
            Name name = Identifier("a local variable");
            result = DotChain(new MoveExpr(Since(start), name));
        }
        else if (Take("copy"))
        {
            Name name = Identifier("a local variable");
            result = DotChain(new CopyExpr(Since(start), name));
        }
        else
        {
            Expr term = Term(out endsInBlock);
            result = endsInBlock && !At(".") ? term : DotChain(term);
            endsInBlock &= ReferenceEquals(result, term);
        }

        _depth--;
        return result;
    }

    private Expr DotChain(Expr target)
    {
        while (true)
        {
            if (At("."))
            {
                Advance();
                Name field = Identifier("a field name");
                if (At("(") || (At("::") && Ahead(1).Is("<")))
                {
                    throw Fault(Codes.UnexpectedToken, Current.Span,
                        $"calling '{field.Text}' on a receiver is Move 2 syntax; write `{field.Text}(receiver, …)`");
                }

                target = Limited(new DotExpr(new Span(file, target.Span.Start, Previous.End), target, field), target.Depth + 1);
            }
            else if (At("["))
            {
                Span start = target.Span;
                Advance();
                Expr index = Expression();
                Expect("]");
                diagnostics.Report(Codes.SpecOnly, Since(start),
                    "indexing with '[…]' is only allowed in specifications; use vector::borrow");
                target = Limited(new ErrorExpr(Since(start)), Math.Max(target.Depth, index.Depth) + 1);
            }
            else
            {
                return target;
            }
        }
    }

    private Expr Term(out bool endsInBlock)
    {
        Token token = Current;
        Span start = token.Span;
        endsInBlock = false;
        switch (token.Type)
        {
            case TokenType.Number or TokenType.TypedNumber:
                if (token.Type == TokenType.Number && Ahead(1).Is("::"))
                {
                    return NameTerm();
                }

                Advance();
                return Number(token);
            case TokenType.ByteString:
                Advance();
                return Bytes(token);
            case TokenType.Identifier:
                return NameTerm();
            case TokenType.Symbol:
                switch (token.Text)
                {
                    case "@":
                        Advance();
                        LeadingName address = Leading("an address");
                        return new AddressExpr(Since(start), address);
                    case "(":
                        return Parenthesised();
                    case "{":
                        SequenceSyntax body = Sequence();
                        endsInBlock = true;
                        return new BlockExpr(Since(start), body) { Depth = SequenceDepth(body) + 1 };
                }

                break;
            case TokenType.Keyword:
                switch (token.Text)
                {
                    case "true" or "false":
                        Advance();
                        return new BoolExpr(start, token.Text == "true");
                    case "break":
                        Advance();
                        return new BreakExpr(start);
                    case "continue":
                        Advance();
                        return new ContinueExpr(start);
                    case "if" or "while" or "loop" or "return" or "abort":
                        return Control(out endsInBlock);
                    case "spec":
                        SkipSpec();
                        endsInBlock = true;
                        return new SpecExpr(Since(start));
                }

                break;
        }

        throw Unexpected("an expression");
    }

    private static int SequenceDepth(SequenceSyntax sequence)
    {
        int depth = sequence.Last?.Depth ?? 0;
        foreach (ItemSyntax item in sequence.Items)
        {
            depth = Math.Max(depth, item switch { ExprItem e => e.Value.Depth, LetItem l => l.Value?.Depth ?? 0, _ => 0 });
        }

        return depth;
    }

    private Expr ControlBody(out bool endsInBlock)
    {
        // a block as the body ends the control expression: `if (c) {} + 1` is no sum
        if (At("{"))
        {
            Span start = Current.Span;
            SequenceSyntax body = Sequence();
            endsInBlock = true;
            return new BlockExpr(Since(start), body) { Depth = SequenceDepth(body) + 1 };
        }

        endsInBlock = false;
        return Expression();
    }

    private Expr Control(out bool endsInBlock)
    {
        Span start = Current.Span;
        Token keyword = Advance();
        switch (keyword.Text)
        {
            case "if":
                return If(start, out endsInBlock);

            case "while":
            {
                Expect("(");
                Expr condition = Expression();
                Expect(")");
                Expr body = ControlBody(out endsInBlock);
                Span span = Since(start);
                if (endsInBlock && At("spec"))
                {
                    SkipSpec();
                }

                return Limited(new WhileExpr(span, condition, body), Math.Max(condition.Depth, body.Depth) + 1);
            }

            case "loop":
            {
                Expr body = ControlBody(out endsInBlock);
                return Limited(new LoopExpr(Since(start), body), body.Depth + 1);
            }

            case "return":
            {
                endsInBlock = false;
                Expr? value = AtStartOfExpression() && !At("&&") && !At("||") && !At("|") ? ControlBody(out endsInBlock) : null;
                return Limited(new ReturnExpr(Since(start), value), (value?.Depth ?? 0) + 1);
            }

            default:
            {
                Expr code = ControlBody(out endsInBlock);
                return Limited(new AbortExpr(Since(start), code), code.Depth + 1);
            }
        }
    }

    /// <summary>
    /// One `else if` in three counts as a level: their chain is a list to whoever writes it, and passes recurse little for each.
    /// </summary>
    private const int ElseIfsPerLevel = 3;

    private Expr If(Span start, out bool endsInBlock)
    {
        List<(Span Start, Expr Condition, Expr Then)> arms = [];
        Expr? otherwise = null;
        while (true)
        {
            Expect("(");
            Expr condition = Expression();
            Expect(")");
            arms.Add((start, condition, ControlBody(out endsInBlock)));
            if (!Take("else"))
            {
                break;
            }

            start = Current.Span;
            if (!Take("if"))
            {
                otherwise = ControlBody(out endsInBlock);
                break;
            }
        }

        for (int i = arms.Count - 1; i >= 0; i--)
        {
            (Span at, Expr condition, Expr then) = arms[i];
            int depth = Math.Max(condition.Depth, then.Depth) + 1;
            int chained = (otherwise?.Depth ?? 0) + (otherwise is not IfExpr || (arms.Count - i) % ElseIfsPerLevel == 0 ? 1 : 0);
            otherwise = Limited(new IfExpr(Since(at), condition, then, otherwise), Math.Max(depth, chained));
        }

        return otherwise!;
    }

    private Expr Parenthesised()
    {
        Span start = Current.Span;
        Expect("(");
        if (Take(")"))
        {
            return new TupleExpr(Since(start), []);
        }

        Expr first = Expression();
        if (Take(":"))
        {
            TypeSyntax type = Type();
            Expect(")");
            return Limited(new AnnotateExpr(Since(start), first, type), first.Depth + 1);
        }

        if (Take("as"))
        {
            TypeSyntax type = Type();
            Expect(")");
            return Limited(new CastExpr(Since(start), first, type), first.Depth + 1);
        }

        if (Take(")"))
        {
            return first with { Span = Since(start) };
        }

        List<Expr> items = [first];
        int depth = first.Depth;
        if (!At(","))
        {
            throw Unexpected("',' or ')'");
        }

        while (Take(",") && !At(")"))
        {
            Expr item = Expression();
            items.Add(item);
            depth = Math.Max(depth, item.Depth);
        }

        if (!At(")"))
        {
            throw Unexpected("',' or ')'");
        }

        Advance();
        return items.Count == 1 ? first : Limited(new TupleExpr(Since(start), items), depth + 1);
    }

    private Expr NameTerm()
    {
        if (AtWord("for") && Ahead(1).Is("(") && Ahead(3).Text == "in")
        {
            throw Unexpected("an expression");
        }

        Span start = Current.Span;
        AccessChain name = Chain("an identifier");
        Span nameSpan = name.Span;
        bool adjacent = Current.Span.Start == Previous.End;
        bool isMacro = false;
        if (At("!") && adjacent && Ahead(1).Is("("))
        {
            Advance();
            isMacro = true;
        }

        List<TypeSyntax>? typeArguments = null;
        if (At("<") && (adjacent || (name.IsSingle && name.First.Identifier == "vector")))
        {
            typeArguments = AngleList(Type);
        }

        if (name.IsSingle && name.First.Identifier == "vector" && At("[") && !isMacro)
        {
            List<Expr> items = CommaList("[", "]", Expression);
            return Limited(new VectorExpr(Since(start), nameSpan, typeArguments, items), MaximumOf(items) + 1);
        }

        if (At("{") && !isMacro)
        {
            List<(Name, Expr)> fields = CommaList("{", "}", PackField);
            int depth = 0;
            foreach ((Name, Expr Value) field in fields)
            {
                depth = Math.Max(depth, field.Value.Depth);
            }

            return Limited(new PackExpr(Since(start), name, typeArguments, fields), depth + 1);
        }

        if (At("("))
        {
            Span argumentsStart = Current.Span;
            List<Expr> arguments = CommaList("(", ")", Expression);
            return Limited(new CallExpr(Since(start), name, isMacro, typeArguments, arguments, Since(argumentsStart)),
                MaximumOf(arguments) + 1);
        }

        if (isMacro)
        {
            throw Unexpected("'('");
        }

        return new NameExpr(Since(start), name, typeArguments);
    }

    private static int MaximumOf(List<Expr> items)
    {
        int depth = 0;
        foreach (Expr item in items)
        {
            depth = Math.Max(depth, item.Depth);
        }

        return depth;
    }

    private (Name, Expr) PackField()
    {
        Name field = Identifier("a field name");
        Expr value = Take(":") ? Expression() : new NameExpr(field.Span,
            new AccessChain(field.Span, new LeadingName(field.Text, null, field.Span)), null);
        return (field, value);
    }

    private BindSyntax Bind()
    {
        Span start = Current.Span;
        Enter(start);
        BindSyntax result;
        if (AtIdentifier && !Ahead(1).Is("::") && !Ahead(1).Is("{") && !(Ahead(1).Is("<") && char.IsAsciiLetterUpper(Current.Text[0])))
        {
            Name name = Identifier("a variable or struct name");
            result = new VariableBind(name.Span, name.Text);
        }
        else
        {
            AccessChain name = Chain("a variable or struct name");
            List<TypeSyntax>? typeArguments = At("<") ? AngleList(Type) : null;
            List<(Name, BindSyntax)> fields = CommaList("{", "}", () =>
            {
                Name field = Identifier("a field name");
                return (field, Take(":") ? Bind() : new VariableBind(field.Span, field.Text));
            });
            result = new UnpackBind(Since(start), name, typeArguments, fields);
        }

        _depth--;
        return result;
    }

    private LetItem Let()
    {
        Span start = Current.Span;
        Expect("let");
        if (AtWord("mut") && Ahead(1).Type == TokenType.Identifier)
        {
            throw Fault(Codes.UnexpectedToken, Current.Span, "unexpected 'mut': every local can be assigned: write `let x`");
        }

        Span bindStart = Current.Span;
        List<BindSyntax> binds = At("(") ? CommaList("(", ")", Bind) : [Bind()];
        BindList list = new(Since(bindStart), binds);
        TypeSyntax? type = Take(":") ? Type() : null;
        Expr? value = Take("=") ? Expression() : null;
        return new LetItem(Since(start), list, type, value);
    }

    private SequenceSyntax Sequence()
    {
        Span start = Current.Span;
        Enter(start);
        _open.Push(Expect("{").Span);
        List<UseSyntax> uses = [];
        while (At("use"))
        {
            uses.Add(Use([]));
        }

        List<ItemSyntax> items = [];
        Expr? last = null;
        Span? trailing = null;
        while (!At("}"))
        {
            trailing = null;
            if (At("let"))
            {
                items.Add(Let());
                trailing = Expect(";").Span;
                continue;
            }

            Expr value = Expression();
            if (At("}"))
            {
                last = value;
                break;
            }

            items.Add(new ExprItem(value.Span, value));
            if (!At(";"))
            {
                throw Unexpected("';'");
            }

            trailing = Advance().Span;
        }

        if (last is SpecExpr)
        {
            items.Add(new ExprItem(last.Span, last));
            last = null;
        }

        Expect("}");
        _open.Pop();
        _depth--;
        return new SequenceSyntax(Since(start), uses, items, last, trailing);
    }

    private NumberExpr Number(Token token)
    {
        string digits = token.Text;
        string? suffix = null;
        if (token.Type == TokenType.TypedNumber)
        {
            int at = digits.LastIndexOf('u');
            suffix = digits[at..];
            digits = digits[..at];
        }

        digits = digits.Replace("_", "", StringComparison.Ordinal);
        bool hex = digits.StartsWith("0x", StringComparison.Ordinal);
        digits = (hex ? digits[2..] : digits).TrimStart('0');
        BigInteger value = BigInteger.Zero;
        if (digits.Length > 80)
        {
            value = BigInteger.One << 256;
        }
        else if (digits.Length > 0)
        {
            value = BigInteger.Parse(hex ? "0" + digits : digits, hex ? NumberStyles.AllowHexSpecifier : NumberStyles.None,
                NumberFormatInfo.InvariantInfo);
        }

        int bits = suffix switch { "u8" => 8, "u16" => 16, "u32" => 32, "u64" => 64, "u128" => 128, _ => 256 };
        if (value.GetBitLength() > bits)
        {
            diagnostics.Report(Codes.InvalidNumber, token.Span,
                $"the number does not fit into {(suffix is null ? "the largest integer type, u256" : suffix)}");
            value = BigInteger.Zero;
        }

        return new NumberExpr(token.Span, value, suffix);
    }

    /// <summary>Characters of a string's body, counted behind its opening quote.</summary>
    private Span Part(Token token, int at, int length) => new(file, token.Span.Start + 2 + at, token.Span.Start + 2 + at + length);

    private BytesExpr Bytes(Token token)
    {
        string body = token.Text[2..^1];
        List<byte> bytes = [];
        if (token.Text[0] == 'x')
        {
            for (int i = 0; i < body.Length; i++)
            {
                if (!char.IsAsciiHexDigit(body[i]))
                {
                    diagnostics.Report(Codes.InvalidHexString, Part(token, i, 1), $"'{body[i]}' is not a hexadecimal digit");
                    return new BytesExpr(token.Span, []);
                }
            }

            if (body.Length % 2 != 0)
            {
                diagnostics.Report(Codes.InvalidHexString, token.Span, "a hex string has two digits a byte; this one has an odd number");
                return new BytesExpr(token.Span, []);
            }

            return new BytesExpr(token.Span, Convert.FromHexString(body));
        }

        for (int i = 0; i < body.Length; i++)
        {
            char c = body[i];
            if (c != '\\')
            {
                if (char.IsSurrogate(c) && i + 1 < body.Length && char.IsSurrogatePair(c, body[i + 1]))
                {
                    bytes.AddRange(Encoding.UTF8.GetBytes(body.Substring(i, 2)));
                    i++;
                }
                else
                {
                    bytes.AddRange(Encoding.UTF8.GetBytes(c.ToString()));
                }

                continue;
            }

            char escaped = i + 1 < body.Length ? body[++i] : '\0';
            int at = "nrt0\\\"".IndexOf(escaped, StringComparison.Ordinal);
            if (escaped == 'x' && i + 2 < body.Length)
            {
                int wrong = char.IsAsciiHexDigit(body[i + 1]) ? char.IsAsciiHexDigit(body[i + 2]) ? 0 : 2 : 1;
                if (wrong > 0)
                {
                    diagnostics.Report(Codes.InvalidByteString, Part(token, i + wrong, 1),
                        $"'{body[i + wrong]}' is not a hexadecimal digit");
                    i += 2;
                    continue;
                }

                bytes.Add(Convert.ToByte(body.Substring(i + 1, 2), 16));
                i += 2;
            }
            else if (escaped != '\0' && at >= 0)
            {
                bytes.Add((byte)"\n\r\t\0\\\""[at]);
            }
            else
            {
                diagnostics.Report(Codes.InvalidByteString, Part(token, at: i - 1, 2),
                    $"'\\{escaped}' is not an escape sequence; there are \\n \\r \\t \\0 \\\\ \\\" and \\xHH");
            }
        }

        return new BytesExpr(token.Span, [.. bytes]);
    }
}
