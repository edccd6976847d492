using System.Threading.Channels;
using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>A message to verify. <see cref="Run"/> is pure and may run anywhere.</summary>
public sealed record VerificationJob(Verifier Verifier, ConsensusMessage Message, PeerId From, ulong ReceivedAt)
{
    /// <summary>Verifies the message.</summary>
    public VerificationResult Run()
    {
        Refusal refusal;
        Input? input = Message switch
        {
            ConsensusMessage.OfVote vote => Verifier.Verify(vote.Vote, out refusal) is { } verified ? new Input.VoteIn(verified) : null,
            ConsensusMessage.OfProposal proposal =>
                Verifier.Verify(proposal.Proposal, out refusal) is { } verified ? new Input.ProposalIn(verified, ReceivedAt) : null,
            ConsensusMessage.OfCommit commit =>
                Verifier.Verify(commit.Certificate, out refusal) is { } verified ? new Input.CommitIn(verified) : null,
            ConsensusMessage.OfPolka polka =>
                Verifier.Verify(polka.Certificate, out refusal) is { } verified ? new Input.PolkaIn(verified) : null,
            ConsensusMessage.OfRound round =>
                Verifier.Verify(round.Certificate, out refusal) is { } verified ? new Input.RoundIn(verified) : null,
            _ => null,
        };
        return new VerificationResult(this, input);
    }
}

/// <param name="Job">The job.</param>
/// <param name="Input">The core's input, or null if the message was refused.</param>
public sealed record VerificationResult(VerificationJob Job, Input? Input);

/// <summary>Where signatures are checked: on the loop, or on threads of the host.</summary>
public interface IVerification
{
    /// <summary>Results of the jobs taken, in any order.</summary>
    ChannelReader<VerificationResult> Results { get; }

    /// <summary>Takes a job, or refuses it when its queue is full: the message counts as lost.</summary>
    bool TrySubmit(VerificationJob job);
}
