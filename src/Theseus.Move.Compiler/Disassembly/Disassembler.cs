using System.Text;
using Theseus.Move.Format;

namespace Theseus.Move.Compiler;

/// <summary>Readable text of compiled units: declarations, locals and instructions with names instead of indices.</summary>
public static class Disassembler
{
    /// <summary>The text of a module.</summary>
    /// <param name="module">Within its bounds, as a reader or the compiler made it.</param>
    /// <param name="map">Gives locals their names; without it they are numbered.</param>
    public static string Text(CompiledModule module, SourceMap? map = null)
    {
        Writer writer = new(module, module.StructDefinitions, module.FieldHandles);
        writer.Module(module, map);
        return writer.ToString();
    }

    /// <summary>The text of a script.</summary>
    /// <param name="script">Within its bounds, as a reader or the compiler made it.</param>
    /// <param name="map">Gives locals their names; without it they are numbered.</param>
    public static string Text(CompiledScript script, SourceMap? map = null)
    {
        Writer writer = new(script, [], []);
        writer.Script(script, map);
        return writer.ToString();
    }

    private sealed class Writer(CompiledUnit unit, IReadOnlyList<StructDefinition> definitions, IReadOnlyList<FieldHandle> fields)
    {
        private readonly StringBuilder _text = new();
        private CompiledModule? _module;

        public override string ToString() => _text.ToString();

        public void Module(CompiledModule module, SourceMap? map)
        {
            _module = module;
            _text.Append("// Move bytecode v").Append(module.Version).Append('\n');
            _text.Append("module ").Append(module.Id).Append(" {\n");
            foreach (Format.ModuleHandle friend in module.Friends)
            {
                _text.Append("    friend ").Append(unit.ModuleIdOf(friend)).Append(";\n");
            }

            foreach (StructDefinition definition in module.StructDefinitions)
            {
                Struct(definition);
            }

            for (int i = 0; i < module.FunctionDefinitions.Count; i++)
            {
                Function(module.FunctionDefinitions[i], map is not null && i < map.Functions.Count ? map.Functions[i] : null);
            }

            _text.Append("}\n");
        }

        public void Script(CompiledScript script, SourceMap? map)
        {
            _text.Append("// Move bytecode v").Append(script.Version).Append("\nscript {\n    fun main")
                .Append(TypeParameters(script.TypeParameters.Select(a => (a, false))));
            Body(unit.Signatures[script.Parameters].Tokens, script.Code, map?.Functions.Count > 0 ? map.Functions[0] : null, "");
            _text.Append("}\n");
        }

        private void Struct(StructDefinition definition)
        {
            StructHandle handle = unit.StructHandles[definition.Handle];
            _text.Append("\n    ").Append(definition.Fields is null ? "native struct " : "struct ").Append(unit.Identifiers[handle.Name])
                .Append(TypeParameters(handle.TypeParameters.Select(p => (p.Constraints, p.IsPhantom))));
            if (handle.Abilities != Abilities.None)
            {
                _text.Append(" has ").Append(AbilityText(handle.Abilities, ", "));
            }

            if (definition.Fields is null)
            {
                _text.Append(";\n");
                return;
            }

            _text.Append(" {\n");
            foreach (FieldDefinition field in definition.Fields)
            {
                _text.Append("        ").Append(unit.Identifiers[field.Name]).Append(": ").Append(Type(field.Type)).Append(",\n");
            }

            _text.Append("    }\n");
        }

        private void Function(FunctionDefinition definition, FunctionSourceMap? map)
        {
            FunctionHandle handle = unit.FunctionHandles[definition.Handle];
            _text.Append("\n    ").Append(definition.Visibility switch { Visibility.Public => "public ", Visibility.Friend =>
                "public(friend) ", _ => "" })
                .Append(definition.IsEntry ? "entry " : "").Append(definition.IsNative ? "native " : "").Append("fun ")
                    .Append(unit.Identifiers[handle.Name])
                .Append(TypeParameters(handle.TypeParameters.Select(a => (a, false))));
            IReadOnlyList<SignatureToken> results = unit.Signatures[handle.Return].Tokens;
            string tail = results.Count switch { 0 => "", 1 => ": " + Type(results[0]), _ =>
                ": (" + string.Join(", ", results.Select(Type)) + ")" };
            if (definition.Acquires.Count > 0)
            {
                tail += " acquires " + string.Join(", ", definition.Acquires.Select(a =>
                    unit.Identifiers[unit.StructHandles[definitions[a].Handle].Name]));
            }

            Body(unit.Signatures[handle.Parameters].Tokens, definition.Code, map, tail);
        }

        private void Body(IReadOnlyList<SignatureToken> parameters, CodeUnit? code, FunctionSourceMap? map, string tail)
        {
            string Local(int i) => map is not null && i < map.LocalNames.Count ? map.LocalNames[i]
                : (i < parameters.Count ? "arg" : "loc") + i;
            _text.Append('(').AppendJoin(", ", parameters.Select((t, i) => $"{Local(i)}: {Type(t)}")).Append(')').Append(tail);
            if (code is null)
            {
                _text.Append(";\n");
                return;
            }

            _text.Append(" {\n");
            IReadOnlyList<SignatureToken> locals = unit.Signatures[code.Locals].Tokens;
            for (int i = 0; i < locals.Count; i++)
            {
                _text.Append("        local ").Append(parameters.Count + i).Append(' ').Append(Local(parameters.Count + i)).Append(": ")
                    .Append(Type(locals[i])).Append('\n');
            }

            HashSet<int> targets = [];
            foreach (Instruction instruction in code.Code)
            {
                if (instruction.Opcode is Opcode.BrTrue or Opcode.BrFalse or Opcode.Branch)
                {
                    targets.Add((int)instruction.Operand);
                }
            }

            for (int pc = 0; pc < code.Code.Count; pc++)
            {
                if (targets.Contains(pc))
                {
                    _text.Append("      L").Append(pc).Append(":\n");
                }

                _text.Append("        ").Append(pc).Append(": ").Append(Instruction(code.Code[pc], Local)).Append('\n');
            }

            _text.Append("    }\n");
        }

        private string Instruction(Instruction i, Func<int, string> local)
        {
            string name = i.Opcode.ToString();
            switch (i.Opcode)
            {
                case Opcode.BrTrue or Opcode.BrFalse or Opcode.Branch:
                    return $"{name} L{i.Operand}";
                case Opcode.LdU8 or Opcode.LdU16 or Opcode.LdU32 or Opcode.LdU64:
                    return $"{name} {i.Operand}";
                case Opcode.LdU128 or Opcode.LdU256:
                    return $"{name} {i.Wide?.Value}";
                case Opcode.LdConst:
                {
                    Constant constant = unit.Constants[i.Index];
                    const int shown = 64;
                    string hex = Convert.ToHexStringLower(constant.Data);
                    return $"{name} {Type(constant.Type)} 0x{(hex.Length > shown ? hex[..shown] + "…" : hex)}";
                }

                case Opcode.CopyLoc or Opcode.MoveLoc or Opcode.StLoc or Opcode.MutBorrowLoc or Opcode.ImmBorrowLoc:
                    return $"{name} {i.Operand} ({local(i.Index)})";
                case Opcode.MutBorrowField or Opcode.ImmBorrowField:
                    return $"{name} {Field(i.Index)}";
                case Opcode.MutBorrowFieldGeneric or Opcode.ImmBorrowFieldGeneric:
                {
                    FieldInstantiation instance = _module!.FieldInstantiations[i.Index];
                    return $"{name} {Field(instance.Handle)}{Arguments(instance.TypeArguments)}";
                }

                case Opcode.Call:
                    return $"{name} {Function(i.Index)}";
                case Opcode.CallGeneric:
                {
                    FunctionInstantiation instance = unit.FunctionInstantiations[i.Index];
                    return $"{name} {Function(instance.Handle)}{Arguments(instance.TypeArguments)}";
                }

                case Opcode.Pack or Opcode.Unpack or Opcode.Exists or Opcode.MutBorrowGlobal or Opcode.ImmBorrowGlobal
                    or Opcode.MoveFrom or Opcode.MoveTo:
                    return $"{name} {Definition(i.Index)}";
                case Opcode.PackGeneric or Opcode.UnpackGeneric or Opcode.ExistsGeneric or Opcode.MutBorrowGlobalGeneric
                    or Opcode.ImmBorrowGlobalGeneric
                    or Opcode.MoveFromGeneric or Opcode.MoveToGeneric:
                {
                    StructInstantiation instance = _module!.StructInstantiations[i.Index];
                    return $"{name} {Definition(instance.Definition)}{Arguments(instance.TypeArguments)}";
                }

                case Opcode.VecPack or Opcode.VecUnpack:
                    return $"{name} {TypeList(i.Index)}, {i.Count}";
                case Opcode.VecLen or Opcode.VecImmBorrow or Opcode.VecMutBorrow or Opcode.VecPushBack or Opcode.VecPopBack
                    or Opcode.VecSwap:
                    return $"{name} {TypeList(i.Index)}";
                default:
                    return name;
            }
        }

        private string Definition(int index) => unit.Identifiers[unit.StructHandles[definitions[index].Handle].Name];

        private string Field(int index)
        {
            FieldHandle field = fields[index];
            return $"{Definition(field.Struct)}.{unit.Identifiers[definitions[field.Struct].Fields![field.Field].Name]}";
        }

        private string Function(int index)
        {
            FunctionHandle handle = unit.FunctionHandles[index];
            return $"{unit.ModuleIdOf(handle)}::{unit.Identifiers[handle.Name]}";
        }

        private string Arguments(int signature) => $"<{TypeList(signature)}>";

        // what is not verified need not have one type where one is due
        private string TypeList(int signature) => string.Join(", ", unit.Signatures[signature].Tokens.Select(Type));

        private static string TypeParameters(IEnumerable<(Abilities Constraints, bool IsPhantom)> parameters)
        {
            List<string> all = [.. parameters.Select((p, i) => (p.IsPhantom ? "phantom "
                : "") + "T" + i + (p.Constraints == Abilities.None ? "" : ": " + AbilityText(p.Constraints, " + ")))];
            return all.Count == 0 ? "" : "<" + string.Join(", ", all) + ">";
        }

        private static string AbilityText(Abilities abilities, string separator) =>
            string.Join(separator, Types.TypeRules.Text(abilities).Replace("'", "", StringComparison.Ordinal).Split(" and "));

        private string Type(SignatureToken token) => token.Kind switch
        {
            TokenKind.Vector => $"vector<{Type(token.Arguments[0])}>",
            TokenKind.Reference => "&" + Type(token.Arguments[0]),
            TokenKind.MutableReference => "&mut " + Type(token.Arguments[0]),
            TokenKind.TypeParameter => "T" + token.Index,
            TokenKind.Struct or TokenKind.StructInstantiation => StructName(token),
            _ => token.Kind.ToString().ToLowerInvariant(),
        };

        private string StructName(SignatureToken token)
        {
            StructHandle handle = unit.StructHandles[token.Index];
            string arguments = token.Arguments.Count == 0 ? "" : "<" + string.Join(", ", token.Arguments.Select(Type)) + ">";
            string module = _module is not null && unit.ModuleIdOf(handle) == _module.Id ? "" : unit.ModuleIdOf(handle) + "::";
            return module + unit.Identifiers[handle.Name] + arguments;
        }
    }
}
