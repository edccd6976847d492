using Theseus.Move.Format;
using Theseus.Move.Runtime;

namespace Theseus.Execution;

/// <summary>State of which only so many bytes may be read (execution 6, views).</summary>
internal sealed class MeteredReader(IStateReader below, long bytes) : IStateReader
{
    private long _left = bytes;

    /// <exception cref="VmException">Too much is read; the session turns it into a status.</exception>
    public byte[]? TryGet(StateKey key)
    {
        byte[]? value = below.TryGet(key);
        _left -= value?.Length ?? 0;
        return _left >= 0 ? value : throw new VmException(StatusCode.IoLimitReached, "the view reads too much");
    }
}
