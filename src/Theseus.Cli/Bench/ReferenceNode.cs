using System.Buffers.Binary;
using System.CommandLine;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using Theseus.Node;
using Theseus.Protocol;

namespace Theseus.Cli.Bench;

/// <summary>
/// The bare loop that the engine is measured against: four processes, a TLS mesh, signed proposals and votes, one synced
/// append for each own vote, and nothing else. No timeouts, no rounds, no checks but the signature, no recovery: it is
/// what the machine allows, not a protocol.
/// </summary>
internal static class ReferenceNode
{
    public const string Name = "bench-reference";

    /// <summary>kind u8 | height u64 | sender u8 | value 32 | signature 64</summary>
    private const int MessageLength = 1 + 8 + 1 + 32 + 64;

    private const int SignedLength = MessageLength - 64;

    private enum Kind : byte
    {
        Proposal = 1,
        Prevote = 2,
        Precommit = 3,
    }

    public static Command Command()
    {
        Option<string> home = new("--home") { Description = "Folder with node.json", Required = true };
        Command command = new(Name, "One process of the bench's bare loop") { home };
        command.Hidden = true;
        command.SetAction(async (parsed, cancellation) => await RunAsync(parsed.GetValue(home)!, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(string home, CancellationToken cancellation)
    {
        NodeConfig config = NodeConfig.Load(home);
        byte[] seed = Convert.FromHexString(File.ReadAllText(Path.Combine(home, config.KeyFile)).Trim());
        byte[] own = Ed25519.PublicKey(seed);
        List<byte[]> keys = [.. config.Peers.Select(peer => Convert.FromHexString(peer.Key)).Append(own)
            .OrderBy(Convert.ToHexString, StringComparer.Ordinal)];
        int self = keys.FindIndex(key => key.AsSpan().SequenceEqual(own));
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Mesh mesh = await Mesh.ConnectAsync(config, keys, self, stop.Token);
        using FileStream log = new(Path.Combine(home, "votes.log"), FileMode.Create, FileAccess.Write, FileShare.None, 0);
        Loop loop = new(seed, keys, self, mesh, log);
        Task running = Task.Run(() => loop.RunAsync(stop.Token), CancellationToken.None);
        await BenchLink.ServeAsync(() => (loop.Decided, 0));
        await stop.CancelAsync();
        try
        {
            await running;
        }
        catch (OperationCanceledException)
        {
            // asked for
        }

        return ExitCode.Clean;
    }

    private sealed class Loop(byte[] seed, IReadOnlyList<byte[]> keys, int self, Mesh mesh, FileStream log)
    {
        private readonly List<byte[]> _early = [];
        private readonly int _quorum = (keys.Count * 2 / 3) + 1;
        private ulong _decided;
        private ulong _height = 1;
        private int _prevotes;
        private int _precommits;
        private bool _precommitted;

        public ulong Decided => Interlocked.Read(ref _decided);

        public async Task RunAsync(CancellationToken cancellation)
        {
            Begin();
            while (!cancellation.IsCancellationRequested)
            {
                Take(await mesh.Inbox.ReadAsync(cancellation));
            }
        }

        private void Begin()
        {
            (_prevotes, _precommits, _precommitted) = (0, 0, false);
            if ((int)(_height % (ulong)keys.Count) == self)
            {
                byte[] proposal = Sign(Kind.Proposal);
                mesh.Broadcast(proposal);
                Take(proposal);
            }

            byte[][] early = [.. _early];
            _early.Clear();
            foreach (byte[] message in early)
            {
                Take(message);
            }
        }

        private void Take(byte[] message)
        {
            ulong height = BinaryPrimitives.ReadUInt64LittleEndian(message.AsSpan(1));
            if (height != _height)
            {
                if (height > _height)
                {
                    _early.Add(message);
                }

                return;
            }

            int sender = message[9];
            if (sender != self && !Ed25519.Verify(keys[sender], message.AsSpan(0, SignedLength), message.AsSpan(SignedLength)))
            {
                throw new InvalidOperationException("a signature of the bench is wrong");
            }

            switch ((Kind)message[0])
            {
                case Kind.Proposal:
                    Vote(Kind.Prevote);
                    break;
                case Kind.Prevote:
                    _prevotes++;
                    if (_prevotes >= _quorum && !_precommitted)
                    {
                        _precommitted = true;
                        Vote(Kind.Precommit);
                    }

                    break;
                case Kind.Precommit:
                    _precommits++;
                    if (_precommits == _quorum)
                    {
                        Interlocked.Exchange(ref _decided, _height);
                        _height++;
                        Begin();
                    }

                    break;
            }
        }

        private void Vote(Kind kind)
        {
            byte[] vote = Sign(kind);
            log.Write(vote);
            log.Flush(flushToDisk: true);
            mesh.Broadcast(vote);
            Take(vote);
        }

        private byte[] Sign(Kind kind)
        {
            byte[] message = new byte[MessageLength];
            message[0] = (byte)kind;
            BinaryPrimitives.WriteUInt64LittleEndian(message.AsSpan(1), _height);
            message[9] = (byte)self;
            Ed25519.Sign(seed, message.AsSpan(0, SignedLength)).CopyTo(message.AsSpan(SignedLength));
            return message;
        }
    }

    /// <summary>One TLS connection for each pair: the lower index dials.</summary>
    private sealed class Mesh
    {
        private readonly Channel<byte[]> _inbox = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(8_192) { SingleReader = true });
        private readonly List<Channel<byte[]>> _outboxes = [];

        public ChannelReader<byte[]> Inbox => _inbox.Reader;

        public static async Task<Mesh> ConnectAsync(NodeConfig config, List<byte[]> keys, int self, CancellationToken cancellation)
        {
            Mesh mesh = new();
            using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            CertificateRequest request = new("CN=bench", key, HashAlgorithmName.SHA256);
            using X509Certificate2 made = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
            X509Certificate2 certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
            TcpListener listener = new(IPAddress.Loopback, config.Ports.Consensus);
            listener.Start();
            List<Task<SslStream>> opening = [];
            foreach (PeerAddress peer in config.Peers)
            {
                int index = keys.FindIndex(k => Convert.ToHexStringLower(k) == peer.Key);
                opening.Add(index > self ? DialAsync(peer.ConsensusPort, certificate, cancellation)
                    : AcceptAsync(listener, certificate, cancellation));
            }

            foreach (SslStream stream in await Task.WhenAll(opening))
            {
                Channel<byte[]> outbox = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(8_192) { SingleReader = true });
                mesh._outboxes.Add(outbox);
                _ = WriteAsync(stream, outbox.Reader, cancellation);
                _ = mesh.ReadAsync(stream, cancellation);
            }

            listener.Stop();
            return mesh;
        }

        public void Broadcast(byte[] message)
        {
            foreach (Channel<byte[]> outbox in _outboxes)
            {
                outbox.Writer.TryWrite(message);
            }
        }

        private static async Task<SslStream> DialAsync(int port, X509Certificate2 certificate, CancellationToken cancellation)
        {
            while (true)
            {
                Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    await socket.ConnectAsync(IPAddress.Loopback, port, cancellation);
                }
                catch (SocketException)
                {
                    socket.Dispose();
                    await Task.Delay(20, cancellation); // the peer starts at the same time
                    continue;
                }

                SslStream stream = new(new NetworkStream(socket, ownsSocket: true));
                await stream.AuthenticateAsClientAsync(
                    new SslClientAuthenticationOptions
                    {
                        TargetHost = "bench",
                        ClientCertificates = [certificate],
                        EnabledSslProtocols = SslProtocols.Tls13,
                        // votes are signed; the bare loop has no identities
                        RemoteCertificateValidationCallback = static (_, _, _, _) => true,
                    },
                    cancellation);
                return stream;
            }
        }

        private static async Task<SslStream> AcceptAsync(TcpListener listener, X509Certificate2 certificate, CancellationToken cancellation)
        {
            Socket socket = await listener.AcceptSocketAsync(cancellation);
            socket.NoDelay = true;
            SslStream stream = new(new NetworkStream(socket, ownsSocket: true));
            await stream.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    ServerCertificate = certificate,
                    ClientCertificateRequired = true,
                    EnabledSslProtocols = SslProtocols.Tls13,
                    RemoteCertificateValidationCallback = static (_, _, _, _) => true,
                },
                cancellation);
            return stream;
        }

        private static async Task WriteAsync(SslStream stream, ChannelReader<byte[]> outbox, CancellationToken cancellation)
        {
            try
            {
                await foreach (byte[] message in outbox.ReadAllAsync(cancellation))
                {
                    await stream.WriteAsync(message, cancellation);
                }
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // the bench ends
            }
        }

        private async Task ReadAsync(SslStream stream, CancellationToken cancellation)
        {
            try
            {
                while (true)
                {
                    byte[] message = new byte[MessageLength];
                    await stream.ReadExactlyAsync(message, cancellation);
                    await _inbox.Writer.WriteAsync(message, cancellation);
                }
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // the bench ends
            }
        }
    }
}
