namespace Theseus.Protocol;

/// <summary>A component of a new chain, at version 1.</summary>
public sealed record GenesisComponent(string Name, Hash32 ModuleId, ComponentGates Gates);

/// <summary>An account of a new chain.</summary>
/// <param name="Address">The account's address; no two are equal.</param>
/// <param name="Balance">Smallest units.</param>
/// <param name="AuthenticationKey">Usually equal to the address.</param>
public sealed record GenesisAccount(Address Address, ulong Balance, Hash32 AuthenticationKey);

/// <summary>
/// Where a chain begins (execution 8.7). Its state is what running <c>genesis::initialize</c> under the genesis stack wrote, so a
/// node needs no Move to start; anyone can run it again from the other fields and compare.
/// </summary>
/// <param name="ChainName">1 to 64 letters, digits, dots and dashes; in every header and signature.</param>
/// <param name="TxChainId">The chain id byte of transactions; 0, 1 and 2 belong to the family's main networks and are refused.</param>
/// <param name="Time">Milliseconds; given, never read from a clock.</param>
/// <param name="Validators">Power is the bond.</param>
/// <param name="Accounts">Allocations.</param>
/// <param name="Parameters">Of record(0).</param>
/// <param name="Components">By name; execution, consensus, record and network at least.</param>
/// <param name="Settings">Numbers for the framework's initialisation, e.g. the epoch interval; by name.</param>
/// <param name="State">The whole state at height 0, modules included.</param>
public sealed record Genesis(
    string ChainName,
    byte TxChainId,
    ulong Time,
    IReadOnlyList<ValidatorEntry> Validators,
    IReadOnlyList<GenesisAccount> Accounts,
    ProtocolParameters Parameters,
    IReadOnlyList<GenesisComponent> Components,
    IReadOnlyList<KeyValuePair<string, ulong>> Settings,
    WriteSet State)
{
    /// <summary>The chain ids of the family's main, test and development networks (execution, cross-chain replay).</summary>
    public const byte HighestForeignChainId = 2;

    /// <summary>The epoch of the first set; the framework starts at the same.</summary>
    public const ulong FirstEpoch = 1;

    private static readonly string[] Required =
        [Protocol.Components.Consensus, Protocol.Components.Execution, Protocol.Components.Network, Protocol.Components.Record];

    /// <summary>SHA-256(domain ‖ canonical bytes): the chain's identity and the parent of block 1.</summary>
    public Hash32 Hash() => Hashing.Tagged(Domains.Genesis, GenesisCodec.Encode(this));

    /// <summary>What names the chain.</summary>
    public ChainIdentity Identity() => new(ChainName, Hash(), TxChainId);

    /// <summary>Every reason why a chain may not begin so; empty when it may.</summary>
    public IReadOnlyList<string> Faults()
    {
        List<string> faults = [];
        if (ChainName.Length is 0 or > BlockCodec.MaximumChainName
            || !ChainName.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.'))
        {
            faults.Add("chainName: 1 to 64 letters, digits, dots and dashes");
        }

        if (TxChainId <= HighestForeignChainId)
        {
            faults.Add($"txChainId: {TxChainId} is another network's, signatures would be valid on both");
        }

        if (Time == 0)
        {
            faults.Add("time: missing");
        }
        else if (!BlockTime.IsLegal(Time))
        {
            faults.Add($"time: {Time} is beyond {BlockTime.Latest} milliseconds");
        }

        if (ValidatorSets.TryRecord(FirstEpoch, Validators, out RefusalCode fault) is null)
        {
            faults.Add($"validators: {fault}");
        }

        if (Accounts.Select(static account => account.Address).Distinct().Count() != Accounts.Count)
        {
            faults.Add("accounts: an address stands twice");
        }

        if (!IsAscending(Components.Select(static component => component.Name)) || Components.Count > Protocol.Components.Maximum)
        {
            faults.Add("components: not ascending, or too many");
        }

        foreach (string name in Required)
        {
            if (!Components.Any(component => component.Name == name && !component.ModuleId.IsZero))
            {
                faults.Add($"components: {name} is missing");
            }
        }

        if (RecordModels.Known.Find(1) is { } model
            && Components.FirstOrDefault(static component => component.Name == Protocol.Components.Record) is { } record
            && record.ModuleId != model.Manifest.Id)
        {
            faults.Add($"components: record must be {model.Manifest.Id}"); // a chain begins with the first model
        }

        if (!IsAscending(Settings.Select(static pair => pair.Key)))
        {
            faults.Add("settings: not ascending");
        }

        foreach ((string name, ulong value) in Settings)
        {
            if (Parameters.Table.Find(name) is { Home: ParameterHome.Framework } definition
                && (value < definition.Minimum || value > definition.Maximum))
            {
                faults.Add($"settings: {name} is {value}, must be {definition.Minimum} to {definition.Maximum}");
            }
        }

        if (Parameters.Table.FirstBroken(ValueOf) is { } broken)
        {
            faults.Add($"settings: {broken.Name}: {broken.Meaning}");
        }

        if (State.Writes.Any(static write => write.Value is null))
        {
            faults.Add("state: deletes");
        }

        return faults;
    }

    // what a genesis leaves out the framework takes from the table's defaults, as far as it may be left out
    private ulong? ValueOf(string name)
    {
        foreach ((string setting, ulong value) in Settings)
        {
            if (string.Equals(setting, name, StringComparison.Ordinal))
            {
                return value;
            }
        }

        return Parameters.Find(name);
    }

    private static bool IsAscending(IEnumerable<string> names)
    {
        string? previous = null;
        foreach (string name in names)
        {
            if (previous is not null && string.CompareOrdinal(name, previous) <= 0)
            {
                return false;
            }

            previous = name;
        }

        return true;
    }
}

/// <summary>
/// Canonical bytes of genesis: "theseus-genesis-1" text | chain name text | tx chain id u8 | time u64 | vector of (address, key 32,
/// power u64) | vector of (address, balance u64, auth key 32) | vector of parameters (name text, value u64) | vector of components
/// (name text, module 32, gates u8) | vector of settings (name text, value u64) | write set.
/// </summary>
public static class GenesisCodec
{
    /// <summary>Bytes of a genesis at most: modules of a few hundred KiB and accounts of about 500 bytes each.</summary>
    public const int MaximumSize = 256 * 1_048_576;

    private const string Format = "theseus-genesis-1";
    private const int MaximumAccounts = 1_048_576;
    private const int MaximumSettings = 64;

    /// <summary>Canonical bytes of a genesis, which its hash covers.</summary>
    public static byte[] Encode(Genesis genesis)
    {
        BcsWriter writer = new(65_536);
        writer.Text(Format).Text(genesis.ChainName).U8(genesis.TxChainId).U64(genesis.Time)
            .List(genesis.Validators, ServiceEventCodec.Write)
            .List(genesis.Accounts, static (w, account) => w.Address(account.Address).U64(account.Balance).Hash(account.AuthenticationKey))
            .List(genesis.Parameters.Values, static (w, pair) => w.Text(pair.Key).U64(pair.Value))
            .List(genesis.Components, static (w, component) => w.Text(component.Name).Hash(component.ModuleId).U8((byte)component.Gates))
            .List(genesis.Settings, static (w, pair) => w.Text(pair.Key).U64(pair.Value));
        ReceiptCodec.Write(writer, genesis.State);
        return writer.ToArray();
    }

    /// <summary>
    /// Decodes a genesis file; null and the fault when the bytes are none. Whether a chain may begin so is <see
    /// cref="Genesis.Faults"/>'s.
    /// </summary>
    public static Genesis? TryDecode(ReadOnlySpan<byte> bytes, out string? fault)
    {
        fault = bytes.Length > MaximumSize ? $"{bytes.Length} bytes" : null;
        if (fault is not null)
        {
            return null;
        }

        BcsReader reader = new(bytes);
        try
        {
            Genesis genesis = Read(ref reader);
            reader.End();
            return genesis;
        }
        catch (BcsException exception)
        {
            fault = exception.Message;
            return null;
        }
    }

    private static Genesis Read(ref BcsReader reader)
    {
        if (reader.Text(Format.Length) != Format)
        {
            throw reader.Fail("not a genesis of format 1");
        }

        string name = reader.Text(BlockCodec.MaximumChainName);
        byte txChainId = reader.U8();
        ulong time = reader.U64();
        ValidatorEntry[] validators = ServiceEventCodec.ReadValidators(ref reader, Consensus.ValidatorSet.MaximumSize);
        GenesisAccount[] accounts = new GenesisAccount[reader.Count(MaximumAccounts, minimumItemSize: 72)];
        for (int i = 0; i < accounts.Length; i++)
        {
            accounts[i] = new GenesisAccount(reader.Address(), reader.U64(), reader.Hash());
        }

        ParameterTable table = V1.ParameterDefinitions.Table;
        (string Name, ulong Value)[] values =
            [.. ReadPairs(ref reader, table.Definitions.Count).Select(static pair => (pair.Key, pair.Value))];
        if (!values.Select(static value => value.Name).SequenceEqual(table.Definitions.Select(static definition => definition.Name)))
        {
            throw reader.Fail("not the parameters of record model 1");
        }

        ProtocolParameters parameters = table.Defaults.TryWith(values, out RefusalCode refusal, out string subject)
            ?? throw reader.Fail($"parameters: {subject}: {refusal}");
        GenesisComponent[] components = new GenesisComponent[reader.Count(Components.Maximum, minimumItemSize: 34)];
        for (int i = 0; i < components.Length; i++)
        {
            components[i] = new GenesisComponent(reader.Text(Components.MaximumName), reader.Hash(), ReadGates(ref reader));
        }

        return new Genesis(
            name, txChainId, time, validators, accounts, parameters, components,
            ReadPairs(ref reader, MaximumSettings), ReceiptCodec.ReadWriteSet(ref reader));
    }

    private static ComponentGates ReadGates(ref BcsReader reader)
    {
        byte gates = reader.U8();
        return gates <= (byte)ComponentGates.All ? (ComponentGates)gates : throw reader.Fail($"gates {gates}");
    }

    private static KeyValuePair<string, ulong>[] ReadPairs(ref BcsReader reader, int maximum)
    {
        KeyValuePair<string, ulong>[] pairs = new KeyValuePair<string, ulong>[reader.Count(maximum, minimumItemSize: 9)];
        for (int i = 0; i < pairs.Length; i++)
        {
            pairs[i] = KeyValuePair.Create(reader.Text(Components.MaximumName), reader.U64());
        }

        return pairs;
    }
}
