namespace Theseus.Consensus;

/// <summary>A value that matters: proposed, locked, valid, or with a quorum.</summary>
internal sealed class ValueEntry(ValueId id)
{
    public ValueId Id { get; } = id;

    /// <summary>Its content is on this node.</summary>
    public bool HasContent { get; set; }

    public bool Fetched { get; set; }

    /// <summary>The verdict on the content, whatever round it is proposed in.</summary>
    public Judgement Judgement { get; set; }

    public ushort Reason { get; set; }

    public bool Asked { get; set; }
}
