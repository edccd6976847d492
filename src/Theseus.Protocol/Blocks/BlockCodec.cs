using Theseus.Consensus;

namespace Theseus.Protocol;

/// <summary>
/// Canonical bytes and hashes of blocks:
/// <code>
/// header   chain id text | height u64 | round u32 | time u64 | parent 32 | option(parent result 32) | record id 32 | set id 32
///          | next set id 32 | body root 32 | last commit 32 | proposer 32
/// body     kind u8 | option(commit certificate bytes) | vector of evidence bytes | of declarations | of directives | of transactions
/// block    header | body
/// </code>
/// The certificate and evidence are the consensus core's canonical bytes, each with a ULEB length. Block id = SHA-256(domain ‖
/// header). Body root = SHA-256(domain ‖ kind ‖ the list roots of evidence, declarations, directives, transactions): the last
/// commit has its own hash in the header.
/// </summary>
public static class BlockCodec
{
    /// <summary>Evidence of a block at most (consensus N3).</summary>
    public const int MaximumEvidence = 16;

    /// <summary>Bytes of one piece of evidence at most: two signed messages and their frame.</summary>
    public const int MaximumEvidenceSize = 1_024;

    /// <summary>Declarations of a block at most: one a validator (record P9).</summary>
    public const int MaximumDeclarations = ValidatorSet.MaximumSize;

    /// <summary>Bytes of a declaration at most: 64 components of a name and an id, and its frame.</summary>
    public const int MaximumDeclarationSize = 8_192;

    /// <summary>Directives of a block at most (record P12).</summary>
    public const int MaximumDirectives = 1;

    /// <summary>Bytes of a directive at most: an action and a signature of every validator.</summary>
    public const int MaximumDirectiveSize = 262_144;

    /// <summary>Transactions of a block at most, whatever the parameter says.</summary>
    public const int MaximumTransactions = 65_536;

    /// <summary>Bytes of an encoded commit certificate at most: every validator with the longest signature.</summary>
    public const int MaximumCertificateSize = 64 + (ValidatorSet.MaximumSize * (ValidatorId.Length + 2 + Canonical.MaximumSignature));

    /// <summary>Bytes of a chain's name at most.</summary>
    public const int MaximumChainName = 64;

    /// <summary>Bytes of a block at most, whatever the parameter says: the upper end of the parameter's range.</summary>
    public const int MaximumSize = 16 * 1_048_576;

    /// <summary>The block's id, which is the consensus value id.</summary>
    public static Hash32 IdOf(BlockHeader header)
    {
        BcsWriter writer = new(512);
        Write(writer, header);
        return Hashing.Tagged(Domains.Header, writer.Written);
    }

    /// <summary>Commits to a body without its last commit.</summary>
    public static Hash32 BodyRootOf(BlockBody body) => Hashing.Tagged(Domains.Body, new BcsWriter(192)
        .U8((byte)body.Kind)
        .Hash(MerkleList.Root([.. body.Evidence.Select(static evidence => Canonical.Encode(evidence))]))
        .Hash(MerkleList.Root(body.Declarations))
        .Hash(MerkleList.Root(body.Directives))
        .Hash(MerkleList.Root(body.Transactions)).Written);

    /// <summary>Hash of a certificate as headers carry it; zeros for none (height 1).</summary>
    public static Hash32 HashOf(CommitCertificate? certificate) =>
        certificate is null ? Hash32.Zero : Hashing.Tagged(Domains.Certificate, Canonical.Encode(certificate));

    /// <summary>
    /// Canonical bytes of a header; hashed under <see cref="Domains.Header"/> they are the block's id.
    /// </summary>
    public static byte[] Encode(BlockHeader header)
    {
        BcsWriter writer = new(512);
        Write(writer, header);
        return writer.ToArray();
    }

    /// <summary>Canonical bytes of a body.</summary>
    public static byte[] Encode(BlockBody body)
    {
        BcsWriter writer = new(4_096);
        Write(writer, body);
        return writer.ToArray();
    }

    /// <summary>Canonical bytes of a block: the header's, then the body's.</summary>
    public static byte[] Encode(Block block)
    {
        BcsWriter writer = new(4_096);
        Write(writer, block.Header);
        Write(writer, block.Body);
        return writer.ToArray();
    }

    /// <summary>Length of a block's bytes, without making those of its transactions again.</summary>
    public static long SizeOf(Block block)
    {
        long size = Encode(block.Header).Length + Encode(block.Body with { Transactions = [] }).Length;
        size += UlebSize((uint)block.Body.Transactions.Count) - UlebSize(0);
        foreach (byte[] transaction in block.Body.Transactions)
        {
            size += UlebSize((uint)transaction.Length) + transaction.Length;
        }

        return size;
    }

    private static int UlebSize(uint value) => 1 + (System.Numerics.BitOperations.Log2(value | 1) / 7);

    /// <summary>
    /// Decodes a whole block from a stranger; null and the fault when the bytes are not canonical. Hashes are not
    /// compared.
    /// </summary>
    public static Block? TryDecode(ReadOnlySpan<byte> bytes, out string? fault)
    {
        fault = null;
        if (bytes.Length > MaximumSize)
        {
            fault = $"{bytes.Length} bytes";
            return null;
        }

        BcsReader reader = new(bytes);
        try
        {
            Block block = new(ReadHeader(ref reader), ReadBody(ref reader));
            reader.End();
            return block;
        }
        catch (BcsException exception)
        {
            fault = exception.Message;
            return null;
        }
    }

    /// <summary>Decodes a header; null and the fault when the bytes are not canonical.</summary>
    public static BlockHeader? TryDecodeHeader(ReadOnlySpan<byte> bytes, out string? fault)
    {
        fault = null;
        BcsReader reader = new(bytes);
        try
        {
            BlockHeader header = ReadHeader(ref reader);
            reader.End();
            return header;
        }
        catch (BcsException exception)
        {
            fault = exception.Message;
            return null;
        }
    }

    /// <summary>Decodes a body; null and the fault when the bytes are not canonical.</summary>
    public static BlockBody? TryDecodeBody(ReadOnlySpan<byte> bytes, out string? fault)
    {
        fault = null;
        if (bytes.Length > MaximumSize)
        {
            fault = $"{bytes.Length} bytes";
            return null;
        }

        BcsReader reader = new(bytes);
        try
        {
            BlockBody body = ReadBody(ref reader);
            reader.End();
            return body;
        }
        catch (BcsException exception)
        {
            fault = exception.Message;
            return null;
        }
    }

    private static void Write(BcsWriter writer, BlockHeader header) => writer
        .Text(header.ChainId).U64(header.Height).U32((uint)header.Round).U64(header.Time).Hash(header.Parent)
        .OptionOf(header.ParentResult, static (w, hash) => w.Hash(hash))
        .Hash(header.RecordId).Hash(header.SetId).Hash(header.NextSetId).Hash(header.BodyRoot).Hash(header.LastCommit)
        .Address(header.Proposer);

    private static void Write(BcsWriter writer, BlockBody body) => writer
        .U8((byte)body.Kind)
        .Option(body.LastCommit, static (w, certificate) => w.Bytes(Canonical.Encode(certificate)))
        .List(body.Evidence, static (w, evidence) => w.Bytes(Canonical.Encode(evidence)))
        .List(body.Declarations, static (w, bytes) => w.Bytes(bytes))
        .List(body.Directives, static (w, bytes) => w.Bytes(bytes))
        .List(body.Transactions, static (w, bytes) => w.Bytes(bytes));

    private static BlockHeader ReadHeader(ref BcsReader reader)
    {
        string chain = reader.Text(MaximumChainName);
        ulong height = reader.U64();
        uint round = reader.U32();
        if (round >= Rounds.Ceiling)
        {
            throw reader.Fail($"round {round}");
        }

        ulong time = reader.U64();
        if (!BlockTime.IsLegal(time))
        {
            throw reader.Fail($"time {time} is beyond {BlockTime.Latest}");
        }

        Hash32 parent = reader.Hash();
        Hash32? result = reader.Bool() ? reader.Hash() : null;
        return new BlockHeader(
            chain, height, (int)round, time, parent, result,
            reader.Hash(), reader.Hash(), reader.Hash(), reader.Hash(), reader.Hash(), reader.Address());
    }

    private static BlockBody ReadBody(ref BcsReader reader)
    {
        byte kind = reader.U8();
        if (kind > (byte)BlockKind.Sos)
        {
            throw reader.Fail($"block kind {kind}");
        }

        CommitCertificate? certificate = null;
        if (reader.Bool())
        {
            certificate = Canonical.TryDecodeCommit(reader.BytesView(MaximumCertificateSize), out string? fault)
                ?? throw reader.Fail(fault ?? "certificate");
        }

        Evidence[] evidence = new Evidence[reader.Count(MaximumEvidence)];
        for (int i = 0; i < evidence.Length; i++)
        {
            evidence[i] = Canonical.TryDecodeEvidence(reader.BytesView(MaximumEvidenceSize), out string? fault)
                ?? throw reader.Fail(fault ?? "evidence");
        }

        byte[][] declarations = ReadList(ref reader, MaximumDeclarations, MaximumDeclarationSize);
        byte[][] directives = ReadList(ref reader, MaximumDirectives, MaximumDirectiveSize);
        byte[][] transactions = ReadList(ref reader, MaximumTransactions, TransactionLimits.MaximumOversize);
        return new BlockBody((BlockKind)kind, certificate, evidence, declarations, directives, transactions);
    }

    private static byte[][] ReadList(ref BcsReader reader, int maximumCount, int maximumSize)
    {
        byte[][] items = new byte[reader.Count(maximumCount)][];
        for (int i = 0; i < items.Length; i++)
        {
            items[i] = reader.Bytes(maximumSize);
        }

        return items;
    }
}

/// <summary>
/// Canonical bytes of result(H) (execution 3): height u64 | status | stack id 32 | state root 32 | receipts root 32 |
/// service events root 32 | code root 32 | gas used u64 | fees u128 | first version u64 | count u32.
/// Status: 0 Executed | 1 Void | 2 Voided{invariant text}.
/// </summary>
public static class ResultCodec
{
    /// <summary>Bytes of an invariant's name at most.</summary>
    public const int MaximumInvariant = 64;

    /// <summary>The result's id: SHA-256 of its bytes.</summary>
    public static Hash32 IdOf(BlockResultSummary result) => Hashing.Sha256(Encode(result));

    /// <summary>Canonical bytes of a result.</summary>
    public static byte[] Encode(BlockResultSummary result)
    {
        BcsWriter writer = new(256);
        writer.U64(result.Height).Uleb((byte)result.Status);
        if (result.Status == ResultStatus.Voided)
        {
            writer.Text(result.BrokenInvariant ?? "");
        }

        return writer
            .Hash(result.StackId).Hash(result.StateRoot).Hash(result.ReceiptsRoot).Hash(result.ServiceEventsRoot).Hash(result.CodeRoot)
            .U64(result.GasUsed).U128(result.Fees).U64(result.FirstVersion).U32(result.TransactionCount).ToArray();
    }

    /// <summary>Reads canonical bytes.</summary>
    /// <exception cref="BcsException">The bytes are not a result.</exception>
    public static BlockResultSummary Decode(ReadOnlySpan<byte> bytes)
    {
        BcsReader reader = new(bytes);
        ulong height = reader.U64();
        uint status = reader.Uleb();
        if (status > (uint)ResultStatus.Voided)
        {
            throw reader.Fail($"result status {status}");
        }

        string? invariant = status == (uint)ResultStatus.Voided ? reader.Text(MaximumInvariant) : null;
        BlockResultSummary result = new(
            height, (ResultStatus)status, reader.Hash(), reader.Hash(), reader.Hash(), reader.Hash(), reader.Hash(),
            reader.U64(), reader.U128(), reader.U64(), reader.U32(), invariant);
        reader.End();
        return result;
    }

    /// <summary>The summary of an executed block under the root of the state after it.</summary>
    public static BlockResultSummary Summarise(ulong height, BlockResult result, Hash32 stateRoot) => new(
        height,
        ResultStatus.Executed,
        result.StackId,
        stateRoot,
        ExecutionRoots.OfReceipts(result.Outputs.Select(static output => output.Receipt)),
        ExecutionRoots.OfServiceEvents(result.ServiceEvents),
        result.CodeRoot,
        result.GasUsed,
        result.Fees,
        result.FirstVersion,
        (uint)result.Outputs.Count);
}
