namespace Theseus.Move.Compiler.Syntax;

internal sealed partial class Parser
{
    public FileSyntax File()
    {
        List<ModuleSyntax> modules = [];
        List<ScriptSyntax> scripts = [];
        List<SpecModuleSyntax> specs = [];
        try
        {
            while (Current.Type != TokenType.End)
            {
                _depth = 0;
                TopLevel(modules, scripts, specs);
            }
        }
        catch (SyntaxFault)
        {
            // reported; the file counts for nothing
        }

        return new FileSyntax(file, modules, scripts) { Specs = specs };
    }

    /// <summary>`spec address::name { … }`: its `use` declarations are read, the rest is skipped.</summary>
    private void SpecModule(List<SpecModuleSyntax> specs)
    {
        int before = _at;
        SkipSpec();
        int after = _at;
        _at = before;
        Advance();
        LeadingName address = Leading("an address");
        Expect("::");
        Name name = Identifier("a module name");
        List<UseSyntax> uses = [];
        if (Take("{"))
        {
            while (At("use") || At("#"))
            {
                List<AttributeSyntax> attributes = Attributes();
                if (!At("use"))
                {
                    break;
                }

                uses.Add(Use(attributes));
            }
        }

        _at = after;
        specs.Add(new SpecModuleSyntax(address, name, uses));
    }

    private void TopLevel(List<ModuleSyntax> modules, List<ScriptSyntax> scripts, List<SpecModuleSyntax> specs)
    {
        List<AttributeSyntax> attributes = Attributes();
        if (AtWord("address"))
        {
            AddressBlock(attributes, modules);
        }
        else if (At("module"))
        {
            ModuleSyntax module = Module(attributes, null);
            modules.Add(module);
        }
        else if (At("script"))
        {
            scripts.Add(Script(attributes));
        }
        else if (At("spec") && Ahead(2).Is("::") && Ahead(4).Is("{"))
        {
            SpecModule(specs);
        }
        else if (At("spec"))
        {
            SkipSpec();
        }
        else
        {
            throw Unexpected("a module, a script or an address block");
        }
    }

    private void AddressBlock(List<AttributeSyntax> attributes, List<ModuleSyntax> modules)
    {
        Advance();
        LeadingName address = Leading("an address");
        _open.Push(Expect("{").Span);
        while (!At("}"))
        {
            List<AttributeSyntax> own = Attributes();
            if (At("spec"))
            {
                SkipSpec();
                continue;
            }

            modules.Add(Module([.. attributes.Where(outer => !AttributeList.Has(own, outer.Name.Text)), .. own], address));
        }

        Expect("}");
        _open.Pop();
    }

    private List<AttributeSyntax> Attributes()
    {
        List<AttributeSyntax> all = [];
        while (At("#"))
        {
            Advance();
            all.AddRange(CommaList("[", "]", Attribute));
        }

        return all;
    }

    private AttributeSyntax Attribute()
    {
        Span start = Current.Span;
        Enter(start);
        Name name = AttributeName();
        AttributeSyntax result;
        if (Take("="))
        {
            if (AtIdentifier || (Current.Type == TokenType.Number && Ahead(1).Is("::")))
            {
                AccessChain path = Chain("an attribute value");
                result = new AttributeSyntax(Since(start), name, null, path, null);
            }
            else
            {
                Expr value = Term(out _);
                if (value is not (NumberExpr or BoolExpr or AddressExpr or BytesExpr))
                {
                    throw Fault(Codes.UnexpectedToken, value.Span, "an attribute's value is a literal or a name");
                }

                result = new AttributeSyntax(Since(start), name, value, null, null);
            }
        }
        else if (At("("))
        {
            List<AttributeSyntax> arguments = CommaList("(", ")", Attribute);
            result = new AttributeSyntax(Since(start), name, null, null, arguments);
        }
        else
        {
            result = new AttributeSyntax(Since(start), name, null, null, null);
        }

        _depth--;
        return result;
    }

    /// <summary>A word, keywords too, or several with '::' as tools write them: lint::skip.</summary>
    private Name AttributeName()
    {
        Span start = Current.Span;
        string text = "";
        do
        {
            text += text.Length == 0 ? "" : "::";
            text += AtIdentifier || Current.Type == TokenType.Keyword ? Advance().Text : Identifier("an attribute name").Text;
        }
        while (Take("::"));
        return new Name(text, Since(start));
    }

    private ModuleSyntax Module(List<AttributeSyntax> attributes, LeadingName? address)
    {
        Span start = Current.Span;
        Expect("module");
        Name name;
        if (Ahead(1).Is("::"))
        {
            LeadingName own = Leading("an address or a module name");
            if (address is not null)
            {
                diagnostics.Report(Codes.InvalidModule, own.Span, "a module in an address block has no address of its own",
                    (address.Span, "the address of the block"));
            }

            address = own;
            Expect("::");
            name = Identifier("a module name");
        }
        else
        {
            name = Identifier("a module name");
        }

        List<UseSyntax> uses = [];
        List<FriendSyntax> friends = [];
        List<ConstantSyntax> constants = [];
        List<StructSyntax> structs = [];
        List<FunctionSyntax> functions = [];
        _specNames = [];
        _open.Push(Expect("{").Span);
        while (!At("}"))
        {
            _depth = 0;
            string? doc = Current.Doc;
            List<AttributeSyntax> own = Attributes();
            doc ??= Current.Doc;
            Member(own, doc, uses, friends, constants, structs, functions);
        }

        Advance();
        _open.Pop();
        return new ModuleSyntax(Since(start), address, name, attributes, uses, friends, constants, structs,
            functions) { SpecNames = _specNames };
    }

    private void Member(
        List<AttributeSyntax> attributes,
        string? doc,
        List<UseSyntax> uses,
        List<FriendSyntax> friends,
        List<ConstantSyntax> constants,
        List<StructSyntax> structs,
        List<FunctionSyntax> functions)
    {
        Span start = Current.Span;
        if (At("spec"))
        {
            SkipSpec();
        }
        else if (At("use"))
        {
            uses.Add(Use(attributes));
        }
        else if (At("friend") && !Ahead(1).Is("fun"))
        {
            Advance();
            AccessChain module = Chain("a module");
            Expect(";");
            friends.Add(new FriendSyntax(Since(start), module, attributes));
        }
        else if (At("const"))
        {
            constants.Add(Constant(attributes, doc));
        }
        else if (At("struct"))
        {
            structs.Add(Struct(attributes, null));
        }
        else if (AtWord("enum") && Ahead(1).Type == TokenType.Identifier)
        {
            throw Fault(Codes.UnexpectedToken, Current.Span, "enums are Move 2 syntax and are not supported");
        }
        else
        {
            FunctionOrNativeStruct(attributes, doc, constants, structs, functions);
        }
    }

    /// <summary>What stands before 'fun', 'struct' or 'const', in any order.</summary>
    private sealed class Modifiers
    {
        public Format.Visibility Visibility { get; set; } = Format.Visibility.Private;

        public Span? VisibilitySpan { get; set; }

        public Span? Entry { get; set; }

        public Span? Native { get; set; }

        public bool IsInline { get; set; }
    }

    private Modifiers ReadModifiers()
    {
        Modifiers found = new();
        while (true)
        {
            Span span = Current.Span;
            if (Take("public"))
            {
                ReadVisibility(span, found);
            }
            else if (AtWord("entry"))
            {
                Advance();
                Once(found.Entry, span, "'entry' is already given");
                found.Entry = span;
            }
            else if (Take("native"))
            {
                Once(found.Native, span, "'native' is already given");
                found.Native = span;
            }
            else if (AtWord("inline"))
            {
                Advance();
                found.IsInline = true;
            }
            else
            {
                return found;
            }
        }
    }

    private void Once(Span? first, Span span, string message)
    {
        if (first is { } previous)
        {
            diagnostics.Report(Codes.DuplicateItem, span, message, (previous, "here"));
        }
    }

    private void ReadVisibility(Span span, Modifiers found)
    {
        Format.Visibility visibility = Format.Visibility.Public;
        if (Take("("))
        {
            if (Take("script"))
            {
                // the old spelling of `public entry`
                Expect(")");
                diagnostics.Report(Codes.Deprecated, span, "write `public entry` instead of `public(script)`");
                found.Entry ??= span;
            }
            else if (Take("friend"))
            {
                visibility = Format.Visibility.Friend;
                Expect(")");
            }
            else
            {
                throw InvalidVisibility(span);
            }
        }

        Once(found.VisibilitySpan, span, "a function has one visibility");
        found.Visibility = visibility;
        found.VisibilitySpan = Since(span);
    }

    private void FunctionOrNativeStruct(
        List<AttributeSyntax> attributes,
        string? doc,
        List<ConstantSyntax> constants,
        List<StructSyntax> structs,
        List<FunctionSyntax> functions)
    {
        Span start = Current.Span;
        Modifiers modifiers = ReadModifiers();
        (Span? visibilitySpan, Span? entry, Span? native) = (modifiers.VisibilitySpan, modifiers.Entry, modifiers.Native);
        if (At("struct") && (native ?? visibilitySpan ?? entry) is not null)
        {
            if (entry is { } e)
            {
                diagnostics.Report(Codes.InvalidModifier, e, "'entry' belongs to functions");
            }

            if (visibilitySpan is { } v)
            {
                diagnostics.Report(Codes.InvalidModifier, v,
                    "a struct has no visibility: it is always known to all and owned by its module");
            }

            structs.Add(Struct(attributes, native));
            return;
        }

        if (At("const") && (visibilitySpan ?? native ?? entry) is { } modifier)
        {
            diagnostics.Report(Codes.InvalidModifier, modifier,
                "a constant is always private to its module and has no modifiers: write `const` alone");
            constants.Add(Constant(attributes, doc));
            return;
        }

        if (!At("fun"))
        {
            throw Unexpected("a module member: 'use', 'friend', 'const', 'struct' or 'fun'");
        }

        functions.Add(Function(start, attributes, modifiers.Visibility, visibilitySpan, entry, native, modifiers.IsInline));
    }

    /// <summary>public(…) with something else than 'friend' between the parentheses: says what there is.</summary>
    private SyntaxFault InvalidVisibility(Span start)
    {
        string given = AtWord("package")
            ? "'public(package)' is Move 2 syntax: declare the modules of the package as friends and write 'public(friend)'"
            : "there are 'public' and 'public(friend)'";
        while (!At(")") && Current.Type != TokenType.End && !At("{") && !At("fun"))
        {
            Advance();
        }

        Take(")");
        return Fault(Codes.UnexpectedToken, Since(start), given);
    }

    private FunctionSyntax Function(Span start, List<AttributeSyntax> attributes, Format.Visibility visibility, Span? visibilitySpan,
        Span? entry, Span? native, bool inline)
    {
        Expect("fun");
        Name name = Identifier("a function name");
        List<TypeParameterSyntax> typeParameters = At("<") ? AngleList(TypeParameter) : [];
        List<ParameterSyntax> parameters = CommaList("(", ")", () =>
        {
            Name parameter = Identifier("a parameter name");
            Expect(":");
            return new ParameterSyntax(parameter, Type());
        });
        TypeSyntax result = Take(":") ? Type() : new TupleTypeSyntax(name.Span, []);
        List<AccessChain> acquires = [];
        if (Take("acquires"))
        {
            do
            {
                acquires.Add(Chain("a resource struct name"));
            }
            while (Take(",") && !At("{") && !At(";"));
        }

        SequenceSyntax? body = null;
        if (native is not null)
        {
            Expect(";");
        }
        else
        {
            if (!At("{"))
            {
                throw Unexpected("'{'");
            }

            body = Sequence();
        }

        return new FunctionSyntax(Since(start), name, visibility, visibilitySpan, entry, native, inline, typeParameters, parameters,
            result, acquires, body, attributes);
    }

    private StructSyntax Struct(List<AttributeSyntax> attributes, Span? native)
    {
        Span start = Current.Span;
        Expect("struct");
        Name name = Identifier("a struct name");
        List<TypeParameterSyntax> typeParameters = At("<") ? AngleList(TypeParameter) : [];
        Format.Abilities abilities = Format.Abilities.None;
        if (AtWord("has"))
        {
            Advance();
            if (At("{") || At(";"))
            {
                throw Unexpected("one of 'copy', 'drop', 'store' or 'key'");
            }

            abilities = Abilities(",", () => At("{") || At(";"));
        }

        if (native is not null)
        {
            Expect(";");
            return new StructSyntax(Since(start), name, typeParameters, abilities, null, attributes);
        }

        if (At("("))
        {
            throw Fault(Codes.UnexpectedToken, Current.Span, "structs with positional fields are Move 2 syntax; name the fields in braces");
        }

        List<FieldSyntax> fields = CommaList("{", "}", () =>
        {
            Name field = Identifier("a field name");
            Expect(":");
            return new FieldSyntax(field, Type());
        });
        return new StructSyntax(Since(start), name, typeParameters, abilities, fields, attributes);
    }

    private ConstantSyntax Constant(List<AttributeSyntax> attributes, string? doc)
    {
        Span start = Current.Span;
        Expect("const");
        Name name = Identifier("a constant name");
        Expect(":");
        TypeSyntax type = Type();
        Expect("=");
        Expr value = Expression();
        Expect(";");
        return new ConstantSyntax(Since(start), name, type, value, attributes, doc);
    }

    private UseSyntax Use(List<AttributeSyntax> attributes)
    {
        Span start = Current.Span;
        Expect("use");
        LeadingName address = Leading("an address");
        Expect("::");
        Name module = Identifier("a module name");
        Name? alias = null;
        List<UseMember>? members = null;
        if (Take("as"))
        {
            alias = Identifier("an alias");
        }
        else if (Take("::"))
        {
            if (At("{"))
            {
                members = CommaList("{", "}", UseItem);
            }
            else
            {
                members = [UseItem()];
            }
        }

        Expect(";");
        return new UseSyntax(Since(start), address, module, alias, members, attributes);
    }

    private UseMember UseItem()
    {
        Name member = Identifier("a member name");
        return new UseMember(member, Take("as") ? Identifier("an alias") : null);
    }

    private ScriptSyntax Script(List<AttributeSyntax> attributes)
    {
        Span start = Current.Span;
        Expect("script");
        _open.Push(Expect("{").Span);
        List<UseSyntax> uses = [];
        List<ConstantSyntax> constants = [];
        FunctionSyntax? function = null;
        while (!At("}"))
        {
            string? doc = Current.Doc;
            List<AttributeSyntax> own = Attributes();
            if (At("use"))
            {
                uses.Add(Use(own));
            }
            else if (At("const"))
            {
                constants.Add(Constant(own, doc));
            }
            else if (At("spec"))
            {
                SkipSpec();
            }
            else
            {
                Span functionStart = Current.Span;
                List<StructSyntax> structs = [];
                List<FunctionSyntax> functions = [];
                int before = constants.Count;
                FunctionOrNativeStruct(own, doc, constants, structs, functions);
                if (constants.Count > before)
                {
                    continue;
                }

                if (structs.Count > 0)
                {
                    throw Fault(Codes.UnexpectedToken, functionStart, "a script declares no structs");
                }

                if (function is not null)
                {
                    throw Fault(Codes.UnexpectedToken, functionStart, "a script holds exactly one function");
                }

                function = functions[0];
            }
        }

        if (function is null)
        {
            throw Unexpected("the script's function");
        }

        Expect("}");
        _open.Pop();
        return new ScriptSyntax(Since(start), attributes, uses, constants, function);
    }
}
