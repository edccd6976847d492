using System.Numerics;
using Theseus.Move.Compiler.Symbols;
using Theseus.Move.Compiler.Syntax;
using Theseus.Move.Compiler.Types;
using Theseus.Move.Format;
using Theseus.Protocol;

namespace Theseus.Move.Compiler.Typing;

/// <summary>#[test] functions to test cases.</summary>
internal sealed class TestPlan
{
    private readonly Symbols.Program _program;
    private readonly IReadOnlyList<SourceFile> _files;

    private TestPlan(Symbols.Program program, IReadOnlyList<SourceFile> files)
    {
        _program = program;
        _files = files;
    }

    private DiagnosticBag Diagnostics => _program.Diagnostics;

    public static List<TestCase> Build(Symbols.Program program, IReadOnlyList<SourceFile> files)
    {
        TestPlan plan = new(program, files);
        List<TestCase> tests = [];
        foreach (ModuleSymbol module in program.Targets.Where(static m => !m.IsScript))
        {
            foreach (FunctionSymbol function in module.Functions)
            {
                if (plan.Case(module, function) is { } test)
                {
                    tests.Add(test);
                }
            }
        }

        return tests;
    }

    private TestCase? Case(ModuleSymbol module, FunctionSymbol function)
    {
        AttributeSyntax? test = AttributeList.Find(function.Attributes, "test");
        AttributeSyntax? failure = AttributeList.Find(function.Attributes, "expected_failure");
        if (test is null)
        {
            if (failure is not null)
            {
                Diagnostics.Report(Codes.AttributeUsage, function.Span, "#[expected_failure] belongs to a function with #[test]", (failure.Span, "the attribute"));
            }

            return null;
        }

        if (AttributeList.Find(function.Attributes, "test_only") is { } testOnly)
        {
            Diagnostics.Report(Codes.AttributeUsage, function.Span, "a function is either #[test] or #[test_only]", (testOnly.Span, "the attribute"));
        }

        if (function.TypeParameters.Count > 0)
        {
            Diagnostics.Report(Codes.TestGeneration, function.Span, "a test has no type parameters");
            return null;
        }

        SortedDictionary<string, Address> assigned = new(StringComparer.Ordinal);
        foreach (AttributeSyntax argument in test.Arguments ?? [])
        {
            if (AddressOf(argument, module) is not { } address)
            {
                continue;
            }

            if (!assigned.TryAdd(argument.Name.Text, address))
            {
                Diagnostics.Report(Codes.DuplicateItem, argument.Span, $"'{argument.Name.Text}' is assigned twice");
            }
        }

        List<Address> arguments = [];
        foreach (ParameterSymbol parameter in function.Parameters)
        {
            bool isSigner = parameter.Type.Head is PrimitiveTy { Kind: TokenKind.Signer or TokenKind.Address } or ReferenceTy { IsMutable: false, Target: PrimitiveTy { Kind: TokenKind.Signer } };
            if (!isSigner)
            {
                Diagnostics.Report(Codes.TestGeneration, parameter.Span, $"a test's parameters are signers or addresses, not '{parameter.Type}'", (test.Span, "the test"));
            }
            else if (assigned.TryGetValue(parameter.Name, out Address value))
            {
                arguments.Add(value);
            }
            else
            {
                Diagnostics.Report(Codes.TestGeneration, parameter.Span, $"the parameter has no value: write #[test({parameter.Name} = @0x1)]", (test.Span, "the test"));
            }
        }

        ExpectedFailure? expected = failure is null ? null : Failure(failure, module);
        (int line, int column) = _files[function.Span.File].Position(function.Span.Start);
        return new TestCase(module.Id, function.Name, arguments, expected, new SourceLocation(_files[function.Span.File].Path, line, column));
    }

    private Address? AddressOf(AttributeSyntax argument, ModuleSymbol module)
    {
        if (argument.Literal is AddressExpr address)
        {
            return _program.Resolve(address.Address, module.Addresses);
        }

        Diagnostics.Report(Codes.InvalidAttributeValue, argument.Span, $"'{argument.Name.Text}' needs an address, as in {argument.Name.Text} = @0x1");
        return null;
    }

    private ExpectedFailure Failure(AttributeSyntax attribute, ModuleSymbol module)
    {
        ulong? code = null;
        ModuleId? location = null;
        string? status = null;
        ulong? major = null;
        ulong? minor = null;
        bool literal = false;
        foreach (AttributeSyntax argument in attribute.Arguments ?? [])
        {
            switch (argument.Name.Text)
            {
                case "abort_code":
                    (code, ModuleId? from) = Number(argument, module);
                    location ??= from;
                    literal = argument.Literal is not null;
                    break;
                case "location":
                    location = Module(argument, module);
                    break;
                case "arithmetic_error" or "vector_error" or "out_of_gas":
                    status = argument.Name.Text;
                    break;
                case "major_status":
                    status = "major_status";
                    major = Number(argument, module).Value;
                    break;
                case "minor_status":
                    minor = Number(argument, module).Value;
                    break;
                default:
                    Diagnostics.Report(Codes.UnusedAttribute, argument.Span, $"'{argument.Name.Text}' is no kind of expected failure: there are abort_code, arithmetic_error, vector_error, out_of_gas, major_status and location");
                    break;
            }
        }

        bool known = attribute.Arguments?.Any(static a => a.Name.Text is "abort_code" or "arithmetic_error" or "vector_error" or "out_of_gas" or "major_status") ?? false;
        if (attribute.Literal is not null || attribute.Path is not null || (attribute.Arguments is { Count: > 0 } && !known))
        {
            Diagnostics.Report(Codes.InvalidAttributeValue, attribute.Span, "the kind of failure is missing, as in #[expected_failure(abort_code = 1, location = Self)]");
        }

        if (literal && location is null)
        {
            Diagnostics.Report(Codes.AttributeValueIssue, attribute.Span, "the test passes for this abort code from any module; add `location = …`, or name the constant");
        }

        return new ExpectedFailure(code, location, status, major, minor);
    }

    private (ulong? Value, ModuleId? From) Number(AttributeSyntax argument, ModuleSymbol module)
    {
        if (argument.Literal is NumberExpr { Value: var value, Suffix: null or "u64" } && value <= ulong.MaxValue)
        {
            return ((ulong)value, null);
        }

        if (argument.Path is { } path)
        {
            if (_program.FindMember(path, module.Scope, module) is { } member)
            {
                if (member.Module.FindConstant(member.Member) is { Value: { } folded } constant && constant.Type.Head is PrimitiveTy { Kind: TokenKind.U64 })
                {
                    return ((ulong)folded.Number, constant.Module.Id);
                }

                Diagnostics.Report(Codes.InvalidAttributeValue, argument.Span, $"'{path}' is no u64 constant");
                return (null, null);
            }

            Diagnostics.Report(Codes.UnboundMember, path.Span, $"there is no constant '{path}'");
            return (null, null);
        }

        Diagnostics.Report(Codes.InvalidAttributeValue, argument.Span, "a u64 or the name of a u64 constant is expected");
        return (null, null);
    }

    private ModuleId? Module(AttributeSyntax argument, ModuleSymbol module)
    {
        if (argument.Path is { Third: null } path)
        {
            if (path.Second is { } name)
            {
                return _program.FindModule(path.First, name, module, path.Span)?.Id;
            }

            if (path.First.Identifier is { } alias && module.Scope.FindModule(alias) is { } found)
            {
                return found.Module.Id;
            }

            Diagnostics.Report(Codes.UnboundModule, argument.Span, $"there is no module '{path}' in scope");
            return null;
        }

        Diagnostics.Report(Codes.InvalidAttributeValue, argument.Span, "a location is a module, as in location = 0x1::coin or location = Self");
        return null;
    }
}
