using System.Runtime.InteropServices;

namespace Theseus.Consensus;

/// <summary>What prevotes of a polka agree in: value and valid round. Precommits always carry -1 (consensus N2).</summary>
internal readonly record struct TallyKey(ValueId? Value, int ValidRound);

/// <summary>Powers of one round's votes of one type. Each validator counts once, so at most n keys.</summary>
internal sealed class VoteTally
{
    private readonly Dictionary<TallyKey, ulong> _powers = []; // looked up, never enumerated

    /// <summary>Power of all that voted.</summary>
    public ulong Power { get; private set; }

    /// <summary>The key with more than 2/3, once there is one. There can be only one.</summary>
    public TallyKey? Quorum { get; private set; }

    /// <summary>Counts a validator's vote.</summary>
    /// <returns>Whether its key reached the quorum just now.</returns>
    public bool Add(TallyKey key, ulong power, ulong quorum)
    {
        Power += power;
        ref ulong sum = ref CollectionsMarshal.GetValueRefOrAddDefault(_powers, key, out _);
        sum += power;
        if (Quorum is not null || sum < quorum)
        {
            return false;
        }

        Quorum = key;
        return true;
    }
}
