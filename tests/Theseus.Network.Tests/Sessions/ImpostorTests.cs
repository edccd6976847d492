using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Text;
using Theseus.Protocol;

namespace Theseus.Network.Tests;

public class ImpostorTests
{
    private static readonly NodeIdentity Victim = Nodes.Identity(42);

    [Fact]
    public void TheProofSignsRoleCertificatesNoncesChainGenesisAndOverlay()
    {
        // the layout of docs/protocol/network.md, assembled by hand
        byte[] expected =
        [
            .. Encoding.ASCII.GetBytes("theseus/hello"), 1,
            .. Enumerable.Repeat((byte)0xd1, 32), .. Enumerable.Repeat((byte)0xd2, 32), .. Enumerable.Repeat((byte)0xe1, 32),
            .. Enumerable.Repeat((byte)0xe2, 32),
            4, 0, 0, 0, .. "test"u8, .. Enumerable.Repeat((byte)7, 32), 2,
        ];
        byte[] message = Handshake.SignedMessage(
            byDialer: false, Fill(0xd1), Fill(0xd2), Fill(0xe1), Fill(0xe2), Nodes.Identity(1), OverlayKind.Sync);
        Assert.Equal(expected, message);
        static byte[] Fill(byte b) => [.. Enumerable.Repeat(b, 32)];
    }

    [Fact]
    public async Task AClaimedKeyWithoutItsSignatureIsRefused()
    {
        await using TestNode node = new(1);
        await using RawPeer peer = await RawPeer.SecureAsync(node.EndPoint);
        await peer.WriteAsync(FrameKind.Hello, RawPeer.HelloBytes(Victim.PublicKey.ToArray(), new byte[32]));
        await peer.WriteAsync(FrameKind.Proof, new Proto().Bytes(1, RandomNumberGenerator.GetBytes(64)).ToArray());
        Assert.Equal(CloseReason.BadProof, (await peer.ReadCloseAsync()).Reason);
        Assert.Null(node.Overlay.Find(Victim.PublicKey));
    }

    [Fact]
    public async Task TheOtherSidesProofSentBackIsRefused()
    {
        // the mirror claims the node's nonce and a key of its own and returns the node's proof: the role in the message tells them apart
        await using TestNode node = new(1);
        await using RawPeer peer = await RawPeer.SecureAsync(node.EndPoint);
        byte[] hello = (await peer.ReadAsync())!.Value.Payload.ToArray();
        await peer.WriteAsync(FrameKind.Hello, RawPeer.HelloBytes(Victim.PublicKey.ToArray(), Proto.ReadBytes(hello, 3)));
        Frame proof = (await peer.ReadAsync())!.Value;
        Assert.Equal(FrameKind.Proof, proof.Kind);
        await peer.WriteAsync(FrameKind.Proof, proof.Payload.ToArray());
        Assert.Equal(CloseReason.BadProof, (await peer.ReadCloseAsync()).Reason);
    }

    [Fact]
    public async Task AProofOfAnEarlierSessionIsRefused()
    {
        await using TestNode node = new(1);
        byte[] nonce = new byte[32];
        byte[] recorded;
        await using (RawPeer honest = await RawPeer.SecureAsync(node.EndPoint))
        {
            byte[] hello = (await honest.ReadAsync())!.Value.Payload.ToArray();
            await honest.WriteAsync(FrameKind.Hello, RawPeer.HelloBytes(Victim.PublicKey.ToArray(), nonce));
            byte[] remote = SHA256.HashData(honest.Tls.RemoteCertificate!.GetRawCertData());
            byte[] signed = Handshake.SignedMessage(byDialer: true, honest.Certificate.Digest, remote, nonce, Proto.ReadBytes(hello, 3),
                Victim, OverlayKind.Consensus);
            recorded = new Proto().Bytes(1, Victim.Sign(signed)).ToArray();
            await honest.WriteAsync(FrameKind.Proof, recorded);
            await node.SessionWithAsync(Victim.PublicKey); // it was good there
        }

        await Nodes.UntilAsync(() => node.Overlay.PeerCount == 0, "the first session's end");
        await using RawPeer replaying = await RawPeer.SecureAsync(node.EndPoint);
        await replaying.WriteAsync(FrameKind.Hello, RawPeer.HelloBytes(Victim.PublicKey.ToArray(), nonce));
        await replaying.WriteAsync(FrameKind.Proof, recorded);
        Assert.Equal(CloseReason.BadProof, (await replaying.ReadCloseAsync()).Reason);
    }

    [Fact]
    public async Task AManInTheMiddleThatRelaysHellosAndProofsIsRefusedByBoth()
    {
        await using TestNode a = new(1);
        await using TestNode b = new(2);
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        using SessionCertificate own = SessionCertificate.Create();
        using CancellationTokenSource stop = new();
        Task relaying = RelayAsync();

        a.Overlay.KeepConnected((IPEndPoint)listener.LocalEndpoint, b.Key);
        await a.SawAsync(OverlayHappening.Refused, CloseReason.BadProof);
        await b.SawAsync(OverlayHappening.Refused, CloseReason.BadProof);
        Assert.Equal(0, a.Overlay.PeerCount + b.Overlay.PeerCount);
        await stop.CancelAsync();
        await relaying;

        async Task RelayAsync()
        {
            using Socket fromA = await listener.AcceptSocketAsync();
            using Socket toB = await RawPeer.DialAsync(b.EndPoint);
            fromA.NoDelay = true;
            await using SslStream left = await Handshake.SecureAsync(new NetworkStream(fromA), own, dialer: false, CancellationToken.None);
            await using SslStream right = await Handshake.SecureAsync(new NetworkStream(toB), own, dialer: true, CancellationToken.None);

            // The hellos and both proofs pass through, whole and unchanged; the closes are swallowed, so that each side judges by itself.
            FrameStream leftFrames = new(left);
            FrameStream rightFrames = new(right);
            for (int i = 0; i < 2; i++)
            {
                Frame down = (await leftFrames.ReadAsync(CancellationToken.None))!.Value;
                Frame up = (await rightFrames.ReadAsync(CancellationToken.None))!.Value;
                Assert.Equal(i == 0 ? FrameKind.Hello : FrameKind.Proof, down.Kind);
                await rightFrames.WriteAsync(down, CancellationToken.None);
                await leftFrames.WriteAsync(up, CancellationToken.None);
            }

            await Task.WhenAny(Task.Delay(Timeout.Infinite, stop.Token));
        }
    }

    [Fact]
    public async Task UnknownMustUnderstandBitsCloseTheSession()
    {
        await using TestNode node = new(1);
        await using RawPeer peer = await RawPeer.SecureAsync(node.EndPoint);
        await peer.WriteAsync(FrameKind.Hello, RawPeer.HelloBytes(Victim.PublicKey.ToArray(), new byte[32], mustUnderstand: 4));
        Assert.Equal(CloseReason.MustUnderstand, (await peer.ReadCloseAsync()).Reason);
    }

    [Fact]
    public async Task UnknownFieldsOfAHelloAreIgnored()
    {
        await using TestNode node = new(1);
        await using RawPeer peer = await RawPeer.SecureAsync(node.EndPoint);
        byte[] hello = [.. RawPeer.HelloBytes(Victim.PublicKey.ToArray(), new byte[32]),
            .. new Proto().Number(200, 1).Text(201, "later").ToArray()];
        await peer.WriteAsync(FrameKind.Hello, hello);
        Assert.Equal(FrameKind.Hello, (await peer.ReadAsync())!.Value.Kind);
        Assert.Equal(FrameKind.Proof, (await peer.ReadAsync())!.Value.Kind);
    }

    [Theory]
    [InlineData(31, 32)]
    [InlineData(33, 32)]
    [InlineData(32, 0)]
    [InlineData(32, 64)]
    public async Task AHelloWithFieldsOfTheWrongSizeIsMalformed(int keyLength, int nonceLength)
    {
        await using TestNode node = new(1);
        await using RawPeer peer = await RawPeer.SecureAsync(node.EndPoint);
        await peer.WriteAsync(FrameKind.Hello, RawPeer.HelloBytes(new byte[keyLength], new byte[nonceLength]));
        Assert.Equal(CloseReason.Malformed, (await peer.ReadCloseAsync()).Reason);
    }

    [Fact]
    public async Task AClientWithoutACertificateOrWithAnOlderTlsIsRefused()
    {
        await using TestNode node = new(1);
        using SessionCertificate certificate = SessionCertificate.Create();
        foreach ((bool hasCertificate, SslProtocols protocol) in new[] { (false, SslProtocols.Tls13), (true, SslProtocols.Tls12) })
        {
            using Socket socket = await RawPeer.DialAsync(node.EndPoint);
            await using SslStream tls = new(new NetworkStream(socket));
            Exception? refused = await Record.ExceptionAsync(async () =>
            {
                await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
                {
                    TargetHost = "theseus",
                    ClientCertificates = hasCertificate ? [certificate.Certificate] : null,
                    EnabledSslProtocols = protocol,
                    RemoteCertificateValidationCallback = static (_, _, _, _) => true,
                });

                // TLS 1.3 tells a client that its certificate is missing only after the handshake
                if (await tls.ReadAsync(new byte[1]) == 0)
                {
                    throw new IOException("closed");
                }
            });
            Assert.True(refused is IOException or AuthenticationException, refused?.ToString() ?? "was let in");
        }

        Assert.Equal(0, node.Overlay.PeerCount);
    }
}
