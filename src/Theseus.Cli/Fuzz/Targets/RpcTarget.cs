using System.Text.Json;
using Theseus.Cli.Fuzz.Sockets;
using Theseus.Node;
using Theseus.Protocol;
using Theseus.Rpc;

namespace Theseus.Cli.Fuzz.Targets;

/// <summary>JSON-RPC bodies in process: a whole node's methods over a real store, without its sockets, so that many more are
/// tried.</summary>
internal sealed class RpcTarget : IFuzzTarget
{
    /// <summary>As <c>--target</c> names it.</summary>
    public const string TargetName = "rpc";

    private readonly Lazy<Front> _front;
    private readonly EntryTarget _entries;

    /// <param name="chain">The chain; made when it is first needed.</param>
    public RpcTarget(Func<FuzzChain> chain)
    {
        _front = new Lazy<Front>(() => new Front(chain()));
        _entries = new EntryTarget(TargetName, () =>
        [
            new FuzzEntry("body", RpcSamples.Bodies(chain()), _front.Value.Answer)
            {
                IsText = true, Allocation = new AllocationBound(256L * 1024 * 1024, 4_096), Patience = TimeSpan.FromSeconds(5),
            },
        ]);
    }

    /// <inheritdoc/>
    public string Name => TargetName;

    /// <inheritdoc/>
    public void Run(ulong seed, ICaseTrace trace) => _entries.Run(seed, trace);

    /// <inheritdoc/>
    public void Replay(string entry, byte[] input) => _entries.Replay(entry, input);

    /// <inheritdoc/>
    public void Dispose()
    {
        _entries.Dispose();
        if (_front.IsValueCreated)
        {
            _front.Value.Dispose();
        }
    }

    private sealed class Front : IDisposable
    {
        private readonly string _home = Directory.CreateTempSubdirectory("theseus-fuzz-rpc-").FullName;
        private readonly ChainNode _node;
        private readonly Dispatcher _dispatcher;
        private Exception? _failure;

        public Front(FuzzChain chain)
        {
            File.WriteAllBytes(Path.Combine(_home, "genesis.blob"), GenesisCodec.Encode(chain.Genesis));
            File.WriteAllText(Path.Combine(_home, "node.key"), Convert.ToHexStringLower(chain.Users[0].Seed));
            NodeConfig config = new(
                "fuzz", NodeRole.Access, "127.0.0.1", new NodePorts(0, 0, 0, 0, 0), "genesis.blob", "node.key", null, [],
                    NodeConfig.DefaultRetention, null, 0);
            _node = ChainNode.Open(_home, config, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance, TimeProvider.System);
            _dispatcher = new ChainMethods(_node).Dispatcher();
            _dispatcher.Failed = (_, cause) => _failure = cause;
        }

        public void Answer(byte[] body)
        {
            _failure = null;
            byte[]? answer = _dispatcher.AnswerAsync(body, CancellationToken.None).GetAwaiter().GetResult();
            if (_failure is not null)
            {
                throw new InvalidOperationException($"a method failed: {_failure.GetType().Name}: {_failure.Message}", _failure);
            }

            if (answer is not null)
            {
                using JsonDocument document = JsonDocument.Parse(answer); // whatever was asked, the answer is JSON
            }
        }

        public void Dispose()
        {
            _dispatcher.Dispose();
            _node.DisposeAsync().AsTask().GetAwaiter().GetResult();
            Directory.Delete(_home, recursive: true);
        }
    }
}
