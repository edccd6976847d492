using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Theseus.Consensus;

/// <summary>
/// The sponge with capacity 512 (rate 136 bytes, 32 bytes out) behind <see cref="Sha3"/> and <see cref="Keccak"/>. Begin,
/// append, finish once.
/// </summary>
public sealed class KeccakSponge
{
    /// <summary>Bytes absorbed between two permutations.</summary>
    public const int Rate = 136;

    private const int RateLanes = Rate / sizeof(ulong);

    private readonly ulong[] _state = new ulong[KeccakPermutation.Lanes];
    private readonly byte[] _block = new byte[Rate];
    private readonly byte _padding;
    private int _filled;

    internal KeccakSponge(byte padding) => _padding = padding;

    /// <summary>Absorbs more bytes.</summary>
    public KeccakSponge Append(ReadOnlySpan<byte> data)
    {
        if (_filled > 0)
        {
            int take = int.Min(Rate - _filled, data.Length);
            data[..take].CopyTo(_block.AsSpan(_filled));
            _filled += take;
            data = data[take..];
            if (_filled < Rate)
            {
                return this;
            }

            Absorb(_state, _block);
            _filled = 0;
        }

        while (data.Length >= Rate)
        {
            Absorb(_state, data);
            data = data[Rate..];
        }

        data.CopyTo(_block);
        _filled = data.Length;
        return this;
    }

    /// <summary>Pads and writes the 32-byte digest. The sponge is then spent.</summary>
    public void Finish(Span<byte> destination) => Squeeze(_state, _block.AsSpan(0, _filled), _padding, destination);

    /// <summary>Pads and returns the 32-byte digest. The sponge is then spent.</summary>
    public byte[] Finish()
    {
        byte[] digest = new byte[Sha3.Length];
        Finish(digest);
        return digest;
    }

    [SkipLocalsInit]
    internal static void Hash(ReadOnlySpan<byte> data, byte padding, Span<byte> destination)
    {
        Span<ulong> state = stackalloc ulong[KeccakPermutation.Lanes];
        state.Clear();
        while (data.Length >= Rate)
        {
            Absorb(state, data);
            data = data[Rate..];
        }

        Squeeze(state, data, padding, destination);
    }

    private static void Absorb(Span<ulong> state, ReadOnlySpan<byte> block)
    {
        if (BitConverter.IsLittleEndian)
        {
            ReadOnlySpan<ulong> lanes = MemoryMarshal.Cast<byte, ulong>(block[..Rate]);
            for (int i = 0; i < lanes.Length; i++)
            {
                state[i] ^= lanes[i];
            }
        }
        else
        {
            for (int i = 0; i < RateLanes; i++)
            {
                state[i] ^= BinaryPrimitives.ReadUInt64LittleEndian(block[(i * sizeof(ulong))..]);
            }
        }

        KeccakPermutation.Apply(state);
    }

    private static void Squeeze(Span<ulong> state, ReadOnlySpan<byte> tail, byte padding, Span<byte> destination)
    {
        Span<byte> block = stackalloc byte[Rate];
        block.Clear();
        tail.CopyTo(block);
        block[tail.Length] = padding;
        block[Rate - 1] |= 0x80;
        Absorb(state, block);
        for (int i = 0; i < Sha3.Length / sizeof(ulong); i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(destination[(i * sizeof(ulong))..], state[i]);
        }
    }
}
