using System.Buffers.Binary;
using System.Collections.Concurrent;
using Theseus.Consensus;
using Theseus.Engine;
using Theseus.Protocol;

namespace Theseus.Examples.Kv;

/// <summary>One agreed block: the pairs that it sets. Canonical bytes are its content, their SHA3-256 its value id.</summary>
public sealed record KvBlock(ulong Height, ValueId Parent, ulong Time, ValidatorId Proposer, IReadOnlyList<(string Key, string Value)> Puts)
{
    /// <summary>Pairs of one block at most.</summary>
    public const int MaximumPuts = 1000;

    /// <summary>Bytes of a key or value at most.</summary>
    public const int MaximumText = 1024;

    public byte[] Encode()
    {
        BcsWriter writer = new();
        writer.U64(Height).Raw(Parent.ToArray()).U64(Time).Raw(Proposer.ToArray())
            .List(Puts, static (w, put) => w.Text(put.Key).Text(put.Value));
        return writer.ToArray();
    }

    /// <summary>Null when the bytes are no block.</summary>
    public static KvBlock? TryDecode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            BcsReader reader = new(bytes);
            ulong height = reader.U64();
            ValueId parent = new(reader.Raw(32));
            ulong time = reader.U64();
            ValidatorId proposer = new(reader.Raw(32));
            (string, string)[] puts = new (string, string)[reader.Count(MaximumPuts, 2)];
            for (int i = 0; i < puts.Length; i++)
            {
                puts[i] = (reader.Text(MaximumText), reader.Text(MaximumText));
            }

            reader.End();
            return new KvBlock(height, parent, time, proposer, puts);
        }
        catch (BcsException)
        {
            return null;
        }
    }

    public static ValueId IdOf(ReadOnlySpan<byte> content) => new(Sha3.Hash256(content));
}

/// <summary>
/// The map and the decisions that made it. A decision is durable in an append-only file before it is applied: length u32
/// of the certificate, certificate, length u32 of the content, content. A torn tail is cut at start.
/// </summary>
public sealed class KvStore : IDisposable
{
    private readonly FileStream _file;
    private readonly List<(long Offset, int Certificate, int Content)> _decisions = [];
    private readonly ConcurrentDictionary<string, string> _map = new();

    public KvStore(string path)
    {
        _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        long good = 0;
        while (TryReadLength(good, out int certificate) && TryReadLength(good + 4 + certificate, out int content)
            && good + 8 + certificate + content <= _file.Length)
        {
            _decisions.Add((good, certificate, content));
            Apply(Read(good + 8 + certificate, content));
            good += 8 + certificate + content;
        }

        _file.SetLength(good);
    }

    public ulong Tip => (ulong)_decisions.Count;

    /// <summary>Value id of the newest decision, zero before the first.</summary>
    public ValueId TipId { get; private set; }

    public ulong TipTime { get; private set; }

    public string? Get(string key) => _map.GetValueOrDefault(key);

    public int Count => _map.Count;

    /// <summary>Makes a decision durable and applies it. Idempotent.</summary>
    public void Commit(CommitCertificate certificate, ReadOnlySpan<byte> content)
    {
        if (certificate.Height != Tip + 1)
        {
            return;
        }

        byte[] proof = Canonical.Encode(certificate);
        byte[] record = new byte[8 + proof.Length + content.Length];
        BinaryPrimitives.WriteInt32LittleEndian(record, proof.Length);
        proof.CopyTo(record, 4);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(4 + proof.Length), content.Length);
        content.CopyTo(record.AsSpan(8 + proof.Length));
        long offset = _file.Length;
        RandomAccess.Write(_file.SafeFileHandle, record, offset);
        RandomAccess.FlushToDisk(_file.SafeFileHandle);
        _decisions.Add((offset, proof.Length, content.Length));
        Apply(content);
    }

    public DecidedHeight Decision(ulong height)
    {
        (long offset, int certificate, int content) = _decisions[(int)height - 1];
        CommitCertificate decoded = Canonical.TryDecodeCommit(Read(offset + 4, certificate), out string? fault)
            ?? throw new InvalidDataException($"the stored certificate of height {height} cannot be read: {fault}");
        return new DecidedHeight(decoded, Read(offset + 8 + certificate, content));
    }

    public void Dispose() => _file.Dispose();

    private void Apply(ReadOnlySpan<byte> content)
    {
        KvBlock block = KvBlock.TryDecode(content) ?? throw new InvalidDataException("a decided block cannot be read");
        foreach ((string key, string value) in block.Puts)
        {
            _map[key] = value;
        }

        TipId = KvBlock.IdOf(content);
        TipTime = block.Time;
    }

    private byte[] Read(long offset, int length)
    {
        byte[] bytes = new byte[length];
        RandomAccess.Read(_file.SafeFileHandle, bytes, offset);
        return bytes;
    }

    private bool TryReadLength(long offset, out int length)
    {
        Span<byte> bytes = stackalloc byte[4];
        length = 0;
        if (offset + 4 > _file.Length || RandomAccess.Read(_file.SafeFileHandle, bytes, offset) != 4)
        {
            return false;
        }

        length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        return length >= 0 && offset + 4 + length <= _file.Length;
    }
}
