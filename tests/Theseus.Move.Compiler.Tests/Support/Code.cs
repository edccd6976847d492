using Theseus.Move.Format;

namespace Theseus.Move.Compiler.Tests.Support;

/// <summary>Looks into compiled code.</summary>
internal static class Code
{
    /// <summary>CopyLoc instructions on locals that hold vectors or structs.</summary>
    public static int AggregateCopies(Compilation compilation)
    {
        int copies = 0;
        foreach (CompiledModule module in compilation.Modules)
        {
            foreach (FunctionDefinition definition in module.FunctionDefinitions.Where(d => d.Code is not null))
            {
                SignatureToken[] locals = [.. module.Signatures[module.FunctionHandles[definition.Handle].Parameters].Tokens,
                    .. module.Signatures[definition.Code!.Locals].Tokens];
                copies += definition.Code.Code.Count(i => i.Opcode == Opcode.CopyLoc
                    && locals[i.Index].Kind is TokenKind.Vector or TokenKind.Struct or TokenKind.StructInstantiation);
            }
        }

        return copies;
    }

    /// <summary>The instructions of a function of the only module.</summary>
    public static IReadOnlyList<Instruction> Of(Compilation compilation, string function)
    {
        CompiledModule module = compilation.Modules.Single();
        return module.FunctionDefinitions.Single(d => module.Identifiers[module.FunctionHandles[d.Handle].Name] == function).Code!.Code;
    }

    /// <summary>The opcodes of a function of the only module, in order.</summary>
    public static string Opcodes(Compilation compilation, string function) =>
        string.Join(' ', Of(compilation, function).Select(i => i.Opcode));
}
