namespace Theseus.Protocol;

/// <summary>What a block gives its record, in this order (record P1).</summary>
/// <param name="Time">The block's header time in milliseconds; only closes and ages intervals of the evidence window.</param>
/// <param name="ServiceEvents">Of result(H-1), in order of execution; empty when that result is void.</param>
/// <param name="CodeRoot">Of result(H-1): raises the framework counter when it differs (record P3).</param>
/// <param name="Declarations">Readiness, canonical bytes (record P9).</param>
/// <param name="Directives">Emergency directives, canonical bytes, last so that they win (record P12).</param>
public sealed record RecordInputs(
    ulong Time,
    IReadOnlyList<ServiceEvent> ServiceEvents,
    Hash32 CodeRoot,
    IReadOnlyList<byte[]> Declarations,
    IReadOnlyList<byte[]> Directives);

/// <summary>
/// One concern of the record. It owns its keys, sees every input, and never reads another machine's pending output
/// (record P4).
/// </summary>
public interface IRecordMachine
{
    /// <summary>Takes in the block's inputs. An input that is invalid is kept as a refusal; an exception is a bug.</summary>
    void Evolve(RecordInputs inputs);

    /// <summary>Writes this machine's keys into the draft.</summary>
    void Build(RecordDraft draft);

    /// <summary>What this machine refused, with the index of the service event.</summary>
    IReadOnlyList<(int Input, RefusalEntry Refusal)> Refusals { get; }
}

/// <summary>The record of a block while its machines write it.</summary>
public sealed class RecordDraft(ProtocolRecord record)
{
    /// <summary>The record so far; each machine replaces its own keys.</summary>
    public ProtocolRecord Record { get; set; } = record;
}

/// <summary>The two functions of the record (record P1). Pure: a leader, a validator and a syncing node compute the same.</summary>
public static class RecordStep
{
    /// <summary>rules(H): what governs the block at <paramref name="height"/>, from its parent's record alone.</summary>
    /// <exception cref="UnsupportedRecordException">This height needs a record model that this software lacks.</exception>
    public static Rules Advance(ProtocolRecord parent, ulong height, RecordModels? models = null)
    {
        models ??= RecordModels.Known;
        IRecordModel model = models.Of(parent);
        ProtocolRecord record = model.Advance(parent, height);

        Hash32 module = record.Current(Components.Record).ModuleId;
        if (module != parent.Current(Components.Record).ModuleId)
        {
            // forward only, one step at a time (record P3, R16)
            IRecordModel next = models.Find(module) ?? throw new UnsupportedRecordException(0, module, (uint)models.All.Count);
            if (next.Number != model.Number + 1)
            {
                throw new UnsupportedRecordException(next.Number, module, model.Number + 1);
            }

            record = next.Migrate(record);
            model = next;
        }

        return new Rules(parent, record, model, models, height);
    }

    /// <summary>record(H): construct all machines, evolve all, build all (record P4).</summary>
    public static ProtocolRecord Apply(Rules rules, RecordInputs inputs)
    {
        IReadOnlyList<IRecordMachine> machines = rules.Model.Machines(rules);
        foreach (IRecordMachine machine in machines)
        {
            machine.Evolve(inputs);
        }

        RecordDraft draft = new(rules.Record);
        List<(int Input, RefusalEntry Refusal)> refusals = [];
        foreach (IRecordMachine machine in machines)
        {
            machine.Build(draft);
            refusals.AddRange(machine.Refusals);
        }

        if (refusals.Count > 0)
        {
            // one event is one machine's, so the input's index orders them all; OrderBy is stable
            IEnumerable<RefusalEntry> ordered = refusals.OrderBy(static item => item.Input).Select(static item => item.Refusal);
            draft.Record = draft.Record with { Refusals = Rings.Append(draft.Record.Refusals, ordered) };
        }

        return draft.Record;
    }
}

/// <summary>Lists that keep their newest entries.</summary>
internal static class Rings
{
    public static IReadOnlyList<T> Append<T>(IReadOnlyList<T> ring, IEnumerable<T> added)
    {
        List<T> all = [.. ring, .. added];
        return all.Count > ProtocolRecord.RingSize ? all[^ProtocolRecord.RingSize..] : all;
    }
}
