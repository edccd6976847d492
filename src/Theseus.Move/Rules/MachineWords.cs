namespace Theseus.Move.Rules;

/// <summary>
/// How the machine counts memory and grows vectors: shared by all stacks, and part of every stack's id, since the count reaches the
/// memory limit.
/// </summary>
public static class MachineWords
{
    /// <summary>Bytes of a word of memory.</summary>
    public const int Bytes = 16;

    /// <summary>Words of an array's header.</summary>
    public const int VectorHeader = 2;

    /// <summary>Room of a vector&lt;u8&gt; after its first push, in bytes.</summary>
    public const int FirstBytes = 16;

    /// <summary>Room of another vector after its first push, in elements.</summary>
    public const int FirstElements = 4;

    /// <summary>A full vector grows to so many times its elements.</summary>
    public const int Growth = 2;
}
