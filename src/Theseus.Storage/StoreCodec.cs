using Theseus.Protocol;

namespace Theseus.Storage;

/// <summary>
/// Stored rows that are no protocol objects:
/// <code>
/// transaction     height u64 | index u32 | receipt bytes | vector of event bytes | write set | option(failure place text)
/// service events  vector of bytes
/// chain           name text | genesis hash 32 | tx chain id u8 | genesis time u64
/// </code>
/// </summary>
internal static class StoreCodec
{
    private const int MaximumEvents = 1_048_576; // events of a transaction have 1 MiB together, one byte each at least
    private const int MaximumPlace = 65_535;
    private const int MaximumReceipt = 1_048_576;

    public static byte[] Encode(ulong height, uint index, TransactionOutput output)
    {
        BcsWriter writer = new(512);
        writer.U64(height).U32(index).Bytes(ReceiptCodec.Encode(output.Receipt)).List(output.Events, static (w, item) => w.Bytes(ReceiptCodec.Encode(item)));
        ReceiptCodec.Write(writer, output.Writes);
        return writer.Option(output.FailurePlace, static (w, place) => w.Text(place)).ToArray();
    }

    public static StoredTransaction DecodeTransaction(ulong version, ReadOnlySpan<byte> bytes)
    {
        BcsReader reader = new(bytes);
        ulong height = reader.U64();
        uint index = reader.U32();
        Receipt receipt = ReceiptCodec.DecodeReceipt(reader.BytesView(MaximumReceipt));
        ContractEvent[] events = new ContractEvent[reader.Count(MaximumEvents)];
        for (int i = 0; i < events.Length; i++)
        {
            events[i] = ReceiptCodec.DecodeEvent(reader.BytesView(2 * ReceiptCodec.MaximumEventData));
        }

        WriteSet writes = ReceiptCodec.ReadWriteSet(ref reader);
        string? place = reader.Bool() ? reader.Text(MaximumPlace) : null;
        reader.End();
        return new StoredTransaction(version, height, index, new TransactionOutput(receipt, writes, events, place));
    }

    public static byte[] Encode(IReadOnlyList<ServiceEvent> events) =>
        new BcsWriter(64).List(events, static (w, item) => w.Bytes(ServiceEventCodec.Encode(item))).ToArray();

    public static ServiceEvent[] DecodeServiceEvents(ReadOnlySpan<byte> bytes)
    {
        BcsReader reader = new(bytes);
        ServiceEvent[] events = new ServiceEvent[reader.Count(ServiceEventCodec.MaximumPerBlock)];
        for (int i = 0; i < events.Length; i++)
        {
            events[i] = ServiceEventCodec.Decode(reader.BytesView(2 * ServiceEventCodec.MaximumSize));
        }

        reader.End();
        return events;
    }

    public static byte[] Encode(ChainIdentity chain, ulong time) =>
        new BcsWriter(128).Text(chain.Name).Hash(chain.GenesisHash).U8(chain.TxChainId).U64(time).ToArray();

    public static (ChainIdentity Chain, ulong Time) DecodeChain(ReadOnlySpan<byte> bytes)
    {
        BcsReader reader = new(bytes);
        ChainIdentity chain = new(reader.Text(BlockCodec.MaximumChainName), reader.Hash(), reader.U8());
        ulong time = reader.U64();
        reader.End();
        return (chain, time);
    }
}
