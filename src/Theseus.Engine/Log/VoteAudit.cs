using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>A vote and where it was found.</summary>
/// <param name="Source">Name of the log.</param>
/// <param name="Vote">The vote; its signature was checked when it came into the log of a correct node, and can be checked again by the validator's key.</param>
public sealed record FoundVote(string Source, Signed<Vote> Vote);

/// <summary>
/// Looks through the logs of any number of nodes for two different votes of one validator in one (height, round, type): what a
/// correct validator never signs, whatever crashed when (consensus N14). Votes count that a log's node signed or received, alone or in a certificate.
/// </summary>
public sealed class VoteAudit
{
    private readonly SortedDictionary<(ulong Height, int Round, VoteType Type, ValidatorId Validator), FoundVote> _votes = [];
    private readonly List<(FoundVote First, FoundVote Second)> _conflicts = [];
    private readonly HashSet<(ulong Height, int Round, VoteType Type, ValidatorId Validator)> _conflicting = [];

    /// <summary>Different (validator, height, round, type) seen.</summary>
    public int Votes => _votes.Count;

    /// <summary>Votes that a node's own log says it signed.</summary>
    public int Own { get; private set; }

    /// <summary>Entries that were looked at.</summary>
    public long Entries { get; private set; }

    /// <summary>Entries whose body cannot be read, though their hash fits: written by other software.</summary>
    public long Unreadable { get; private set; }

    public ulong LowestHeight { get; private set; } = ulong.MaxValue;

    public ulong HighestHeight { get; private set; }

    /// <summary>The first conflict of each (height, round, type, validator).</summary>
    public IReadOnlyList<(FoundVote First, FoundVote Second)> Conflicts => _conflicts;

    public void Add(string source, LogEntry entry)
    {
        Entries++;
        bool isOwn = false;
        ConsensusMessage? message = entry.Kind switch
        {
            EntryKind.Input or EntryKind.Recovered => InputEncoding.TryReadMessage(entry.Body.Span, out isOwn),
            EntryKind.Message => Canonical.TryDecodeMessage(entry.Body.Span, out _),
            _ => null,
        };
        Unreadable += message is null && entry.Kind == EntryKind.Message ? 1 : 0;
        switch (message)
        {
            case ConsensusMessage.OfVote vote:
                Own += isOwn ? 1 : 0;
                Take(source, vote.Vote);
                break;
            case ConsensusMessage.OfCommit { Certificate: { } commit }:
                foreach (CertificateSignature signature in commit.Signatures)
                {
                    Take(source, new(new Vote(VoteType.Precommit, commit.Height, commit.Round, commit.Value, Rounds.Nil, signature.Validator), signature.Signature));
                }

                break;
            case ConsensusMessage.OfPolka { Certificate: { } polka }:
                foreach (CertificateSignature signature in polka.Signatures)
                {
                    Take(source, new(new Vote(VoteType.Prevote, polka.Height, polka.Round, polka.Value, polka.ValidRound, signature.Validator), signature.Signature));
                }

                break;
            case ConsensusMessage.OfRound { Certificate: { } round }:
                foreach (Signed<Vote> vote in round.Votes)
                {
                    Take(source, vote);
                }

                break;
            case ConsensusMessage.OfEvidence { Evidence: { FirstVote: { } first, SecondVote: { } second } }:
                Take(source, first);
                Take(source, second);
                break;
            default:
                break;
        }
    }

    private void Take(string source, Signed<Vote> vote)
    {
        Vote message = vote.Message;
        LowestHeight = ulong.Min(LowestHeight, message.Height);
        HighestHeight = ulong.Max(HighestHeight, message.Height);
        var key = (message.Height, message.Round, message.Type, message.Validator);
        FoundVote found = new(source, vote);
        if (!_votes.TryGetValue(key, out FoundVote? known))
        {
            _votes.Add(key, found);
        }
        else if (known.Vote.Message != message && _conflicting.Add(key))
        {
            _conflicts.Add((known, found));
        }
    }
}
