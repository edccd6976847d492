using Theseus.Move.Format;
using Theseus.Move.Rules;

namespace Theseus.Move.Runtime;

/// <summary>
/// Allocation of a session in all, freed or not, in words of 16 bytes (<see cref="MemoryCosts"/>): running out of memory must be
/// unreachable, and the limit the same on every node.
/// </summary>
internal sealed class MemoryMeter(RuntimeLimits limits)
{
    private readonly MemoryCosts _costs = limits.MemoryCosts;
    private long _left = limits.Memory / MachineWords.Bytes;

    /// <summary>Bytes counted so far.</summary>
    public long Used => limits.Memory - (_left * MachineWords.Bytes);

    /// <exception cref="VmException">More than the session may allocate.</exception>
    public void Words(long words)
    {
        _left -= words;
        if (_left < 0)
        {
            throw new VmException(StatusCode.MemoryLimitExceeded, "the transaction allocates too much");
        }
    }

    /// <summary>A struct of so many fields.</summary>
    public void Struct(int fields) => Words(_costs.Struct + fields);

    /// <summary>A vector with room for so many elements that are no bytes.</summary>
    public void Vector(long elements) => Words(_costs.Vector + elements);

    /// <summary>A vector&lt;u8&gt; with room for so many bytes.</summary>
    public void Bytes(long bytes) => Words(_costs.Vector + Rounded(bytes));

    /// <summary>A u128, u256, address or signer.</summary>
    public void Box() => Words(_costs.Box);

    /// <summary>A state item, table or event with so many bytes that are kept.</summary>
    public void Item(long bytes) => Words(_costs.Item + Rounded(bytes));

    /// <summary>The encoding of a value of so many words.</summary>
    public void Encoding(long words) => Words(_costs.EncodedWord * words);

    /// <summary>Words that hold so many bytes.</summary>
    public static long Rounded(long bytes) => (bytes + MachineWords.Bytes - 1) / MachineWords.Bytes;
}
