using Theseus.Move.Compiler.Symbols;
using Theseus.Move.Compiler.Syntax;

namespace Theseus.Move.Compiler.Typing;

/// <summary>Attributes that are unknown, repeated or at the wrong place.</summary>
internal static class AttributeChecks
{
    private static readonly HashSet<string> Known =
    [
        "test", "test_only", "expected_failure", "verify_only", "view", "event", "bytecode_instruction", "native_interface", "deprecated",
        "resource_group", "resource_group_member", "lint_allow", "ext", "allow", "doc", "legacy_entry_fun",
    ];

    public static void Run(Program program)
    {
        foreach (ModuleSymbol module in program.Targets)
        {
            Check(module.Attributes, program.Diagnostics);
            Place(module.Attributes, "a module or script", program.Diagnostics, "test", "expected_failure", "view", "event");
            foreach (IReadOnlyList<AttributeSyntax> attributes in module.Syntax!.Uses.Select(static u => u.Attributes)
                .Concat(module.Syntax.Friends.Select(static f => f.Attributes)))
            {
                Check(attributes, program.Diagnostics);
                Place(attributes, "a `use` or `friend`", program.Diagnostics, "test", "expected_failure", "view", "event");
            }

            foreach (FunctionSymbol function in module.Functions)
            {
                Check(function.Attributes, program.Diagnostics);
                Place(function.Attributes, "a function", program.Diagnostics, "event");
                if (AttributeList.Find(function.Attributes, "view") is { } view && function.Return.IsUnit)
                {
                    program.Diagnostics.Report(Codes.AttributeUsage, view.Span, "a view function returns something",
                        (function.Span, "the function"));
                }
            }

            foreach (StructSymbol symbol in module.Structs)
            {
                Check(symbol.Attributes, program.Diagnostics);
                Place(symbol.Attributes, "a struct", program.Diagnostics, "test", "expected_failure", "view");
            }

            foreach (ConstantSymbol constant in module.Constants)
            {
                Check(constant.Syntax?.Attributes ?? [], program.Diagnostics);
                Place(constant.Syntax?.Attributes ?? [], "a constant", program.Diagnostics, "test", "expected_failure", "view", "event");
            }
        }
    }

    private static void Place(IReadOnlyList<AttributeSyntax> attributes, string what, DiagnosticBag diagnostics,
        params ReadOnlySpan<string> foreign)
    {
        foreach (AttributeSyntax attribute in attributes)
        {
            if (foreign.Contains(attribute.Name.Text))
            {
                diagnostics.Report(Codes.InvalidAttribute, attribute.Name.Span,
                    $"the attribute '{attribute.Name.Text}' has no place at {what}");
            }
        }
    }

    /// <summary>Names that attributes of tests use: addresses need values, and an alias that only they use is used.</summary>
    public static void Resolve(Program program, ModuleSymbol module)
    {
        IEnumerable<AttributeSyntax> all = module.Functions.SelectMany(static f => f.Attributes);
        Stack<AttributeSyntax> work = new(all);
        while (work.TryPop(out AttributeSyntax? attribute))
        {
            if (attribute.Literal is AddressExpr address)
            {
                program.Resolve(address.Address, module.Addresses);
            }
            else if (attribute.Path is { First.Identifier: { } name } path)
            {
                _ = path.Second is null ? module.Scope.FindMember(name) ?? module.Scope.FindModule(name) : module.Scope.FindModule(name);
            }

            foreach (AttributeSyntax argument in attribute.Arguments ?? [])
            {
                work.Push(argument);
            }
        }
    }

    private static void Check(IReadOnlyList<AttributeSyntax> attributes, DiagnosticBag diagnostics)
    {
        Repeated(attributes, diagnostics);
        foreach (AttributeSyntax attribute in attributes)
        {
            // names with '::' belong to tools
            if (!Known.Contains(attribute.Name.Text) && !attribute.Name.Text.Contains("::", StringComparison.Ordinal))
            {
                diagnostics.Report(Codes.UnusedAttribute, attribute.Span,
                    $"the attribute '{attribute.Name.Text}' is not known and has no effect");
            }
        }
    }

    /// <summary>At every level; nesting is bounded by the parser.</summary>
    private static void Repeated(IReadOnlyList<AttributeSyntax> attributes, DiagnosticBag diagnostics)
    {
        HashSet<string> seen = [];
        foreach (AttributeSyntax attribute in attributes)
        {
            if (!seen.Add(attribute.Name.Text))
            {
                diagnostics.Report(Codes.DuplicateItem, attribute.Span, $"the attribute '{attribute.Name.Text}' is given twice");
            }

            Repeated(attribute.Arguments ?? [], diagnostics);
        }
    }
}
