using Theseus.Move.Format;
using Theseus.Move.Rules;

namespace Theseus.Move.Verify;

/// <summary>
/// References only outermost, ability constraints at every nesting level, phantom parameters only in phantom positions (move
/// 2.4, pass 4).
/// </summary>
internal sealed class SignaturePass(CompiledUnit unit, VerifierCosts costs, Meter meter)
{
    public void Run()
    {
        for (int i = 0; i < unit.Signatures.Count; i++)
        {
            foreach (SignatureToken token in unit.Signatures[i].Tokens)
            {
                NoInnerReference(token.IsReference ? token.Arguments[0] : token, TableKind.Signatures, i);
            }
        }

        for (int i = 0; i < unit.FunctionHandles.Count; i++)
        {
            FunctionHandle handle = unit.FunctionHandles[i];
            Constraints(unit.Signatures[handle.Parameters], handle.TypeParameters, TableKind.FunctionHandles, i);
            Constraints(unit.Signatures[handle.Return], handle.TypeParameters, TableKind.FunctionHandles, i);
        }

        switch (unit)
        {
            case CompiledScript script:
                Constraints(script.Signatures[script.Parameters], script.TypeParameters, TableKind.Signatures, script.Parameters);
                Code(script.Code, script.TypeParameters, null, 0);
                break;
            case CompiledModule module:
                Fields(module);
                for (int i = 0; i < module.FunctionDefinitions.Count; i++)
                {
                    FunctionDefinition definition = module.FunctionDefinitions[i];
                    if (definition.Code is not null)
                    {
                        meter.EnterFunction();
                        Code(definition.Code, module.FunctionHandles[definition.Handle].TypeParameters, module, i);
                    }
                }

                break;
        }
    }

    private void Fields(CompiledModule module)
    {
        for (int i = 0; i < module.StructDefinitions.Count; i++)
        {
            StructDefinition definition = module.StructDefinitions[i];
            IReadOnlyList<StructTypeParameter> parameters = module.StructHandles[definition.Handle].TypeParameters;
            List<Abilities> constraints = [.. parameters.Select(p => p.Constraints)];
            foreach (FieldDefinition field in definition.Fields!)
            {
                NoInnerReference(field.Type, TableKind.StructDefinitions, i);
                Phantom(field.Type, parameters, false, i);
                Constraints(field.Type, constraints, TableKind.StructDefinitions, i);
            }
        }
    }

    private void Phantom(SignatureToken type, IReadOnlyList<StructTypeParameter> parameters, bool phantomPosition, int definition)
    {
        if (type.Kind == TokenKind.TypeParameter && parameters[type.Index].IsPhantom && !phantomPosition)
        {
            throw VerifyException.At(StatusCode.InvalidPhantomTypeParamPosition, TableKind.StructDefinitions, definition,
                "a phantom type parameter is used as a value");
        }

        for (int i = 0; i < type.Arguments.Count; i++)
        {
            bool phantom = type.Kind == TokenKind.StructInstantiation && unit.StructHandles[type.Index].TypeParameters[i].IsPhantom;
            Phantom(type.Arguments[i], parameters, phantom, definition);
        }
    }

    private static void NoInnerReference(SignatureToken type, TableKind table, int index)
    {
        if (type.IsReference)
        {
            throw VerifyException.At(StatusCode.InvalidSignatureToken, table, index, "a reference inside a type");
        }

        foreach (SignatureToken argument in type.Arguments)
        {
            NoInnerReference(argument, table, index);
        }
    }

    private void Constraints(Signature signature, IReadOnlyList<Abilities> parameters, TableKind table, int index)
    {
        foreach (SignatureToken token in signature.Tokens)
        {
            Constraints(token, parameters, table, index);
        }
    }

    private void Constraints(SignatureToken type, IReadOnlyList<Abilities> parameters, TableKind table, int index)
    {
        meter.Add(costs.SignatureNode);
        if (type.Kind == TokenKind.StructInstantiation)
        {
            IReadOnlyList<StructTypeParameter> wanted = unit.StructHandles[type.Index].TypeParameters;
            for (int i = 0; i < type.Arguments.Count; i++)
            {
                meter.Add(costs.SignatureNode);
                if (!TypeRules.Of(unit, type.Arguments[i], parameters).Has(wanted[i].Constraints))
                {
                    throw VerifyException.At(StatusCode.ConstraintNotSatisfied, table, index,
                        $"type argument {i} lacks {wanted[i].Constraints}");
                }
            }
        }

        foreach (SignatureToken argument in type.Arguments)
        {
            Constraints(argument, parameters, table, index);
        }
    }

    private void Code(CodeUnit code, IReadOnlyList<Abilities> parameters, CompiledModule? module, int function)
    {
        Constraints(unit.Signatures[code.Locals], parameters, TableKind.FunctionDefinitions, function);
        bool[] seen = new bool[unit.Signatures.Count]; // constraints of the arguments themselves need one look a function
        for (int offset = 0; offset < code.Code.Count; offset++)
        {
            Instruction instruction = code.Code[offset];
            switch (Operands.Of(instruction.Opcode))
            {
                case OperandKind.FunctionInstantiation:
                    FunctionInstantiation called = unit.FunctionInstantiations[instruction.Index];
                    Arguments(called.TypeArguments, unit.FunctionHandles[called.Handle].TypeParameters, parameters, seen, function, offset);
                    break;
                case OperandKind.StructInstantiation:
                    StructInstantiation instance = module!.StructInstantiations[instruction.Index];
                    Arguments(instance.TypeArguments, Wanted(module, instance.Definition), parameters, seen, function, offset);
                    break;
                case OperandKind.FieldInstantiation:
                    FieldInstantiation field = module!.FieldInstantiations[instruction.Index];
                    Arguments(field.TypeArguments, Wanted(module, module.FieldHandles[field.Handle].Struct), parameters, seen,
                        function, offset);
                    break;
                case OperandKind.Signature or OperandKind.SignatureAndCount:
                    Arguments(instruction.Index, [Abilities.None], parameters, seen, function, offset);
                    break;
            }
        }
    }

    private static Abilities[] Wanted(CompiledModule module, ushort definition) =>
        [.. module.StructHandles[module.StructDefinitions[definition].Handle].TypeParameters.Select(p => p.Constraints)];

    private void Arguments(ushort signature, IReadOnlyList<Abilities> wanted, IReadOnlyList<Abilities> parameters, bool[] seen,
        int function, int offset)
    {
        IReadOnlyList<SignatureToken> arguments = unit.Signatures[signature].Tokens;
        if (arguments.Count != wanted.Count)
        {
            throw Fail(StatusCode.NumberOfTypeArgumentsMismatch, $"{arguments.Count} type arguments for {wanted.Count} parameters");
        }

        for (int i = 0; i < arguments.Count; i++)
        {
            meter.Add(costs.SignatureNode);
            if (arguments[i].IsReference)
            {
                throw Fail(StatusCode.InvalidSignatureToken, "a reference as type argument");
            }

            if (!seen[signature])
            {
                Constraints(arguments[i], parameters, TableKind.FunctionDefinitions, function);
            }

            if (!TypeRules.Of(unit, arguments[i], parameters).Has(wanted[i]))
            {
                throw Fail(StatusCode.ConstraintNotSatisfied, $"type argument {i} lacks {wanted[i]}");
            }
        }

        seen[signature] = true;
        VerifyException Fail(StatusCode status, string message) =>
            new(new VerifyError(status, message, TableKind.FunctionDefinitions, function, Function: function, Offset: offset));
    }
}
