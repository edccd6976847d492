using Theseus.Move.Format;
using Theseus.Protocol;

namespace Theseus.Node;

/// <summary>
/// Finds coins in values by the types that the chain's own code gives them, so that a struct which a later framework or a
/// user's module adds is counted without a change here. Knows three types by name: Coin, CoinInfo and Table.
/// </summary>
internal sealed class CoinFinder(IReadOnlyDictionary<ModuleId, CompiledModule> modules)
{
    private static readonly ModuleId CoinModule = new(Address.One, "coin");
    private static readonly ModuleId TableModule = new(Address.One, "table");

    private readonly SortedDictionary<string, SortedDictionary<string,
        (long Count, UInt128 Amount)>> _holdings = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, SortedDictionary<string, UInt128>> _records = new(StringComparer.Ordinal);
    private readonly HashSet<Address> _knownTables = [];
    private Dictionary<Address, (string Place, TypeTag Type)> _newTables = [];

    /// <summary>Reads one value to its end.</summary>
    /// <exception cref="InvalidDataException">It does not read as its type says.</exception>
    public void Read(string place, TypeTag type, ReadOnlySpan<byte> value)
    {
        try
        {
            BcsReader reader = new(value);
            Read(ref reader, place, type);
            reader.End();
        }
        catch (BcsException e)
        {
            throw new InvalidDataException($"a value at {place} is no {type}: {e.Message}", e);
        }
    }

    /// <summary>Handles of tables that were found since the last call, with the place and type of their items.</summary>
    public IReadOnlyDictionary<Address, (string Place, TypeTag Type)> TakeNewTables()
    {
        Dictionary<Address, (string, TypeTag)> found = _newTables;
        _newTables = [];
        return found;
    }

    public IReadOnlyList<CoinSupply> Supplies() =>
    [
        .. _records.Keys.Union(_holdings.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(coin => new CoinSupply(
            coin,
            Recorded(coin, "genesis"), Recorded(coin, "minted"), Recorded(coin, "burned"),
            _holdings.TryGetValue(coin, out SortedDictionary<string, (long Count, UInt128 Amount)>? places)
                ? [.. places.Select(static place => new CoinHolding(place.Key, place.Value.Count, place.Value.Amount))] : [])),
    ];

    // a coin without a record has no supply: whatever is held of it then does not add up
    private UInt128 Recorded(string coin, string field) =>
        _records.TryGetValue(coin, out SortedDictionary<string, UInt128>? fields) && fields.TryGetValue(field, out UInt128 amount)
            ? amount : 0;

    private void Read(ref BcsReader reader, string place, TypeTag type)
    {
        switch (type.Kind)
        {
            case TypeTagKind.Bool: reader.Bool(); break;
            case TypeTagKind.U8: reader.U8(); break;
            case TypeTagKind.U16: reader.U16(); break;
            case TypeTagKind.U32: reader.U32(); break;
            case TypeTagKind.U64: reader.U64(); break;
            case TypeTagKind.U128: reader.U128(); break;
            case TypeTagKind.U256: reader.Raw(32); break;
            case TypeTagKind.Address: reader.Address(); break;
            case TypeTagKind.Vector when type.Element!.Kind == TypeTagKind.U8: reader.BytesView(int.MaxValue); break;
            case TypeTagKind.Vector:
                int count = reader.Count(int.MaxValue);
                for (int i = 0; i < count; i++)
                {
                    Read(ref reader, place + "[]", type.Element!);
                }

                break;
            case TypeTagKind.Struct when type.Struct!.ModuleId == CoinModule && type.Struct.Name == "Coin":
                Count(place, type.Struct.TypeArguments[0].ToString(), reader.U64());
                break;
            case TypeTagKind.Struct when type.Struct!.ModuleId == TableModule && type.Struct.Name == "Table":
                Address handle = reader.Address();
                reader.U64();
                if (_knownTables.Add(handle))
                {
                    TypeTag item = type.Struct.TypeArguments[1];
                    _newTables.Add(handle, (item.Struct is { } tag ? tag.ModuleId + "::" + tag.Name : place + "{}", item));
                }

                break;
            case TypeTagKind.Struct: ReadFields(ref reader, place, type.Struct!); break;
            default: throw new InvalidDataException($"{type.Kind} at {place} is never stored");
        }
    }

    private void ReadFields(ref BcsReader reader, string place, StructTag type)
    {
        CompiledModule module = modules.TryGetValue(type.ModuleId, out CompiledModule? found) ? found
            : throw new InvalidDataException($"the state holds a {type} and no module {type.ModuleId}");
        StructDefinition definition = module.StructDefinitions.FirstOrDefault(candidate =>
            module.Identifiers[module.StructHandles[candidate.Handle].Name] == type.Name)
            ?? throw new InvalidDataException($"module {type.ModuleId} has no struct {type.Name}");
        bool isRecord = type.ModuleId == CoinModule && type.Name == "CoinInfo";
        foreach (FieldDefinition field in definition.Fields ?? throw new InvalidDataException($"{type} is a native struct"))
        {
            string name = module.Identifiers[field.Name];
            TypeTag closed = Close(module, field.Type, type.TypeArguments);
            if (isRecord && closed.Kind == TypeTagKind.U128)
            {
                string coin = type.TypeArguments[0].ToString();
                if (!_records.TryGetValue(coin, out SortedDictionary<string, UInt128>? record))
                {
                    _records.Add(coin, record = new SortedDictionary<string, UInt128>(StringComparer.Ordinal));
                }

                record.Add(name, reader.U128());
            }
            else
            {
                Read(ref reader, $"{place}.{name}", closed);
            }
        }
    }

    private void Count(string place, string coin, ulong amount)
    {
        if (!_holdings.TryGetValue(coin, out SortedDictionary<string, (long, UInt128)>? places))
        {
            _holdings.Add(coin, places = new SortedDictionary<string, (long, UInt128)>(StringComparer.Ordinal));
        }

        (long count, UInt128 sum) = places.GetValueOrDefault(place);
        places[place] = (count + (amount > 0 ? 1 : 0), sum + amount);
    }

    /// <summary>A field's type with the struct's type arguments put in.</summary>
    private static TypeTag Close(CompiledModule module, SignatureToken token, IReadOnlyList<TypeTag> arguments) => token.Kind switch
    {
        TokenKind.Bool => TypeTag.Bool,
        TokenKind.U8 => TypeTag.U8,
        TokenKind.U16 => TypeTag.U16,
        TokenKind.U32 => TypeTag.U32,
        TokenKind.U64 => TypeTag.U64,
        TokenKind.U128 => TypeTag.U128,
        TokenKind.U256 => TypeTag.U256,
        TokenKind.Address => TypeTag.Address,
        TokenKind.Vector => TypeTag.Vector(Close(module, token.Arguments[0], arguments)),
        TokenKind.TypeParameter => arguments[token.Index],
        TokenKind.Struct or TokenKind.StructInstantiation => TypeTag.Of(Tag(module, token, arguments)),
        _ => throw new InvalidDataException($"a field of type {token.Kind} in {module.Id}"),
    };

    private static StructTag Tag(CompiledModule module, SignatureToken token, IReadOnlyList<TypeTag> arguments)
    {
        StructHandle handle = module.StructHandles[token.Index];
        ModuleId owner = module.ModuleIdOf(handle);
        return new StructTag(owner.Address, owner.Name, module.Identifiers[handle.Name],
            [.. token.Arguments.Select(argument => Close(module, argument, arguments))]);
    }
}
