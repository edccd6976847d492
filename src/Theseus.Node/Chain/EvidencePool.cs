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

    /// <summary>What the next block may hold, as every node will judge it: nothing of its own height, nothing too old, nothing that a file brought unproven.</summary>
    /// <param name="facts">What this node knows as it proposes.</param>
    /// <param name="time">The block's time.</param>
    public IReadOnlyList<Evidence> Usable(BlockCircumstances facts, ulong time) =>
        [.. Pending.Where(evidence => BlockRules.CheckEvidence(facts, time, evidence) is null).Take(BlockCodec.MaximumEvidence)];

    /// <summary>Forgets what blocks hold and what no block may hold any more.</summary>
    /// <param name="next">What this node knows of the height after the newest executed one.</param>
    public void Settle(BlockCircumstances next)
    {
        lock (_pending)
        {
            // evidence of the next height itself was found already; it is good for the blocks after it
            List<EvidenceKey> useless =
            [
                .. _pending.Where(pair => pair.Key.Height < next.Rules.Height && BlockRules.CheckEvidenceAge(next, next.ParentTime + 1, pair.Value) is not null).Select(pair => pair.Key),
            ];
            useless.ForEach(key => _pending.Remove(key));
            if (useless.Count > 0)
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
