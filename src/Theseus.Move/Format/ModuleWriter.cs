using System.Text;

namespace Theseus.Move.Format;

/// <summary>
/// Writes the canonical bytes of format v6: tables in the fixed order 1, 2, 3, 4, 5, 7, 8, 6, 0x10, 0xA to 0xF, empty ones
/// omitted.
/// </summary>
public static class ModuleWriter
{
    /// <exception cref="ArgumentException">A pool exceeds what the format can express: the producer must refuse before writing.</exception>
    public static byte[] Write(CompiledModule module)
    {
        List<(TableKind, BcsWriter)> tables = Common(module);
        Table(tables, TableKind.StructDefinitions, module.StructDefinitions, StructDefinition);
        Table(tables, TableKind.StructInstantiations, module.StructInstantiations, (w, i) => w.Uleb(i.Definition).Uleb(i.TypeArguments));
        Table(tables, TableKind.FunctionDefinitions, module.FunctionDefinitions, FunctionDefinition);
        Table(tables, TableKind.FieldHandles, module.FieldHandles, (w, f) => w.Uleb(f.Struct).Uleb(f.Field));
        Table(tables, TableKind.FieldInstantiations, module.FieldInstantiations, (w, f) => w.Uleb(f.Handle).Uleb(f.TypeArguments));
        Table(tables, TableKind.Friends, module.Friends, (w, f) => w.Uleb(f.Address).Uleb(f.Name));
        return Assemble(module.Version, tables).Uleb(module.SelfHandle).ToArray();
    }

    /// <inheritdoc cref="Write(CompiledModule)"/>
    public static byte[] Write(CompiledScript script)
    {
        BcsWriter writer = Assemble(script.Version, Common(script));
        AbilitySets(writer, script.TypeParameters);
        writer.Uleb(script.Parameters);
        Code(writer, script.Code);
        return writer.ToArray();
    }

    private static List<(TableKind, BcsWriter)> Common(CompiledUnit unit)
    {
        List<(TableKind, BcsWriter)> tables = [];
        Table(tables, TableKind.ModuleHandles, unit.ModuleHandles, (w, m) => w.Uleb(m.Address).Uleb(m.Name));
        Table(tables, TableKind.StructHandles, unit.StructHandles, StructHandle);
        Table(tables, TableKind.FunctionHandles, unit.FunctionHandles, (w, f) =>
            AbilitySets(w.Uleb(f.Module).Uleb(f.Name).Uleb(f.Parameters).Uleb(f.Return), f.TypeParameters));
        Table(tables, TableKind.FunctionInstantiations, unit.FunctionInstantiations, (w, f) => w.Uleb(f.Handle).Uleb(f.TypeArguments));
        Table(tables, TableKind.Signatures, unit.Signatures, (w, s) =>
        {
            w.Uleb(Bounded(s.Tokens.Count, FormatLimits.SignatureLength));
            foreach (SignatureToken token in s.Tokens)
            {
                Token(w, token);
            }
        });
        Table(tables, TableKind.Identifiers, unit.Identifiers, (w, i) =>
        {
            Bounded(i.Length, FormatLimits.IdentifierBytes);
            w.Bytes(Encoding.ASCII.GetBytes(i));
        });
        Table(tables, TableKind.Addresses, unit.Addresses, (w, a) => w.Address(a));
        Table(tables, TableKind.Constants, unit.Constants, (w, c) =>
        {
            Token(w, c.Type);
            Bounded(c.Data.Length, FormatLimits.ConstantBytes);
            w.Bytes(c.Data);
        });
        Table(tables, TableKind.Metadata, unit.Metadata, (w, m) =>
        {
            Bounded(m.Key.Length, FormatLimits.MetadataKeyBytes);
            Bounded(m.Value.Length, FormatLimits.MetadataValueBytes);
            w.Bytes(m.Key).Bytes(m.Value);
        });
        return tables;
    }

    private static void Table<T>(List<(TableKind, BcsWriter)> tables, TableKind kind, IReadOnlyList<T> items, Action<BcsWriter, T> write)
    {
        if (items.Count == 0)
        {
            return;
        }

        Bounded(items.Count, FormatLimits.Index);
        BcsWriter writer = new();
        foreach (T item in items)
        {
            write(writer, item);
        }

        tables.Add((kind, writer));
    }

    private static BcsWriter Assemble(uint version, List<(TableKind Kind, BcsWriter Bytes)> tables)
    {
        BcsWriter writer = new(1024);
        writer.Raw(FormatLimits.Magic).U32(version).Uleb((uint)tables.Count);
        uint offset = 0;
        foreach ((TableKind kind, BcsWriter bytes) in tables)
        {
            writer.U8((byte)kind).Uleb(offset).Uleb((uint)bytes.Length);
            offset += (uint)bytes.Length;
        }

        foreach ((_, BcsWriter bytes) in tables)
        {
            writer.Raw(bytes.Written);
        }

        return writer;
    }

    private static uint Bounded(int count, int maximum) =>
        count <= maximum ? (uint)count : throw new ArgumentException($"{count} exceeds the format's limit of {maximum}", nameof(count));

    private static void AbilitySets(BcsWriter writer, IReadOnlyList<Abilities> sets)
    {
        writer.Uleb(Bounded(sets.Count, FormatLimits.TypeParameters));
        foreach (Abilities set in sets)
        {
            writer.U8((byte)set);
        }
    }

    private static void StructHandle(BcsWriter writer, StructHandle handle)
    {
        writer.Uleb(handle.Module).Uleb(handle.Name).U8((byte)handle.Abilities)
            .Uleb(Bounded(handle.TypeParameters.Count, FormatLimits.TypeParameters));
        foreach (StructTypeParameter parameter in handle.TypeParameters)
        {
            writer.U8((byte)parameter.Constraints).Bool(parameter.IsPhantom);
        }
    }

    private static void StructDefinition(BcsWriter writer, StructDefinition definition)
    {
        writer.Uleb(definition.Handle);
        if (definition.Fields is null)
        {
            writer.U8(1);
            return;
        }

        writer.U8(2).Uleb(Bounded(definition.Fields.Count, FormatLimits.Fields));
        foreach (FieldDefinition field in definition.Fields)
        {
            Token(writer.Uleb(field.Name), field.Type);
        }
    }

    private static void FunctionDefinition(BcsWriter writer, FunctionDefinition definition)
    {
        int flags = (definition.IsNative ? 2 : 0) | (definition.IsEntry ? 4 : 0);
        writer.Uleb(definition.Handle).U8((byte)definition.Visibility).U8((byte)flags)
            .Uleb(Bounded(definition.Acquires.Count, FormatLimits.Acquires));
        foreach (ushort acquired in definition.Acquires)
        {
            writer.Uleb(acquired);
        }

        if (definition.Code is not null)
        {
            Code(writer, definition.Code);
        }
    }

    private static void Code(BcsWriter writer, CodeUnit code)
    {
        writer.Uleb(code.Locals).Uleb(Bounded(code.Code.Count, FormatLimits.CodeLength));
        foreach (Instruction instruction in code.Code)
        {
            Write(writer, instruction);
        }
    }

    private static void Write(BcsWriter writer, in Instruction instruction)
    {
        writer.U8((byte)instruction.Opcode);
        switch (Operands.Of(instruction.Opcode))
        {
            case OperandKind.None: break;
            case OperandKind.U8: writer.U8((byte)instruction.Operand); break;
            case OperandKind.U16: writer.U16((ushort)instruction.Operand); break;
            case OperandKind.U32: writer.U32((uint)instruction.Operand); break;
            case OperandKind.U64: writer.U64(instruction.Operand); break;
            case OperandKind.U128: writer.U128(instruction.Wide!.Value.ToUInt128()); break;
            case OperandKind.U256: instruction.Wide!.Value.Write(writer); break;
            case OperandKind.SignatureAndCount: writer.Uleb(instruction.Index).U64(instruction.Count); break;
            default: writer.Uleb(instruction.Index); break;
        }
    }

    private static void Token(BcsWriter writer, SignatureToken root)
    {
        Stack<SignatureToken> pending = new([root]);
        while (pending.TryPop(out SignatureToken? token))
        {
            writer.U8((byte)token.Kind);
            switch (token.Kind)
            {
                case TokenKind.Struct or TokenKind.TypeParameter: writer.Uleb(token.Index); break;
                case TokenKind.StructInstantiation: writer.Uleb(token.Index)
                    .Uleb(Bounded(token.Arguments.Count, FormatLimits.TypeParameters)); break;
            }

            for (int i = token.Arguments.Count - 1; i >= 0; i--)
            {
                pending.Push(token.Arguments[i]);
            }
        }
    }
}
