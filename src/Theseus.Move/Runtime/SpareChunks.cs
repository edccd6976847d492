using System.Collections.Concurrent;

namespace Theseus.Move.Runtime;

/// <summary>
/// Chunks of operands and locals that no run uses: a transaction runs three or four functions, and making a chunk for each was two thirds
/// of all that a block allocates. What a chunk counts against a session's memory does not depend on whether it is new. Safe from any
/// thread.
/// </summary>
internal sealed class SpareChunks
{
    /// <summary>Values of a chunk that is kept; one of another size is made for a single function.</summary>
    public const int Size = 1_024;

    /// <summary>Chunks kept at most: those of a few runs side by side.</summary>
    private const int Maximum = 8;

    private const int Frames = 16;

    private readonly ConcurrentQueue<Value[]> _spare = new();
    private readonly ConcurrentQueue<Interpreter.Frame[]> _frames = new();

    /// <summary>A chunk of <see cref="Size"/> values, all of them default.</summary>
    public Value[] Take() => _spare.TryDequeue(out Value[]? chunk) ? chunk : new Value[Size];

    /// <summary>Gives a chunk back. Nothing may refer to its positions any more: the next run writes over them.</summary>
    public void Return(Value[] chunk)
    {
        if (chunk.Length == Size && _spare.Count < Maximum)
        {
            Array.Clear(chunk);
            _spare.Enqueue(chunk);
        }
    }

    /// <summary>Places for the frames of a run, as few as most need; all of them default.</summary>
    public Interpreter.Frame[] TakeFrames() => _frames.TryDequeue(out Interpreter.Frame[]? frames) ? frames : new Interpreter.Frame[Frames];

    /// <summary>Gives frames back.</summary>
    public void Return(Interpreter.Frame[] frames)
    {
        if (frames.Length == Frames && _frames.Count < Maximum)
        {
            Array.Clear(frames);
            _frames.Enqueue(frames);
        }
    }
}
