using System.Runtime.ExceptionServices;

namespace Theseus.Execution;

/// <summary>
/// The holder of the state, watched: a session makes a status of every exception, but a broken disk is no outcome of a transaction. What was thrown
/// below is thrown again at the end, so a node with a broken device stops instead of diverging (record P17).
/// </summary>
internal sealed class DeviceReader(IStateReader below) : IStateReader
{
    private ExceptionDispatchInfo? _fault;

    public byte[]? TryGet(StateKey key)
    {
        try
        {
            return below.TryGet(key);
        }
        catch (Exception fault)
        {
            _fault ??= ExceptionDispatchInfo.Capture(fault);
            throw;
        }
    }

    /// <summary>Throws what a read threw; call before a result is given out.</summary>
    public void ThrowIfBroken() => _fault?.Throw();
}
