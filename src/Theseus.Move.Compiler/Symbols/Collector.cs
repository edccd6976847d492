using Theseus.Move.Compiler.Syntax;
using Theseus.Move.Compiler.Types;
using Theseus.Move.Format;
using Theseus.Protocol;

namespace Theseus.Move.Compiler.Symbols;

/// <summary>Syntax trees to symbols: modules, their members, aliases and signatures. Bodies stay syntax.</summary>
internal sealed class Collector(Program program, TypeResolver types)
{
    private static readonly HashSet<string> BuiltinFunctions = ["move_to", "move_from", "borrow_global", "borrow_global_mut", "exists",
        "freeze", "assert"];

    private static readonly HashSet<string> BuiltinTypes = ["bool", "u8", "u16", "u32", "u64", "u128", "u256", "address", "signer",
        "vector"];

    private DiagnosticBag Diagnostics => program.Diagnostics;

    // ---- first round: modules and the names of their members ----

    public void Declare(FileSyntax file, IReadOnlyDictionary<string, Address> addresses, bool isDependency)
    {
        foreach (ModuleSyntax syntax in file.Modules)
        {
            if (!Kept(syntax.Attributes, isDependency))
            {
                continue;
            }

            if (syntax.Address is null)
            {
                Diagnostics.Report(Codes.InvalidModule, syntax.Name.Span,
                    $"the module '{syntax.Name.Text}' has no address: write `module address::{syntax.Name.Text}`");
                continue;
            }

            if (syntax.Address.Identifier is "Self" or "vector")
            {
                Diagnostics.Report(Codes.ReservedName, syntax.Address.Span,
                    $"'{syntax.Address.Identifier}' is reserved and can't name an address");
                continue;
            }

            if (program.Resolve(syntax.Address, addresses) is not { } address)
            {
                continue;
            }

            ModuleId id = new(address, syntax.Name.Text);
            if (syntax.Name.Text.StartsWith('_'))
            {
                Diagnostics.Report(Codes.InvalidName, syntax.Name.Span,
                    $"invalid module name '{syntax.Name.Text}': module names start with a letter");
            }

            RejectName(syntax.Name, "module", static n => n is "Self" or "address" || BuiltinTypes.Contains(n) && n != "vector"
                && n != "signer");
            ModuleSymbol module = new(id, syntax.Name.Span)
            {
                AddressName = syntax.Address.Identifier,
                Syntax = syntax,
                IsDependency = isDependency,
                Addresses = addresses,
                Attributes = syntax.Attributes,
            };
            if (program.Modules.TryGetValue(id, out ModuleSymbol? previous) && previous.Syntax is not null)
            {
                if (!(isDependency && previous.IsDependency && previous.Syntax.Name.Text == syntax.Name.Text
                    && ReferenceEquals(previous.Addresses, addresses)) || !isDependency)
                {
                    Diagnostics.Report(Codes.DuplicateItem, syntax.Name.Span, $"the module '{module.Display}' is defined twice",
                        (previous.Span, "the other definition"));
                }

                continue;
            }

            program.Modules[id] = module;
            DeclareStructs(module, syntax.Structs);
        }

        if (isDependency)
        {
            return;
        }

        DeclareScripts(file, addresses);
    }

    private void DeclareScripts(FileSyntax file, IReadOnlyDictionary<string, Address> addresses)
    {
        foreach (ScriptSyntax script in file.Scripts)
        {
            if (RefuseTests(script))
            {
                continue;
            }

            if (!Kept(script.Attributes, isDependency: false))
            {
                continue;
            }

            ModuleSymbol home = new(new ModuleId(default, $"<script {program.Scripts.Count}>"), script.Span)
            {
                IsScript = true,
                Addresses = addresses,
                Attributes = script.Attributes,
                Syntax = new ModuleSyntax(script.Span, null, script.Function.Name, script.Attributes, script.Uses, [],
                    script.Constants, [], [script.Function]),
            };
            program.Scripts.Add(home);
        }
    }

    /// <summary>Gives modules the aliases of their specifications; a specification of an unknown module has nothing to say here.</summary>
    public void Merge(IReadOnlyList<SpecModuleSyntax> specs, IReadOnlyDictionary<string, Address> addresses)
    {
        foreach (SpecModuleSyntax spec in specs)
        {
            if ((spec.Address.Literal ?? (addresses.TryGetValue(spec.Address.Identifier!, out Address named) ? named : null)) is { } address
                && program.Modules.TryGetValue(new ModuleId(address, spec.Name.Text), out ModuleSymbol? module))
            {
                module.SpecUses.AddRange(spec.Uses);
            }
        }
    }

    /// <summary>
    /// Whether attributes of tests stand at a script or its function, in any mode: scripts are neither tests nor left out for them.
    /// </summary>
    private bool RefuseTests(ScriptSyntax script)
    {
        bool refused = false;
        foreach (AttributeSyntax attribute in script.Attributes.Concat(script.Function.Attributes))
        {
            if (attribute.Name.Text is "test" or "test_only" or "expected_failure")
            {
                refused = true;
                Diagnostics.Report(Codes.TestGeneration, attribute.Span,
                    "attributes of tests have no place in scripts; write the test in a module");
            }
        }

        return refused;
    }

    private bool Kept(IReadOnlyList<AttributeSyntax> attributes, bool isDependency)
    {
        foreach (AttributeSyntax attribute in attributes)
        {
            if (attribute.Name.Text == "verify_only"
                || (attribute.Name.Text == "test_only" && !program.Options.TestMode)
                || (attribute.Name.Text is "test" && (!program.Options.TestMode || isDependency)))
            {
                return false;
            }
        }

        return true;
    }

    private bool RejectName(Name name, string what, Func<string, bool> isReserved)
    {
        if (isReserved(name.Text))
        {
            Diagnostics.ReportAt(Stage.Names, Codes.ReservedName, name.Span, $"'{name.Text}' is reserved and can't name a {what}");
            return true;
        }

        return false;
    }

    private static bool IsReservedType(string name) => name == "Self" || BuiltinTypes.Contains(name);

    private static bool IsReservedFunction(string name) => name == "Self" || BuiltinFunctions.Contains(name) || BuiltinTypes.Contains(name);

    private void DeclareStructs(ModuleSymbol module, IReadOnlyList<StructSyntax> structs)
    {
        foreach (StructSyntax syntax in structs)
        {
            if (!Kept(syntax.Attributes, module.IsDependency))
            {
                continue;
            }

            if (!char.IsAsciiLetterUpper(syntax.Name.Text[0]))
            {
                Diagnostics.Report(Codes.InvalidName, syntax.Name.Span,
                    $"invalid struct name '{syntax.Name.Text}': struct names start with a capital letter");
                continue;
            }

            RejectName(syntax.Name, "struct", IsReservedType);

            if (module.FindStruct(syntax.Name.Text) is { } previous)
            {
                Diagnostics.Report(Codes.DuplicateItem, syntax.Name.Span,
                    $"'{syntax.Name.Text}' is defined twice in '{module.Display}'", (previous.Span, "the other definition"));
                continue;
            }

            StructSymbol symbol = new(module, syntax.Name.Text, syntax.Name.Span, module.Structs.Count)
            {
                Syntax = syntax,
                Abilities = syntax.Abilities,
                TypeParameters = TypeParameters(syntax.TypeParameters, "struct"),
                Attributes = syntax.Attributes,
            };
            module.Structs.Add(symbol);
        }
    }

    private List<TypeParameterSymbol> TypeParameters(IReadOnlyList<TypeParameterSyntax> syntax, string owner)
    {
        List<TypeParameterSymbol> result = [];
        foreach (TypeParameterSyntax parameter in syntax)
        {
            if (result.Find(p => p.Name == parameter.Name.Text) is { } previous)
            {
                Diagnostics.Report(Codes.DuplicateItem, parameter.Name.Span,
                    $"the type parameter '{parameter.Name.Text}' is declared twice", (previous.Span, "the first one"));
            }

            RejectName(parameter.Name, "type parameter", IsReservedType);
            if (!char.IsAsciiLetterUpper(parameter.Name.Text[0]) && !parameter.Name.Text.StartsWith('_')
                && char.IsAsciiDigit(parameter.Name.Text[0]))
            {
                Diagnostics.Report(Codes.InvalidName, parameter.Name.Span, $"invalid type parameter name '{parameter.Name.Text}'");
            }

            if (parameter.IsPhantom && owner != "struct")
            {
                Diagnostics.Report(Codes.InvalidPhantom, parameter.Name.Span, "only type parameters of structs can be phantom");
            }

            result.Add(new TypeParameterSymbol(parameter.Name.Text, result.Count, parameter.Constraints, parameter.IsPhantom,
                parameter.Name.Span));
        }

        return result;
    }

    // ---- second round: aliases ----

    public void DeclareMembers(ModuleSymbol module)
    {
        ModuleSyntax syntax = module.Syntax!;
        foreach (ConstantSyntax constant in syntax.Constants)
        {
            if (!Kept(constant.Attributes, module.IsDependency))
            {
                continue;
            }

            if (!char.IsAsciiLetterUpper(constant.Name.Text[0]))
            {
                Diagnostics.Report(Codes.InvalidName, constant.Name.Span,
                    $"invalid constant name '{constant.Name.Text}': constant names start with a capital letter");
            }

            else
            {
                RejectName(constant.Name, "constant", IsReservedType);
            }

            ReportDuplicate(module, constant.Name, module.Add(new ConstantSymbol(module, constant, constant.Name.Text,
                constant.Name.Span)) && module.FindStruct(constant.Name.Text) is null);
        }

        foreach (FunctionSyntax function in syntax.Functions)
        {
            if (!Kept(function.Attributes, module.IsDependency))
            {
                continue;
            }

            string name = function.Name.Text;
            if (name.StartsWith('_'))
            {
                Diagnostics.Report(Codes.InvalidName, function.Name.Span,
                    $"invalid function name '{name}': function names start with a letter");
            }

            RejectName(function.Name, "function", IsReservedFunction);
            FunctionSymbol symbol = new(module, name, function.Name.Span)
            {
                Syntax = function,
                Visibility = function.Visibility,
                IsEntry = function.EntrySpan is not null,
                IsNative = function.NativeSpan is not null,
                IsInline = function.IsInline,
                IsTestOnly = AttributeList.Has(function.Attributes, "test") || AttributeList.Has(function.Attributes, "test_only")
                    || AttributeList.Has(module.Attributes, "test_only"),
                TypeParameters = TypeParameters(function.TypeParameters, "function"),
                Attributes = function.Attributes,
            };
            ReportDuplicate(module, function.Name, module.Add(symbol));
            if (function.IsInline && (function.NativeSpan is not null || function.EntrySpan is not null))
            {
                Diagnostics.Report(Codes.InvalidInline, function.Name.Span,
                    "an inline function can be neither native nor entry: it has no code of its own");
            }
        }

        SpecNames(module);
    }

    /// <summary>Names of specifications share the namespace of the module's members; whichever stands later is refused.</summary>
    private void SpecNames(ModuleSymbol module)
    {
        Dictionary<string, Span> known = [];
        foreach (Name name in module.Syntax!.SpecNames)
        {
            Span? member = module.FindFunction(name.Text)?.Span ?? module.FindConstant(name.Text)?.Span
                ?? module.FindStruct(name.Text)?.Span;
            if (!known.TryAdd(name.Text, name.Span))
            {
                Diagnostics.Report(Codes.DuplicateItem, name.Span, $"'{name.Text}' is defined twice in '{module.Display}'",
                    (known[name.Text], "the other definition"));
            }
            else if (member is { } other)
            {
                bool isLater = other.Start > name.Span.Start;
                Diagnostics.Report(Codes.DuplicateItem, isLater ? other : name.Span,
                    $"'{name.Text}' is defined twice in '{module.Display}'", (isLater ? name.Span : other, "the other definition"));
            }
        }
    }

    private void ReportDuplicate(ModuleSymbol module, Name name, bool added)
    {
        if (!added)
        {
            Span other = module.FindFunction(name.Text)?.Span ?? module.FindConstant(name.Text)?.Span
                ?? module.FindStruct(name.Text)?.Span ?? Span.None;
            Diagnostics.Report(Codes.DuplicateItem, name.Span, $"'{name.Text}' is defined twice in '{module.Display}'",
                (other, "the other definition"));
        }
    }

    public void DeclareAliases(ModuleSymbol module)
    {
        AliasScope outer = new(null);
        AliasScope scope = new(outer);
        if (!module.IsScript)
        {
            outer.AddModule("Self", new Alias(module, null, module.Span, true));
            outer.AddModule(module.Id.Name, new Alias(module, null, module.Span, true));
            foreach (StructSymbol s in module.Structs)
            {
                outer.AddMember(s.Name, new Alias(module, s.Name, s.Span, true));
            }

        }

        foreach (FunctionSymbol f in module.Functions)
        {
            if (!module.IsScript)
            {
                outer.AddMember(f.Name, new Alias(module, f.Name, f.Span, true));
            }
        }

        foreach (ConstantSymbol c in module.Constants)
        {
            outer.AddMember(c.Name, new Alias(module, c.Name, c.Span, true));
        }

        module.Scope = scope;
        AddUses(module.Syntax!.Uses, scope, module, outer);
        AddSpecUses(module, scope);
        foreach (FriendSyntax friend in module.Syntax.Friends)
        {
            if (Kept(friend.Attributes, module.IsDependency))
            {
                DeclareFriend(module, friend, scope);
            }
        }
    }

    /// <summary>What the module itself names goes first, and what only specifications know stays away.</summary>
    private void AddSpecUses(ModuleSymbol module, AliasScope scope)
    {
        foreach (UseSyntax use in module.SpecUses.Where(u => Kept(u.Attributes, module.IsDependency)))
        {
            if (program.FindModule(use.Address, use.Module, module, use.Span) is not { } target)
            {
                continue;
            }

            foreach (UseMember member in use.Members ?? [new UseMember(new Name("Self", use.Module.Span), use.Alias)])
            {
                bool isModule = member.Member.Text == "Self";
                string name = (member.Alias ?? (isModule ? use.Module : member.Member)).Text;
                if (isModule && scope.FindModule(name) is null)
                {
                    scope.AddModule(name, new Alias(target, null, use.Span, false) { Used = true });
                }
                else if (!isModule && scope.FindMember(name) is null && (target.HasMember(member.Member.Text)
                    || target.FindStruct(member.Member.Text) is not null))
                {
                    scope.AddMember(name, new Alias(target, member.Member.Text, use.Span, false) { Used = true });
                }
            }
        }
    }

    private void DeclareFriend(ModuleSymbol module, FriendSyntax friend, AliasScope scope)
    {
        ModuleSymbol? target = null;
        AccessChain chain = friend.Module;
        if (chain.Third is not null)
        {
            program.Resolve(chain.First, module.Addresses);
            Diagnostics.Report(Codes.UnexpectedName, chain.Third.Span, "a friend is a module, not a member of one");
            return;
        }

        if (chain.Second is { } name)
        {
            if (program.Resolve(chain.First, module.Addresses) is not { } address)
            {
                Diagnostics.Report(Codes.InvalidFriend, friend.Span, "friends share an address, and the address of this one is not known");
                return;
            }

            target = program.FindModule(new ModuleId(address, name.Text), chain.ToString(), chain.Span);
        }
        else if (chain.First.Identifier is { } alias)
        {
            target = scope.FindModule(alias)?.Module;
            if (target is null)
            {
                Diagnostics.Report(Codes.UnboundModule, chain.Span, $"there is no module alias '{alias}' in scope");
            }
        }

        if (target is null)
        {
            return;
        }

        if (ReferenceEquals(target, module))
        {
            Diagnostics.Report(Codes.InvalidFriend, friend.Span, "a module is no friend of itself");
        }
        else if (target.Id.Address != module.Id.Address)
        {
            Diagnostics.Report(Codes.InvalidFriend, friend.Span, $"friends share an address; '{target.Display}' is at another one");
        }
        else if (module.Friends.Exists(f => f.Id == target.Id))
        {
            Diagnostics.Report(Codes.DuplicateItem, friend.Span, $"'{target.Display}' is declared a friend twice",
                (module.Friends.Find(f => f.Id == target.Id).Span, "the first time"));
        }
        else
        {
            module.Friends.Add((target.Id, friend.Span));
        }
    }

    /// <summary>Adds the aliases of `use` declarations to a scope.</summary>
    public void AddUses(IReadOnlyList<UseSyntax> uses, AliasScope scope, ModuleSymbol module, AliasScope? own = null)
    {
        foreach (UseSyntax use in uses)
        {
            if (!Kept(use.Attributes, module.IsDependency))
            {
                continue;
            }

            Span moduleSpan = new(use.Span.File, use.Address.Span.Start, use.Module.Span.End);
            if (program.FindModule(use.Address, use.Module, module, moduleSpan) is not { } target)
            {
                continue;
            }

            if (use.Members is null)
            {
                AddModuleAlias(scope, use.Alias ?? use.Module, target);
                continue;
            }

            foreach (UseMember member in use.Members)
            {
                if (member.Member.Text == "Self")
                {
                    AddModuleAlias(scope, member.Alias ?? use.Module, target);
                    continue;
                }

                bool isStruct = target.FindStruct(member.Member.Text) is not null;
                if (!isStruct && !target.HasMember(member.Member.Text)
                    && target.Syntax?.SpecNames.Any(n => n.Text == member.Member.Text) == true)
                {
                    SpecAlias(member);
                    scope.AddMember(member.Bound.Text, new Alias(target, member.Member.Text, member.Bound.Span, false) { Used = true });
                    continue;
                }

                if (!isStruct && !target.HasMember(member.Member.Text))
                {
                    Diagnostics.Report(Codes.UnboundMember, member.Member.Span,
                        $"the module '{target.Display}' has no member '{member.Member.Text}'");
                    continue;
                }

                Name bound = member.Bound;
                if (member.Alias is { } alias && !IsValidAlias(alias, target, member.Member.Text))
                {
                    continue;
                }

                if (own?.FindMember(bound.Text) is { IsImplicit: true } mine)
                {
                    bool isMineLater = mine.Span.Start > bound.Span.Start;
                    Diagnostics.Report(Codes.DuplicateItem, isMineLater ? mine.Span : bound.Span,
                        $"'{bound.Text}' is a member of this module and an alias made by a `use`",
                        (isMineLater ? bound.Span : mine.Span, "the other one"));
                    if (!isMineLater)
                    {
                        WarnUnused(bound);
                    }

                    continue;
                }

                if (scope.AddMember(bound.Text, new Alias(target, member.Member.Text, bound.Span, false)) is { } previous)
                {
                    Repeated(bound, previous);
                }
            }
        }
    }

    private void WarnUnused(Name alias) => Diagnostics.Report(Codes.UnusedAlias, alias.Span,
        $"the alias '{alias.Text}' is never used; remove it");

    private void Repeated(Name alias, Alias first) =>
        Diagnostics.Report(Codes.DuplicateItem, alias.Span, $"the alias '{alias.Text}' is made twice", (first.Span, "the first one"));

    /// <summary>An alias that only specifications use has no meaning here, but a name it may have.</summary>
    private void SpecAlias(UseMember member)
    {
        if (member.Alias is { } alias && char.IsAsciiLetterUpper(member.Member.Text[0]) && !char.IsAsciiLetterUpper(alias.Text[0]))
        {
            Diagnostics.Report(Codes.InvalidName, alias.Span,
                $"invalid alias '{alias.Text}' for a schema: it starts with a capital letter");
        }
    }

    private void AddModuleAlias(AliasScope scope, Name name, ModuleSymbol target)
    {
        if (name.Text.StartsWith('_'))
        {
            Diagnostics.Report(Codes.InvalidName, name.Span, $"invalid module alias '{name.Text}': module names start with a letter");
        }

        if (RejectName(name, "module alias", static n => n is "Self"))
        {
            return;
        }

        if (scope.AddModule(name.Text, new Alias(target, null, name.Span, false)) is { } previous)
        {
            Repeated(name, previous);
        }
    }

    private bool IsValidAlias(Name alias, ModuleSymbol target, string member)
    {
        bool isFunction = target.FindFunction(member) is not null && target.FindStruct(member) is null;
        if (isFunction)
        {
            if (alias.Text.StartsWith('_'))
            {
                Diagnostics.Report(Codes.InvalidName, alias.Span, $"invalid alias '{alias.Text}' for a function: it starts with a letter");
                return false;
            }

            return !RejectName(alias, "function alias", IsReservedFunction);
        }

        if (!char.IsAsciiLetterUpper(alias.Text[0]))
        {
            Diagnostics.Report(Codes.InvalidName, alias.Span,
                $"invalid alias '{alias.Text}' for a struct or constant: it starts with a capital letter");
            return false;
        }

        return !RejectName(alias, "alias", IsReservedType);
    }

    // ---- third round: types of members ----

    public void ResolveSignatures(ModuleSymbol module)
    {
        foreach (StructSymbol symbol in module.Structs)
        {
            if (symbol.Syntax?.Fields is { } fields)
            {
                ResolveFields(module, symbol, fields);
            }
        }

        foreach (ConstantSymbol constant in module.Constants)
        {
            constant.Type = types.Resolve(constant.Syntax!.Type, new TypeScope(module, module.Scope, []));
        }

        foreach (FunctionSymbol function in module.Functions)
        {
            ResolveFunction(module, function);
        }
    }

    private void ResolveFields(ModuleSymbol module, StructSymbol symbol, IReadOnlyList<FieldSyntax> fields)
    {
        List<FieldSymbol> result = [];
        TypeScope scope = new(module, module.Scope, symbol.TypeParameters);
        foreach (FieldSyntax field in fields)
        {
            if (result.Find(f => f.Name == field.Name.Text) is { } previous)
            {
                Diagnostics.Report(Codes.DuplicateItem, field.Name.Span, $"the field '{field.Name.Text}' is declared twice",
                    (previous.Span, "the first one"));
                continue;
            }

            types.Mentions = [];
            Ty type = types.Base(types.Resolve(field.Type, scope), field.Type.Span);
            result.Add(new FieldSymbol(field.Name.Text, type, field.Name.Span) { Mentions = types.Mentions });
            types.Mentions = null;
        }

        symbol.Fields = result;
    }

    private void ResolveFunction(ModuleSymbol module, FunctionSymbol function)
    {
        FunctionSyntax syntax = function.Syntax!;
        TypeScope scope = new(module, module.Scope, function.TypeParameters);
        List<ParameterSymbol> parameters = [];
        foreach (ParameterSyntax parameter in syntax.Parameters)
        {
            Ty type = types.Resolve(parameter.Type, scope);
            if (type is TupleTy)
            {
                Diagnostics.Report(Codes.ExpectedSingleType, parameter.Type.Span, $"a parameter has a single type, not '{type}'");
                type = Ty.Error;
            }

            if (type is FunctionTy && !function.IsInline)
            {
                Diagnostics.Report(Codes.SpecOnly, parameter.Type.Span,
                    "only inline functions take functions as parameters; function values are Move 2 syntax");
                type = Ty.Error;
            }

            parameters.Add(new ParameterSymbol(parameter.Name.Text, type, parameter.Name.Span));
        }

        function.Parameters = parameters;
        function.Return = types.Resolve(syntax.Return, scope);
        if (function.Return is FunctionTy)
        {
            Diagnostics.Report(Codes.InvalidInline, syntax.Return.Span, "functions can't be returned; function values are Move 2");
            function.Return = Ty.Error;
        }

        foreach (AccessChain chain in syntax.Acquires)
        {
            ResolveAcquires(module, function, chain, scope);
        }
    }

    private void ResolveAcquires(ModuleSymbol module, FunctionSymbol function, AccessChain chain, TypeScope scope)
    {
        if (program.FindMember(chain, module.Scope, module) is not { } member)
        {
            if (chain.IsSingle)
            {
                bool known = Ty.Primitive(chain.First.Identifier!) is not null
                    || scope.TypeParameters.Any(p => p.Name == chain.First.Identifier);
                Diagnostics.Report(known ? Codes.UnexpectedName : Codes.UnboundType, chain.Span, known
                    ? $"'{chain}' is no resource struct" : $"there is no type '{chain}' in scope");
            }

            return;
        }

        if (member.Module.FindStruct(member.Member) is not { } symbol)
        {
            Diagnostics.Report(Codes.UnboundMember, chain.Span, $"the module '{member.Module.Display}' has no struct '{member.Member}'");
            return;
        }

        if (!ReferenceEquals(symbol.Module, module))
        {
            Diagnostics.Report(Codes.InvalidAcquires, chain.Span,
                $"a function acquires only structs of its own module; '{symbol}' is declared elsewhere");
        }
        else if ((symbol.Abilities & Abilities.Key) == Abilities.None)
        {
            Diagnostics.Report(Codes.InvalidAcquires, chain.Span, $"'{symbol.Name}' can't be acquired: it lacks 'key'",
                (symbol.Span, "the struct"));
        }
        else if (function.Acquires.Exists(a => ReferenceEquals(a.Struct, symbol)))
        {
            Diagnostics.Report(Codes.DuplicateItem, chain.Span, $"'{symbol.Name}' is listed twice");
        }
        else
        {
            function.Acquires.Add((symbol, chain.Span));
        }
    }

    /// <summary>Adds the aliases of the `use` declarations at the head of a block.</summary>
    public AliasScope BlockScope(IReadOnlyList<UseSyntax> uses, AliasScope parent, ModuleSymbol module)
    {
        AliasScope scope = new(parent);
        AddUses(uses, scope, module);
        return scope;
    }

    public void WarnUnused(AliasScope scope)
    {
        foreach ((string name, Alias alias) in scope.All)
        {
            if (!alias.Used && !alias.IsImplicit)
            {
                Diagnostics.Report(Codes.UnusedAlias, alias.Span, $"the alias '{name}' is never used; remove it");
            }
        }
    }
}
