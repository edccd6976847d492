using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>Who still votes in a decided height gets its certificate (consensus N9).</summary>
internal sealed class LateVoters(EngineDevices devices, EngineClock clock)
{
    /// <summary>Heights whose certificate is remembered.</summary>
    private const int RememberedCommits = 8;

    /// <summary>Milliseconds between two answers to one peer.</summary>
    private const int AnswerInterval = 1000;

    /// <summary>Peers whose last answer is remembered; the memory is cleared when full.</summary>
    private const int MaximumAnswered = 1024;

    // of the last heights, RememberedCommits at most
    private readonly SortedDictionary<ulong, CommitCertificate> _commits = [];

    // at most MaximumAnswered
    private readonly Dictionary<PeerId, long> _answered = [];

    /// <summary>A height is decided: its certificate, which a fuller one may replace.</summary>
    public void Remember(CommitCertificate certificate)
    {
        _commits[certificate.Height] = certificate;
        while (_commits.Count > RememberedCommits)
        {
            _commits.Remove(_commits.First().Key);
        }
    }

    /// <summary>Answers a vote for a decided height, once a second for each peer.</summary>
    /// <param name="incoming">A frame of a decided height.</param>
    /// <param name="status">What heights are here, told beside the certificate.</param>
    public void Answer(Incoming incoming, Func<Frame> status)
    {
        if (incoming.Frame.Kind != FrameKind.Consensus || !_commits.TryGetValue(incoming.Frame.Height, out CommitCertificate? commit)
            || Canonical.TryDecodeMessage(incoming.Frame.Bytes.Span, out _) is not ConsensusMessage.OfVote vote
            || vote.Height != incoming.Frame.Height)
        {
            return;
        }

        long now = clock.Now;
        if (_answered.TryGetValue(incoming.From, out long last) && now - last < AnswerInterval)
        {
            return;
        }

        if (_answered.Count >= MaximumAnswered)
        {
            _answered.Clear();
        }

        _answered[incoming.From] = now;
        devices.Transport.Send(incoming.From, Frame.Of(new ConsensusMessage.OfCommit(commit)));
        devices.Transport.Send(incoming.From, status());
    }
}
