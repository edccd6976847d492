namespace Theseus.Consensus;

/// <summary>A proposal and what the application said of it as a fresh one.</summary>
internal sealed class ProposalEntry(Signed<Proposal> signed, ulong receivedAt)
{
    public Signed<Proposal> Signed { get; } = signed;

    public Proposal Message => Signed.Message;

    public ulong ReceivedAt { get; } = receivedAt;

    public bool Asked { get; set; }

    public Judgement Fresh { get; set; }

    public ushort Reason { get; set; }
}
