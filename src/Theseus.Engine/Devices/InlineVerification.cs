using System.Threading.Channels;

namespace Theseus.Engine;

/// <summary>Verifies at once, on the caller's thread.</summary>
public sealed class InlineVerification : IVerification
{
    /// <summary>Results that wait at most: more than the loop submits between two looks at them.</summary>
    private const int Capacity = 4096;

    private readonly Channel<VerificationResult> _results = Channel.CreateBounded<VerificationResult>(Capacity);

    /// <inheritdoc/>
    public ChannelReader<VerificationResult> Results => _results.Reader;

    /// <inheritdoc/>
    public bool TrySubmit(VerificationJob job) => _results.Writer.TryWrite(job.Run());
}
