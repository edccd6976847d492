using Theseus.Move.Format;
using Theseus.Protocol;

namespace Theseus.Node;

/// <summary>
/// Reads fields of a resource by their names, through the struct definitions of the module that stands in the same state. Who shows what a
/// framework stores needs to know names, which the compatibility rules keep, and never positions, which belong to one version.
/// </summary>
public sealed class StructView
{
    /// <summary>Structs in structs at most; deeper ones count as absent.</summary>
    private const int MaximumDepth = 16;

    private readonly IStateReader _state;
    private readonly Dictionary<ModuleId, CompiledModule?> _modules = [];

    /// <param name="state">The state of one height.</param>
    public StructView(IStateReader state) => _state = state;

    /// <summary>
    /// The bytes of a field; null when there is no such resource or field, or a field before it has a type that only code can
    /// measure.
    /// </summary>
    /// <param name="owner">Where the resource lies.</param>
    /// <param name="type">A struct without type arguments.</param>
    /// <param name="path">Names from the outside in.</param>
    public byte[]? Field(Address owner, StructTag type, params ReadOnlySpan<string> path)
    {
        if (_state.TryGet(StateKey.Resource(owner, type)) is not byte[] bytes)
        {
            return null;
        }

        try
        {
            return Field(bytes, new ModuleId(type.Address, type.Module), type.Name, path);
        }
        catch (BcsException)
        {
            return null;
        }
    }

    /// <summary>A field that is a u64.</summary>
    public ulong? U64(Address owner, StructTag type, params ReadOnlySpan<string> path) =>
        Field(owner, type, path) is { Length: sizeof(ulong) } bytes ? new BcsReader(bytes).U64() : null;

    private byte[]? Field(byte[] bytes, ModuleId module, string name, ReadOnlySpan<string> path)
    {
        if (path.IsEmpty || Definition(module, name) is not (CompiledModule code, IReadOnlyList<FieldDefinition> fields))
        {
            return path.IsEmpty ? bytes : null;
        }

        BcsReader reader = new(bytes);
        foreach (FieldDefinition field in fields)
        {
            int start = bytes.Length - reader.Remaining;
            if (!Skip(ref reader, code, field.Type, 0))
            {
                return null;
            }

            if (code.Identifiers[field.Name] == path[0])
            {
                byte[] value = bytes[start..(bytes.Length - reader.Remaining)];
                if (path.Length == 1)
                {
                    return value;
                }

                return field.Type.Kind is TokenKind.Struct or TokenKind.StructInstantiation
                    && Handle(code, field.Type) is (ModuleId inner, string innerName)
                    ? Field(value, inner, innerName, path[1..])
                    : null;
            }
        }

        return null;
    }

    private bool Skip(ref BcsReader reader, CompiledModule code, SignatureToken token, int depth)
    {
        int size = token.Kind switch
        {
            TokenKind.Bool or TokenKind.U8 => 1,
            TokenKind.U16 => 2,
            TokenKind.U32 => 4,
            TokenKind.U64 => 8,
            TokenKind.U128 => 16,
            TokenKind.U256 or TokenKind.Address => 32,
            _ => 0,
        };
        if (size > 0)
        {
            reader.Raw(size);
            return true;
        }

        if (depth == MaximumDepth)
        {
            return false;
        }

        if (token.Kind == TokenKind.Vector)
        {
            int count = reader.Count(int.MaxValue);
            for (int i = 0; i < count; i++)
            {
                if (!Skip(ref reader, code, token.Arguments[0], depth + 1))
                {
                    return false;
                }
            }

            return true;
        }

        if (token.Kind is not (TokenKind.Struct or TokenKind.StructInstantiation)
            || Handle(code, token) is not (ModuleId module, string name) ||
            Definition(module, name) is not (CompiledModule inner, IReadOnlyList<FieldDefinition> fields))
        {
            return false;
        }

        foreach (FieldDefinition field in fields)
        {
            if (!Skip(ref reader, inner, field.Type, depth + 1))
            {
                return false;
            }
        }

        return true;
    }

    private static (ModuleId Module, string Name)? Handle(CompiledModule code, SignatureToken token) =>
        (code.ModuleIdOf(code.StructHandles[token.Index]), code.Identifiers[code.StructHandles[token.Index].Name]);

    private (CompiledModule Code, IReadOnlyList<FieldDefinition> Fields)? Definition(ModuleId module, string name)
    {
        if (!_modules.TryGetValue(module, out CompiledModule? code))
        {
            code = _state.TryGet(StateKey.Module(module)) is byte[] blob ? ModuleReader.ReadModule(blob).Value : null;
            _modules.Add(module, code);
        }

        return code?.StructDefinitions.FirstOrDefault(definition => code.Identifiers[code.StructHandles[definition.Handle]
            .Name] == name) is { } found && found.Fields is { } fields
            ? (code, fields)
            : null;
    }
}
