using Theseus.Move.Format;
using Theseus.Move.Rules;

namespace Theseus.Move.Verify;

/// <summary>The configured caps (move 2.4, pass 2). Later passes rely on small types: they recurse over them.</summary>
internal static class LimitsPass
{
    public static void Run(CompiledUnit unit, VerifierLimits limits)
    {
        for (int i = 0; i < unit.StructHandles.Count; i++)
        {
            Cap(unit.StructHandles[i].TypeParameters.Count, limits.TypeParameters, StatusCode.TooManyTypeParameters,
                TableKind.StructHandles, i, "type parameters");
        }

        for (int i = 0; i < unit.FunctionHandles.Count; i++)
        {
            FunctionHandle handle = unit.FunctionHandles[i];
            Cap(handle.TypeParameters.Count, limits.TypeParameters, StatusCode.TooManyTypeParameters, TableKind.FunctionHandles,
                i, "type parameters");
            Cap(unit.Signatures[handle.Parameters].Tokens.Count, limits.Parameters, StatusCode.TooManyParameters,
                TableKind.FunctionHandles, i, "parameters");
            Cap(unit.Signatures[handle.Return].Tokens.Count, limits.Parameters, StatusCode.TooManyParameters,
                TableKind.FunctionHandles, i, "results");
        }

        for (int i = 0; i < unit.Signatures.Count; i++)
        {
            foreach (SignatureToken token in unit.Signatures[i].Tokens)
            {
                Cap(Weight(token, limits), limits.TypeNodes, StatusCode.TooManyTypeNodes, TableKind.Signatures, i, "type nodes");
            }
        }

        for (int i = 0; i < unit.Constants.Count; i++)
        {
            Cap(Weight(unit.Constants[i].Type, limits), limits.TypeNodes, StatusCode.TooManyTypeNodes, TableKind.Constants, i,
                "type nodes");
        }

        switch (unit)
        {
            case CompiledScript script:
                Cap(script.TypeParameters.Count, limits.TypeParameters, StatusCode.TooManyTypeParameters, TableKind.Signatures,
                    script.Parameters, "type parameters");
                Cap(unit.Signatures[script.Parameters].Tokens.Count, limits.Parameters, StatusCode.TooManyParameters,
                    TableKind.Signatures, script.Parameters, "parameters");
                Cap(script.Code.Code.Count, limits.ScriptInstructions, StatusCode.ProgramTooComplex,
                    TableKind.FunctionDefinitions, 0, "instructions in a script");
                break;
            case CompiledModule module:
                Module(module, limits);
                break;
        }
    }

    private static void Module(CompiledModule module, VerifierLimits limits)
    {
        Cap(module.FunctionDefinitions.Count, limits.Functions, StatusCode.MaxFunctionDefinitionsReached,
            TableKind.FunctionDefinitions, module.FunctionDefinitions.Count, "functions");
        Cap(module.StructDefinitions.Count, limits.Structs, StatusCode.MaxStructDefinitionsReached, TableKind.StructDefinitions,
            module.StructDefinitions.Count, "structs");
        for (int i = 0; i < module.StructDefinitions.Count; i++)
        {
            IReadOnlyList<FieldDefinition> fields = module.StructDefinitions[i].Fields ?? [];
            Cap(fields.Count, limits.Fields, StatusCode.MaxFieldDefinitionsReached, TableKind.StructDefinitions, i, "fields");
            foreach (FieldDefinition field in fields)
            {
                Cap(Weight(field.Type, limits), limits.TypeNodes, StatusCode.TooManyTypeNodes, TableKind.StructDefinitions, i,
                    "type nodes");
            }
        }
    }

    /// <summary>Iterative: this runs before anything bounds the size of a type.</summary>
    private static int Weight(SignatureToken root, VerifierLimits limits)
    {
        int weight = 0;
        Stack<SignatureToken> pending = new([root]);
        while (pending.TryPop(out SignatureToken? token))
        {
            weight += token.Kind is TokenKind.Struct or TokenKind.StructInstantiation or TokenKind.TypeParameter
                ? limits.NamedTypeWeight : 1;
            foreach (SignatureToken argument in token.Arguments)
            {
                pending.Push(argument);
            }
        }

        return weight;
    }

    private static void Cap(int value, int limit, StatusCode status, TableKind table, int index, string what)
    {
        if (value > limit)
        {
            throw VerifyException.At(status, table, index, $"{value} {what}, at most {limit} are allowed");
        }
    }
}
