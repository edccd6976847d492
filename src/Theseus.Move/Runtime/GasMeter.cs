using Theseus.Move.Format;
using Theseus.Move.Rules;

namespace Theseus.Move.Runtime;

/// <summary>Ticks of one execution. May be shared by several sessions of one transaction.</summary>
/// <param name="limitTicks">At most <see cref="Unlimited"/>.</param>
public sealed class GasMeter(long limitTicks)
{
    /// <summary>Enough for anything and far from overflow.</summary>
    public const long Unlimited = long.MaxValue / 4;

    internal long Left = limitTicks;

    /// <summary>Ticks that may be used in all.</summary>
    public long Limit { get; } = limitTicks;

    /// <summary>Ticks used; the whole limit after exhaustion.</summary>
    public long Used => Limit - long.Max(Left, 0);

    /// <summary>Ticks that are left; 0 after exhaustion.</summary>
    public long Remaining => long.Max(Left, 0);

    /// <summary>Used gas units, rounded up (execution 4, charge).</summary>
    public ulong UsedUnits => (ulong)((Used + GasTable.TicksPerUnit - 1) / GasTable.TicksPerUnit);

    /// <summary>A meter for a limit in gas units.</summary>
    public static GasMeter OfUnits(ulong units) => new((long)ulong.Min(
        units, (ulong)(Unlimited / GasTable.TicksPerUnit)) * GasTable.TicksPerUnit);

    /// <summary>Charges before the work is done.</summary>
    /// <exception cref="VmException">The gas does not suffice; it is all used then.</exception>
    public void Charge(long ticks)
    {
        if (ticks > Left)
        {
            Left = 0;
            throw new VmException(StatusCode.OutOfGas);
        }

        Left -= ticks;
    }

    /// <summary>Charges <paramref name="count"/> times a price without overflow.</summary>
    public void Charge(long count, long price) => Charge(count > Left / long.Max(price, 1) ? long.MaxValue : count * price);
}
