namespace Theseus.Node;

/// <summary>
/// When a starting node begins its first height (decision 0057). A round is lost when its proposer or a quorum's votes
/// are not heard, so a node that starts beside others gives them time to come up; however few come, it begins in the end.
/// </summary>
public sealed class StartPatience
{
    /// <summary>How long a validator waits for so many others that a block could be decided at all.</summary>
    public static readonly TimeSpan ForQuorum = TimeSpan.FromSeconds(20);

    /// <summary>How long a node waits for the rest of its peers once that many are there: one of them may be down for good.</summary>
    public static readonly TimeSpan ForPeers = TimeSpan.FromSeconds(3);

    // runs on the thread that awaits, never on the session's that tells
    private readonly TaskCompletionSource _quorum = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Tells who is connected; any thread may, at any time.</summary>
    /// <param name="quorum">Whether this node and its peers have more than two thirds of the power.</param>
    /// <param name="all">Whether every configured peer is connected.</param>
    public void Hears(bool quorum, bool all)
    {
        if (quorum || all)
        {
            _quorum.TrySetResult();
        }

        if (all)
        {
            _all.TrySetResult();
        }
    }

    /// <summary>Completes when the first height may begin, or when the node stops.</summary>
    public async Task WaitAsync(TimeProvider clock, CancellationToken stop)
    {
        await Task.WhenAny(_quorum.Task, Task.Delay(ForQuorum, clock, stop));
        if (_quorum.Task.IsCompleted)
        {
            await Task.WhenAny(_all.Task, Task.Delay(ForPeers, clock, stop));
        }
    }
}
