namespace Theseus.Protocol;

/// <summary>
/// Canonical bytes of what execution commits to (execution 3):
/// <code>
/// receipt     transaction hash 32 | status | gas used u64 | fee u128 | write set root 32 | events root 32 | event count u32
/// status      0 Success | 1 Aborted{option(module), code u64} | 2 OutOfGas | 3 Failed{major u64, option(sub u64), option(module)}
///             4 Skipped{reason u16, retry bool} | 5 SystemAborted{hook text, major u64, code u64}
/// module      address 32 | name text
/// event       type tag | data bytes
/// write item  state key bytes | option(value bytes)
/// </code>
/// Texts and bytes carry a ULEB length.
/// </summary>
public static class ReceiptCodec
{
    /// <summary>Bytes of a hook's name at most.</summary>
    public const int MaximumHookName = 255;

    /// <summary>Bytes of an event's data at most: the events of a transaction together have 1 MiB (execution 3).</summary>
    public const int MaximumEventData = 1_048_576;

    /// <summary>Bytes of a state value at most (execution 3).</summary>
    public const int MaximumValue = 1_048_576;

    /// <summary>
    /// Items of a write set at most: writes of a transaction have 4 MiB, those of a block a multiple; genesis is the largest.
    /// </summary>
    public const int MaximumWrites = 4_194_304;

    /// <summary>Canonical bytes of a receipt.</summary>
    public static byte[] Encode(Receipt receipt)
    {
        BcsWriter writer = new(192);
        Write(writer, receipt);
        return writer.ToArray();
    }

    /// <summary>Appends a receipt.</summary>
    public static void Write(BcsWriter writer, Receipt receipt)
    {
        writer.Hash(receipt.TransactionHash);
        Write(writer, receipt.Status);
        writer.U64(receipt.GasUsed).U128(receipt.Fee).Hash(receipt.WriteSetRoot).Hash(receipt.EventsRoot).U32(receipt.EventCount);
    }

    /// <summary>Reads canonical bytes.</summary>
    /// <exception cref="BcsException">The bytes are not a receipt.</exception>
    public static Receipt DecodeReceipt(ReadOnlySpan<byte> bytes)
    {
        BcsReader reader = new(bytes);
        Receipt receipt = new(reader.Hash(), ReadStatus(ref reader), reader.U64(), reader.U128(), reader.Hash(), reader.Hash(),
            reader.U32());
        reader.End();
        return receipt;
    }

    /// <summary>Appends a status: ULEB variant, then its fields.</summary>
    public static void Write(BcsWriter writer, TransactionStatus status)
    {
        writer.Uleb((byte)status.Kind);
        switch (status.Kind)
        {
            case StatusKind.Aborted:
                writer.OptionOf(status.Module, Write).U64(status.Code);
                break;
            case StatusKind.Failed:
                writer.U64(status.Major).OptionOf(status.Sub, static (w, sub) => w.U64(sub)).OptionOf(status.Module, Write);
                break;
            case StatusKind.Skipped:
                writer.U16(status.Reason).Bool(status.Retry);
                break;
            case StatusKind.SystemAborted:
                writer.Text(status.Hook ?? "").U64(status.Major).U64(status.Code);
                break;
        }
    }

    /// <summary>Reads a status.</summary>
    /// <exception cref="BcsException">The variant is unknown, or the input ends in it.</exception>
    public static TransactionStatus ReadStatus(ref BcsReader reader)
    {
        uint kind = reader.Uleb();
        switch (kind <= byte.MaxValue ? (StatusKind)kind : throw reader.Fail($"status variant {kind}"))
        {
            case StatusKind.Success:
                return TransactionStatus.Success;
            case StatusKind.Aborted:
                return TransactionStatus.Aborted(ReadModule(ref reader), reader.U64());
            case StatusKind.OutOfGas:
                return TransactionStatus.OutOfGas;
            case StatusKind.Failed:
                ulong major = reader.U64();
                ulong? sub = reader.Bool() ? reader.U64() : null;
                return TransactionStatus.Failed(major, sub, ReadModule(ref reader));
            case StatusKind.Skipped:
                return TransactionStatus.Skipped(reader.U16(), reader.Bool());
            case StatusKind.SystemAborted:
                return TransactionStatus.SystemAborted(reader.Text(MaximumHookName), reader.U64(), reader.U64());
            default:
                throw reader.Fail($"status variant {kind}");
        }
    }

    /// <summary>Canonical bytes of an event.</summary>
    public static byte[] Encode(ContractEvent item)
    {
        BcsWriter writer = new(64 + item.Data.Length);
        Write(writer, item);
        return writer.ToArray();
    }

    /// <summary>Appends an event.</summary>
    public static void Write(BcsWriter writer, ContractEvent item)
    {
        TypeTagCodec.Write(writer, item.Type);
        writer.Bytes(item.Data);
    }

    /// <summary>Reads canonical bytes.</summary>
    /// <exception cref="BcsException">The bytes are not an event.</exception>
    public static ContractEvent DecodeEvent(ReadOnlySpan<byte> bytes)
    {
        BcsReader reader = new(bytes);
        ContractEvent item = new(TypeTagCodec.Read(ref reader), reader.Bytes(MaximumEventData));
        reader.End();
        return item;
    }

    /// <summary>Appends one item of a write set.</summary>
    public static void Write(BcsWriter writer, StateWrite write) =>
        writer.Bytes(write.Key.Bytes).Option(write.Value, static (w, value) => w.Bytes(value));

    /// <summary>Canonical bytes of one item of a write set.</summary>
    public static byte[] Encode(StateWrite write)
    {
        BcsWriter writer = new(128);
        Write(writer, write);
        return writer.ToArray();
    }

    /// <summary>Reads one item of a write set.</summary>
    /// <exception cref="BcsException">The key or the value is not canonical or too long.</exception>
    public static StateWrite ReadWrite(ref BcsReader reader)
    {
        StateKey key = StateKey.Decode(reader.BytesView(StateKey.MaximumLength));
        return new StateWrite(key, reader.Bool() ? reader.Bytes(MaximumValue) : null);
    }

    /// <summary>A whole write set: count, then its items in key order.</summary>
    public static void Write(BcsWriter writer, WriteSet writes) => writer.List(writes.Writes, Write);

    /// <summary>Reads a write set; refused unless keys ascend.</summary>
    public static WriteSet ReadWriteSet(ref BcsReader reader)
    {
        int count = reader.Count(MaximumWrites, minimumItemSize: 2 + 1 + 32);
        StateWrite[] writes = new StateWrite[count];
        for (int i = 0; i < count; i++)
        {
            writes[i] = ReadWrite(ref reader);
            if (i > 0 && writes[i].Key.CompareTo(writes[i - 1].Key) <= 0)
            {
                throw reader.Fail("state keys not ascending");
            }
        }

        return WriteSet.From(writes);
    }

    private static void Write(BcsWriter writer, ModuleId module) => writer.Address(module.Address).Text(module.Name);

    private static ModuleId? ReadModule(ref BcsReader reader) =>
        reader.Bool() ? new ModuleId(reader.Address(), reader.Text(TypeTagCodec.MaximumName)) : null;
}

/// <summary>The roots that receipts and results carry (execution 3).</summary>
public static class ExecutionRoots
{
    /// <summary>Root of a write set's items in key order.</summary>
    public static Hash32 OfWrites(WriteSet writes) => MerkleList.Root(writes.Writes, ReceiptCodec.Write);

    /// <summary>Root of a transaction's events in order of emission.</summary>
    public static Hash32 OfEvents(IReadOnlyList<ContractEvent> events) => MerkleList.Root(events, ReceiptCodec.Write);

    /// <summary>Root of a block's receipts: begin, transactions, end.</summary>
    public static Hash32 OfReceipts(IEnumerable<Receipt> receipts) => MerkleList.Root([.. receipts], ReceiptCodec.Write);

    /// <summary>Root of a block's service events in order of execution.</summary>
    public static Hash32 OfServiceEvents(IReadOnlyList<ServiceEvent> events) =>
        MerkleList.Root([.. events.Select(ServiceEventCodec.Encode)]);

    /// <summary>SHA-256 of the BCS vector of (address, name, SHA-256(blob)), sorted by name, over the modules at 0x1.</summary>
    public static Hash32 OfCode(IEnumerable<(string Name, byte[] Blob)> modules)
    {
        (string Name, Hash32 Hash)[] sorted = [.. modules.Select(static module => (module.Name, Hashing.Sha256(module.Blob)))];
        Array.Sort(sorted, static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        return Hashing.Sha256(new BcsWriter(64 * sorted.Length)
            .List(sorted, static (w, module) => w.Address(Address.One).Text(module.Name).Hash(module.Hash)).Written);
    }

    /// <summary>The code root of a whole state, e.g. genesis: its modules at 0x1.</summary>
    public static Hash32 OfCode(WriteSet state) => OfCode(state.Writes
        .Where(static write => write.Key.Kind == StateKeyKind.Module && write.Key.Owner == Address.One && write.Value is not null)
        .Select(static write => (write.Key.ModuleName(), write.Value!)));
}
