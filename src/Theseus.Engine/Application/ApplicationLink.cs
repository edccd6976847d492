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
}
