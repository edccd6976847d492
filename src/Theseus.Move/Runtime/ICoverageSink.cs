namespace Theseus.Move.Runtime;

/// <summary>Learns which basic blocks a session enters. For test tools; has no effect on execution, gas or results.</summary>
public interface ICoverageSink
{
    /// <param name="function">The function.</param>
    /// <param name="offset">The first instruction of the block.</param>
    void Enter(LoadedFunction function, int offset);
}
