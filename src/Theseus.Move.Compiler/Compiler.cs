using Theseus.Move.Compiler.Emit;
using Theseus.Move.Compiler.Flow;
using Theseus.Move.Compiler.Lowering;
using Theseus.Move.Compiler.Symbols;
using Theseus.Move.Compiler.Syntax;
using Theseus.Move.Compiler.Typing;
using Theseus.Protocol;

namespace Theseus.Move.Compiler;

/// <summary>
/// The Move 1 compiler: a pure function of its sources and options. Faults of the program are diagnostics, never exceptions.
/// </summary>
#pragma warning disable MA0049 // the contract's name: Compiler.Compile
public static class Compiler
#pragma warning restore MA0049
{
    /// <summary>Compiles all sources of a tree together.</summary>
    public static Compilation Compile(SourceTree tree, CompilerOptions? options = null)
    {
        options ??= CompilerOptions.Default;
        List<SourceFile> files = [];
        DiagnosticBag diagnostics = new(files);
        Session session = new(files, diagnostics, options);
        try
        {
            return session.Run(tree);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            // A fault of this compiler must not end its host: the author of a contract sees where it was, and tests fail on this code.
            string where = (fault.StackTrace ?? "").Split('\n')[0].Trim();
            diagnostics.ReportAt(Stage.Parse, Codes.InternalFault, new Span(0, 0, 0),
                $"the compiler failed: {fault.GetType().Name}: {fault.Message} {where}");
            return new Compilation([], diagnostics.Finish(), []) { Success = false };
        }
    }

    private sealed class Session(List<SourceFile> files, DiagnosticBag diagnostics, CompilerOptions options)
    {
        private readonly Program _program = new(diagnostics, options);
        private readonly List<CompiledSource> _units = [];
        private readonly List<TestCase> _tests = [];

        public Compilation Run(SourceTree tree)
        {
            TypeResolver types = new(_program);
            Collector collector = new(_program, types);
            diagnostics.Stage = Stage.Parse;
            List<(FileSyntax Syntax, IReadOnlyDictionary<string, Address> Addresses, bool IsDependency)> parsed = [];
            foreach (KeyValuePair<string, string> file in tree.Files)
            {
                parsed.Add((Parse(file), options.Addresses, false));
            }

            foreach (SourceDependency dependency in options.Dependencies)
            {
                foreach (KeyValuePair<string, string> file in dependency.Tree.Files)
                {
                    parsed.Add((Parse(file), dependency.Addresses, true));
                }
            }

            if (diagnostics.HasErrors)
            {
                return Finish();
            }

            diagnostics.Stage = Stage.Names;
            foreach ((FileSyntax syntax, IReadOnlyDictionary<string, Address> addresses, bool isDependency) in parsed)
            {
                collector.Declare(syntax, addresses, isDependency);
            }

            foreach ((FileSyntax syntax, IReadOnlyDictionary<string, Address> addresses, bool _) in parsed)
            {
                collector.Merge(syntax.Specs, addresses);
            }

            Libraries.Declare(_program, options.Libraries);
            List<ModuleSymbol> sources = [.. _program.Modules.Values.Where(static m => m.Syntax is not null), .. _program.Scripts];
            sources.ForEach(collector.DeclareMembers);
            sources.ForEach(collector.DeclareAliases);
            sources.ForEach(collector.ResolveSignatures);
            diagnostics.Stage = Stage.Types;
            types.CheckWritten();
            ModuleChecks checks = new(_program);
            foreach (ModuleSymbol module in _program.Targets)
            {
                checks.Structs(module);
            }

            Bodies(types, collector);
            diagnostics.Stage = Stage.Names;
            List<ModuleSymbol> order = checks.Order();
            checks.Cycles();
            foreach (ModuleSymbol module in _program.Targets)
            {
                AttributeChecks.Resolve(_program, module);
                collector.WarnUnused(module.Scope);
            }

            diagnostics.Stage = Stage.Types;
            if (diagnostics.HasBlockingErrorsUpTo(Stage.Types))
            {
                return Finish();
            }

            ProgramChecks.Run(_program);
            Dictionary<FunctionSymbol, LoweredFunction> lowered = Lower();
            AttributeChecks.Run(_program);
            if (options.TestMode && !diagnostics.HasErrors)
            {
                _tests.AddRange(TestPlan.Build(_program, files));
            }

            if (!diagnostics.HasErrors)
            {
                Emit(order, lowered);
            }

            return Finish();
        }

        private FileSyntax Parse(KeyValuePair<string, string> file)
        {
            int index = files.Count;
            files.Add(new SourceFile(file.Key, file.Value));
            Lexer lexer = new(index, file.Value, diagnostics);
            List<Token> tokens = lexer.Run();
            return lexer.Failed ? new FileSyntax(index, [], []) : new Parser(index, tokens, diagnostics, lexer.EndsInComment).File();
        }

        private void Bodies(TypeResolver types, Collector collector)
        {
            ConstantFolder folder = new(diagnostics);
            foreach (ModuleSymbol module in _program.Modules.Values.Where(static m => m.Syntax is not null).Concat(_program.Scripts))
            {
                // a dependency's inline functions and constants are needed, its other bodies are not
                foreach (ConstantSymbol constant in module.Constants)
                {
                    diagnostics.Stage = Stage.Types;
                    Typed value = new BodyTyper(_program, types, collector, module, null).Constant(constant);
                    diagnostics.Stage = Stage.Flow;
                    constant.Value = folder.Fold(constant, value);
                    diagnostics.Stage = Stage.Types;
                }

                foreach (FunctionSymbol function in module.Functions)
                {
                    if (function.Syntax?.Body is not null && (!module.IsDependency || function.IsInline))
                    {
                        function.Body = new BodyTyper(_program, types, collector, module, function).Function(function.Syntax);
                    }
                }
            }
        }

        private Dictionary<FunctionSymbol, LoweredFunction> Lower()
        {
            Dictionary<FunctionSymbol, LoweredFunction> lowered = [];
            Inlining.Inliner inliner = new(diagnostics);
            foreach (ModuleSymbol module in _program.Targets)
            {
                foreach (FunctionSymbol function in module.Functions)
                {
                    if (function.Body is null || function.IsInline)
                    {
                        continue;
                    }

                    diagnostics.Stage = Stage.Types;
                    TypedBody body = inliner.Expand(function, function.Body);
                    AcquiresCheck.Run(function, body, diagnostics);
                    bool broken = false;
                    TypedWalk.All(body.Root, node => broken |= node is TypedError);
                    if (broken || diagnostics.HasBlockingErrorsUpTo(Stage.Types))
                    {
                        continue; // what is wrong with it was said
                    }

                    diagnostics.Stage = Stage.Flow;
                    LoweredFunction code = new Lowerer(diagnostics).Function(function, body);
                    FlowChecks.Run(code, diagnostics);
                    lowered[function] = code;
                }
            }

            return lowered;
        }

        private void Emit(List<ModuleSymbol> order, Dictionary<FunctionSymbol, LoweredFunction> lowered)
        {
            diagnostics.Stage = Stage.Emit;
            foreach (ModuleSymbol module in order.Where(static m => !m.IsDependency).Concat(_program.Scripts))
            {
                if (module.IsScript && !lowered.ContainsKey(module.Functions[0]))
                {
                    diagnostics.Report(Codes.InvalidScript, module.Functions[0].Span,
                        "a script's function has a body of its own: it is neither native nor inline");
                    continue;
                }

                try
                {
                    CompiledSource unit = module.IsScript
                        ? UnitEmitter.Script(module, lowered[module.Functions[0]], files)
                        : UnitEmitter.Module(module, lowered, files, options);
                    _units.Add(unit);
                    VerifierBridge.Check(unit, options.Verifier, diagnostics);
                }
                catch (LimitFault fault)
                {
                    diagnostics.Report(Codes.LimitExceeded, fault.Place ?? module.Span, fault.Message);
                }
            }
        }

        private Compilation Finish()
        {
            bool ok = !diagnostics.HasErrors;
            List<AssertSite> asserts = [];
            foreach (ModuleSymbol module in _program.Targets.Where(static m => !m.IsScript))
            {
                int index = 0;
                foreach ((Span span, FunctionSymbol? function) in module.Asserts)
                {
                    (int line, int column) = files[span.File].Position(span.Start);
                    SourceLocation place = new(files[span.File].Path, line, column);
                    asserts.Add(new AssertSite(module.Id, index++, function?.Name ?? "", place, function?.IsTestOnly ?? false));
                }
            }

            return new Compilation(ok ? _units : [], diagnostics.Finish(), ok ? _tests : []) { Success = ok, Asserts = asserts };
        }
    }
}
