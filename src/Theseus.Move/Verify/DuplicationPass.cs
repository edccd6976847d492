using Theseus.Move.Format;

namespace Theseus.Move.Verify;

/// <summary>Pools are sets, definitions belong to this module and cover all of its own handles (move 2.4, pass 3).</summary>
internal static class DuplicationPass
{
    public static void Run(CompiledUnit unit)
    {
        Distinct(unit.Identifiers, TableKind.Identifiers);
        Distinct(unit.Addresses, TableKind.Addresses);
        Distinct(unit.Constants.Select(c => (c.Type, Convert.ToHexString(c.Data))), TableKind.Constants);
        Distinct(unit.Signatures.Select(s => new SignatureKey(s)), TableKind.Signatures);
        Distinct(unit.ModuleHandles, TableKind.ModuleHandles);
        Distinct(unit.StructHandles.Select(h => (h.Module, h.Name)), TableKind.StructHandles);
        Distinct(unit.FunctionHandles.Select(h => (h.Module, h.Name)), TableKind.FunctionHandles);
        Distinct(unit.FunctionInstantiations, TableKind.FunctionInstantiations);
        Distinct(unit.Metadata.Select(m => Convert.ToHexString(m.Key)), TableKind.Metadata);
        if (unit is CompiledModule module)
        {
            Module(module);
        }
    }

    private static void Module(CompiledModule module)
    {
        Distinct(module.Friends, TableKind.Friends);
        Distinct(module.FieldHandles, TableKind.FieldHandles);
        Distinct(module.StructInstantiations, TableKind.StructInstantiations);
        Distinct(module.FieldInstantiations, TableKind.FieldInstantiations);
        Distinct(module.StructDefinitions.Select(d => d.Handle), TableKind.StructDefinitions);
        Distinct(module.FunctionDefinitions.Select(d => d.Handle), TableKind.FunctionDefinitions);
        HashSet<ushort> structs = [];
        for (int i = 0; i < module.StructDefinitions.Count; i++)
        {
            StructDefinition definition = module.StructDefinitions[i];
            structs.Add(definition.Handle);
            if (module.StructHandles[definition.Handle].Module != module.SelfHandle)
            {
                throw VerifyException.At(StatusCode.InvalidModuleHandle, TableKind.StructDefinitions, i,
                    "a struct of another module is defined");
            }

            if (definition.Fields is null)
            {
                throw VerifyException.At(StatusCode.MissingDependency, TableKind.StructDefinitions, i, "native structs do not exist");
            }

            if (definition.Fields.Count == 0)
            {
                throw VerifyException.At(StatusCode.ZeroSizedStruct, TableKind.StructDefinitions, i, "a struct has at least one field");
            }

            HashSet<ushort> names = [];
            if (definition.Fields.Any(f => !names.Add(f.Name)))
            {
                throw VerifyException.At(StatusCode.DuplicateElement, TableKind.StructDefinitions, i, "two fields have one name");
            }
        }

        HashSet<ushort> functions = [];
        for (int i = 0; i < module.FunctionDefinitions.Count; i++)
        {
            FunctionDefinition definition = module.FunctionDefinitions[i];
            functions.Add(definition.Handle);
            if (module.FunctionHandles[definition.Handle].Module != module.SelfHandle)
            {
                throw VerifyException.At(StatusCode.InvalidModuleHandle, TableKind.FunctionDefinitions, i,
                    "a function of another module is defined");
            }

            if (definition.Acquires.Distinct().Count() != definition.Acquires.Count)
            {
                throw VerifyException.At(StatusCode.DuplicateAcquiresAnnotation, TableKind.FunctionDefinitions, i,
                    "a resource is acquired twice");
            }
        }

        for (int i = 0; i < module.StructHandles.Count; i++)
        {
            if (module.StructHandles[i].Module == module.SelfHandle && !structs.Contains((ushort)i))
            {
                throw VerifyException.At(StatusCode.UnimplementedHandle, TableKind.StructHandles, i,
                    "a struct of this module is not defined");
            }
        }

        for (int i = 0; i < module.FunctionHandles.Count; i++)
        {
            if (module.FunctionHandles[i].Module == module.SelfHandle && !functions.Contains((ushort)i))
            {
                throw VerifyException.At(StatusCode.UnimplementedHandle, TableKind.FunctionHandles, i,
                    "a function of this module is not defined");
            }
        }
    }

    private static void Distinct<T>(IEnumerable<T> items, TableKind table)
    {
        HashSet<T> seen = [];
        int index = 0;
        foreach (T item in items)
        {
            if (!seen.Add(item))
            {
                throw VerifyException.At(StatusCode.DuplicateElement, table, index, $"entry {index} repeats an earlier one");
            }

            index++;
        }
    }

    private readonly struct SignatureKey(Signature signature) : IEquatable<SignatureKey>
    {
        private readonly Signature _signature = signature;

        public bool Equals(SignatureKey other) => _signature.Tokens.SequenceEqual(other._signature.Tokens);

        public override bool Equals(object? obj) => obj is SignatureKey other && Equals(other);

        public override int GetHashCode()
        {
            int hash = _signature.Tokens.Count;
            foreach (SignatureToken token in _signature.Tokens)
            {
                hash = (hash * 31) + token.GetHashCode();
            }

            return hash;
        }
    }
}
