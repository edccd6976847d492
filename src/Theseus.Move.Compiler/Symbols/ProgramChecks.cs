using Theseus.Move.Compiler.Types;
using Theseus.Move.Compiler.Typing;

namespace Theseus.Move.Compiler.Symbols;

/// <summary>Checks over all typed bodies: scripts' signatures and instantiations that grow without end.</summary>
internal static class ProgramChecks
{
    public static void Run(Program program)
    {
        foreach (ModuleSymbol module in program.Targets)
        {
            if (module.IsScript)
            {
                Script(module.Functions.Count > 0 ? module.Functions[0] : null, program.Diagnostics);
            }
            else
            {
                Instantiations(module, program.Diagnostics);
            }
        }
    }

    private static void Script(FunctionSymbol? main, DiagnosticBag diagnostics)
    {
        if (main?.Syntax?.VisibilitySpan is { } visibility)
        {
            diagnostics.Report(Codes.UnnecessaryItem, visibility, "a script's function has no visibility: only the script itself runs it");
        }

        if (main?.IsNative == true)
        {
            diagnostics.Report(Codes.InvalidScript, main.Syntax!.NativeSpan ?? main.Span, "a script's function can't be native");
        }

        if (main is { Return.IsUnit: false })
        {
            diagnostics.Report(Codes.Join, main.Span, "a script's function returns nothing");
        }
    }

    /// <summary>
    /// One edge of the graph over (function, type parameter): does the callee's parameter wrap the caller's in a constructor?
    /// </summary>
    private sealed record Edge((FunctionSymbol, int) From, (FunctionSymbol, int) To, bool Grows, Span Span);

    private static void Instantiations(ModuleSymbol module, DiagnosticBag diagnostics)
    {
        List<Edge> edges = [];
        foreach (FunctionSymbol function in module.Functions)
        {
            if (function.Body is null)
            {
                continue;
            }

            TypedWalk.All(function.Body.Root, node =>
            {
                if (node is not TypedCall call || !ReferenceEquals(call.Function.Module, module))
                {
                    return;
                }

                for (int i = 0; i < call.TypeArguments.Count; i++)
                {
                    AddEdges(function, call, i, edges);
                }
            });
        }

        DirectedGraph<(FunctionSymbol, int), Edge> graph = new();
        edges.ForEach(edge => graph.Add(edge.From, edge.To, edge));
        foreach (List<((FunctionSymbol, int) From, (FunctionSymbol, int) To, Edge Edge)> cycle in graph.InnerEdges())
        {
            // a growing edge on a cycle never ends; one report a group of functions
            Edge? growing = cycle.Select(static e => e.Edge).Where(static e => e.Grows).MaxBy(static e => e.Span.Start);
            if (growing is not null)
            {
                diagnostics.Report(Codes.CyclicInstantiation, growing.Span,
                    $"'{growing.From.Item1.Name}' would be instantiated with ever larger types through this call");
            }
        }
    }

    private static void AddEdges(FunctionSymbol function, TypedCall call, int index, List<Edge> edges)
    {
        Ty argument = call.TypeArguments[index].Head;
        Stack<(Ty Type, bool Grows)> work = new([(argument, false)]);
        while (work.TryPop(out (Ty Type, bool Grows) item))
        {
            switch (item.Type.Head)
            {
                case ParameterTy p:
                    edges.Add(new Edge((function, p.Symbol.Index), (call.Function, index), item.Grows, call.Span));
                    break;
                case VectorTy v:
                    work.Push((v.Element, true));
                    break;
                case StructTy s:
                    foreach (Ty inner in s.Arguments)
                    {
                        work.Push((inner, true));
                    }

                    break;
            }
        }
    }
}
