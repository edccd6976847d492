using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Theseus.Cli.Fuzz.Sockets;
using Theseus.Consensus;
using Theseus.Network;

namespace Theseus.Cli.Fuzz.Targets;

/// <summary>
/// A localnet of real processes whose first node is called by strangers: sessions on the three overlays, JSON-RPC and HTTP, all with
/// mutants.
/// </summary>
/// <param name="chain">The chain of the samples; made when it is first needed.</param>
/// <param name="basePort">Ports of the localnet begin here; 0 takes some that are free.</param>
internal sealed class SocketTarget(Func<FuzzChain> chain, int basePort) : IFuzzTarget
{
    /// <summary>As <c>--target</c> names it.</summary>
    public const string TargetName = "sockets";

    private const int FramesOfSession = 24;

    /// <summary>Cases between two looks at the node.</summary>
    private const int LookEvery = 16;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http = new() { Timeout = Patience };
    private readonly List<byte[]> _heard = [];
    private AttackedNode? _node;
    private byte[][] _payloads = [];
    private IReadOnlyList<byte[]> _bodies = [];
    private IReadOnlyList<byte[]> _requests = [];
    private int _cases;
    private (long Sessions, long Frames, long Answers) _reached;

    /// <inheritdoc/>
    public string Name => TargetName;

    /// <inheritdoc/>
    public void Run(ulong seed, ICaseTrace trace)
    {
        if (_node is null)
        {
            FuzzChain over = chain();
            ConsensusSamples samples = new(over);
            _payloads =
            [
                .. samples.Messages.Select(static message => Envelopes.Consensus(
                    (ushort)Engine.FrameKind.Consensus, message.Height, Canonical.Encode(message)).Payload.ToArray()),
                .. samples.Frames(over).Select(static frame => Envelopes.Sync((ushort)frame.Kind, 3, frame.Bytes).Payload.ToArray()),
                Envelopes.Transactions([.. TransactionSamples.Of(over)]).Payload.ToArray(),
            ];
            (_bodies, _requests) = (RpcSamples.Bodies(over), RpcSamples.Requests(over));
            _node = new AttackedNode(basePort);
        }

        FuzzRandom random = new(seed);
        using CancellationTokenSource late = new(Patience);
        try
        {
            (random.Below(8) switch
            {
                0 => GarbageAsync(random, trace, late.Token),
                1 or 2 => RequestAsync(random, trace, late.Token),
                3 or 4 => CallAsync(random, trace, late.Token),
                _ => SessionAsync(seed, random, trace, late.Token),
            }).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is IOException or SocketException or WireException or OperationCanceledException or HttpRequestException
            or System.Security.Authentication.AuthenticationException or ObjectDisposedException or InvalidOperationException)
        {
            // refused, banned, cut off or kept waiting: a stranger has no right to more
        }

        if (++_cases % LookEvery == 0)
        {
            _node.Judge();
        }
    }

    /// <inheritdoc/>
    public void Replay(string entry, byte[] input) =>
        throw new FuzzFault(entry, input, "a conversation is repeated by its seed: leave out --input and give --seed");

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_node is not null)
        {
            (long sessions, long frames, long answers) = _reached;
            Terminal.Say($"fuzz: sockets: {sessions} sessions took {frames} frames, {answers} calls were answered; {_node}");
            _node.Dispose();
        }

        _http.Dispose();
    }

    private OverlayKind SomeOverlay(FuzzRandom random) => (OverlayKind)(1 + random.Below(3));

    private byte[] Payload(FuzzRandom random)
    {
        byte[] heard = [];
        lock (_heard)
        {
            heard = _heard.Count > 0 ? random.Of(_heard) : heard;
        }

        byte[] sample = heard.Length > 0 && random.OneIn(2) ? heard : random.Of(_payloads);
        return random.OneIn(6) ? sample : Mutator.Mutate(sample, random.Of(_payloads), random);
    }

    private async Task SessionAsync(ulong seed, FuzzRandom random, ICaseTrace trace, CancellationToken cancellation)
    {
        OverlayKind overlay = SomeOverlay(random);
        await using StrangerSession session = await StrangerSession.OpenAsync(
            _node!.Net, _node.Node, overlay, StrangerSession.Key(seed), _heard, cancellation);
        _reached.Sessions++;
        FrameKind own = overlay switch { OverlayKind.Consensus => FrameKind.Consensus, OverlayKind.Sync => FrameKind.Sync, _ =>
            FrameKind.Transactions };
        for (int left = 1 + random.Below(FramesOfSession); left > 0; left--)
        {
            byte[] payload = Payload(random);
            trace.About(overlay.ToString(), payload);
            if (random.OneIn(12))
            {
                byte[] header = new byte[FrameLimits.HeaderLength];
                BinaryPrimitives.WriteUInt16LittleEndian(header, (ushort)(random.OneIn(2) ? (int)own : random.Below(60)));
                BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(2), (uint)Extremes.Near((ulong)payload.Length, random));
                BinaryPrimitives.WriteUInt64LittleEndian(header.AsSpan(6), random.Of(Extremes.Numbers));
                await session.SendRawAsync([.. header, .. payload], cancellation);
            }
            else
            {
                FrameKind kind = random.OneIn(10) ? (FrameKind)random.Below(60) : own;
                await session.SendAsync(new Frame(kind, random.OneIn(3) ? random.Of(Extremes.Numbers) : 5, payload), cancellation);
            }

            _reached.Frames++;
        }
    }

    // before any session: bytes on the plain port, or hellos that are none
    private async Task GarbageAsync(FuzzRandom random, ICaseTrace trace, CancellationToken cancellation)
    {
        int port = StrangerSession.Port(_node!.Node, SomeOverlay(random));
        byte[] bytes = random.OneIn(2) ? random.Bytes(random.Below(2_000)) : Payload(random);
        trace.About("garbage", bytes);
        if (random.OneIn(2))
        {
            await SendPlainAsync(port, bytes, random, cancellation);
            return;
        }

        await using SslStream tls = await StrangerSession.SecureAsync(port, cancellation);
        byte[] header = new byte[FrameLimits.HeaderLength];
        BinaryPrimitives.WriteUInt16LittleEndian(header, (ushort)(1 + random.Below(3)));
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(2),
            random.OneIn(3) ? (uint)random.Of(Extremes.Numbers) : (uint)bytes.Length);
        await tls.WriteAsync((byte[])[.. header, .. bytes], cancellation);
        await tls.FlushAsync(cancellation);
        _ = await tls.ReadAtLeastAsync(new byte[100], 1, throwOnEndOfStream: false, cancellation);
    }

    private async Task RequestAsync(FuzzRandom random, ICaseTrace trace, CancellationToken cancellation)
    {
        byte[] bytes = Mutator.MutateText(random.Of(_requests), random.Of(_requests), random);
        trace.About("http", bytes);
        await SendPlainAsync(_node!.Node.RpcPort, bytes, random, cancellation);
    }

    private static async Task SendPlainAsync(int port, byte[] bytes, FuzzRandom random, CancellationToken cancellation)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port, cancellation);
        await socket.SendAsync(bytes, cancellation);
        if (random.OneIn(2))
        {
            socket.Shutdown(SocketShutdown.Send);
            await socket.ReceiveAsync(new byte[1_000], cancellation);
        }
    }

    private async Task CallAsync(FuzzRandom random, ICaseTrace trace, CancellationToken cancellation)
    {
        byte[] body = random.OneIn(4) ? random.Of(_bodies) : Mutator.MutateText(random.Of(_bodies), random.Of(_bodies), random);
        trace.About("rpc", body);
        using ByteArrayContent content = new(body);
        content.Headers.ContentType = new System.Net.Http.Headers.MediaTypeHeaderValue("application/json");
        using HttpResponseMessage answer = await _http.PostAsync(new Uri(_node!.Node.Url + "/rpc/v1"), content, cancellation);
        byte[] said = await answer.Content.ReadAsByteArrayAsync(cancellation);
        _reached.Answers++;
        if ((int)answer.StatusCode >= 500 && answer.StatusCode != HttpStatusCode.ServiceUnavailable)
        {
            throw new FuzzFault("rpc", body, $"the node answers {(int)answer.StatusCode}");
        }

        if (System.Text.Encoding.UTF8.GetString(said).Contains("-32603", StringComparison.Ordinal))
        {
            throw new FuzzFault("rpc", body, "an internal error: " + System.Text.Encoding.UTF8.GetString(said));
        }
    }
}
