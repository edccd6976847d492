namespace Theseus.Move.Rules;

/// <summary>
/// What objects weigh in the memory meter, in words of 16 bytes. Each is at least what the host allocates, so that what is
/// allowed bounds what is used; a stack fixes them because the limit shows in receipts.
/// </summary>
public sealed record MemoryCosts
{
    /// <summary>A struct, beside a word for each field: the header of an array.</summary>
    public long Struct { get; init; } = 2;

    /// <summary>A vector, beside a word for each element or for each 16 bytes: an object and the header of an array.</summary>
    public long Vector { get; init; } = 4;

    /// <summary>A u128, u256, address or signer: the object that holds it.</summary>
    public long Box { get; init; } = 4;

    /// <summary>
    /// What a value's encoding takes for each word of the value: up to 32 bytes for an address, and the growth of the buffer.
    /// </summary>
    public long EncodedWord { get; init; } = 10;

    /// <summary>What is kept of a state item, a table or an event beside its bytes.</summary>
    public long Item { get; init; } = 64;
}
