using Theseus.Consensus;
using Theseus.Engine;

namespace Theseus.Node;

/// <summary>
/// Proposals whose time has not come yet, to be judged again when it has (consensus N5). Bounded: only what comes due while its round may
/// still wait for it is kept, one for each round of the height in progress, and a nearer one takes the place of the farthest.
/// </summary>
internal sealed class DeferredVerdicts
{
    /// <summary>Proposals that wait at most: those of the current round and of a few that were left in haste.</summary>
    public const int Capacity = 8;

    private readonly SortedDictionary<(ulong Due, ulong Height, int Round, ValueId Value), AppRequest.Validate> _waiting = [];

    /// <summary>Proposals that wait.</summary>
    public int Count => _waiting.Count;

    /// <summary>When the next one is due, in milliseconds since the Unix epoch; null if none waits.</summary>
    public ulong? NextDue => _waiting.Count == 0 ? null : _waiting.First().Key.Due;

    /// <summary>Keeps a proposal until it is due.</summary>
    /// <param name="due">In milliseconds since the Unix epoch.</param>
    /// <param name="now">Likewise.</param>
    /// <param name="patience">Milliseconds after which no round waits for it any more.</param>
    /// <param name="validate">The question to ask again.</param>
    /// <returns>False if it is due too late to be of use.</returns>
    public bool Add(ulong due, ulong now, ulong patience, AppRequest.Validate validate)
    {
        if (due > Saturating.Add(now, patience))
        {
            return false;
        }

        (ulong Due, ulong Height, int Round, ValueId Value)[] left = [.. _waiting.Keys.Where(key => key.Height < validate.Height)];
        foreach ((ulong Due, ulong Height, int Round, ValueId Value) old in left)
        {
            _waiting.Remove(old);
        }

        _waiting[(due, validate.Height, validate.FreshRound, validate.Value)] = validate;
        if (_waiting.Count > Capacity)
        {
            _waiting.Remove(_waiting.Last().Key);
        }

        return true;
    }

    /// <summary>Takes one that is due.</summary>
    public AppRequest.Validate? TakeDue(ulong now)
    {
        if (NextDue is not { } due || due > now)
        {
            return null;
        }

        ((ulong Due, ulong Height, int Round, ValueId Value) key, AppRequest.Validate validate) = _waiting.First();
        _waiting.Remove(key);
        return validate;
    }
}
