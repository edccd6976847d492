namespace Theseus.Move.Compiler.Flow;

/// <summary>A set of locals by index.</summary>
internal sealed class LocalSet(int size)
{
    private readonly ulong[] _words = new ulong[(size + 63) / 64];

    public bool this[int index]
    {
        get => (_words[index >> 6] >> (index & 63) & 1) != 0;
        set
        {
            if (value)
            {
                _words[index >> 6] |= 1UL << (index & 63);
            }
            else
            {
                _words[index >> 6] &= ~(1UL << (index & 63));
            }
        }
    }

    public LocalSet Clone()
    {
        LocalSet copy = new(size);
        _words.CopyTo(copy._words, 0);
        return copy;
    }

    /// <summary>Adds the other's members; true when this grew.</summary>
    public bool UnionWith(LocalSet other)
    {
        bool grew = false;
        for (int i = 0; i < _words.Length; i++)
        {
            ulong union = _words[i] | other._words[i];
            grew |= union != _words[i];
            _words[i] = union;
        }

        return grew;
    }

    /// <summary>Keeps the other's members only; true when this shrank.</summary>
    public bool IntersectWith(LocalSet other)
    {
        bool shrank = false;
        for (int i = 0; i < _words.Length; i++)
        {
            ulong both = _words[i] & other._words[i];
            shrank |= both != _words[i];
            _words[i] = both;
        }

        return shrank;
    }

    /// <summary>Takes the other's members out.</summary>
    public void Remove(LocalSet other)
    {
        for (int i = 0; i < _words.Length; i++)
        {
            _words[i] &= ~other._words[i];
        }
    }

    /// <summary>The members in rising order.</summary>
    public IEnumerable<int> Members() => Except(null);

    /// <summary>The members that the other lacks, in rising order.</summary>
    public IEnumerable<int> Except(LocalSet? other)
    {
        for (int i = 0; i < _words.Length; i++)
        {
            for (ulong rest = _words[i] & ~(other?._words[i] ?? 0); rest != 0; rest &= rest - 1)
            {
                yield return (i * 64) + System.Numerics.BitOperations.TrailingZeroCount(rest);
            }
        }
    }
}
