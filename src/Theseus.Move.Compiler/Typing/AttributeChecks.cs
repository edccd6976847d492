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
            foreach (FunctionSymbol function in module.Functions)
            {
                Check(function.Attributes, program.Diagnostics);
                if (AttributeList.Find(function.Attributes, "view") is { } view && function.Return.IsUnit)
                {
                    program.Diagnostics.Report(Codes.AttributeUsage, view.Span, "a view function returns something", (function.Span, "the function"));
                }
            }

            module.Structs.ForEach(s => Check(s.Attributes, program.Diagnostics));
            foreach (ConstantSymbol constant in module.Constants)
            {
                Check(constant.Syntax?.Attributes ?? [], program.Diagnostics);
            }
        }
    }

    private static void Check(IReadOnlyList<AttributeSyntax> attributes, DiagnosticBag diagnostics)
    {
        HashSet<string> seen = [];
        foreach (AttributeSyntax attribute in attributes)
        {
            if (!seen.Add(attribute.Name.Text))
            {
                diagnostics.Report(Codes.DuplicateItem, attribute.Span, $"the attribute '{attribute.Name.Text}' is given twice");
            }

            if (!Known.Contains(attribute.Name.Text))
            {
                diagnostics.Report(Codes.UnusedAttribute, attribute.Span, $"the attribute '{attribute.Name.Text}' is not known and has no effect");
            }
        }
    }
}
