using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Google.Protobuf;
using Theseus.Network.Wire.Session;
using Theseus.Protocol;

namespace Theseus.Network;

/// <summary>What the other side proved about itself.</summary>
/// <param name="NodeKey">Its Ed25519 key.</param>
/// <param name="Software">Its version text, at most 64 characters.</param>
/// <param name="Modules">Module ids that it says it can run.</param>
/// <param name="ListenPort">Where it listens on this overlay, 0 when it does not.</param>
public sealed record PeerHello(Hash32 NodeKey, string Software, IReadOnlyList<Hash32> Modules, int ListenPort);

/// <summary>
/// Opens a session: TLS 1.3 with certificates on both sides, then hello and proof. The proof signs
/// "theseus/hello" ‖ role u8 (0 dialer, 1 listener) ‖ dialer's and listener's certificate digests ‖ dialer's and
/// listener's nonces ‖ chain (length u32, UTF-8) ‖ genesis hash ‖ overlay u8, all fixed-width little-endian.
/// </summary>
public static class Handshake
{
    /// <summary>The only dialect so far.</summary>
    public const uint Dialect = 1;

    private const int MaximumModules = 64;
    private static readonly byte[] Domain = Encoding.ASCII.GetBytes("theseus/hello");

    /// <summary>TLS over a connected stream.</summary>
    public static async Task<SslStream> SecureAsync(Stream transport, SessionCertificate own, bool dialer, CancellationToken cancellation)
    {
        SslStream tls = new(transport, leaveInnerStreamOpen: false);
        if (dialer)
        {
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = "theseus",
                    ClientCertificates = [own.Certificate],
                    EnabledSslProtocols = SslProtocols.Tls13,
                    AllowTlsResume = false, // resumption drops the client certificate
                    CertificateChainPolicy = TrustNobody(),
                    RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null,
                },
                cancellation);
        }
        else
        {
            await tls.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    ServerCertificate = own.Certificate,
                    ClientCertificateRequired = true,
                    EnabledSslProtocols = SslProtocols.Tls13,
                    AllowTlsResume = false,
                    CertificateChainPolicy = TrustNobody(),
                    RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null,
                },
                cancellation);
        }

        return tls;
    }

    // The key's proof binds the certificate; what it says of itself means nothing. Least of all is what it names to be fetched.
    private static X509ChainPolicy TrustNobody() => new()
    {
        DisableCertificateDownloads = true,
        RevocationMode = X509RevocationMode.NoCheck,
        TrustMode = X509ChainTrustMode.CustomRootTrust,
    };

    /// <summary>
    /// Says the end of the stream (close_notify). On a connection that is gone already nobody hears it, and that is no fault.
    /// </summary>
    internal static async Task FarewellAsync(SslStream tls)
    {
        try
        {
            await tls.ShutdownAsync();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // the TLS library's own exception type is not public, and a connection may end in many ways
        }
    }

    /// <summary>Exchanges hellos and proofs.</summary>
    /// <exception cref="WireException">The other side is on another chain or overlay, is this node itself, or proves nothing.</exception>
    public static async Task<PeerHello> RunAsync(
        FrameStream frames,
        SslStream tls,
        SessionCertificate own,
        NodeIdentity identity,
        OverlayKind overlay,
        int listenPort,
        bool dialer,
        CancellationToken cancellation)
    {
        byte[] nonce = RandomNumberGenerator.GetBytes(32);
        Hello mine = new()
        {
            Dialect = Dialect,
            NodeKey = ByteString.CopyFrom(identity.PublicKey.ToArray()),
            Nonce = ByteString.CopyFrom(nonce),
            Chain = identity.Chain,
            GenesisHash = ByteString.CopyFrom(identity.GenesisHash.ToArray()),
            Overlay = Name(overlay),
            Software = identity.Software,
            ListenPort = (uint)listenPort,
        };
        mine.Modules.AddRange(identity.Modules.Select(id => ByteString.CopyFrom(id.ToArray())));
        await frames.WriteAsync(new Frame(FrameKind.Hello, 0, mine.ToByteArray()), cancellation);

        Hello theirs = Parse(Hello.Parser, await ExpectAsync(frames, FrameKind.Hello, cancellation));
        Hash32 theirKey = Judge(theirs, identity, overlay);
        X509Certificate remote = tls.RemoteCertificate ?? throw new WireException(CloseReason.BadProof, "the peer has no certificate");
        byte[] theirDigest = SHA256.HashData(remote.GetRawCertData());
        byte[] theirNonce = theirs.Nonce.ToByteArray();
        byte[] Message(bool byDialer) => dialer
            ? SignedMessage(byDialer, own.Digest, theirDigest, nonce, theirNonce, identity, overlay)
            : SignedMessage(byDialer, theirDigest, own.Digest, theirNonce, nonce, identity, overlay);

        Proof proof = new() { Signature = ByteString.CopyFrom(identity.Sign(Message(dialer))) };
        await frames.WriteAsync(new Frame(FrameKind.Proof, 0, proof.ToByteArray()), cancellation);
        Proof answer = Parse(Proof.Parser, await ExpectAsync(frames, FrameKind.Proof, cancellation));
        if (answer.Signature.Length != 64 || !identity.Verify(theirKey, Message(!dialer), answer.Signature.ToByteArray()))
        {
            throw new WireException(CloseReason.BadProof, "the hello's signature is wrong");
        }

        return new PeerHello(theirKey, theirs.Software, [.. theirs.Modules.Select(id => new Hash32(id.Span))], (int)theirs.ListenPort);
    }

    // Answered within one round trip, before any proof: an operator sees at once what is wrong.
    private static Hash32 Judge(Hello theirs, NodeIdentity identity, OverlayKind overlay)
    {
        if (theirs.NodeKey.Length != 32 || theirs.Nonce.Length != 32 || theirs.GenesisHash.Length != 32
            || theirs.Modules.Count > MaximumModules || theirs.Modules.Any(id => id.Length != 32)
            || theirs.Software.Length > 64 || theirs.ListenPort > ushort.MaxValue)
        {
            throw new WireException(CloseReason.Malformed, "hello with fields of the wrong size");
        }

        if (theirs.Chain != identity.Chain || new Hash32(theirs.GenesisHash.Span) != identity.GenesisHash)
        {
            string other = $"{Short(theirs.Chain)} ({Convert.ToHexStringLower(theirs.GenesisHash.Span)})";
            throw new WireException(CloseReason.WrongChain, $"this is {identity.Chain} ({identity.GenesisHash}), the peer is on {other}");
        }

        if (theirs.Overlay != Name(overlay))
        {
            throw new WireException(
                CloseReason.WrongOverlay, $"this is the {Name(overlay)} overlay, the peer wants {Short(theirs.Overlay)}");
        }

        if (theirs.MustUnderstand != 0)
        {
            throw new WireException(CloseReason.MustUnderstand, $"unknown must-understand bits {theirs.MustUnderstand:x}");
        }

        Hash32 theirKey = new(theirs.NodeKey.Span);
        return theirKey != identity.PublicKey ? theirKey : throw new WireException(CloseReason.Self, "the peer is this node");
    }

    /// <summary>The bytes that a proof signs.</summary>
    public static byte[] SignedMessage(
        bool byDialer,
        byte[] dialerCertificate,
        byte[] listenerCertificate,
        byte[] dialerNonce,
        byte[] listenerNonce,
        NodeIdentity identity,
        OverlayKind overlay)
    {
        byte[] chain = Encoding.UTF8.GetBytes(identity.Chain);
        BcsWriter writer = new(256);
        writer.Raw(Domain).U8(byDialer ? (byte)0 : (byte)1)
            .Raw(dialerCertificate).Raw(listenerCertificate).Raw(dialerNonce).Raw(listenerNonce)
            .U32((uint)chain.Length).Raw(chain).Hash(identity.GenesisHash).U8((byte)overlay);
        return writer.ToArray();
    }

    /// <summary>An overlay's name in the hello.</summary>
    public static string Name(OverlayKind overlay) => overlay switch
    {
        OverlayKind.Consensus => "consensus",
        OverlayKind.Sync => "sync",
        _ => "mempool",
    };

    private static async Task<ReadOnlyMemory<byte>> ExpectAsync(FrameStream frames, FrameKind kind, CancellationToken cancellation)
    {
        Frame frame = await frames.ReadAsync(cancellation)
            ?? throw new WireException(CloseReason.Lost, "the peer closed during the handshake");
        if (frame.Kind == FrameKind.Close)
        {
            Close close = Parse(Close.Parser, frame.Payload);
            throw new WireException((CloseReason)close.Reason, $"refused by the peer: {Short(close.Detail)}", byPeer: true);
        }

        return frame.Kind == kind
            ? frame.Payload
            : throw new WireException(CloseReason.Malformed, $"frame {frame.Kind} where {kind} is due");
    }

    internal static T Parse<T>(MessageParser<T> parser, ReadOnlyMemory<byte> payload) where T : IMessage<T>
    {
        try
        {
            return parser.ParseFrom(payload.Span);
        }
        catch (InvalidProtocolBufferException)
        {
            throw new WireException(CloseReason.Malformed, $"not a {typeof(T).Name}");
        }
    }

    private static string Short(string text) => text.Length <= 64 ? text : text[..64];
}
