using System.CommandLine;
using Theseus.Consensus;
using Theseus.Engine;
using Theseus.Node;
using Theseus.Protocol;

namespace Theseus.Cli.Bench;

/// <summary>
/// A whole consensus node with an application that does nothing: the engine over real sockets and a real disk, empty
/// values, no pause between heights. Started by the bench, asked for its height over its standard input.
/// </summary>
internal static class BenchNode
{
    public const string Name = "bench-node";

    private const string Chain = "bench";

    private static readonly Hash32 Genesis = Hashing.Sha256("theseus bench"u8);

    public static Command Command()
    {
        Option<string> home = new("--home") { Description = "Folder with node.json", Required = true };
        Command command = new(Name, "One node of the bench") { home };
        command.Hidden = true;
        command.SetAction(async (parsed, cancellation) => await RunAsync(parsed.GetValue(home)!, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(string home, CancellationToken cancellation)
    {
        NodeConfig config = NodeConfig.Load(home);
        NodeKey key = NodeKey.Load(Path.Combine(home, config.KeyFile));
        IEnumerable<string> keys = config.Peers.Select(peer => peer.Key).Append(key.PublicKey.ToString());
        ValidatorSet set = ValidatorSet.Create(keys.Select(hex => new Validator(ValidatorId.FromHex(hex), ByteString.FromHex(hex), 1)),
            new ValueId(Genesis.ToArray()));
        ValidatorId self = new(key.PublicKey.ToArray());
        Directory.CreateDirectory(Path.Combine(home, "consensus"));
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        ApplicationLink link = new();
        NullApplication application = new(link, set, new SignContext(Chain, new ValueId(Genesis.ToArray()), 1));
        await using EngineHost host = new(
            config, home, key, Chain, Genesis, [], "theseus-bench", TimeProvider.System, new EngineApplication(
            link,
            static (value, content) => NullApplication.IdOf(content) == value,
            () => set,
            self,
            happened =>
            {
                if (happened is EngineEvent.HeightDecided { Round: > 0 })
                {
                    Interlocked.Increment(ref application.LateHeights);
                }
                else if (happened is EngineEvent.Halted halted)
                {
                    Console.Error.WriteLine(halted);
                }
            }));
        host.Start();
        Task answering = application.RunAsync(stop.Token);
        await BenchLink.ServeAsync(() => (application.Tip, Interlocked.Read(ref application.LateHeights)));
        await stop.CancelAsync();
        try
        {
            await answering;
        }
        catch (OperationCanceledException)
        {
            // asked for
        }

        return host.Engine.IsHalted ? ExitCode.Failure : ExitCode.Clean;
    }

    /// <summary>Values are their heights; nothing is stored but the last ones, for a node that fell behind.</summary>
    private sealed class NullApplication(ApplicationLink link, ValidatorSet set, SignContext context)
    {
        /// <summary>Decided heights kept for a node that fell behind by a moment.</summary>
        private const int Kept = 4_096;

        private static readonly ValueId Module = new(Sha3.Hash256("theseus bench application"u8));

        private readonly DecidedHeight?[] _decided = new DecidedHeight?[Kept];
        private ulong _tip;

        public long LateHeights;

        public ulong Tip => Interlocked.Read(ref _tip);

        public static ValueId IdOf(ReadOnlySpan<byte> content) => new(Sha3.Hash256(content));

        public async Task RunAsync(CancellationToken cancellation)
        {
            await foreach (AppRequest request in link.Requests.ReadAllAsync(cancellation))
            {
                foreach (AppReply reply in Answer(request))
                {
                    await link.Replies.WriteAsync(reply, cancellation);
                }
            }
        }

        private IEnumerable<AppReply> Answer(AppRequest request)
        {
            switch (request)
            {
                case AppRequest.OpenHeight open:
                    ulong height = open.Height == 0 ? _tip + 1 : open.Height;
                    yield return new AppReply.HeightOpened(height, set, context, [Module], Timeouts.Localnet, 0, 30_000, 1024, _tip,
                        _tip > Kept ? _tip - Kept + 1 : 1);
                    break;
                case AppRequest.Build build:
                    byte[] content = BitConverter.GetBytes(build.Height);
                    yield return new AppReply.Part(build.Height, build.Round, content);
                    yield return new AppReply.Fin(build.Height, build.Round, IdOf(content));
                    break;
                case AppRequest.Validate validate:
                    bool valid = validate.Content.Span.SequenceEqual(BitConverter.GetBytes(validate.Height));
                    yield return new AppReply.Verdict(validate.Height, validate.Value, validate.FreshRound,
                        valid ? Judgement.Valid : Judgement.Invalid, valid ? (ushort)0 : (ushort)256);
                    break;
                case AppRequest.Decide decide:
                    if (decide.Certificate.Height == _tip + 1)
                    {
                        _decided[decide.Certificate.Height % Kept] = new DecidedHeight(decide.Certificate, decide.Content);
                        Interlocked.Exchange(ref _tip, decide.Certificate.Height);
                    }

                    yield return new AppReply.Decided(decide.Certificate.Height);
                    yield return new AppReply.Executed(decide.Certificate.Height);
                    break;
                case AppRequest.GetDecided get:
                    List<DecidedHeight> heights = [];
                    for (ulong h = get.From; h <= _tip && h + Kept > _tip && heights.Count < get.Count; h++)
                    {
                        heights.Add(_decided[h % Kept]!);
                    }

                    yield return new AppReply.DecidedRange(get.Peer, get.Request, get.From, heights);
                    break;
            }
        }
    }
}
