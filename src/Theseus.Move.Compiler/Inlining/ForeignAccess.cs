using Theseus.Move.Compiler.Symbols;
using Theseus.Move.Compiler.Types;
using Theseus.Move.Compiler.Typing;
using Theseus.Move.Format;

namespace Theseus.Move.Compiler.Inlining;

/// <summary>An expanded body runs in the calling module: what it touches must be open to that module.</summary>
internal static class ForeignAccess
{
    public static void Check(FunctionSymbol function, Typed root, DiagnosticBag diagnostics)
    {
        ModuleSymbol home = function.Module;
        void Refuse(Span span, object what) => diagnostics.Report(Codes.Visibility, span,
            $"expanded into '{home.Display}', this inline code would touch '{what}', which is private to another module");
        TypedWalk.All(root, node =>
        {
            switch (node)
            {
                case TypedCall call when !ReferenceEquals(call.Function.Module, home) && call.Function.Visibility != Visibility.Public
                    && !(call.Function.Visibility == Visibility.Friend && call.Function.Module.Friends.Exists(f => f.Id == home.Id)):
                    Refuse(call.Span, call.Function);
                    break;
                case TypedPack pack when !ReferenceEquals(pack.Struct.Module, home):
                    Refuse(pack.Span, pack.Struct);
                    break;
                case TypedBorrowField field when !ReferenceEquals(field.Owner.Symbol.Module, home):
                    Refuse(field.Span, field.Owner.Symbol);
                    break;
                case TypedBuiltin { TypeArgument.Head: StructTy s, Builtin: not Builtin.Freeze } global
                    when !ReferenceEquals(s.Symbol.Module, home):
                    Refuse(global.Span, s);
                    break;
                case TypedBuiltin { TypeArgument: { Head: not (StructTy or ErrorTy or NeverTy) } argument,
                    Builtin: not Builtin.Freeze } global:
                    diagnostics.Report(Codes.ExpectedSpecificType, global.Span,
                        $"expanded into '{function.Name}', this works on structs of '{home.Display}', not on '{argument}'");
                    break;
            }

            foreach (Place place in TypedWalk.Places(node))
            {
                foreach (UnpackPlace unpack in TypedWalk.Unpacks(place))
                {
                    if (!ReferenceEquals(unpack.Type.Symbol.Module, home))
                    {
                        Refuse(unpack.Span, unpack.Type.Symbol);
                    }
                }
            }
        });
    }
}
