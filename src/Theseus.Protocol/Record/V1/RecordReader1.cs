using Theseus.Consensus;

namespace Theseus.Protocol.V1;

/// <summary>Reads records of model 1 strictly: lists that are sorted must be, and every list has its bound.</summary>
internal static class RecordReader1
{
    public static ProtocolRecord Read(ref BcsReader reader, uint number, ParameterTable table) => new()
    {
        Model = number,
        Components = ReadComponents(ref reader),
        Readiness = ReadReadiness(ref reader),
        SetNow = ReadSet(ref reader),
        SetNext = ReadSet(ref reader),
        EvidenceSets = ReadEvidence(ref reader),
        Parameters = ReadParameters(ref reader, table),
        EmergencySequence = reader.U64(),
        Framework = new FrameworkField(reader.U64(), reader.Hash()),
        History = ReadHistory(ref reader),
        Refusals = ReadRefusals(ref reader),
        VoidedHeights = ReadVoided(ref reader),
    };

    private static KeyValuePair<string, UpdatableField>[] ReadComponents(ref BcsReader reader)
    {
        int count = reader.Count(Components.Maximum, minimumItemSize: 54);
        KeyValuePair<string, UpdatableField>[] components = new KeyValuePair<string, UpdatableField>[count];
        for (int i = 0; i < components.Length; i++)
        {
            string name = reader.Text(Components.MaximumName);
            if (i > 0 && string.CompareOrdinal(name, components[i - 1].Key) <= 0)
            {
                throw reader.Fail("components not ascending");
            }

            CurrentVersion current = new(new ComponentVersion(reader.U64()), reader.Hash(), reader.U64());
            FallbackVersion? fallback = reader.Bool() ? new FallbackVersion(reader.Hash(), reader.U64()) : null;
            ScheduledVersion? scheduled = reader.Bool() ? ReadScheduled(ref reader) : null;
            components[i] = KeyValuePair.Create(
                name, new UpdatableField(current, fallback, scheduled, (RefusalCode)reader.U16(), ReadGates(ref reader)));
        }

        return components;
    }

    private static ComponentGates ReadGates(ref BcsReader reader)
    {
        byte gates = reader.U8();
        return gates <= (byte)ComponentGates.All ? (ComponentGates)gates : throw reader.Fail($"gates {gates}");
    }

    private static ScheduledVersion ReadScheduled(ref BcsReader reader)
    {
        ComponentVersion version = new(reader.U64());
        Hash32 module = reader.Hash();
        Hash32? bundle = reader.Bool() ? reader.Hash() : null;
        ulong height = reader.U64();
        ulong probation = reader.U64();
        (string, ulong)[] requires = new (string, ulong)[reader.Count(ServiceEventCodec.MaximumRequires, minimumItemSize: 9)];
        for (int i = 0; i < requires.Length; i++)
        {
            requires[i] = (reader.Text(Components.MaximumName), reader.U64());
        }

        return new ScheduledVersion(version, module, bundle, height, probation, requires, reader.Bool());
    }

    private static ReadinessEntry[] ReadReadiness(ref BcsReader reader)
    {
        ReadinessEntry[] entries = new ReadinessEntry[reader.Count(ValidatorSet.MaximumSize, minimumItemSize: 49)];
        for (int i = 0; i < entries.Length; i++)
        {
            Address validator = reader.Address();
            if (i > 0 && validator <= entries[i - 1].Validator)
            {
                throw reader.Fail("readiness not ascending");
            }

            ulong sequence = reader.U64();
            ulong madeAt = reader.U64();
            (string, Hash32)[] modules = new (string, Hash32)[reader.Count(Components.Maximum, minimumItemSize: 33)];
            for (int j = 0; j < modules.Length; j++)
            {
                modules[j] = (reader.Text(Components.MaximumName), reader.Hash());
            }

            entries[i] = new ReadinessEntry(validator, sequence, madeAt, modules);
        }

        return entries;
    }

    private static RecordedSet ReadSet(ref BcsReader reader) =>
        new(reader.Hash(), reader.U64(), ServiceEventCodec.ReadValidators(ref reader, ValidatorSet.MaximumSize));

    private static EvidenceSet[] ReadEvidence(ref BcsReader reader)
    {
        EvidenceSet[] intervals = new EvidenceSet[reader.Count(ProtocolRecord.MaximumEvidenceSets, minimumItemSize: 66)];
        for (int i = 0; i < intervals.Length; i++)
        {
            ulong first = reader.U64();
            ulong? closed = reader.Bool() ? reader.U64() : null;
            intervals[i] = new EvidenceSet(first, closed, reader.U64(), ReadSet(ref reader), new ComponentVersion(reader.U64()));
        }

        return intervals;
    }

    // exactly the model's parameters: another name, order or number is another model
    private static ProtocolParameters ReadParameters(ref BcsReader reader, ParameterTable table)
    {
        int count = reader.Count(table.Definitions.Count);
        if (count != table.Definitions.Count)
        {
            throw reader.Fail($"{count} parameters");
        }

        ulong[] values = new ulong[count];
        for (int i = 0; i < count; i++)
        {
            string name = reader.Text(ServiceEventCodec.MaximumName);
            values[i] = reader.U64();
            if (name != table.Definitions[i].Name || table.Check(name, values[i]) != RefusalCode.None)
            {
                throw reader.Fail($"parameter {i}");
            }
        }

        return new ProtocolParameters(table, values);
    }

    private static HistoryEntry[] ReadHistory(ref BcsReader reader)
    {
        HistoryEntry[] entries = new HistoryEntry[reader.Count(ProtocolRecord.RingSize, minimumItemSize: 19)];
        for (int i = 0; i < entries.Length; i++)
        {
            entries[i] = new HistoryEntry(reader.U64(), reader.Text(Components.MaximumName), reader.U64(), (RefusalCode)reader.U16());
        }

        return entries;
    }

    private static RefusalEntry[] ReadRefusals(ref BcsReader reader)
    {
        RefusalEntry[] entries = new RefusalEntry[reader.Count(ProtocolRecord.RingSize, minimumItemSize: 19)];
        for (int i = 0; i < entries.Length; i++)
        {
            entries[i] = new RefusalEntry(reader.U64(), reader.Text(Components.MaximumName), reader.U64(), (RefusalCode)reader.U16());
        }

        return entries;
    }

    private static ulong[] ReadVoided(ref BcsReader reader)
    {
        ulong[] heights = new ulong[reader.Count(ProtocolRecord.RingSize, minimumItemSize: 8)];
        for (int i = 0; i < heights.Length; i++)
        {
            heights[i] = reader.U64();
        }

        return heights;
    }
}
