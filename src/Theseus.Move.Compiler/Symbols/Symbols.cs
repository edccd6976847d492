using System.Numerics;
using Theseus.Move.Compiler.Syntax;
using Theseus.Move.Compiler.Types;
using Theseus.Move.Compiler.Typing;
using Theseus.Move.Format;
using Theseus.Protocol;

namespace Theseus.Move.Compiler.Symbols;

/// <summary>A type parameter of a struct or a function.</summary>
internal sealed class TypeParameterSymbol(string name, int index, Abilities constraints, bool isPhantom, Span span)
{
    public string Name => name;

    public int Index => index;

    public Abilities Constraints => constraints;

    public bool IsPhantom => isPhantom;

    public Span Span => span;
}

internal sealed record FieldSymbol(string Name, Ty Type, Span Span)
{
    /// <summary>Structs that the written type names, at any depth, with the places.</summary>
    public IReadOnlyList<(StructSymbol Struct, Span Span)> Mentions { get; init; } = [];
}

internal sealed class StructSymbol(ModuleSymbol module, string name, Span span, int index)
{
    public ModuleSymbol Module => module;

    public string Name => name;

    public Span Span => span;

    public int Index => index;

    public StructSyntax? Syntax { get; init; }

    public Abilities Abilities { get; init; }

    public IReadOnlyList<TypeParameterSymbol> TypeParameters { get; init; } = [];

    /// <summary>Null for a native struct.</summary>
    public IReadOnlyList<FieldSymbol>? Fields { get; set; }

    public IReadOnlyList<AttributeSyntax> Attributes { get; init; } = [];

    public override string ToString() => $"{module.Display}::{name}";
}

internal sealed record ParameterSymbol(string Name, Ty Type, Span Span);

internal sealed class FunctionSymbol(ModuleSymbol module, string name, Span span)
{
    public ModuleSymbol Module => module;

    public string Name => name;

    public Span Span => span;

    public FunctionSyntax? Syntax { get; init; }

    public Visibility Visibility { get; init; }

    public bool IsEntry { get; init; }

    public bool IsNative { get; init; }

    public bool IsInline { get; init; }

    /// <summary>Marked #[test] or #[test_only], or in a module that is.</summary>
    public bool IsTestOnly { get; init; }

    public IReadOnlyList<TypeParameterSymbol> TypeParameters { get; init; } = [];

    public IReadOnlyList<ParameterSymbol> Parameters { get; set; } = [];

    public Ty Return { get; set; } = Ty.Unit;

    public List<(StructSymbol Struct, Span Span)> Acquires { get; } = [];

    public IReadOnlyList<AttributeSyntax> Attributes { get; init; } = [];

    /// <summary>The typed body, once it was checked without errors.</summary>
    public TypedBody? Body { get; set; }

    public override string ToString() => module.IsScript ? name : $"{module.Display}::{name}";
}

internal sealed class ConstantSymbol(ModuleSymbol module, ConstantSyntax? syntax, string name, Span span)
{
    public ModuleSymbol Module => module;

    public ConstantSyntax? Syntax => syntax;

    public string Name => name;

    public Span Span => span;

    public Ty Type { get; set; } = Ty.Error;

    /// <summary>Null while not folded, or when folding failed.</summary>
    public ConstantValue? Value { get; set; }
}

/// <summary>A folded value: bool, integer or address as a number, or a list.</summary>
internal sealed record ConstantValue(BigInteger Number, IReadOnlyList<ConstantValue>? Items = null)
{
    public static ConstantValue Of(bool value) => new(value ? BigInteger.One : BigInteger.Zero);
}

/// <summary>A module, or the anonymous home of a script's function and constants.</summary>
internal sealed class ModuleSymbol(ModuleId id, Span span)
{
    public ModuleId Id => id;

    /// <summary>Where its name stands.</summary>
    public Span Span => span;

    /// <summary>The spelling of its address in its source, e.g. std for std::vector.</summary>
    public string? AddressName { get; init; }

    public bool IsScript { get; init; }

    /// <summary>Declared in a dependency: checked in its own compilation, here only its interface counts.</summary>
    public bool IsDependency { get; init; }

    public ModuleSyntax? Syntax { get; init; }

    public IReadOnlyDictionary<string, Address> Addresses { get; init; } = new Dictionary<string, Address>();

    public IReadOnlyList<AttributeSyntax> Attributes { get; init; } = [];

    public List<StructSymbol> Structs { get; } = [];

    public List<FunctionSymbol> Functions { get; } = [];

    public List<ConstantSymbol> Constants { get; } = [];

    public List<(ModuleId Id, Span Span)> Friends { get; } = [];

    public AliasScope Scope { get; set; } = new(null);

    /// <summary>Aliases that its specification in a file of its own makes; they may stay unused here.</summary>
    public List<UseSyntax> SpecUses { get; } = [];

    /// <summary>Modules whose members this one names, with the first place that does.</summary>
    public SortedDictionary<ModuleId, Span> Uses { get; } = [];

    /// <summary>assert! calls in source order: their numbers are what <see cref="CompilerOptions.DropAssert"/> names.</summary>
    public List<(Span Span, FunctionSymbol? Function)> Asserts { get; } = [];

    public string Display => IsScript ? "script" : $"{AddressName ?? id.Address.ToString()}::{id.Name}";

    public StructSymbol? FindStruct(string name)
    {
        while (_structs.Count < Structs.Count)
        {
            _structs.Add(Structs[_structs.Count].Name, Structs[_structs.Count]);
        }

        return _structs.GetValueOrDefault(name);
    }

    public FunctionSymbol? FindFunction(string name) => _functions.TryGetValue(name, out FunctionSymbol? f) ? f : null;

    public ConstantSymbol? FindConstant(string name) => _constants.TryGetValue(name, out ConstantSymbol? c) ? c : null;

    private readonly Dictionary<string, StructSymbol> _structs = []; // follows Structs, whose names differ
    private readonly Dictionary<string, FunctionSymbol> _functions = [];
    private readonly Dictionary<string, ConstantSymbol> _constants = [];

    public bool Add(FunctionSymbol function)
    {
        if (!_functions.TryAdd(function.Name, function))
        {
            return false;
        }

        Functions.Add(function);
        return true;
    }

    public bool Add(ConstantSymbol constant)
    {
        if (!_constants.TryAdd(constant.Name, constant))
        {
            return false;
        }

        Constants.Add(constant);
        return true;
    }

    public bool HasMember(string name) => _functions.ContainsKey(name) || _constants.ContainsKey(name) || FindStruct(name) is not null;
}

/// <summary>An alias made by `use` with where it was made; <see cref="Used"/> feeds the unused-alias warning.</summary>
internal sealed class Alias(ModuleSymbol module, string? member, Span span, bool isImplicit)
{
    public ModuleSymbol Module => module;

    public string? Member => member;

    public Span Span => span;

    public bool IsImplicit => isImplicit;

    public bool Used { get; set; }
}

/// <summary>Names of modules and of module members that hold in a module or a block; inner scopes shadow outer ones.</summary>
internal sealed class AliasScope(AliasScope? parent)
{
    private readonly Dictionary<string, Alias> _modules = [];
    private readonly Dictionary<string, Alias> _members = [];
    private readonly List<(string Name, Alias Alias)> _all = [];

    public AliasScope? Parent => parent;

    public IReadOnlyList<(string Name, Alias Alias)> All => _all;

    public Alias? AddModule(string name, Alias alias) => Add(_modules, name, alias);

    public Alias? AddMember(string name, Alias alias) => Add(_members, name, alias);

    private Alias? Add(Dictionary<string, Alias> table, string name, Alias alias)
    {
        table.TryGetValue(name, out Alias? previous);
        table[name] = alias;
        _all.Add((name, alias));
        if (previous is null or { IsImplicit: true })
        {
            return null;
        }

        _all.RemoveAll(a => ReferenceEquals(a.Alias, previous)); // of two aliases of one name the later one holds
        return previous;
    }

    /// <summary>Whether this scope or one between it and <paramref name="outer"/> makes the name an alias of a member.</summary>
    public bool HasMemberWithin(string name, AliasScope outer)
    {
        for (AliasScope? scope = this; scope is not null && !ReferenceEquals(scope, outer); scope = scope.Parent)
        {
            if (scope._members.ContainsKey(name))
            {
                return true;
            }
        }

        return false;
    }

    public Alias? FindModule(string name) => Find(name, static s => s._modules);

    public Alias? FindMember(string name) => Find(name, static s => s._members);

    private Alias? Find(string name, Func<AliasScope, Dictionary<string, Alias>> table)
    {
        for (AliasScope? scope = this; scope is not null; scope = scope.Parent)
        {
            if (table(scope).TryGetValue(name, out Alias? alias))
            {
                alias.Used = true;
                return alias;
            }
        }

        return null;
    }
}

/// <summary>A local of one function; shadowing makes another one.</summary>
internal sealed class LocalSymbol(string name, Ty type, Span span)
{
    public string Name => name;

    public Ty Type { get; set; } = type;

    public Span Span => span;

    public bool IsParameter { get; init; }

    public bool IsUsed { get; set; }

    /// <summary>Declared with a value.</summary>
    public bool IsAssigned { get; set; }

    public bool IsTemporary { get; init; }
}
