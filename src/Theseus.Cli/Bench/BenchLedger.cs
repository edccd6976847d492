using System.Buffers.Binary;
using System.Security.Cryptography;
using Theseus.Cli.Commands;
using Theseus.Cli.Framework;
using Theseus.Cli.Localnet;
using Theseus.Protocol;

namespace Theseus.Cli.Bench;

/// <summary>
/// Many accounts that look like one funded at genesis. All have the same authentication key, so that any of them can be
/// signed for; their addresses are hashes, so rows lie at random in every table and in the tree.
/// </summary>
internal sealed class BenchLedger
{
    /// <summary>The genesis account whose rows are the pattern.</summary>
    private const string Pattern = "alice";

    /// <summary>Gas that a transfer may use; the stack charges what it used.</summary>
    private const ulong MaximumGas = 20_000;

    private const ulong ValiditySeconds = 60;

    /// <summary>Gas of a block: the most that the stacks allow.</summary>
    private const ulong BlockGas = 120_000_000;

    private readonly byte[] _seed = Wallet.TestSeed(Pattern);
    private readonly List<(byte[] Tail, byte[] Value)> _rows = [];
    private readonly Dictionary<int, ulong> _sequence = [];
    private readonly Random _random = new(20_260_101);

    public BenchLedger(int rows)
    {
        LocalnetNode[] nodes = [.. Enumerable.Range(1, 4).Select(i => Node($"n{i}"))];
        LocalnetAccount account = new(Pattern, Wallet.AddressOf(_seed).ToLongString(), Convert.ToHexStringLower(_seed));
        Genesis = WithRoom(LocalnetGenesis.Create(nodes, [account], FrameworkRelease.FromSources().Modules));
        Address owner = Address.Parse(account.Address);
        foreach (StateWrite write in Genesis.State.Writes.Where(write =>
            write.Key.Kind == StateKeyKind.Resource && write.Key.Owner == owner))
        {
            _rows.Add((write.Key.Bytes[(1 + Address.Length)..].ToArray(), write.Value!));
        }

        Accounts = rows / _rows.Count;
    }

    public Genesis Genesis { get; }

    public int Accounts { get; }

    public int RowsOfAccount => _rows.Count;

    public static Address AddressOf(int account) => new(SHA256.HashData(BitConverter.GetBytes(account)));

    /// <summary>The rows of some accounts.</summary>
    public WriteSet RowsOf(int first, int count) => WriteSet.From(Enumerable.Range(first, count).SelectMany(account =>
    {
        byte[] address = AddressOf(account).ToArray();
        return _rows.Select(row => new StateWrite(StateKey.Decode([(byte)StateKeyKind.Resource, .. address, .. row.Tail]), row.Value));
    }));

    /// <summary>The value of a row of any account before its first transaction; null for keys of other kinds.</summary>
    public byte[]? Untouched(StateKey key)
    {
        if (key.Kind == StateKeyKind.Resource)
        {
            foreach ((byte[] tail, byte[] value) in _rows)
            {
                if (key.Bytes[(1 + Address.Length)..].SequenceEqual(tail))
                {
                    return value;
                }
            }
        }

        return null;
    }

    /// <summary>Signed transfers between accounts drawn at random.</summary>
    public List<SignedTransaction> Transfers(int count) => [.. Enumerable.Range(0, count).Select(_ =>
    {
        int sender = _random.Next(Accounts);
        ulong sequence = _sequence.GetValueOrDefault(sender);
        _sequence[sender] = sequence + 1;
        TransactionPayload payload = TransferCommands.Payload(AddressOf(_random.Next(Accounts)), 1);
        ulong expires = (Genesis.Time / 1_000) + 100_000_000;
        return SignedTransaction.Sign(
            new RawTransaction(AddressOf(sender), sequence, payload, MaximumGas, 1, expires, Genesis.TxChainId), _seed);
    })];

    /// <summary>A signed transfer of one account that a mempool takes at the time of genesis.</summary>
    /// <param name="sender">Number of the account.</param>
    /// <param name="sequence">Its sequence number.</param>
    /// <param name="price">Price of a gas unit.</param>
    public byte[] Transfer(int sender, ulong sequence, ulong price) => SignedTransaction.Sign(
        new RawTransaction(AddressOf(sender), sequence, TransferCommands.Payload(AddressOf(0), 1), MaximumGas, price,
            (Genesis.Time / 1_000) + ValiditySeconds, Genesis.TxChainId),
        _seed).Bytes;

    /// <summary>A block of the bench holds more transfers than the gas of a quarter second: they are what is measured.</summary>
    private static Genesis WithRoom(Genesis genesis)
    {
        StateKey settings = StateKey.Resource(Address.One, new StructTag(Address.One, "consensus_config", "Settings", []));
        return genesis with
        {
            State = WriteSet.From(genesis.State.Writes.Select(write =>
                write.Key.Equals(settings) ? new StateWrite(settings, WithGas(write.Value!)) : write)),
        };
    }

    /// <summary>0x1::consensus_config::Settings {names, values, ...}; the framework follows it at the begin of each block.</summary>
    private static byte[] WithGas(byte[] settings)
    {
        BcsReader reader = new(settings);
        string[] names = new string[reader.Count(byte.MaxValue)];
        for (int i = 0; i < names.Length; i++)
        {
            names[i] = reader.Text(byte.MaxValue);
        }

        int values = settings.Length - reader.Remaining + 1; // behind their number, which is below 128
        byte[] changed = [.. settings];
        int at = values + (Array.IndexOf(names, ParameterNames.BlockGas) * sizeof(ulong));
        BinaryPrimitives.WriteUInt64LittleEndian(changed.AsSpan(at), BlockGas);
        return changed;
    }

    private static LocalnetNode Node(string name) => new(
        name, "validator", "", 0, 0, 0, 0, 0, Convert.ToHexStringLower(Ed25519.PublicKey(LocalnetPlan.NodeSeed(name))),
        LocalnetPlan.ValidatorAddress(name).ToLongString());
}
