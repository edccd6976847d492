namespace Theseus.Move.Format;

/// <summary>What became of bytes that claim to be a module or a script.</summary>
/// <param name="Value">The decoded unit, null when refused.</param>
/// <param name="Status"><see cref="StatusCode.Executed"/> when accepted, else why not.</param>
/// <param name="Message">A sentence for the author, empty when accepted.</param>
/// <param name="Offset">The byte at which reading stopped.</param>
public readonly record struct DecodeResult<T>(T? Value, StatusCode Status, string Message, int Offset) where T : class
{
    /// <summary>Whether the bytes were accepted; <see cref="Value"/> is not null then.</summary>
    public bool IsOk => Value is not null;
}

/// <summary>Carries a refusal from the depth of the reader to its edge; never leaves this folder.</summary>
internal sealed class DecodeException(StatusCode status, string message, int offset) : Exception(message)
{
    public StatusCode Status { get; } = status;

    public int Offset { get; } = offset;
}
