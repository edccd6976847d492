namespace Theseus.Consensus;

/// <summary>What the application holds of a value (consensus N10).</summary>
public enum Judgement : byte
{
    /// <summary>Not asked or not answered.</summary>
    None = 0,
    /// <summary>The value may be decided.</summary>
    Valid = 1,
    /// <summary>The value breaks a rule, for every correct node.</summary>
    Invalid = 2,

    /// <summary>Cannot tell yet: holds the prevote until the propose timeout, then nil.</summary>
    Unknown = 3,
}

/// <summary>Why a prevote is nil (consensus N12): hop-local, not signed. Below 256 the core's own, from 256 the application's.</summary>
public static class NilReason
{
    /// <summary>No reason: the vote is for a value, or nobody says why it is nil.</summary>
    public const ushort None = 0;

    /// <summary>The propose timeout passed without a proposal.</summary>
    public const ushort NoProposal = 1;

    /// <summary>The application did not answer in time.</summary>
    public const ushort NoVerdict = 2;

    /// <summary>A lock forbids the value (consensus N2).</summary>
    public const ushort Locked = 3;

    /// <summary>The polka that a re-proposal names was not seen in time.</summary>
    public const ushort NoPolka = 4;

    /// <summary>The first reason of the application's own.</summary>
    public const ushort Application = 256;
}
