using Theseus.Protocol;

namespace Theseus.Storage;

/// <summary>
/// Stored rows that are no protocol objects:
/// <code>
/// transaction     height u64 | index u32 | receipt bytes | vector of event bytes | write set | option(failure place)
/// failure place   option(module) | is script bool | function u32, 2^32-1 for none | option(name text) | offset u32 | message text
/// service events  vector of bytes
/// chain           name text | genesis hash 32 | tx chain id u8 | genesis time u64
/// </code>
/// </summary>
internal static class StoreCodec
{
    private const int MaximumEvents = 1_048_576; // events of a transaction have 1 MiB together, one byte each at least
    private const uint NoFunction = uint.MaxValue;
    private const int MaximumReceipt = 1_048_576;

    /// <summary>Writes a transaction's row to an empty writer; one serves for all of a block.</summary>
    public static void Write(BcsWriter writer, ulong height, uint index, TransactionOutput output)
    {
        writer.U64(height).U32(index).Bytes(ReceiptCodec.Encode(output.Receipt))
            .List(output.Events, static (w, item) => w.Bytes(ReceiptCodec.Encode(item)));
        ReceiptCodec.Write(writer, output.Writes);
        writer.Option(output.FailurePlace, Write);
    }

    private static void Write(BcsWriter writer, FailurePlace place) => writer
        .OptionOf(place.Module, static (w, module) => w.Address(module.Address).Text(module.Name))
        .Bool(place.IsScript).U32(place.IsInCode ? (uint)place.Function : NoFunction)
        .Option(place.FunctionName, static (w, name) => w.Text(name))
        .U32((uint)place.Offset)
        .Text(Shortened(place.Message));

    private static FailurePlace ReadPlace(ref BcsReader reader)
    {
        ModuleId? module = reader.Bool() ? new ModuleId(reader.Address(), reader.Text(TypeTagCodec.MaximumName)) : null;
        bool isScript = reader.Bool();
        uint function = reader.U32();
        string? name = reader.Bool() ? reader.Text(TypeTagCodec.MaximumName) : null;
        return new FailurePlace(
            module, isScript, function == NoFunction ? -1 : (int)function, name, (int)reader.U32(),
            reader.Text(4 * FailurePlace.MaximumMessage));
    }

    /// <summary>A sentence with a user's own text in it may be long: its first part is kept.</summary>
    private static string Shortened(string message) =>
        message.Length <= FailurePlace.MaximumMessage ? message
        : char.IsHighSurrogate(message[FailurePlace.MaximumMessage - 1]) ? message[..(FailurePlace.MaximumMessage - 1)]
        : message[..FailurePlace.MaximumMessage];

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
        FailurePlace? place = reader.Bool() ? ReadPlace(ref reader) : null;
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
