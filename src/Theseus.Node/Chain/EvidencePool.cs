using Theseus.Consensus;
using Theseus.Protocol;

namespace Theseus.Node;

/// <summary>
/// Proven misbehaviour that no block holds yet (consensus N3): one for each (validator, height, kind), bounded, kept
/// across restarts.
/// </summary>
public sealed class EvidencePool
{
    /// <summary>Offences kept: room for one of every validator of the largest set.</summary>
    public const int Capacity = ValidatorSet.MaximumSize;

    /// <summary>Offences kept of one validator: one is enough to punish it, and no offender takes the places of another.</summary>
    public const int PerValidator = 4;

    private readonly SortedDictionary<EvidenceKey, Evidence> _pending = [];
    private readonly string _file;

    /// <param name="file">Where it is kept: one line of hexadecimal digits per offence.</param>
    /// <param name="isProven">
    /// Checks what the file holds, signatures included: a proposer puts what is pending into its block, and what is
    /// damaged there would make every block of it invalid.
    /// </param>
    public EvidencePool(string file, Func<Evidence, bool> isProven)
    {
        _file = file;
        if (File.Exists(file))
        {
            foreach (string line in File.ReadLines(file))
            {
                if (line.Length % 2 == 0 && line.All(char.IsAsciiHexDigit)
                    && Canonical.TryDecodeEvidence(Convert.FromHexString(line), out _) is Evidence evidence
                    && isProven(evidence))
                {
                    Take(evidence);
                }
            }
        }
    }

    /// <summary>What no block holds yet, by height, validator and kind; a copy.</summary>
    public IReadOnlyList<Evidence> Pending
    {
        get
        {
            lock (_pending)
            {
                return [.. _pending.Values];
            }
        }
    }

    /// <summary>Whether the pool has evidence of this offence.</summary>
    public bool Holds(EvidenceKey offence)
    {
        lock (_pending)
        {
            return _pending.ContainsKey(offence);
        }
    }

    /// <summary>Takes verified evidence; false when it is known, or its validator has its share of the pool.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public bool Add(Evidence evidence)
    {
        lock (_pending)
        {
            if (!Take(evidence))
            {
                return false;
            }

            Save();
            return true;
        }
    }

    // A full pool has room for a validator that is not in it: the one with the most offences gives up its newest.
    private bool Take(Evidence evidence)
    {
        EvidenceKey key = EvidenceKey.Of(evidence);
        int own = _pending.Keys.Count(held => held.Validator == key.Validator);
        if (own >= PerValidator || _pending.ContainsKey(key))
        {
            return false;
        }

        if (_pending.Count >= Capacity)
        {
            IGrouping<Address, EvidenceKey> most = _pending.Keys
                .GroupBy(static held => held.Validator)
                .MaxBy(static group => group.Count())!;
            if (most.Count() <= own + 1)
            {
                return false;
            }

            _pending.Remove(most.MaxBy(static held => held.Height));
        }

        _pending.Add(key, evidence);
        return true;
    }

    /// <summary>Forgets what a decided block holds, and what does not pass <paramref name="isUsable"/> any more.</summary>
    public void Settle(Block block, Func<Evidence, bool> isUsable)
    {
        lock (_pending)
        {
            int before = _pending.Count;
            foreach (Evidence evidence in block.Body.Evidence)
            {
                _pending.Remove(EvidenceKey.Of(evidence));
            }

            foreach (EvidenceKey key in _pending.Where(pair => !isUsable(pair.Value)).Select(pair => pair.Key).ToList())
            {
                _pending.Remove(key);
            }

            if (_pending.Count != before)
            {
                Save();
            }
        }
    }

    private void Save()
    {
        string temporary = _file + ".new";
        File.WriteAllLines(temporary, _pending.Values.Select(evidence => Convert.ToHexStringLower(Canonical.Encode(evidence))));
        File.Move(temporary, _file, overwrite: true);
    }
}
