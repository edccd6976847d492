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

    public IEnumerable<int> Except(LocalSet other)
    {
        for (int i = 0; i < _words.Length; i++)
        {
            for (ulong rest = _words[i] & ~other._words[i]; rest != 0; rest &= rest - 1)
            {
                yield return (i * 64) + System.Numerics.BitOperations.TrailingZeroCount(rest);
            }
        }
    }
}
