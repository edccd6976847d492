using Theseus.Consensus;
using Theseus.Protocol;

namespace Theseus.Node;

/// <summary>Proven misbehaviour that no block holds yet (consensus N3): one for each (validator, height, kind), bounded, kept across restarts.</summary>
public sealed class EvidencePool
{
    /// <summary>Offences kept; a real network has none, a broken one a few.</summary>
    public const int Capacity = 256;

    private readonly SortedDictionary<EvidenceKey, Evidence> _pending = [];
    private readonly string _file;

    public EvidencePool(string file)
    {
        _file = file;
        if (File.Exists(file))
        {
            foreach (string line in File.ReadLines(file))
            {
                if (line.Length % 2 == 0 && line.All(char.IsAsciiHexDigit) && Canonical.TryDecodeEvidence(Convert.FromHexString(line), out _) is Evidence evidence)
                {
                    _pending[EvidenceKey.Of(evidence)] = evidence;
                }
            }
        }
    }

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

    public bool Holds(EvidenceKey offence)
    {
        lock (_pending)
        {
            return _pending.ContainsKey(offence);
        }
    }

    /// <summary>Takes verified evidence; false when it is known or the pool is full.</summary>
    public bool Add(Evidence evidence)
    {
        lock (_pending)
        {
            if (_pending.Count >= Capacity || !_pending.TryAdd(EvidenceKey.Of(evidence), evidence))
            {
                return false;
            }

            Save();
            return true;
        }
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
