using Theseus.Consensus;

namespace Theseus.Cli.Replay;

/// <summary>
/// Replays the multi-node model: variables <c>system</c> and <c>_hist</c>, in the asynchronous and the synchronous variant. There is a
/// core for every correct validator of the trace; it is given what the trace delivers to that validator, faulty senders included. The
/// models take several steps for what the core does within one input, so a validator is compared when its model has nothing pending.
/// </summary>
internal sealed class NetworkReplay
{
    private const int HighestRound = 1_000;
    private readonly ItfTrace _trace;
    private readonly List<ReplayRow> _rows = [];
    private readonly SortedDictionary<string, NetworkNode> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<(long Height, int Round, string Value), int> _validRounds = [];

    private NetworkReplay(ItfTrace trace) => _trace = trace;

    public static ReplayResult Replay(ItfTrace trace)
    {
        NetworkReplay replay = new(trace);
        SortedDictionary<string, ModelNode> before = replay.System(0);
        string history = trace.Of(0, "_hist").Raw;
        for (int i = 1; i < trace.States.Count; i++)
        {
            SortedDictionary<string, ModelNode> after = replay.System(i);
            replay.Step(i, before, after, history);
            before = after;
            history = trace.Of(i, "_hist").Raw;
        }

        return new ReplayResult("multi-node", trace.Prefix, replay._rows);
    }

    private SortedDictionary<string, ModelNode> System(int state)
    {
        SortedDictionary<string, ModelNode> nodes = new(StringComparer.Ordinal);
        foreach ((ItfValue name, ItfValue node) in _trace.Of(state, "system").Pairs)
        {
            nodes[name.Text] = ModelNode.Read(node, name.Text);
        }

        return nodes;
    }

    private void Step(int index, SortedDictionary<string, ModelNode> before, SortedDictionary<string, ModelNode> after, string history)
    {
        ModelStep step = ModelStep.Read(_trace.Of(index, "_hist"));
        if (!after.TryGetValue(step.Node, out ModelNode? now))
        {
            return; // "INIT"
        }

        if (!before.TryGetValue(step.Node, out ModelNode? was))
        {
            throw _trace.Of(index, "_hist").Fault($"validator '{step.Node}' is not in the state before");
        }

        bool acted = step.Raw != history || was.Driver != now.Driver;
        if (!acted || !now.Started)
        {
            if (!now.Started)
            {
                _nodes.Remove(step.Node); // a new height, not begun
            }

            return; // something was delivered, or a value was set
        }

        if (now.State.Round > HighestRound)
        {
            throw _trace.Of(index, "system").Fault($"{step.Node}: rounds above {HighestRound} are not replayed");
        }

        NetworkInput input = NetworkInput.Read(step.Input);
        foreach (ModelProposal proposal in now.Proposals.Where(static proposal => proposal.ValidRound < proposal.Round))
        {
            _validRounds.TryAdd((proposal.Height, proposal.Round, proposal.Value), proposal.ValidRound);
        }

        if (!was.Started || !_nodes.TryGetValue(step.Node, out NetworkNode? node) || node.Height != now.State.Height)
        {
            node = new NetworkNode(this, was, now);
            _nodes[step.Node] = node;
            node.Begin(was);
        }

        node.Take(input, was);
        node.Compare(index, input, step.Output, now, _rows);
    }

    /// <summary>The valid round that a prevote for a value answers: the models' votes do not carry it.</summary>
    public int ValidRoundOf(string voter, long height, int round, string value) =>
        _nodes.TryGetValue(voter, out NetworkNode? node) && node.Height == height && node.Signed(round, value) is { } signed ? signed
        : _validRounds.GetValueOrDefault((height, round, value), Rounds.Nil);
}
