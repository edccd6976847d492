using Theseus.Cli.Fuzz.Conversation;

namespace Theseus.Cli.Fuzz.Targets;

/// <summary>
/// A live network in which one validator lies: it signs proposals, headers, votes, evidence and answers near the true ones. The others must
/// go on deciding the same heights, and a node that starts empty must catch up.
/// </summary>
/// <param name="chain">The chain; made when it is first needed.</param>
internal sealed class NetworkTarget(Func<FuzzChain> chain) : IFuzzTarget
{
    /// <summary>As <c>--target</c> names it.</summary>
    public const string TargetName = "network";

    /// <summary>Heights of a conversation before the empty node starts, and altogether.</summary>
    private const ulong Alone = 8;

    private const ulong Heights = 14;

    /// <summary>Live bytes that the four nodes of a conversation may hold more at its end than there were at the beginning of the
    /// first.</summary>
    private const long MostGrowth = 256L * 1024 * 1024;

    private readonly Lazy<string> _folder = new(static () => Directory.CreateTempSubdirectory("theseus-fuzz-net-").FullName);
    private long? _first;
    private Reached _reached;

    /// <inheritdoc/>
    public string Name => TargetName;

    /// <inheritdoc/>
    public void Run(ulong seed, ICaseTrace trace)
    {
        FuzzChain over = chain();
        _first ??= GC.GetTotalMemory(forceFullCollection: true);
        using FuzzNetwork network = new(over, new FuzzRandom(seed), trace, _folder.Value);
        try
        {
            network.RunTo(Alone);
            network.AddFollower();
            network.RunTo(Heights);
        }
        catch (Exception e) when (e is not FuzzFault)
        {
            throw new FuzzFault("conversation", [], $"{e.GetType().Name}: {e.Message}", e);
        }

        network.JudgeAgreement();
        _reached = _reached.And(network.Reached);
        long growth = GC.GetTotalMemory(forceFullCollection: true) - _first.Value;
        if (growth > MostGrowth)
        {
            throw new FuzzFault("conversation", [],
                $"after {Heights} heights {growth >> 20} MiB more are held; {MostGrowth >> 20} are allowed");
        }
    }

    /// <inheritdoc/>
    public void Replay(string entry, byte[] input) =>
        throw new FuzzFault(entry, input, "a conversation is repeated by its seed: leave out --input and give --seed");

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_folder.IsValueCreated)
        {
            Terminal.Say($"fuzz: network: {_reached}");
            Directory.Delete(_folder.Value, recursive: true);
        }
    }
}
