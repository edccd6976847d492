namespace Theseus.Protocol;

/// <summary>
/// Canonical bytes of service events, a BCS enum (record P6):
/// <code>
/// 0 VersionScheduled   component text | version u64 | module id 32 | option(bundle hash 32) | activation height u64 |
/// probation u64 | vector of (component text, version u64)
/// 1 VersionCancelled   component text | version u64
/// 2 VersionRolledBack  component text
/// 3 ParametersChanged  vector of (name text, value u64)
/// 4 EpochSetup         epoch u64 | vector of (address 32, public key 32, power u64)
/// </code>
/// </summary>
public static class ServiceEventCodec
{
    /// <summary>Service events of a block at most (record P6).</summary>
    public const int MaximumPerBlock = 64;

    /// <summary>Bytes of one at most (record P6).</summary>
    public const int MaximumSize = 8_192;

    /// <summary>Bytes of a component's or parameter's name at most.</summary>
    public const int MaximumName = 64;

    /// <summary>Requirements of one scheduled change at most: one for every component there may be.</summary>
    public const int MaximumRequires = 64;

    /// <summary>Values of one change of parameters at most.</summary>
    public const int MaximumValues = 64;

    /// <summary>Canonical bytes of a service event.</summary>
    public static byte[] Encode(ServiceEvent item)
    {
        BcsWriter writer = new(256);
        switch (item)
        {
            case ServiceEvent.VersionScheduled scheduled:
                writer.Uleb(0).Text(scheduled.Component).U64(scheduled.Version).Hash(scheduled.ModuleId)
                    .OptionOf(scheduled.BundleHash, static (w, hash) => w.Hash(hash))
                    .U64(scheduled.ActivationHeight).U64(scheduled.Probation)
                    .List(scheduled.Requires, static (w, required) => w.Text(required.Component).U64(required.Version));
                break;
            case ServiceEvent.VersionCancelled cancelled:
                writer.Uleb(1).Text(cancelled.Component).U64(cancelled.Version);
                break;
            case ServiceEvent.VersionRolledBack rolledBack:
                writer.Uleb(2).Text(rolledBack.Component);
                break;
            case ServiceEvent.ParametersChanged changed:
                writer.Uleb(3).List(changed.Values, static (w, value) => w.Text(value.Name).U64(value.Value));
                break;
            case ServiceEvent.EpochSetup setup:
                writer.Uleb(4).U64(setup.Epoch).List(setup.Validators, Write);
                break;
            default:
                throw new ArgumentException("unknown service event", nameof(item));
        }

        return writer.ToArray();
    }

    /// <summary>Reads canonical bytes.</summary>
    /// <exception cref="BcsException">The bytes are not a service event.</exception>
    public static ServiceEvent Decode(ReadOnlySpan<byte> bytes)
    {
        BcsReader reader = new(bytes);
        ServiceEvent item = Read(ref reader);
        reader.End();
        return item;
    }

    internal static void Write(BcsWriter writer, ValidatorEntry validator) =>
        writer.Address(validator.Address).Hash(validator.PublicKey).U64(validator.Power);

    internal static ValidatorEntry[] ReadValidators(ref BcsReader reader, int maximum)
    {
        ValidatorEntry[] validators = new ValidatorEntry[reader.Count(maximum, minimumItemSize: 72)];
        for (int i = 0; i < validators.Length; i++)
        {
            validators[i] = new ValidatorEntry(reader.Address(), reader.Hash(), reader.U64());
        }

        return validators;
    }

    private static ServiceEvent Read(ref BcsReader reader)
    {
        uint kind = reader.Uleb();
        switch (kind)
        {
            case 0:
                string component = reader.Text(MaximumName);
                ulong version = reader.U64();
                Hash32 moduleId = reader.Hash();
                Hash32? bundle = reader.Bool() ? reader.Hash() : null;
                ulong height = reader.U64();
                ulong probation = reader.U64();
                (string, ulong)[] requires = new (string, ulong)[reader.Count(MaximumRequires, minimumItemSize: 9)];
                for (int i = 0; i < requires.Length; i++)
                {
                    requires[i] = (reader.Text(MaximumName), reader.U64());
                }

                return new ServiceEvent.VersionScheduled(component, version, moduleId, bundle, height, probation, requires);
            case 1:
                return new ServiceEvent.VersionCancelled(reader.Text(MaximumName), reader.U64());
            case 2:
                return new ServiceEvent.VersionRolledBack(reader.Text(MaximumName));
            case 3:
                (string, ulong)[] values = new (string, ulong)[reader.Count(MaximumValues, minimumItemSize: 9)];
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = (reader.Text(MaximumName), reader.U64());
                }

                return new ServiceEvent.ParametersChanged(values);
            case 4:
                return new ServiceEvent.EpochSetup(reader.U64(), ReadValidators(ref reader, Consensus.ValidatorSet.MaximumSize));
            default:
                throw reader.Fail($"service event variant {kind}");
        }
    }
}
