namespace Theseus.Move.Format;

/// <summary>A broken bound.</summary>
internal readonly record struct BoundsError(StatusCode Status, string Message);

/// <summary>
/// Every index names an entry, struct instances have the right number of arguments, type parameters are in scope,
/// parameters and locals together are at most 255, branches stay inside the code. Everything behind relies on it.
/// </summary>
internal static class BoundsChecker
{
    public static BoundsError? Check(CompiledModule module)
    {
        try
        {
            Common(module);
            Index(module.SelfHandle, module.ModuleHandles.Count, "self module handle");
            foreach (ModuleHandle friend in module.Friends)
            {
                Module(module, friend);
            }

            foreach (StructDefinition definition in module.StructDefinitions)
            {
                Index(definition.Handle, module.StructHandles.Count, "struct handle");
                int scope = module.StructHandles[definition.Handle].TypeParameters.Count;
                foreach (FieldDefinition field in definition.Fields ?? [])
                {
                    Index(field.Name, module.Identifiers.Count, "identifier");
                    Type(module, field.Type, scope);
                }
            }

            foreach (StructInstantiation instantiation in module.StructInstantiations)
            {
                Index(instantiation.Definition, module.StructDefinitions.Count, "struct definition");
                Index(instantiation.TypeArguments, module.Signatures.Count, "signature");
            }

            foreach (FieldHandle field in module.FieldHandles)
            {
                Index(field.Struct, module.StructDefinitions.Count, "struct definition");
                Index(field.Field, module.StructDefinitions[field.Struct].Fields?.Count ?? 0, "field");
            }

            foreach (FieldInstantiation field in module.FieldInstantiations)
            {
                Index(field.Handle, module.FieldHandles.Count, "field handle");
                Index(field.TypeArguments, module.Signatures.Count, "signature");
            }

            foreach (FunctionDefinition function in module.FunctionDefinitions)
            {
                Index(function.Handle, module.FunctionHandles.Count, "function handle");
                foreach (ushort acquired in function.Acquires)
                {
                    Index(acquired, module.StructDefinitions.Count, "struct definition");
                }

                FunctionHandle handle = module.FunctionHandles[function.Handle];
                if (function.Code is not null)
                {
                    Code(module, module, function.Code, handle.Parameters, handle.TypeParameters.Count);
                }
            }

            return null;
        }
        catch (DecodeException broken)
        {
            return new BoundsError(broken.Status, broken.Message);
        }
    }

    public static BoundsError? Check(CompiledScript script)
    {
        try
        {
            Common(script);
            Index(script.Parameters, script.Signatures.Count, "signature");
            foreach (SignatureToken parameter in script.Signatures[script.Parameters].Tokens)
            {
                Type(script, parameter, script.TypeParameters.Count);
            }

            Code(script, null, script.Code, script.Parameters, script.TypeParameters.Count);
            return null;
        }
        catch (DecodeException broken)
        {
            return new BoundsError(broken.Status, broken.Message);
        }
    }

    private static void Common(CompiledUnit unit)
    {
        if (unit is CompiledModule && unit.ModuleHandles.Count == 0)
        {
            throw new DecodeException(StatusCode.NoModuleHandles, "a module names itself by a module handle", 0);
        }

        foreach (ModuleHandle handle in unit.ModuleHandles)
        {
            Module(unit, handle);
        }

        foreach (StructHandle handle in unit.StructHandles)
        {
            Index(handle.Module, unit.ModuleHandles.Count, "module handle");
            Index(handle.Name, unit.Identifiers.Count, "identifier");
        }

        foreach (Signature signature in unit.Signatures)
        {
            foreach (SignatureToken token in signature.Tokens)
            {
                Type(unit, token, int.MaxValue);
            }
        }

        foreach (FunctionHandle handle in unit.FunctionHandles)
        {
            Index(handle.Module, unit.ModuleHandles.Count, "module handle");
            Index(handle.Name, unit.Identifiers.Count, "identifier");
            Index(handle.Parameters, unit.Signatures.Count, "signature");
            Index(handle.Return, unit.Signatures.Count, "signature");
            foreach (SignatureToken token in unit.Signatures[handle.Parameters].Tokens.Concat(unit.Signatures[handle.Return].Tokens))
            {
                Scope(token, handle.TypeParameters.Count);
            }
        }

        foreach (FunctionInstantiation instantiation in unit.FunctionInstantiations)
        {
            Index(instantiation.Handle, unit.FunctionHandles.Count, "function handle");
            Index(instantiation.TypeArguments, unit.Signatures.Count, "signature");
        }

        foreach (Constant constant in unit.Constants)
        {
            Type(unit, constant.Type, int.MaxValue);
        }
    }

    private static void Module(CompiledUnit unit, ModuleHandle handle)
    {
        Index(handle.Address, unit.Addresses.Count, "address");
        Index(handle.Name, unit.Identifiers.Count, "identifier");
    }

    private static void Index(int index, int count, string what)
    {
        if (index >= count)
        {
            throw new DecodeException(StatusCode.IndexOutOfBounds, $"{what} {index} of {count}", 0);
        }
    }

    private static void Type(CompiledUnit unit, SignatureToken root, int scope)
    {
        Stack<SignatureToken> pending = new([root]);
        while (pending.TryPop(out SignatureToken? token))
        {
            switch (token.Kind)
            {
                case TokenKind.TypeParameter:
                    Index(token.Index, scope, "type parameter");
                    break;
                case TokenKind.Struct or TokenKind.StructInstantiation:
                    Index(token.Index, unit.StructHandles.Count, "struct handle");
                    int arity = unit.StructHandles[token.Index].TypeParameters.Count;
                    if (arity != token.Arguments.Count)
                    {
                        throw new DecodeException(StatusCode.NumberOfTypeArgumentsMismatch,
                            $"{token.Arguments.Count} type arguments for {arity} parameters", 0);
                    }

                    break;
            }

            foreach (SignatureToken argument in token.Arguments)
            {
                pending.Push(argument);
            }
        }
    }

    /// <summary>Only the type parameters, of a type that is known to be in bounds otherwise.</summary>
    private static void Scope(SignatureToken root, int scope)
    {
        if (root.Arguments.Count == 0)
        {
            if (root.Kind == TokenKind.TypeParameter)
            {
                Index(root.Index, scope, "type parameter");
            }

            return;
        }

        Stack<SignatureToken> pending = new([root]);
        while (pending.TryPop(out SignatureToken? token))
        {
            if (token.Kind == TokenKind.TypeParameter)
            {
                Index(token.Index, scope, "type parameter");
            }

            foreach (SignatureToken argument in token.Arguments)
            {
                pending.Push(argument);
            }
        }
    }

    private static void Scope(CompiledUnit unit, int signature, bool[] known, int scope)
    {
        Index(signature, unit.Signatures.Count, "signature");
        if (known[signature])
        {
            return; // thousands of instructions may name one signature
        }

        foreach (SignatureToken token in unit.Signatures[signature].Tokens)
        {
            Scope(token, scope);
        }

        known[signature] = true;
    }

    private static void Code(CompiledUnit unit, CompiledModule? module, CodeUnit code, ushort parameters, int scope)
    {
        bool[] known = new bool[unit.Signatures.Count];
        Scope(unit, code.Locals, known, scope);
        int locals = unit.Signatures[parameters].Tokens.Count + unit.Signatures[code.Locals].Tokens.Count;
        if (locals > FormatLimits.Locals)
        {
            throw new DecodeException(StatusCode.TooManyLocals,
                $"{locals} parameters and locals, at most {FormatLimits.Locals} are allowed", 0);
        }

        foreach (Instruction instruction in code.Code)
        {
            int operand = instruction.Index;
            switch (Operands.Of(instruction.Opcode))
            {
                case OperandKind.Constant: Index(operand, unit.Constants.Count, "constant"); break;
                case OperandKind.Local: Index(operand, locals, "local"); break;
                case OperandKind.Branch: Index(operand, code.Code.Count, "branch target"); break;
                case OperandKind.FieldHandle: Index(operand, module?.FieldHandles.Count ?? 0, "field handle"); break;
                case OperandKind.Function: Index(operand, unit.FunctionHandles.Count, "function handle"); break;
                case OperandKind.Struct: Index(operand, module?.StructDefinitions.Count ?? 0, "struct definition"); break;
                case OperandKind.FieldInstantiation:
                    Index(operand, module?.FieldInstantiations.Count ?? 0, "field instantiation");
                    Scope(unit, module!.FieldInstantiations[operand].TypeArguments, known, scope);
                    break;
                case OperandKind.StructInstantiation:
                    Index(operand, module?.StructInstantiations.Count ?? 0, "struct instantiation");
                    Scope(unit, module!.StructInstantiations[operand].TypeArguments, known, scope);
                    break;
                case OperandKind.FunctionInstantiation:
                    Index(operand, unit.FunctionInstantiations.Count, "function instantiation");
                    Scope(unit, unit.FunctionInstantiations[operand].TypeArguments, known, scope);
                    break;
                case OperandKind.Signature or OperandKind.SignatureAndCount:
                    Scope(unit, operand, known, scope);
                    break;
            }
        }
    }
}
