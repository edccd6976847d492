namespace Theseus.Execution;

/// <summary>
/// From a Move event on the closed list to the protocol's service event (record P6). The layouts are those of the framework's
/// structs.
/// </summary>
public static class ServiceEventConversion
{
    /// <summary>Whether an event of this type is a service event: emitted at 0x1 and on the stack's list.</summary>
    public static bool IsListed(ServiceEventRules rules, TypeTag type) =>
        type.Struct is StructTag tag && tag.Address == Address.One && tag.TypeArguments.Count == 0
            && rules.Listed.Contains((tag.Module, tag.Name));

    /// <summary>Converts what is listed, all or nothing.</summary>
    /// <param name="rules">The stack's list and bounds.</param>
    /// <param name="events">What was emitted.</param>
    /// <param name="left">Service events that the block may still hold.</param>
    /// <param name="fault">Why not, null when all are converted.</param>
    public static List<ServiceEvent> ConvertAll(ServiceEventRules rules, IEnumerable<ContractEvent> events, int left, out string? fault)
    {
        List<ServiceEvent> converted = [];
        fault = null;
        foreach (ContractEvent item in events.Where(item => IsListed(rules, item.Type)))
        {
            ServiceEvent? service = TryConvert(rules, item);
            fault = service is null ? $"{item.Type} does not make a service event"
                : !rules.Fits(service) ? $"{item.Type} is larger than a service event may be"
                : converted.Count >= left ? "the block holds as many service events as it may"
                : null;
            if (fault is not null)
            {
                return [];
            }

            converted.Add(service!);
        }

        return converted;
    }

    /// <summary>Null when the data does not make a service event.</summary>
    public static ServiceEvent? TryConvert(ServiceEventRules rules, ContractEvent item)
    {
        StructTag tag = item.Type.Struct!;
        try
        {
            BcsReader reader = new(item.Data);
            ServiceEvent? converted = (tag.Module, tag.Name) switch
            {
                ("versions", "Schedule") => Schedule(rules, ref reader),
                ("versions", "Cancel") => new ServiceEvent.VersionCancelled(reader.Text(rules.TextBytes), reader.U64()),
                ("consensus_config", "Changed") => Changed(rules, ref reader),
                ("validator_set", "EpochSetup") => EpochSetup(rules, ref reader),
                _ => null,
            };
            reader.End();
            return converted;
        }
        catch (BcsException)
        {
            return null;
        }
    }

    private static ServiceEvent.VersionScheduled? Schedule(ServiceEventRules rules, ref BcsReader reader)
    {
        string component = reader.Text(rules.TextBytes);
        ulong version = reader.U64();
        byte[] module = reader.Bytes(Hash32.Length);
        byte[] bundle = reader.Bytes(Hash32.Length);
        ulong activation = reader.U64();
        ulong probation = reader.U64();
        return module.Length == Hash32.Length && bundle.Length is 0 or Hash32.Length
            ? new ServiceEvent.VersionScheduled(component, version, new Hash32(module), bundle.Length == 0 ? null
                : new Hash32(bundle), activation, probation, [])
            : null;
    }

    private static ServiceEvent.ParametersChanged? Changed(ServiceEventRules rules, ref BcsReader reader)
    {
        string[] names = new string[reader.Count(rules.TextBytes)];
        for (int i = 0; i < names.Length; i++)
        {
            names[i] = reader.Text(rules.TextBytes);
        }

        (string, ulong)[] values = new (string, ulong)[reader.Count(rules.TextBytes, 8)];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (i < names.Length ? names[i] : "", reader.U64());
        }

        return names.Length == values.Length ? new ServiceEvent.ParametersChanged(values) : null;
    }

    private static ServiceEvent.EpochSetup? EpochSetup(ServiceEventRules rules, ref BcsReader reader)
    {
        ulong epoch = reader.U64();
        Address[] addresses = new Address[reader.Count(rules.Items, 32)];
        for (int i = 0; i < addresses.Length; i++)
        {
            addresses[i] = reader.Address();
        }

        byte[][] keys = new byte[reader.Count(rules.Items)][];
        for (int i = 0; i < keys.Length; i++)
        {
            keys[i] = reader.Bytes(Hash32.Length);
        }

        ulong[] powers = new ulong[reader.Count(rules.Items, 8)];
        for (int i = 0; i < powers.Length; i++)
        {
            powers[i] = reader.U64();
        }

        return addresses.Length == keys.Length && keys.Length == powers.Length && keys.All(key => key.Length == Hash32.Length)
            ? new ServiceEvent.EpochSetup(epoch, [.. addresses.Select(
                (address, i) => new ValidatorEntry(address, new Hash32(keys[i]), powers[i]))])
            : null;
    }
}
