using System.Threading.Channels;

namespace Theseus.Engine;

/// <summary>The two channels between engine and application. Each side owns its end; neither blocks the other.</summary>
public sealed class ApplicationLink
{
    /// <summary>
    /// Messages that wait at most. The engine has a few requests of each kind open at a time; a full queue means that the
    /// application hangs.
    /// </summary>
    public const int Capacity = 8192;

    private readonly Channel<AppRequest> _requests = Channel.CreateBounded<AppRequest>(
        new BoundedChannelOptions(Capacity) { SingleWriter = true });
    // the engine goes on where the answer was given
    private readonly Channel<AppReply> _replies = Channel.CreateBounded<AppReply>(
        new BoundedChannelOptions(Capacity) { SingleReader = true, AllowSynchronousContinuations = true });

    /// <summary>The application reads its requests here.</summary>
    public ChannelReader<AppRequest> Requests => _requests.Reader;

    /// <summary>The application writes its answers here; it may wait when the engine is behind.</summary>
    public ChannelWriter<AppReply> Replies => _replies.Writer;

    internal ChannelWriter<AppRequest> RequestWriter => _requests.Writer;

    internal ChannelReader<AppReply> ReplyReader => _replies.Reader;

    /// <summary>Asks the application; false when its queue is full: it hangs (F26).</summary>
    internal bool TryRequest(AppRequest request) => _requests.Writer.TryWrite(request);

    /// <summary>
    /// Asks for what peers can cause as often as they like: that fills no more than half of the queue, so they cannot halt this node.
    /// </summary>
    /// <returns>False when it was not asked.</returns>
    internal bool Offer(AppRequest request) => _requests.Reader.Count < Capacity / 2 && TryRequest(request);
}
