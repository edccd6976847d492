namespace Theseus.Protocol;

/// <summary>
/// One version of the record's shape and of the steps between records (record P2). A model is closed: what it encodes,
/// decodes and decides never changes. A new shape is a new model that migrates from its predecessor.
/// </summary>
public interface IRecordModel
{
    /// <summary>1 and up; part of the id of every record.</summary>
    uint Number { get; }

    /// <summary>Names the model as module of component <c>record</c>.</summary>
    ModuleManifest Manifest { get; }

    /// <summary>Names, ranges and localnet defaults.</summary>
    ParameterTable Parameters { get; }

    /// <summary>Appends the canonical bytes of a record, without the model's number.</summary>
    void Encode(BcsWriter writer, ProtocolRecord record);

    /// <summary>Reads canonical bytes, after the model's number.</summary>
    /// <exception cref="BcsException">The bytes are not a record of this model.</exception>
    ProtocolRecord Decode(ref BcsReader reader);

    /// <summary>A record of the previous model with this model's defaults for what is new.</summary>
    /// <exception cref="InvalidOperationException">There is no previous model, or the record is of another.</exception>
    ProtocolRecord Migrate(ProtocolRecord previous);

    /// <summary>What the passing of one height does to a record of this model, before migration (record P1).</summary>
    ProtocolRecord Advance(ProtocolRecord parent, ulong height);

    /// <summary>Fresh machines for one block, in the order in which they are built (record P4).</summary>
    IReadOnlyList<IRecordMachine> Machines(Rules rules);
}

/// <summary>The record models that this software has: the only place that picks one (house rule 2).</summary>
public sealed class RecordModels
{
    private readonly IRecordModel[] _models;

    /// <param name="models">Ascending by number, without gaps, from 1.</param>
    public RecordModels(IEnumerable<IRecordModel> models)
    {
        _models = [.. models];
        for (int i = 0; i < _models.Length; i++)
        {
            if (_models[i].Number != i + 1)
            {
                throw new ArgumentException("models must be numbered from 1 without gaps", nameof(models));
            }
        }
    }

    /// <summary>Every model of this software.</summary>
    public static RecordModels Known { get; } = new([new V1.RecordModel1()]);

    /// <summary>Every model, ascending by number from 1.</summary>
    public IReadOnlyList<IRecordModel> All => _models;

    /// <summary>The model of that number, or null.</summary>
    public IRecordModel? Find(uint number) => number >= 1 && number <= _models.Length ? _models[number - 1] : null;

    /// <summary>The model that is this module, or null.</summary>
    public IRecordModel? Find(Hash32 moduleId)
    {
        foreach (IRecordModel model in _models)
        {
            if (model.Manifest.Id == moduleId)
            {
                return model;
            }
        }

        return null;
    }

    /// <summary>Stored form: model number u32, then the model's bytes.</summary>
    /// <exception cref="UnsupportedRecordException">The model is unknown here.</exception>
    public byte[] Encode(ProtocolRecord record)
    {
        BcsWriter writer = new(1024);
        writer.U32(record.Model);
        Of(record).Encode(writer, record);
        return writer.ToArray();
    }

    /// <summary>Reads the stored form.</summary>
    /// <exception cref="UnsupportedRecordException">The model is unknown here: newer software is needed (R19).</exception>
    /// <exception cref="BcsException">The bytes are corrupt (R19).</exception>
    public ProtocolRecord Decode(ReadOnlySpan<byte> bytes)
    {
        BcsReader reader = new(bytes);
        uint number = reader.U32();
        IRecordModel model = Find(number) ?? throw new UnsupportedRecordException(number, null, (uint)_models.Length);
        ProtocolRecord record = model.Decode(ref reader);
        reader.End();
        return record;
    }

    /// <summary>SHA-256(domain ‖ model number u32 ‖ canonical bytes): equal contents under two models have two ids (R15).</summary>
    public Hash32 Id(ProtocolRecord record) => Hashing.Tagged(Domains.Record, Encode(record));

    internal IRecordModel Of(ProtocolRecord record) =>
        Find(record.Model) ?? throw new UnsupportedRecordException(record.Model, null, (uint)_models.Length);
}

/// <summary>
/// A record needs a model that this software lacks (R16, R26). Look ahead with <see cref="RecordSupport"/> to avoid
/// meeting it.
/// </summary>
/// <param name="required">The model's number, or 0 when only its module is known.</param>
/// <param name="module">The module that the record names, if that is how it was met.</param>
/// <param name="supported">The newest model known here.</param>
public sealed class UnsupportedRecordException(uint required, Hash32? module, uint supported)
    : Exception(module is { } id
        ? $"the record needs module {id} of component record, models up to {supported} are supported"
        : $"the record needs model {required}, models up to {supported} are supported")
{
    /// <summary>The model's number, or 0 when only its module is known.</summary>
    public uint Required { get; } = required;

    /// <summary>The module that the record names, if that is how it was met.</summary>
    public Hash32? Module { get; } = module;

    /// <summary>The newest model known here.</summary>
    public uint Supported { get; } = supported;
}
