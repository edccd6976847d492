using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>Which contents of a height are to be asked for, of whom and when (consensus N9).</summary>
internal sealed class WantedContents
{
    /// <summary>Milliseconds between two questions for a content, each to the next holder.</summary>
    public const int Retry = 500;

    // bounded by what the core tracks: what it has forgotten makes room for what it asks for, and no question keeps out another
    private readonly SortedDictionary<ValueId, Wanted> _wanted = [];

    /// <summary>When the next question is due; null if nothing is wanted.</summary>
    public long? NextDue => _wanted.Count == 0 ? null : _wanted.Values.Min(static wanted => wanted.Due);

    /// <summary>Whether a value's content is wanted.</summary>
    public bool Contains(ValueId value) => _wanted.ContainsKey(value);

    /// <summary>A content is wanted: the longest list of its holders and the earliest time that were named count.</summary>
    /// <param name="value">The value.</param>
    /// <param name="holders">Who should have it; at least one.</param>
    /// <param name="due">When to ask first.</param>
    /// <param name="isTracked">Whether the core still has a use for a value.</param>
    public void Add(ValueId value, IReadOnlyList<ValidatorId> holders, long due, Func<ValueId, bool> isTracked)
    {
        if (!_wanted.TryGetValue(value, out Wanted? wanted))
        {
            foreach (ValueId old in _wanted.Keys.Where(old => !isTracked(old)).ToArray())
            {
                _wanted.Remove(old);
            }

            wanted = new Wanted { Due = due };
            _wanted.Add(value, wanted);
        }

        wanted.Holders = holders.Count > wanted.Holders.Count ? holders : wanted.Holders;
        wanted.Due = long.Min(wanted.Due, due);
    }

    /// <summary>The content came, or nobody needs it.</summary>
    public void Remove(ValueId value) => _wanted.Remove(value);

    /// <summary>The questions that are due, each to the next of its holders that can be reached; they are due again later.</summary>
    /// <param name="now">The time.</param>
    /// <param name="find">The peer of a validator, if it is connected.</param>
    public List<(PeerId Peer, ValueId Value)> TakeDue(long now, Func<ValidatorId, PeerId?> find)
    {
        List<(PeerId, ValueId)> questions = [];
        foreach ((ValueId value, Wanted wanted) in _wanted)
        {
            if (wanted.Due > now)
            {
                continue;
            }

            wanted.Due = now + Retry;
            for (int i = 0; i < wanted.Holders.Count; i++)
            {
                if (find(wanted.Holders[wanted.Turn++ % wanted.Holders.Count]) is { } peer)
                {
                    questions.Add((peer, value));
                    break;
                }
            }
        }

        return questions;
    }

    private sealed class Wanted
    {
        public IReadOnlyList<ValidatorId> Holders { get; set; } = [];

        public int Turn { get; set; }

        public long Due { get; set; }
    }
}
