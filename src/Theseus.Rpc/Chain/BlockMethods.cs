using Theseus.Client;
using Theseus.Consensus;
using Theseus.Node;
using Theseus.Protocol;
using static Theseus.Rpc.ApiText;
using Methods = Theseus.Client.Methods;

namespace Theseus.Rpc;

/// <summary>Blocks, the protocol record and what was proven against validators.</summary>
internal sealed class BlockMethods(ChainReader reader)
{
    /// <summary>Offences of one answer, beside those of its lowest height: some 200 KB.</summary>
    private const int MaximumOffences = 1_000;

    public void AddTo(Dispatcher dispatcher)
    {
        dispatcher.Add<BlockParams>(Methods.GetBlock, p => Guard(reader, () => GetBlock(p)));
        dispatcher.Add<AtParams>(Methods.GetRecord, p => Guard(reader, () => GetRecord(p)));
        dispatcher.Add<AtParams>(Methods.GetVersions, p => Guard(reader, () => Versions(reader.Record(HeightOf(reader, p.At)))));
        dispatcher.Add<EvidenceParams>(Methods.GetEvidence, GetEvidence);
    }

    /// <summary>The components of a record as the API shows them.</summary>
    public List<VersionInfo> Versions(ProtocolRecord record) =>
    [
        .. record.Components.Select(pair => new VersionInfo(
            pair.Key, Number(pair.Value.Current.Version), Hex(pair.Value.Current.ModuleId),
                reader.Stacks.NameOf(pair.Value.Current.ModuleId), pair.Value.Current.Since,
            pair.Value.Scheduled is { } scheduled ? Number(scheduled.Version) : null, pair.Value.Scheduled is { } next
                ? Hex(next.ModuleId) : null,
            pair.Value.Scheduled?.ActivationHeight, pair.Value.Fallback is { } fallback ? Hex(fallback.ModuleId) : null,
                pair.Value.Fallback?.Until,
            pair.Value.LastResult.ToString(), reader.Supports(pair.Value.Current.ModuleId)
                && (pair.Value.Scheduled is null || reader.Supports(pair.Value.Scheduled.ModuleId)))),
    ];

    private BlockInfo GetBlock(BlockParams parameters)
    {
        string detail = parameters.Detail ?? "hashes";
        ReadBlock block = reader.Block(HeightOf(reader, parameters.At));
        IReadOnlyList<byte[]> transactions = block.Block?.Body.Transactions ?? [];
        bool hasMore = detail != "header";
        IReadOnlyList<ReceiptInfo>? receipts = detail == "full" && block.Result is not null
            ? [.. reader.Transactions(block.Height).Select(TransactionMethods.Receipt)] : null;
        return new BlockInfo(
            Header(block), block.Header is null ? "0x" : Hex(BlockCodec.Encode(block.Header)), block.Certificate?.Round ?? 0,
            block.Certificate is null ? null : Hex(Canonical.Encode(block.Certificate)), block.Result is null ? null
                : Result(block.Result), block.IsSealed, transactions.Count,
            hasMore ? [.. transactions.Select(HashOf)] : null,
            hasMore ? [.. (block.Block?.Body.Evidence ?? []).Select(evidence => Evidence(EvidenceKey.Of(evidence), block.Height))] : null,
            receipts, block.IsCertificateAgreed);
    }

    private static string HashOf(byte[] transaction) => TransactionDecoding.TryDecode(transaction, out SignedTransaction? decoded)
        .IsNone ? Hex(decoded!.Hash) : "";

    private RecordInfo GetRecord(AtParams parameters)
    {
        ulong height = HeightOf(reader, parameters.At);
        ProtocolRecord record = reader.Record(height);
        IEnumerable<HistoryInfo> history = record.History.Select(static entry =>
            new HistoryInfo(entry.Height, entry.Component, entry.Version, entry.Outcome.ToString()))
            .Concat(record.Refusals.Select(static entry => new HistoryInfo(entry.Height, entry.Subject, entry.Version,
                "refused: " + entry.Reason)));
        return new RecordInfo(
            height, Hex(RecordModels.Known.Id(record)), record.Model, record.Epoch, record.Framework.Counter - 1,
                Hex(record.Framework.CodeRoot), Versions(record),
            [.. record.Parameters.Values.Select(static pair => new ParameterInfo(pair.Key, pair.Value))],
                [.. history.OrderBy(static entry => entry.Height)],
            Hex(RecordModels.Known.Encode(record)));
    }

    private List<EvidenceInfo> GetEvidence(EvidenceParams parameters) =>
        [.. reader.Offences(parameters.Before ?? ulong.MaxValue, parameters.Limit ?? MaximumOffences)
            .Select(static item => Evidence(item.Offence, item.IncludedAt))];

    private HeaderInfo Header(ReadBlock block)
    {
        string none = Hex(Hash32.Zero);
        return block.Header is BlockHeader header
            ? new HeaderInfo(
                Hex(block.Id), header.ChainId, header.Height, header.Round, header.Time, Hex(header.Parent),
                    header.ParentResult is Hash32 result ? Hex(result) : null,
                Hex(header.RecordId), Hex(header.SetId), Hex(header.NextSetId), Hex(header.BodyRoot), Hex(header.LastCommit),
                    header.Proposer.ToLongString())
            : new HeaderInfo(Hex(block.Id), reader.Chain.Name, 0, 0, block.Time, none, null, none, none, none, none, none,
                Address.Zero.ToLongString());
    }

    private static ResultInfo Result(BlockResultSummary result) => new(
        result.Height, result.Status.ToString().ToUpperInvariant(), Hex(result.StackId), Hex(result.StateRoot),
            Hex(result.ReceiptsRoot), Hex(result.ServiceEventsRoot),
        Hex(result.CodeRoot), result.GasUsed, result.Fees.ToString(), result.FirstVersion, result.TransactionCount,
            Hex(ResultCodec.IdOf(result)), Hex(ResultCodec.Encode(result)));

    // a version is opaque but for its text, which is a number
    private static ulong Number(ComponentVersion version) => ulong.Parse(version.ToString(),
        System.Globalization.CultureInfo.InvariantCulture);
}
