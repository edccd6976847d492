namespace Theseus.Node;

/// <summary>
/// How much gas this node executes in a while, as its own clock says: a proposer asks no more of the others in one block than it could do
/// itself in a block interval, so that a busy machine makes smaller blocks instead of later ones. It bounds what is selected, never what is
/// valid. One caller at a time.
/// </summary>
public sealed class BlockPace
{
    /// <summary>
    /// Gas units that a block may hold however slow the machine is, and before any was measured: some 140 transfers. Below it a block's
    /// fixed costs count for more than its transactions, and smaller blocks would be no faster.
    /// </summary>
    public const ulong Least = 200_000;

    /// <summary>Blocks with less gas say more of a block's fixed costs than of its transactions'.</summary>
    private const ulong Telling = 10_000;

    /// <summary>The part of a block's pace that enters the mean: a dozen blocks forget a stall.</summary>
    private const double NewPart = 0.2;

    private double _gasPerMillisecond;

    /// <summary>A block was stored and executed.</summary>
    /// <param name="gas">Gas units that it used.</param>
    /// <param name="milliseconds">Time that it took.</param>
    public void Add(ulong gas, double milliseconds)
    {
        if (gas >= Telling)
        {
            double pace = gas / double.Max(1, milliseconds);
            _gasPerMillisecond = _gasPerMillisecond == 0 ? pace : _gasPerMillisecond + ((pace - _gasPerMillisecond) * NewPart);
        }
    }

    /// <summary>Gas units that are executed within a block interval.</summary>
    /// <param name="blockInterval">In milliseconds.</param>
    public ulong GasOf(ulong blockInterval) =>
        ulong.Max(Least, (ulong)double.Min(_gasPerMillisecond * blockInterval, uint.MaxValue));
}
