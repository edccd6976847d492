using Theseus.Move.Compiler.Packages;
using Theseus.Move.Format;
using Theseus.Move.Natives;
using Theseus.Move.Rules;
using Theseus.Move.Runtime;
using Theseus.Protocol;

namespace Theseus.Move.Compiler.Testing;

/// <summary>How unit tests run.</summary>
public sealed record TestOptions
{
    /// <summary>The natives of the chain with those of tests: StandardNatives.All(…).With(TestNatives.All()).</summary>
    public NativeTable Natives { get; init; } = NativeTable.Empty;

    /// <summary>Prices and limits that the tests run under; the first rules of the chain unless set.</summary>
    public MoveRules Rules { get; init; } = new();

    /// <summary>Gas units of one test; a test that runs out fails, so that no test runs for ever.</summary>
    public ulong GasLimit { get; init; } = 10_000_000;

    /// <summary>Runs the tests whose "address::module::function" contains this text.</summary>
    public string? Filter { get; init; }

    /// <summary>Whether to record which blocks were entered; <see cref="TestReport.Coverage"/> is null otherwise.</summary>
    public bool Coverage { get; init; }
}

/// <summary>How one test went.</summary>
/// <param name="Test">The test.</param>
/// <param name="Passed">Whether it ended as its attributes expect.</param>
/// <param name="Message">Why it failed, in a sentence; empty when it passed.</param>
/// <param name="Location">Where the program stopped; for a passed test and for failures outside of known sources null.</param>
/// <param name="Status">How the run ended, also when that was expected.</param>
/// <param name="GasUsed">In gas units.</param>
public sealed record TestResult(TestCase Test, bool Passed, string Message, SourceLocation? Location, VmStatus Status, ulong GasUsed)
{
    /// <summary>"address::module::function", what <see cref="TestOptions.Filter"/> is compared with.</summary>
    public string Name => $"{Test.Module}::{Test.Function}";
}

/// <summary>All results in order of modules and source.</summary>
/// <param name="Results">One per test that was run.</param>
/// <param name="Coverage">Null unless it was asked for.</param>
public sealed record TestReport(IReadOnlyList<TestResult> Results, CoverageReport? Coverage)
{
    /// <summary>How many ended as expected.</summary>
    public int Passed => Results.Count(static r => r.Passed);

    /// <summary>How many did not.</summary>
    public int Failed => Results.Count - Passed;
}

/// <summary>Runs #[test] functions, each in a fresh state, on the interpreter.</summary>
public static class TestRunner
{
    /// <summary>Runs the root package's tests of a build in test mode.</summary>
    public static TestReport Run(PackageBuildResult build, TestOptions options) =>
        build.Root is { } root ? Run(root.Compilation, [.. build.Packages.Where(p => !ReferenceEquals(p, root))
            .SelectMany(static p => p.Compilation.Units)], options) : new TestReport([], null);

    /// <summary>Runs a compilation's tests.</summary>
    /// <param name="compilation">Compiled in test mode.</param>
    /// <param name="dependencies">The other modules that it links against.</param>
    /// <param name="options">How they run.</param>
    public static TestReport Run(Compilation compilation, IReadOnlyList<CompiledSource> dependencies, TestOptions options)
    {
        SortedDictionary<ModuleId, CompiledSource> units = [];
        SortedDictionary<ModuleId, byte[]> blobs = [];
        foreach (CompiledSource unit in dependencies.Concat(compilation.Units))
        {
            if (unit.Module is { } module)
            {
                units[unit.Id] = unit;
                blobs[unit.Id] = ModuleWriter.Write(module);
            }
        }

        CodeSnapshot snapshot = CodeSnapshot.Load(Hash32.Zero, options.Rules, options.Natives, id => blobs.GetValueOrDefault(id));
        CoverageCollector? coverage = options.Coverage ? new CoverageCollector() : null;
        List<TestResult> results = [];
        foreach (TestCase test in compilation.Tests)
        {
            if (options.Filter is null || $"{test.Module}::{test.Function}".Contains(options.Filter, StringComparison.Ordinal))
            {
                results.Add(Run(test, snapshot, units, coverage, options));
            }
        }

        return new TestReport(results, coverage?.Report(compilation.Units));
    }

    /// <summary>A test starts from nothing.</summary>
    private sealed class EmptyState : IStateReader
    {
        public byte[]? TryGet(StateKey key) => null;
    }

    private static TestResult Run(TestCase test, CodeSnapshot snapshot, SortedDictionary<ModuleId, CompiledSource> units,
        CoverageCollector? coverage, TestOptions options)
    {
        GasMeter gas = GasMeter.OfUnits(options.GasLimit);
        Session session = new(snapshot, new EmptyState(), new TestFacts(), gas) { Coverage = coverage };
        // a parameter is a signer or an address: both are given, each takes what it needs
        CompiledModule module = units[test.Module].Module!;
        List<Address> signers = [];
        List<byte[]> arguments = [];
        IReadOnlyList<SignatureToken> parameters = ParametersOf(module, test.Function);
        for (int i = 0; i < test.Arguments.Count && i < parameters.Count; i++)
        {
            SignatureToken target = parameters[i].IsReference ? parameters[i].Arguments[0] : parameters[i];
            if (target.Kind == TokenKind.Signer)
            {
                signers.Add(test.Arguments[i]);
            }
            else
            {
                arguments.Add(test.Arguments[i].ToArray());
            }
        }

        VmStatus status = session.CallFunction(test.Module, test.Function, [], arguments, signers).Status;
        string message = Judge(test, status);
        SourceLocation? location = status.Location.Module is { } at && units.TryGetValue(at, out CompiledSource? unit)
            ? unit.Map.At(status.Location.Function, status.Location.Offset) : null;
        return new TestResult(test, message.Length == 0, message, location, status, gas.UsedUnits);
    }

    private static IReadOnlyList<SignatureToken> ParametersOf(CompiledModule module, string function)
    {
        foreach (FunctionDefinition definition in module.FunctionDefinitions)
        {
            FunctionHandle handle = module.FunctionHandles[definition.Handle];
            if (module.Identifiers[handle.Name] == function)
            {
                return module.Signatures[handle.Parameters].Tokens;
            }
        }

        return [];
    }

    /// <summary>Empty when the end is the expected one.</summary>
    private static string Judge(TestCase test, VmStatus status)
    {
        if (test.Failure is not { } expected)
        {
            return status.IsSuccess ? "" : Describe(status);
        }

        if (status.IsSuccess)
        {
            return "the test was expected to fail and did not";
        }

        bool matches = expected switch
        {
            { Status: "arithmetic_error" } => status.Major == StatusCode.ArithmeticError,
            { Status: "vector_error" } => status.Major == StatusCode.VectorOperationError
                && (expected.MinorStatus is null || status.Sub == expected.MinorStatus),
            { Status: "out_of_gas" } => status.Major == StatusCode.OutOfGas,
            { Status: "major_status" } => (ulong)status.Major == expected.MajorStatus
                && (expected.MinorStatus is null || status.Sub == expected.MinorStatus),
            { Code: { } code } => status.Major == StatusCode.Aborted && status.Sub == code,
            _ => true,
        };
        if (!matches)
        {
            string wanted = expected.Code is { } code ? $"an abort with {code}" : expected.Status?.Replace('_', ' ') ?? "a failure";
            return $"the test was expected to end in {wanted}, but: {Describe(status)}";
        }

        return expected.Location is { } location && status.Location.Module != location
            ? $"the test was expected to fail in {location}, but: {Describe(status)}"
            : "";
    }

    private static string Describe(VmStatus status)
    {
        if (status.Major == StatusCode.Aborted)
        {
            return $"aborted with {status.Sub} in {status.Location.Module?.ToString() ?? "a script"}";
        }

        string sub = status.Sub is { } number ? $" ({number})" : "";
        string place = status.Location.Module is { } module ? $" in {module}" : "";
        string message = status.Message.Length > 0 ? ": " + status.Message : "";
        return $"failed with {status.Major}{sub}{place}{message}";
    }
}
