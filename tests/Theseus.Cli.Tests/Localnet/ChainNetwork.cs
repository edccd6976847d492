using System.Text.Json.Nodes;
using Theseus.Cli.Commands;
using Theseus.Cli.Localnet;
using Theseus.Client;
using Theseus.Consensus;
using Theseus.Protocol;
using Theseus.Storage;

namespace Theseus.Cli.Tests.Localnet;

/// <summary>What a stopped node holds durably: the decided values from height 1 on, and the state roots from genesis on.</summary>
internal sealed record Durable(IReadOnlyList<ValueId> Decided, IReadOnlyList<Hash32> Roots);

/// <summary>A localnet of the real chain: four validators and an access node.</summary>
internal sealed class ChainNetwork : RunningLocalnet
{
    public const string Access = "access";

    /// <summary>Of one request: a node that was just killed answers nothing.</summary>
    private static readonly TimeSpan RequestTime = TimeSpan.FromSeconds(5);

    private readonly LocalnetFile _file;
    private readonly Wallet _wallet;
    private readonly SortedDictionary<string, TheseusClient> _clients = new(StringComparer.Ordinal);

    private ChainNetwork(Started started)
        : base(started)
    {
        _file = new LocalnetLayout(Folder).Read();
        _wallet = new Wallet(_file);
        foreach (LocalnetNode node in _file.Nodes)
        {
            _clients.Add(node.Name, new TheseusClient(new Uri(node.Url), RequestTime));
        }
    }

    public IReadOnlyList<string> All => [.. Names, Access];

    public static async Task<ChainNetwork> StartAsync(params string[] options) => new(await StartAsync(null, options));

    public static async Task<ChainNetwork> StartInAsync(string folder) => new(await StartAsync(folder: folder));

    public TheseusClient ClientOf(string node) => _clients[node];

    public Address AddressOf(string account) => _wallet.Signer(account).Address;

    public override ValidatorId IdOf(string node) =>
        ValidatorSets.ToId(Address.Parse(DescriptionOf(node)["validator"]!.GetValue<string>()));

    public override async Task<ulong> HeightAsync(string node) => (await AskAsync(() => ClientOf(node).StatusAsync()))?.Height ?? 0;

    /// <summary>Runs a command against this localnet.</summary>
    public Task<string> DoAsync(params string[] arguments) => TheseusCommand.DoAsync([.. arguments, "--dir", Folder]);

    /// <summary>An answer, or null when the node gives none.</summary>
    public static async Task<T?> AskAsync<T>(Func<Task<T>> ask)
        where T : class
    {
        try
        {
            return await ask();
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or RpcException)
        {
            return null;
        }
    }

    /// <summary>The next sequence number of an account as a node sees it.</summary>
    public async Task<ulong> SequenceAsync(string node, string account) =>
        ulong.Parse((await ClientOf(node)
            .ViewAsync("0x1::account::sequence_number", null, [AddressOf(account).ToLongString()])).Values[0].Text);

    public async Task<ulong> BalanceAsync(string node, string account) =>
        ulong.Parse((await ClientOf(node)
            .ViewAsync("0x1::theseus_coin::balance", null, [AddressOf(account).ToLongString()])).Values[0].Text);

    public SignedTransaction Transfer(string from, string to, ulong amount, ulong sequence)
    {
        WalletAccount sender = _wallet.Signer(from);
        ulong expires = (ulong)DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 600;
        return SignedTransaction.Sign(new RawTransaction(sender.Address, sequence, TransferCommands.Payload(AddressOf(to), amount),
            20_000, 1, expires, (byte)_file.TxChainId), sender.Seed);
    }

    /// <summary>Gives transactions to one node only.</summary>
    public async Task SubmitAsync(string node, params IEnumerable<SignedTransaction> transactions)
    {
        foreach (SignedTransaction transaction in transactions)
        {
            await ClientOf(node).SubmitAsync(transaction.Bytes);
        }
    }

    /// <summary>The receipt of an executed transaction, null while the node has none.</summary>
    public async Task<ReceiptInfo?> ReceiptAsync(string node, SignedTransaction transaction) =>
        await AskAsync(() => ClientOf(node).GetTransactionAsync("0x" + transaction.Hash)) is { Success: not null } receipt ? receipt : null;

    /// <summary>Waits until a node has executed a transaction with success.</summary>
    public async Task<ReceiptInfo> ExecutesAsync(string node, SignedTransaction transaction)
    {
        ReceiptInfo? receipt = null;
        await TheseusCommand.UntilAsync(async () => (receipt = await ReceiptAsync(node, transaction)) is not null,
            $"transaction {transaction.Hash} on {node}");
        Assert.True(receipt!.Success, receipt.VmStatus);
        return receipt;
    }

    /// <summary>Transfers of changing amounts from many senders over all nodes: each sends again when its last one was
    /// executed, or was lost with the node that had it.</summary>
    public Load TransferLoad(int senders) => new(senders, async (sender, number) =>
    {
        TimeSpan patience = TimeSpan.FromSeconds(4);
        string from = $"load{sender}";
        string node = All[(sender + number) % All.Count];
        try
        {
            SignedTransaction transaction = Transfer(from, $"load{(sender + 1) % senders}", 1 + ((ulong)number % 1000),
                await SequenceAsync(node, from));
            await ClientOf(node).SubmitAsync(transaction.Bytes);
            using CancellationTokenSource limit = new(patience);
            while (!limit.IsCancellationRequested)
            {
                if (await ReceiptAsync(node, transaction) is ReceiptInfo receipt)
                {
                    return receipt.Success == true;
                }

                await Task.Delay(50, CancellationToken.None);
            }
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException or RpcException)
        {
            // dead just now, or behind
        }

        return false;
    });

    /// <summary>The certificate that decided a height, null while the node has none.</summary>
    public async Task<CommitCertificate?> CertificateAsync(string node, ulong height) =>
        await AskAsync(() => ClientOf(node).GetBlockAsync(At.AtHeight(height))) is { Certificate: string hex }
            ? Canonical.TryDecodeCommit(Convert.FromHexString(hex[2..]), out string? fault) ?? throw new InvalidDataException(fault)
            : null;

    /// <summary>Waits for the first certificate of a height above <paramref name="after"/> that has a validator's precommit.</summary>
    public async Task<ulong> SignedHeightAsync(string node, ValidatorId validator, ulong after, ulong within = 400)
    {
        ulong next = after + 1;
        ulong signed = 0;
        await TheseusCommand.UntilAsync(
            async () =>
            {
                while (await CertificateAsync(node, next) is CommitCertificate certificate)
                {
                    if (certificate.Signatures.Any(signature => signature.Validator == validator))
                    {
                        signed = next;
                        return true;
                    }

                    Assert.True(++next < after + within,
                        $"no certificate from {after + 1} to {next} on {node} has a precommit of {validator}");
                }

                return false;
            },
            $"a certificate on {node} after height {after} with a precommit of {validator}");
        return signed;
    }

    /// <summary>What a dead or stopped node holds, read from its folder.</summary>
    public Durable Read(string node)
    {
        using ChainStore store = ChainStore.InFolder(Path.Combine(HomeOf(node), "data"), Retention.Archive);
        return new Durable(
            [.. Heights(1, store.Window.Decided).Select(height => store.Certificate(height)!.Value)],
            [.. Heights(0, store.Window.Executed).Select(height => height == 0 ? Hash32.Zero : store.Result(height)!.StateRoot)]);

        static IEnumerable<ulong> Heights(ulong from, ulong to) => Enumerable.Range((int)from, (int)(to - from + 1))
            .Select(height => (ulong)height);
    }

    /// <summary>
    /// Stops everything and proves from the folders that the nodes agree: one value for every decided height, one state root for
    /// every executed one, a supply that adds up on every node, and no validator that voted twice.
    /// </summary>
    /// <returns>The lowest executed height of all nodes, and a line of figures.</returns>
    public async Task<(ulong Height, string Figures)> AgreesAfterStopAsync(params IReadOnlyList<string> nodes)
    {
        await StopAsync();
        IReadOnlyList<string> all = nodes.Count == 0 ? All : nodes;
        Durable[] durable = [.. all.Select(Read)];
        IReadOnlyList<ValueId> longest = durable.MaxBy(node => node.Decided.Count)!.Decided;
        IReadOnlyList<Hash32> roots = durable.MaxBy(node => node.Roots.Count)!.Roots;
        Assert.All(durable, node => Assert.Equal(longest.Take(node.Decided.Count), node.Decided));
        Assert.All(durable, node => Assert.Equal(roots.Take(node.Roots.Count), node.Roots));
        ulong lowest = (ulong)durable.Min(node => node.Roots.Count) - 1;
        Assert.True(lowest > 0);

        foreach (string node in all)
        {
            JsonNode supply = JsonNode.Parse(await TheseusCommand.DoAsync("db", "supply", "--json", "--dir", HomeOf(node)))!;
            Assert.True(supply["clean"]!.GetValue<bool>());
            JsonNode coin = Assert.Single(supply["coins"]!.AsArray())!;
            UInt128 recorded = Amount("genesis") + Amount("minted") - Amount("burned");
            Assert.Equal(recorded, coin["holdings"]!.AsArray()
                .Aggregate(UInt128.Zero, (sum, holding) => sum + UInt128.Parse(holding!["amount"]!.GetValue<string>())));
            Assert.True(Amount("burned") > 0); // transfers were made, and half of their fees burns

            UInt128 Amount(string name) => UInt128.Parse(coin[name]!.GetValue<string>());
        }

        JsonNode audit = JsonNode.Parse(await TheseusCommand.DoAsync(["db", "audit-votes", "--json",
            .. all.Where(node => Directory.EnumerateFiles(Path.Combine(HomeOf(node), "consensus"), "log-*").Any()).Select(HomeOf)]))!;
        Assert.True(audit["clean"]!.GetValue<bool>());
        return (lowest, $"{lowest} heights on {all.Count} nodes, one root each; {audit["votes"]} votes audited, {audit["own"]} "
            + "of them own; supply adds up on all");
    }
}
