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
                Diagnostics.Report(Codes.AttributeUsage, function.Span, "#[expected_failure] belongs to a function with #[test]",
                    (failure.Span, "the attribute"));
            }

            return null;
        }

        if (AttributeList.Find(function.Attributes, "test_only") is { } testOnly)
        {
            Diagnostics.Report(Codes.AttributeUsage, testOnly.Span, "a function is either #[test] or #[test_only]",
                (function.Span, "the function"));
            return null;
        }

        if (function.TypeParameters.Count > 0)
        {
            Diagnostics.Report(Codes.TestGeneration, function.Span, "a test has no type parameters");
            return null;
        }

        SortedDictionary<string, Address> assigned = new(StringComparer.Ordinal);
        foreach (AttributeSyntax argument in test.Arguments ?? [])
        {
            if (AddressOf(argument, module) is { } address)
            {
                assigned[argument.Name.Text] = address;
            }
        }

        List<Address> arguments = [];
        foreach (ParameterSymbol parameter in function.Parameters)
        {
            bool isSigner = parameter.Type.Head is PrimitiveTy { Kind: TokenKind.Signer or TokenKind.Address }
                or ReferenceTy { IsMutable: false, Target: PrimitiveTy { Kind: TokenKind.Signer } };
            if (!isSigner)
            {
                Diagnostics.Report(Codes.TestGeneration, parameter.Span,
                    $"a test's parameters are signers or addresses, not '{parameter.Type}'", (test.Span, "the test"));
            }
            else if (assigned.TryGetValue(parameter.Name, out Address value))
            {
                arguments.Add(value);
            }
            else
            {
                Diagnostics.Report(Codes.TestGeneration, parameter.Span,
                    $"the parameter has no value: write #[test({parameter.Name} = @0x1)]", (test.Span, "the test"));
            }
        }

        ExpectedFailure? expected = failure is null ? null : Failure(failure, module);
        (int line, int column) = _files[function.Span.File].Position(function.Span.Start);
        return new TestCase(module.Id, function.Name, arguments, expected,
            new SourceLocation(_files[function.Span.File].Path, line, column));
    }

    private Address? AddressOf(AttributeSyntax argument, ModuleSymbol module)
    {
        if (argument.Literal is AddressExpr address)
        {
            return _program.Resolve(address.Address, module.Addresses);
        }

        Diagnostics.Report(Codes.InvalidAttributeValue, argument.Span,
            $"'{argument.Name.Text}' needs an address, as in {argument.Name.Text} = @0x1");
        return null;
    }

    private static readonly HashSet<string> Kinds = ["abort_code", "arithmetic_error", "vector_error", "out_of_gas", "major_status"];

    private ExpectedFailure Failure(AttributeSyntax attribute, ModuleSymbol module)
    {
        IReadOnlyList<AttributeSyntax> arguments = attribute.Arguments ?? [];
        if (attribute.Literal is not null || attribute.Path is not null)
        {
            Diagnostics.Report(Codes.InvalidAttributeValue, attribute.Literal?.Span ?? attribute.Path!.Span,
                "write #[expected_failure(abort_code = 1, location = Self)]");
            return new ExpectedFailure(null, null, null);
        }

        AttributeSyntax? kind = arguments.FirstOrDefault(static a => Kinds.Contains(a.Name.Text));
        if (arguments.Count > 0 && (kind is null || arguments.Count(static a => Kinds.Contains(a.Name.Text)) > 1))
        {
            Diagnostics.Report(Codes.InvalidAttributeValue, attribute.Span,
                $"an expected failure is of one kind, {string.Join(", ", Kinds.Order(StringComparer.Ordinal))}, as in "
                    + $"#[expected_failure(abort_code = 1, location = Self)]");
            return new ExpectedFailure(null, null, null);
        }

        ModuleId? location = null;
        ulong? minor = null;
        bool located = false;
        foreach (AttributeSyntax argument in arguments.Where(a => !ReferenceEquals(a, kind)))
        {
            switch (argument.Name.Text)
            {
                case "location":
                    located = true;
                    location = Module(argument, module);
                    break;
                case "minor_status" when kind!.Name.Text is "vector_error" or "major_status":
                    minor = Number(argument, module).Value;
                    break;
                default:
                    Diagnostics.Report(Codes.UnusedAttribute, argument.Span,
                        $"'{argument.Name.Text}' says nothing about a failure of the kind {kind!.Name.Text}");
                    break;
            }
        }

        return kind is null ? new ExpectedFailure(null, null, null) : Failure(kind, module, location, located, minor);
    }

    private ExpectedFailure Failure(AttributeSyntax kind, ModuleSymbol module, ModuleId? location, bool located, ulong? minor)
    {
        string name = kind.Name.Text;
        if (name == "abort_code")
        {
            (ulong? code, ModuleId? from) = Number(kind, module);
            if (code is not null && from is null && !located)
            {
                Diagnostics.Report(Codes.AttributeValueIssue, kind.Name.Span,
                    "the test passes for this abort code from any module; add `location = …`, or name the constant");
            }

            return new ExpectedFailure(code, location ?? from, null);
        }

        if (!located)
        {
            Diagnostics.Report(Codes.AttributeUsage, kind.Name.Span, $"say where it happens: #[expected_failure({name}, location = Self)]");
        }

        if (name == "major_status")
        {
            return new ExpectedFailure(null, location, name, Number(kind, module).Value, minor);
        }

        if (kind.Literal is not null || kind.Path is not null || kind.Arguments is not null)
        {
            Diagnostics.Report(Codes.InvalidAttributeValue, kind.Span, $"'{name}' takes no value");
        }

        return new ExpectedFailure(null, location, name, null, minor);
    }

    /// <summary>A u64 that is written or a constant's, with the constant's module.</summary>
    private (ulong? Value, ModuleId? From) Number(AttributeSyntax argument, ModuleSymbol module)
    {
        if (argument.Literal is NumberExpr { Value: var value, Suffix: null or "u64" } && value <= ulong.MaxValue)
        {
            return ((ulong)value, null);
        }

        if (argument.Path is { } path)
        {
            if (Constant(path, module) is { Value: { } folded } constant && constant.Type.Head is PrimitiveTy { Kind: TokenKind.U64 })
            {
                return ((ulong)folded.Number, constant.Module.Id);
            }

            Diagnostics.Report(Codes.InvalidAttributeValue, path.Span, $"'{path}' is not a u64 constant");
            return (null, null);
        }

        Diagnostics.Report(Codes.InvalidAttributeValue, argument.Span, "a u64 or the name of a u64 constant is expected");
        return (null, null);
    }

    private ConstantSymbol? Constant(AccessChain path, ModuleSymbol module)
    {
        if (path.IsSingle)
        {
            return module.Scope.FindMember(path.First.Identifier!) is { Member: { } member } alias ? alias.Module.FindConstant(member)
                : null;
        }

        string name = (path.Third ?? path.Second!).Text;
        return Module(path.First, path.Third is null ? null : path.Second, module)?.FindConstant(name);
    }

    /// <summary>A module by alias (no second part) or by address and name; null when there is none.</summary>
    private ModuleSymbol? Module(LeadingName first, Name? second, ModuleSymbol module)
    {
        if (second is null)
        {
            return first.Identifier is { } alias ? module.Scope.FindModule(alias)?.Module : null;
        }

        return _program.Resolve(first, module.Addresses) is { } address
            ? _program.Modules.GetValueOrDefault(new ModuleId(address, second.Text)) : null;
    }

    private ModuleId? Module(AttributeSyntax argument, ModuleSymbol module)
    {
        if (argument.Path is { Third: null } path)
        {
            if (Module(path.First, path.Second, module) is { } found)
            {
                return found.Id;
            }

            if (path.Second is not null)
            {
                Diagnostics.Report(Codes.UnboundModule, path.Span, $"there is no module '{path}' among the sources and dependencies");
                return null;
            }
        }

        Diagnostics.Report(Codes.InvalidAttributeValue, argument.Span,
            "a location is a known module, as in location = 0x1::coin or location = Self");
        return null;
    }
}
