namespace Theseus.Cli.Fuzz;

/// <summary>A part of the software that is given what strangers might send.</summary>
internal interface IFuzzTarget : IDisposable
{
    /// <summary>As <c>--target</c> names it.</summary>
    string Name { get; }

    /// <summary>One case; it is a function of the seed and of this software.</summary>
    /// <param name="seed">Of the case.</param>
    /// <param name="trace">Told of what is about to be tried, so that it is known should the process end.</param>
    /// <exception cref="FuzzFault">Something broke.</exception>
    void Run(ulong seed, ICaseTrace trace);

    /// <summary>Tries one given input again.</summary>
    /// <param name="entry">What takes it, as <see cref="FuzzFault.Entry"/> named it.</param>
    /// <param name="input">The bytes.</param>
    /// <exception cref="FuzzFault">It breaks, or there is no such entry.</exception>
    void Replay(string entry, byte[] input);
}

/// <summary>Keeps what a case is about to try.</summary>
internal interface ICaseTrace
{
    /// <summary>Called before the input is tried.</summary>
    void About(string entry, ReadOnlySpan<byte> input);
}

/// <summary>Something broke under an input.</summary>
/// <param name="entry">What took the input: the decoder, the kind of message, the step.</param>
/// <param name="input">The input; empty when the case is a whole conversation that its seed repeats.</param>
/// <param name="message">What happened and what was allowed.</param>
/// <param name="cause">The exception that escaped, if one did.</param>
internal sealed class FuzzFault(string entry, byte[] input, string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>What took the input.</summary>
    public string Entry { get; } = entry;

    /// <summary>The input.</summary>
    public IReadOnlyList<byte> Input { get; } = input;
}
