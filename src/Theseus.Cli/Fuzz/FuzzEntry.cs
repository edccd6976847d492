using System.Diagnostics;

namespace Theseus.Cli.Fuzz;

/// <summary>One way in: valid samples and what takes their mutants.</summary>
/// <param name="Name">Names it in findings.</param>
/// <param name="Samples">Valid inputs, at least one.</param>
/// <param name="Take">
/// Takes an input. It returns, whatever the input is: documented exceptions are caught in it, so that every one that leaves it is a fault.
/// </param>
internal sealed record FuzzEntry(string Name, IReadOnlyList<byte[]> Samples, Action<byte[]> Take)
{
    /// <summary>Whether samples are texts.</summary>
    public bool IsText { get; init; }

    /// <summary>What an input may make the thread allocate.</summary>
    public AllocationBound Allocation { get; init; } = AllocationBound.Decoder;

    /// <summary>How long an input may take. A slow one is tried again, and the fastest of three counts: machines pause.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Tries one input.</summary>
    /// <exception cref="FuzzFault">An exception escaped, or a bound does not hold.</exception>
    public void Try(byte[] input)
    {
        (TimeSpan time, long bytes) = Measure(input);
        for (int again = 0; again < 2 && (time > Patience || bytes > Allocation.Of(input.Length)); again++)
        {
            (TimeSpan next, long nextBytes) = Measure(input); // caches are filled and code is compiled only once
            (time, bytes) = (next < time ? next : time, long.Min(bytes, nextBytes));
        }

        if (time > Patience)
        {
            throw new FuzzFault(Name, input,
                $"{input.Length} bytes took {time.TotalMilliseconds:0} ms; {Patience.TotalMilliseconds:0} are allowed");
        }

        if (bytes > Allocation.Of(input.Length))
        {
            throw new FuzzFault(Name, input,
                $"{input.Length} bytes made it allocate {bytes} bytes; {Allocation.Of(input.Length)} are allowed");
        }
    }

    private (TimeSpan Time, long Bytes) Measure(byte[] input)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        long began = Stopwatch.GetTimestamp();
        try
        {
            Take(input);
        }
        catch (Exception e)
        {
            throw new FuzzFault(Name, input, $"{e.GetType().Name}: {e.Message}", e);
        }

        return (Stopwatch.GetElapsedTime(began), GC.GetAllocatedBytesForCurrentThread() - before);
    }
}

/// <summary>What an input may make a thread allocate, in all, freed or not.</summary>
/// <param name="Flat">Bytes whatever the input.</param>
/// <param name="PerByte">Bytes for each byte of it.</param>
internal readonly record struct AllocationBound(long Flat, long PerByte)
{
    /// <summary>
    /// A decoder makes objects of a few machine words from items of a few bytes. The worst is a list of empty byte strings: an object and a
    /// reference each from one byte. The flat part holds exceptions with their stack traces.
    /// </summary>
    public static AllocationBound Decoder { get; } = new(256 * 1024, 160);

    /// <summary>What interprets its input also keeps facts of it.</summary>
    public static AllocationBound Judge { get; } = new(8L * 1024 * 1024, 4_096);

    /// <summary>A compiler keeps trees, types and flow facts of a whole program and the libraries that it stands on.</summary>
    public static AllocationBound Compiler { get; } = new(256L * 1024 * 1024, 64 * 1024);

    /// <summary>The bound of an input.</summary>
    public long Of(int length) => Flat + (PerByte * length);
}
