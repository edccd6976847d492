using Theseus.Move.Format;
using Theseus.Move.Rules;

namespace Theseus.Move.Verify;

/// <summary>The small passes over tables (move 2.4, passes 5 to 9).</summary>
internal static class PoolPasses
{
    /// <summary>Generic instructions name generic things, plain ones plain things; vector counts fit 16 bits.</summary>
    public static void InstructionConsistency(CompiledUnit unit, CodeUnit code, int function, VerifierLimits limits)
    {
        CompiledModule? module = unit as CompiledModule;
        for (int offset = 0; offset < code.Code.Count; offset++)
        {
            Instruction instruction = code.Code[offset];
            int index = instruction.Index;
            bool? generic = Operands.Of(instruction.Opcode) switch
            {
                OperandKind.Function => unit.FunctionHandles[index].TypeParameters.Count > 0,
                OperandKind.FunctionInstantiation => unit.FunctionHandles[
                    unit.FunctionInstantiations[index].Handle].TypeParameters.Count > 0,
                OperandKind.Struct => IsGeneric(module!, (ushort)index),
                OperandKind.StructInstantiation => IsGeneric(module!, module!.StructInstantiations[index].Definition),
                OperandKind.FieldHandle => IsGeneric(module!, module!.FieldHandles[index].Struct),
                OperandKind.FieldInstantiation => IsGeneric(module!, module!.FieldHandles[module.FieldInstantiations[index].Handle].Struct),
                _ => null,
            };
            bool wantsGeneric = Operands.Of(instruction.Opcode) is OperandKind.FunctionInstantiation
                or OperandKind.StructInstantiation or OperandKind.FieldInstantiation;
            if (generic is bool isGeneric && isGeneric != wantsGeneric)
            {
                throw Fail(StatusCode.GenericMemberOpcodeMismatch, "a generic instruction names a plain thing or the other way round");
            }

            if (instruction.Count > (ulong)limits.VectorElements)
            {
                throw Fail(StatusCode.ConstraintNotSatisfied, $"{instruction.Count} elements, at most {limits.VectorElements} are allowed");
            }

            VerifyException Fail(StatusCode status, string message) =>
                new(new VerifyError(status, message, Function: function, Offset: offset));
        }
    }

    private static bool IsGeneric(CompiledModule module, ushort definition) =>
        module.StructHandles[module.StructDefinitions[definition].Handle].TypeParameters.Count > 0;

    public static void Constants(CompiledUnit unit)
    {
        for (int i = 0; i < unit.Constants.Count; i++)
        {
            Constant constant = unit.Constants[i];
            if (!IsConstantType(constant.Type))
            {
                throw VerifyException.At(StatusCode.InvalidConstantType, TableKind.Constants, i,
                    "constants are primitive values and vectors of them");
            }

            if (!ConstantBytes.AreExact(constant.Type, constant.Data))
            {
                throw VerifyException.At(StatusCode.MalformedConstantData, TableKind.Constants, i, "the bytes are no value of the type");
            }
        }
    }

    private static bool IsConstantType(SignatureToken type)
    {
        while (type.Kind == TokenKind.Vector)
        {
            type = type.Arguments[0];
        }

        return type.Kind is TokenKind.Bool or TokenKind.Address || type.IsInteger;
    }

    public static void Friends(CompiledModule module)
    {
        for (int i = 0; i < module.Friends.Count; i++)
        {
            ModuleId friend = module.ModuleIdOf(module.Friends[i]);
            if (friend == module.Id)
            {
                throw VerifyException.At(StatusCode.InvalidFriendDeclWithSelf, TableKind.Friends, i, "a module is no friend of itself");
            }

            if (friend.Address != module.Id.Address)
            {
                throw VerifyException.At(StatusCode.InvalidFriendDeclWithModulesOutsideAccountAddress, TableKind.Friends, i,
                    "friends live at the same address");
            }
        }
    }

    /// <summary>A struct's abilities follow from its fields when its type parameters have all abilities.</summary>
    public static void FieldAbilities(CompiledModule module)
    {
        for (int i = 0; i < module.StructDefinitions.Count; i++)
        {
            StructHandle handle = module.StructHandles[module.StructDefinitions[i].Handle];
            Abilities required = TypeRules.Required(handle.Abilities);
            Abilities[] all = [.. handle.TypeParameters.Select(_ => Abilities.All)];
            foreach (FieldDefinition field in module.StructDefinitions[i].Fields!)
            {
                if (!TypeRules.Of(module, field.Type, all).Has(required))
                {
                    throw VerifyException.At(StatusCode.FieldMissingTypeAbility, TableKind.StructDefinitions, i,
                        $"field {module.Identifiers[field.Name]} lacks {required}");
                }
            }
        }
    }

    /// <summary>No struct contains itself, not even through a vector or a type argument.</summary>
    public static void RecursiveStructs(CompiledModule module)
    {
        Dictionary<ushort, int> definitions = [];
        for (int i = 0; i < module.StructDefinitions.Count; i++)
        {
            definitions[module.StructDefinitions[i].Handle] = i;
        }

        SortedSet<int>[] edges = [.. module.StructDefinitions.Select(definition =>
        {
            SortedSet<int> targets = [];
            Stack<SignatureToken> pending = new(definition.Fields!.Select(f => f.Type));
            while (pending.TryPop(out SignatureToken? token))
            {
                if (token.Kind is TokenKind.Struct or TokenKind.StructInstantiation && definitions.TryGetValue(token.Index, out int target))
                {
                    targets.Add(target);
                }

                foreach (SignatureToken argument in token.Arguments)
                {
                    pending.Push(argument);
                }
            }

            return targets;
        })];
        int cyclic = Graphs.FindCycle(edges.Length, node => edges[node]);
        if (cyclic >= 0)
        {
            throw VerifyException.At(StatusCode.RecursiveStructDefinition, TableKind.StructDefinitions, cyclic, "a struct contains itself");
        }
    }

    /// <summary>No cycle of generic calls wraps a type parameter: instantiations stay finite.</summary>
    public static void InstantiationLoops(CompiledModule module, VerifierCosts costs, Meter meter)
    {
        Dictionary<ushort, int> definitions = [];
        for (int i = 0; i < module.FunctionDefinitions.Count; i++)
        {
            definitions[module.FunctionDefinitions[i].Handle] = i;
        }

        int[] first = new int[module.FunctionDefinitions.Count + 1];
        for (int i = 0; i < module.FunctionDefinitions.Count; i++)
        {
            first[i + 1] = first[i] + module.FunctionHandles[module.FunctionDefinitions[i].Handle].TypeParameters.Count;
        }

        List<int>[] edges = [.. Enumerable.Range(0, first[^1]).Select(_ => new List<int>())];
        List<(int From, int To, int Function)> wrapping = [];
        HashSet<(int Function, ushort Instantiation)> seen = [];
        for (int caller = 0; caller < module.FunctionDefinitions.Count; caller++)
        {
            foreach (Instruction instruction in module.FunctionDefinitions[caller].Code?.Code ?? [])
            {
                if (instruction.Opcode != Opcode.CallGeneric || !seen.Add((caller, instruction.Index)))
                {
                    continue;
                }

                FunctionInstantiation instantiation = module.FunctionInstantiations[instruction.Index];
                if (!definitions.TryGetValue(instantiation.Handle, out int callee))
                {
                    continue;
                }

                IReadOnlyList<SignatureToken> arguments = module.Signatures[instantiation.TypeArguments].Tokens;
                for (int i = 0; i < arguments.Count; i++)
                {
                    Stack<SignatureToken> pending = new([arguments[i]]);
                    while (pending.TryPop(out SignatureToken? token))
                    {
                        meter.Add(costs.InstantiationNode);
                        if (token.Kind == TokenKind.TypeParameter)
                        {
                            int from = first[caller] + token.Index, to = first[callee] + i;
                            edges[from].Add(to);
                            if (!ReferenceEquals(token, arguments[i]))
                            {
                                wrapping.Add((from, to, caller));
                            }
                        }

                        foreach (SignatureToken argument in token.Arguments)
                        {
                            pending.Push(argument);
                        }
                    }
                }
            }
        }

        int[] components = Graphs.Components(edges.Length, node => edges[node]);
        foreach ((int from, int to, int function) in wrapping)
        {
            if (components[from] == components[to])
            {
                throw VerifyException.At(StatusCode.LoopInInstantiationGraph, TableKind.FunctionDefinitions, function,
                    "a cycle of generic calls would need infinitely many instances");
            }
        }
    }
}
