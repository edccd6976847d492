namespace Theseus.Protocol;

/// <summary>The legal times of blocks, in milliseconds since the Unix epoch (consensus N5).</summary>
public static class BlockTime
{
    /// <summary>
    /// The last one: the end of the year 9999. A header with a later time has no canonical form, so that no rule, clock or unit that a
    /// time is converted to can overflow, in whatever sense a proposer may mean it.
    /// </summary>
    public const ulong Latest = 253_402_300_799_999;

    /// <summary>Whether a header may carry a time.</summary>
    public static bool IsLegal(ulong time) => time <= Latest;
}
