using Theseus.Move.Compiler.Types;
using Theseus.Move.Format;
using Theseus.Protocol;

namespace Theseus.Move.Compiler.Symbols;

/// <summary>Interfaces of modules that are known only as bytecode.</summary>
internal static class Libraries
{
    public static void Declare(Program program, IReadOnlyList<CompiledModule> libraries)
    {
        List<(CompiledModule Compiled, ModuleSymbol Symbol)> added = [];
        foreach (CompiledModule compiled in libraries)
        {
            if (program.Modules.ContainsKey(compiled.Id))
            {
                continue; // the source goes first
            }

            ModuleSymbol symbol = new(compiled.Id, Span.None) { IsDependency = true };
            program.Modules[compiled.Id] = symbol;
            added.Add((compiled, symbol));
            foreach (StructDefinition definition in compiled.StructDefinitions)
            {
                StructHandle handle = compiled.StructHandles[definition.Handle];
                int index = 0;
                symbol.Structs.Add(new StructSymbol(symbol, compiled.Identifiers[handle.Name], Span.None, symbol.Structs.Count)
                {
                    Abilities = handle.Abilities,
                    TypeParameters = [.. handle.TypeParameters.Select(p =>
                        new TypeParameterSymbol($"T{index}", index++, p.Constraints, p.IsPhantom, Span.None))],
                });
            }
        }

        foreach ((CompiledModule compiled, ModuleSymbol symbol) in added)
        {
            foreach (FunctionDefinition definition in compiled.FunctionDefinitions)
            {
                FunctionHandle handle = compiled.FunctionHandles[definition.Handle];
                int index = 0;
                List<TypeParameterSymbol> typeParameters = [.. handle.TypeParameters.Select(c =>
                    new TypeParameterSymbol($"T{index}", index++, c, false, Span.None))];
                int argument = 0;
                symbol.Add(new FunctionSymbol(symbol, compiled.Identifiers[handle.Name], Span.None)
                {
                    Visibility = definition.Visibility,
                    IsEntry = definition.IsEntry,
                    IsNative = definition.IsNative,
                    TypeParameters = typeParameters,
                    Parameters = [.. compiled.Signatures[handle.Parameters]
                        .Tokens.Select(t => new ParameterSymbol($"a{argument++}", TypeOf(program, compiled, t, typeParameters),
                            Span.None))],
                    Return = Results([.. compiled.Signatures[handle.Return]
                        .Tokens.Select(t => TypeOf(program, compiled, t, typeParameters))]),
                });
            }

            foreach (Format.ModuleHandle friend in compiled.Friends)
            {
                symbol.Friends.Add((compiled.ModuleIdOf(friend), Span.None));
            }

            // so that cycles through bytecode are seen
            foreach (Format.ModuleHandle used in compiled.ModuleHandles)
            {
                ModuleId id = compiled.ModuleIdOf(used);
                if (id != compiled.Id)
                {
                    symbol.Uses.TryAdd(id, Span.None);
                }
            }
        }
    }

    private static Ty Results(Ty[] types) => types.Length == 1 ? types[0] : types.Length == 0 ? Ty.Unit : new TupleTy(types);

    private static Ty TypeOf(Program program, CompiledModule module, SignatureToken token,
        IReadOnlyList<TypeParameterSymbol> typeParameters)
    {
        switch (token.Kind)
        {
            case TokenKind.Vector:
                return new VectorTy(TypeOf(program, module, token.Arguments[0], typeParameters));
            case TokenKind.Reference or TokenKind.MutableReference:
                return new ReferenceTy(token.Kind == TokenKind.MutableReference,
                    TypeOf(program, module, token.Arguments[0], typeParameters));
            case TokenKind.TypeParameter:
                return token.Index < typeParameters.Count ? new ParameterTy(typeParameters[token.Index]) : Ty.Error;
            case TokenKind.Struct or TokenKind.StructInstantiation:
            {
                StructHandle handle = module.StructHandles[token.Index];
                StructSymbol? symbol = program.Modules.TryGetValue(module.ModuleIdOf(handle), out ModuleSymbol? owner)
                    ? owner.FindStruct(module.Identifiers[handle.Name]) : null;
                return symbol is null ? Ty.Error : new StructTy(symbol,
                    [.. token.Arguments.Select(a => TypeOf(program, module, a, typeParameters))]);
            }

            default:
                return Ty.Primitive(token.Kind.ToString().ToLowerInvariant()) ?? Ty.Error;
        }
    }
}
