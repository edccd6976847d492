using Theseus.Move.Format;

namespace Theseus.Move.Tests.Kit;

/// <summary>Assembles modules by hand: interns pool entries, so that tests state only what they are about.</summary>
public sealed class ModuleBuilder
{
    private readonly List<ModuleHandle> _modules = [];
    private readonly List<StructHandle> _structs = [];
    private readonly List<FunctionHandle> _functions = [];
    private readonly List<FunctionInstantiation> _functionInstantiations = [];
    private readonly List<Signature> _signatures = [];
    private readonly List<Constant> _constants = [];
    private readonly List<string> _identifiers = [];
    private readonly List<Address> _addresses = [];
    private readonly List<StructDefinition> _structDefinitions = [];
    private readonly List<StructInstantiation> _structInstantiations = [];
    private readonly List<FunctionDefinition> _functionDefinitions = [];
    private readonly List<FieldHandle> _fields = [];
    private readonly List<FieldInstantiation> _fieldInstantiations = [];
    private readonly List<ModuleHandle> _friends = [];
    private readonly List<Metadata> _metadata = [];

    public ModuleBuilder(string name = "m", ulong address = 0x42)
    {
        Self = Module(Address.FromShort(address), name);
        Sig();
    }

    public ushort Self { get; }

    private static ushort Intern<T>(List<T> pool, T item)
    {
        int index = pool.IndexOf(item);
        if (index < 0)
        {
            index = pool.Count;
            pool.Add(item);
        }

        return (ushort)index;
    }

    public ushort Name(string name) => Intern(_identifiers, name);

    public ushort Module(Address address, string name) => Intern(_modules, new ModuleHandle(Intern(_addresses, address), Name(name)));

    public ushort Module(ulong address, string name) => Module(Address.FromShort(address), name);

    public ushort Sig(params SignatureToken[] tokens)
    {
        for (int i = 0; i < _signatures.Count; i++)
        {
            if (_signatures[i].Tokens.SequenceEqual(tokens))
            {
                return (ushort)i;
            }
        }

        _signatures.Add(new Signature(tokens));
        return (ushort)(_signatures.Count - 1);
    }

    public ushort Const(SignatureToken type, params byte[] data)
    {
        _constants.Add(new Constant(type, data));
        return (ushort)(_constants.Count - 1);
    }

    public ushort StructHandleOf(ushort module, string name, Abilities abilities, params StructTypeParameter[] parameters)
    {
        _structs.Add(new StructHandle(module, Name(name), abilities, parameters));
        return (ushort)(_structs.Count - 1);
    }

    /// <summary>Declares a struct of this module; returns its definition index (the handle is <see cref="HandleOf"/>).</summary>
    public ushort Struct(string name, Abilities abilities, StructTypeParameter[] parameters, params (string Name,
        SignatureToken Type)[] fields)
    {
        ushort handle = StructHandleOf(Self, name, abilities, parameters);
        _structDefinitions.Add(new StructDefinition(handle, [.. fields.Select(f => new FieldDefinition(Name(f.Name), f.Type))]));
        return (ushort)(_structDefinitions.Count - 1);
    }

    public ushort Struct(string name, Abilities abilities, params (string Name, SignatureToken Type)[] fields) =>
        Struct(name, abilities, [], fields);

    public ushort HandleOf(ushort definition) => _structDefinitions[definition].Handle;

    /// <summary>The type of a non-generic struct of this module.</summary>
    public SignatureToken TypeOf(ushort definition) => SignatureToken.Struct(HandleOf(definition));

    public SignatureToken TypeOf(ushort definition, params SignatureToken[] arguments) =>
        SignatureToken.StructInstantiation(HandleOf(definition), arguments);

    public ushort StructInstance(ushort definition, params SignatureToken[] arguments)
    {
        _structInstantiations.Add(new StructInstantiation(definition, Sig(arguments)));
        return (ushort)(_structInstantiations.Count - 1);
    }

    public ushort Field(ushort definition, int field)
    {
        _fields.Add(new FieldHandle(definition, (ushort)field));
        return (ushort)(_fields.Count - 1);
    }

    public ushort FieldInstance(ushort definition, int field, params SignatureToken[] arguments)
    {
        _fieldInstantiations.Add(new FieldInstantiation(Field(definition, field), Sig(arguments)));
        return (ushort)(_fieldInstantiations.Count - 1);
    }

    public ushort FunctionHandleOf(ushort module, string name, SignatureToken[] parameters, SignatureToken[] results,
        params Abilities[] typeParameters)
    {
        _functions.Add(new FunctionHandle(module, Name(name), Sig(parameters), Sig(results), typeParameters));
        return (ushort)(_functions.Count - 1);
    }

    public ushort FunctionInstance(ushort handle, params SignatureToken[] arguments)
    {
        _functionInstantiations.Add(new FunctionInstantiation(handle, Sig(arguments)));
        return (ushort)(_functionInstantiations.Count - 1);
    }

    /// <summary>
    /// Declares a function; returns its handle index. The body may use handles made before or the returned one via <see
    /// cref="NextFunctionHandle"/>.
    /// </summary>
    public ushort Function(
        string name,
        SignatureToken[] parameters,
        SignatureToken[] results,
        SignatureToken[] locals,
        Instruction[] code,
        Visibility visibility = Visibility.Public,
        bool entry = false,
        Abilities[]? typeParameters = null,
        ushort[]? acquires = null)
    {
        ushort handle = FunctionHandleOf(Self, name, parameters, results, typeParameters ?? []);
        _functionDefinitions.Add(new FunctionDefinition(handle, visibility, entry, acquires ?? [], new CodeUnit(Sig(locals), code)));
        return handle;
    }

    public ushort Native(string name, SignatureToken[] parameters, SignatureToken[] results, Visibility visibility = Visibility.Private,
        params Abilities[] typeParameters)
    {
        ushort handle = FunctionHandleOf(Self, name, parameters, results, typeParameters);
        _functionDefinitions.Add(new FunctionDefinition(handle, visibility, false, [], null));
        return handle;
    }

    public ushort NextFunctionHandle => (ushort)_functions.Count;

    public ModuleBuilder Friend(ulong address, string name)
    {
        _friends.Add(new ModuleHandle(Intern(_addresses, Address.FromShort(address)), Name(name)));
        return this;
    }

    public ModuleBuilder Meta(string key, byte[] value)
    {
        _metadata.Add(new Metadata(System.Text.Encoding.ASCII.GetBytes(key), value));
        return this;
    }

    public CompiledModule Build() => new()
    {
        Version = 6,
        SelfHandle = Self,
        ModuleHandles = [.. _modules],
        StructHandles = [.. _structs],
        FunctionHandles = [.. _functions],
        FunctionInstantiations = [.. _functionInstantiations],
        Signatures = [.. _signatures],
        Constants = [.. _constants],
        Identifiers = [.. _identifiers],
        Addresses = [.. _addresses],
        Metadata = [.. _metadata],
        StructDefinitions = [.. _structDefinitions],
        StructInstantiations = [.. _structInstantiations],
        FunctionDefinitions = [.. _functionDefinitions],
        FieldHandles = [.. _fields],
        FieldInstantiations = [.. _fieldInstantiations],
        Friends = [.. _friends],
    };

    /// <summary>A script that uses the pools gathered so far.</summary>
    public CompiledScript Script(SignatureToken[] parameters, SignatureToken[] locals, Instruction[] code,
        params Abilities[] typeParameters)
    {
        ushort parameterSignature = Sig(parameters);
        ushort localSignature = Sig(locals);
        return new CompiledScript
        {
            Version = 6,
            ModuleHandles = [.. _modules],
            StructHandles = [.. _structs],
            FunctionHandles = [.. _functions],
            FunctionInstantiations = [.. _functionInstantiations],
            Signatures = [.. _signatures],
            Constants = [.. _constants],
            Identifiers = [.. _identifiers],
            Addresses = [.. _addresses],
            Metadata = [.. _metadata],
            TypeParameters = typeParameters,
            Parameters = parameterSignature,
            Code = new CodeUnit(localSignature, code),
        };
    }

    /// <summary>Shorthand for an instruction.</summary>
    public static Instruction I(Opcode opcode, ulong operand = 0, ulong count = 0) => new(opcode, operand, count);

    public static Instruction Wide(Opcode opcode, UInt256 value) => new(opcode, Wide: new UInt256Box(value));
}
