using ModuleHandle = Theseus.Move.Format.ModuleHandle;
using Theseus.Move.Compiler.Lowering;
using Theseus.Move.Compiler.Symbols;
using Theseus.Move.Compiler.Syntax;
using Theseus.Move.Compiler.Types;
using Theseus.Move.Format;
using Theseus.Protocol;

namespace Theseus.Move.Compiler.Emit;

/// <summary>A checked module or script to its compiled form and source map.</summary>
internal static class UnitEmitter
{
    private const uint Version = 6;

    public static CompiledSource Module(ModuleSymbol module, IReadOnlyDictionary<FunctionSymbol, LoweredFunction> lowered,
        IReadOnlyList<SourceFile> files, CompilerOptions options)
    {
        Pools pools = new();
        ushort self = pools.Module(module.Id);
        foreach (StructSymbol symbol in module.Structs)
        {
            pools.Definitions[symbol] = (ushort)pools.Definitions.Count;
        }

        List<StructDefinition> structs = [];
        foreach (StructSymbol symbol in module.Structs)
        {
            structs.Add(Struct(symbol, pools));
        }

        List<FunctionDefinition> functions = [];
        List<FunctionSourceMap> maps = [];
        SortedSet<int> tests = [];
        foreach (FunctionSymbol symbol in module.Functions)
        {
            if (symbol.IsInline)
            {
                continue;
            }

            ushort handle = pools.Function(symbol);
            ushort[] acquires = [.. symbol.Acquires.Select(a => pools.Definitions[a.Struct]).Order()];
            CodeUnit? code = null;
            IReadOnlyList<Span> spans = [];
            IReadOnlySet<Span> inferred = new HashSet<Span>();
            IReadOnlyList<string> locals = [.. symbol.Parameters.Select(p => p.Name)];
            if (lowered.TryGetValue(symbol, out LoweredFunction? body))
            {
                FunctionEmitter emitter = new(pools);
                (code, spans, locals) = emitter.Emit(body);
                inferred = emitter.InferredMoves;
            }

            if (symbol.IsTestOnly)
            {
                tests.Add(functions.Count);
            }

            functions.Add(new FunctionDefinition(handle, symbol.Visibility, symbol.IsEntry, acquires, code));
            maps.Add(new FunctionSourceMap(symbol.Name, symbol.Span, spans, locals, files) { InferredMoves = inferred });
        }

        List<ModuleHandle> friends = [.. module.Friends.Select(f => new ModuleHandle(pools.AddressOf(f.Id.Address),
            pools.Identifier(f.Id.Name)))];
        List<Metadata> metadata = options.EmitMetadata ? [MetadataOf(module).ToEntry()] : [];
        CompiledModule compiled = new()
        {
            Version = Version,
            SelfHandle = self,
            ModuleHandles = pools.Modules,
            StructHandles = pools.Structs,
            FunctionHandles = pools.Functions,
            FunctionInstantiations = pools.FunctionInstances,
            Signatures = pools.Signatures,
            Constants = pools.Constants,
            Identifiers = pools.Identifiers,
            Addresses = pools.Addresses,
            Metadata = metadata,
            StructDefinitions = structs,
            StructInstantiations = pools.StructInstances,
            FunctionDefinitions = functions,
            FieldHandles = pools.Fields,
            FieldInstantiations = pools.FieldInstances,
            Friends = friends,
        };
        return new CompiledSource(module.Id, compiled, null, new SourceMap(module.Id, module.Span, maps), files[module.Span.File]
            .Path) { TestFunctions = tests };
    }

    private static StructDefinition Struct(StructSymbol symbol, Pools pools)
    {
        ushort handle = pools.Struct(symbol);
        if (symbol.Fields is null)
        {
            return new StructDefinition(handle, null);
        }

        if (symbol.Fields.Count > 255)
        {
            throw new LimitFault($"the struct '{symbol.Name}' has more than 255 fields");
        }

        if (symbol.Fields.Count == 0)
        {
            // the format has no struct without fields (M9)
            return new StructDefinition(handle, [new FieldDefinition(pools.Identifier("dummy_field"), SignatureToken.Bool)]);
        }

        return new StructDefinition(handle, [.. symbol.Fields.Select(f =>
            new FieldDefinition(pools.Identifier(f.Name), pools.Token(f.Type)))]);
    }

    public static CompiledSource Script(ModuleSymbol script, LoweredFunction lowered, IReadOnlyList<SourceFile> files)
    {
        Pools pools = new();
        FunctionSymbol main = lowered.Symbol;
        ushort parameters = pools.Signature([.. main.Parameters.Select(p => pools.Token(p.Type))]);
        FunctionEmitter emitter = new(pools);
        (CodeUnit code, IReadOnlyList<Span> spans, IReadOnlyList<string> locals) = emitter.Emit(lowered);
        CompiledScript compiled = new()
        {
            Version = Version,
            ModuleHandles = pools.Modules,
            StructHandles = pools.Structs,
            FunctionHandles = pools.Functions,
            FunctionInstantiations = pools.FunctionInstances,
            Signatures = pools.Signatures,
            Constants = pools.Constants,
            Identifiers = pools.Identifiers,
            Addresses = pools.Addresses,
            Metadata = [],
            TypeParameters = [.. main.TypeParameters.Select(p => p.Constraints)],
            Parameters = parameters,
            Code = code,
        };
        FunctionSourceMap body = new(main.Name, main.Span, spans, locals, files) { InferredMoves = emitter.InferredMoves };
        SourceMap map = new(new ModuleId(default, main.Name), main.Span, [body]);
        return new CompiledSource(new ModuleId(default, main.Name), null, compiled, map, files[script.Span.File].Path);
    }

    /// <summary>Longer documentation is cut here: a metadata value holds 65,535 bytes.</summary>
    private const int MaximumDocumentation = 200;

    private static string Cut(string documentation)
    {
        string line = documentation.Replace('\n', ' ').Trim();
        if (line.Length <= MaximumDocumentation)
        {
            return line;
        }

        int end = char.IsHighSurrogate(line[MaximumDocumentation - 1]) ? MaximumDocumentation - 1 : MaximumDocumentation;
        return line[..end];
    }

    public static ModuleMetadata MetadataOf(ModuleSymbol module)
    {
        List<string> views = [.. module.Functions.Where(f => !f.IsInline && AttributeList.Has(f.Attributes, "view")).Select(f => f.Name)
            .Order(StringComparer.Ordinal)];
        List<string> events = [.. module.Structs.Where(s => AttributeList.Has(s.Attributes, "event")).Select(s => s.Name)
            .Order(StringComparer.Ordinal)];
        List<ErrorName> errors = [];
        foreach (ConstantSymbol constant in module.Constants)
        {
            // errors are u64 constants named E…, as in E_FULL or EFULL
            if (constant.Name.Length > 1 && constant.Name[0] == 'E' && constant.Type.Head is PrimitiveTy { Kind: TokenKind.U64 }
                && constant.Value is { } value
                && !AttributeList.Has(constant.Syntax?.Attributes ?? [], "test_only"))
            {
                errors.Add(new ErrorName((ulong)value.Number, constant.Name, Cut(constant.Syntax?.Doc ?? "")));
            }
        }

        errors.Sort(static (a, b) => a.Code != b.Code ? a.Code.CompareTo(b.Code) : string.CompareOrdinal(a.Name, b.Name));
        return new ModuleMetadata(views, events, errors);
    }
}
