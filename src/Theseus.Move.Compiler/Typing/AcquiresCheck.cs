using Theseus.Move.Compiler.Symbols;
using Theseus.Move.Compiler.Types;

namespace Theseus.Move.Compiler.Typing;

/// <summary>`acquires` lists exactly the own resources that a body touches directly or through functions of its own module (M22).</summary>
internal static class AcquiresCheck
{
    public static void Run(FunctionSymbol function, TypedBody body, DiagnosticBag diagnostics)
    {
        HashSet<StructSymbol> acquired = [.. function.Acquires.Select(static a => a.Struct)];
        HashSet<StructSymbol> touched = [];
        void Touch(StructSymbol symbol, Span span)
        {
            touched.Add(symbol);
            if (!function.Module.IsScript && !acquired.Contains(symbol) && ReferenceEquals(symbol.Module, function.Module))
            {
                diagnostics.Report(Codes.MissingAcquires, span,
                    $"'{function.Name}' touches '{symbol.Name}' here: add `acquires {symbol.Name}` to it", (function.Span, "the function"));
            }
        }

        TypedWalk.All(body.Root, node =>
        {
            switch (node)
            {
                case TypedBuiltin { Builtin: Builtin.MoveFrom or Builtin.BorrowGlobal or Builtin.BorrowGlobalMut,
                    TypeArgument.Head: StructTy type } global:
                    Touch(type.Symbol, global.Span);
                    break;
                case TypedCall call when ReferenceEquals(call.Function.Module, function.Module) && !call.Function.IsInline
                    && !ReferenceEquals(call.Function, function):
                    foreach ((StructSymbol symbol, Span _) in call.Function.Acquires)
                    {
                        Touch(symbol, call.Span);
                    }

                    break;
            }
        });
        foreach ((StructSymbol symbol, Span span) in function.Acquires)
        {
            if (!touched.Contains(symbol))
            {
                diagnostics.Report(Codes.UnnecessaryItem, span,
                    $"'{function.Name}' never touches '{symbol.Name}': remove it from `acquires`", (function.Span, "the function"));
            }
        }
    }
}
