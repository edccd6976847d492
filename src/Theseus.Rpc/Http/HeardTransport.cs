using System.IO.Pipelines;

namespace Theseus.Rpc;

/// <summary>
/// A connection's bytes as they come, telling of each read that has any: from the first on the connection is not idle, though no request of
/// it has been read whole.
/// </summary>
/// <param name="inner">The connection's own.</param>
/// <param name="heard">Told when a read has bytes.</param>
internal sealed class HeardTransport(IDuplexPipe inner, Action heard) : IDuplexPipe
{
    /// <inheritdoc/>
    public PipeReader Input { get; } = new Reader(inner.Input, heard);

    /// <inheritdoc/>
    public PipeWriter Output => inner.Output;

    private sealed class Reader(PipeReader inner, Action heard) : PipeReader
    {
        public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
            Tell(await inner.ReadAsync(cancellationToken));

        public override bool TryRead(out ReadResult result)
        {
            bool isRead = inner.TryRead(out result);
            if (isRead)
            {
                Tell(result);
            }

            return isRead;
        }

        public override void AdvanceTo(SequencePosition consumed) => inner.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => inner.AdvanceTo(consumed, examined);

        public override void CancelPendingRead() => inner.CancelPendingRead();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        private ReadResult Tell(ReadResult result)
        {
            if (!result.Buffer.IsEmpty)
            {
                heard();
            }

            return result;
        }
    }
}
