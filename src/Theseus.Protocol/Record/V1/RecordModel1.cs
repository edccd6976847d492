namespace Theseus.Protocol.V1;

/// <summary>
/// The first record model (record P2). Canonical bytes:
/// <code>
/// record      components | readiness | set now | set next | evidence sets | parameters | emergency sequence u64
///             | framework counter u64, code root 32 | history | refusals | voided heights          (lists carry a ULEB count)
/// component   name text | version u64, module 32, since u64 | option(module 32, until u64) | option(scheduled)
///             | last result u16 | gates u8
/// scheduled   version u64 | module 32 | option(bundle 32) | activation u64 | probation u64 | (name text, version u64)* | armed bool
/// readiness   validator 32 | sequence u64 | made at u64 | (component text, module 32)*
/// set         id 32 | epoch u64 | (address 32, key 32, power u64)*
/// evidence    first u64 | option(closed u64) | closed time u64 | set | consensus version u64
/// parameter   name text | value u64
/// history     height u64 | component text | version u64 | outcome u16
/// refusal     height u64 | subject text | version u64 | reason u16
/// </code>
/// </summary>
public sealed class RecordModel1 : IRecordModel
{
    /// <inheritdoc/>
    public uint Number => 1;

    /// <inheritdoc/>
    public ModuleManifest Manifest { get; } = new(Components.Record, "record-1", 1, [], Hash32.Zero, Hash32.Zero);

    /// <inheritdoc/>
    public ParameterTable Parameters => ParameterDefinitions.Table;

    /// <inheritdoc/>
    public void Encode(BcsWriter writer, ProtocolRecord record)
    {
        writer.List(record.Components, static (w, pair) => WriteComponent(w, pair.Key, pair.Value));
        writer.List(record.Readiness, static (w, entry) => w
            .Address(entry.Validator).U64(entry.Sequence).U64(entry.MadeAt)
            .List(entry.Modules, static (v, module) => v.Text(module.Component).Hash(module.ModuleId)));
        WriteSet(writer, record.SetNow);
        WriteSet(writer, record.SetNext);
        writer.List(record.EvidenceSets, static (w, interval) =>
        {
            w.U64(interval.FirstHeight).OptionOf(interval.ClosedHeight, static (v, height) => v.U64(height)).U64(interval.ClosedTime);
            WriteSet(w, interval.Set);
            w.U64(interval.ConsensusVersion.Value);
        });
        writer.List(record.Parameters.Values, static (w, pair) => w.Text(pair.Key).U64(pair.Value));
        writer.U64(record.EmergencySequence).U64(record.Framework.Counter).Hash(record.Framework.CodeRoot);
        writer.List(record.History, static (w, entry) => w
            .U64(entry.Height).Text(entry.Component).U64(entry.Version).U16((ushort)entry.Outcome));
        writer.List(record.Refusals, static (w, entry) => w
            .U64(entry.Height).Text(entry.Subject).U64(entry.Version).U16((ushort)entry.Reason));
        writer.List(record.VoidedHeights, static (w, height) => w.U64(height));
    }

    /// <inheritdoc/>
    public ProtocolRecord Decode(ref BcsReader reader) => RecordReader1.Read(ref reader, Number, Parameters);

    /// <inheritdoc/>
    public ProtocolRecord Migrate(ProtocolRecord previous) => throw new InvalidOperationException("model 1 has no predecessor");

    /// <inheritdoc/>
    public ProtocolRecord Advance(ProtocolRecord parent, ulong height) => Advance1.Run(parent, height);

    /// <inheritdoc/>
    public IReadOnlyList<IRecordMachine> Machines(Rules rules) =>
        [new VersionsMachine(rules), new ValidatorsMachine(rules), new ParametersMachine(rules), new EvidenceMachine(rules)];

    private static void WriteComponent(BcsWriter writer, string name, UpdatableField field)
    {
        writer.Text(name).U64(field.Current.Version.Value).Hash(field.Current.ModuleId).U64(field.Current.Since);
        writer.Option(field.Fallback, static (w, fallback) => w.Hash(fallback.ModuleId).U64(fallback.Until));
        writer.Option(field.Scheduled, static (w, next) => w
            .U64(next.Version.Value).Hash(next.ModuleId).OptionOf(next.BundleHash, static (v, hash) => v.Hash(hash))
            .U64(next.ActivationHeight).U64(next.Probation)
            .List(next.Requires, static (v, required) => v.Text(required.Component).U64(required.Version))
            .Bool(next.Armed));
        writer.U16((ushort)field.LastResult).U8((byte)field.Gates);
    }

    private static void WriteSet(BcsWriter writer, RecordedSet set) =>
        writer.Hash(set.Id).U64(set.Epoch).List(set.Validators, ServiceEventCodec.Write);
}
