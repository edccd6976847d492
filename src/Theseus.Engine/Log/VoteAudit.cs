using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>A signed message and where it was found.</summary>
/// <param name="Source">Name of the log.</param>
/// <param name="Validator">Who signed it.</param>
/// <param name="Height">Its height.</param>
/// <param name="Round">Its round.</param>
/// <param name="Kind">Proposal, prevote or precommit.</param>
/// <param name="Value">Its value; null for nil.</param>
/// <param name="ValidRound">Its valid round, or -1.</param>
/// <param name="Signature">
/// It was checked when it came into the log of a correct node, and can be checked again by the validator's key.
/// </param>
public sealed record FoundMessage(
    string Source, ValidatorId Validator, ulong Height, int Round, SignKind Kind, ValueId? Value, int ValidRound, ByteString Signature);

/// <summary>Two messages that no correct validator signs, and what they prove (consensus N3).</summary>
/// <param name="Kind">The offence.</param>
/// <param name="First">One message.</param>
/// <param name="Second">The other one.</param>
public sealed record FoundOffence(EvidenceKind Kind, FoundMessage First, FoundMessage Second);

/// <summary>
/// Looks through the logs of any number of nodes for what a correct validator never signs, whatever crashed when (consensus N3, N14): two
/// different votes of one (height, round, type), two different proposals of one (height, round), and amnesia. Messages count that a log's
/// node signed or received, alone, in a certificate or in evidence.
/// </summary>
public sealed class VoteAudit
{
    private readonly SortedDictionary<(ulong Height, ValidatorId Validator), Record> _records = [];
    private readonly List<FoundOffence> _offences = [];
    private readonly HashSet<(ulong Height, ValidatorId Validator, int Round, EvidenceKind Kind, SignKind Message)> _told = [];

    /// <summary>Different (validator, height, round, type) of votes seen.</summary>
    public int Votes { get; private set; }

    /// <summary>Votes that a node's own log says it signed.</summary>
    public int Own { get; private set; }

    /// <summary>Entries that were looked at.</summary>
    public long Entries { get; private set; }

    /// <summary>Entries whose body cannot be read, though their hash fits: written by other software.</summary>
    public long Unreadable { get; private set; }

    /// <summary>The lowest height of a message seen; 2^64 - 1 before the first one.</summary>
    public ulong LowestHeight { get; private set; } = ulong.MaxValue;

    /// <summary>The highest height of a message seen.</summary>
    public ulong HighestHeight { get; private set; }

    /// <summary>
    /// The first offence of each (height, round, validator, kind of message); of amnesia, the first of each (height,
    /// validator).
    /// </summary>
    public IReadOnlyList<FoundOffence> Offences => _offences;

    /// <summary>Looks at an entry of a log.</summary>
    /// <param name="source">Name of the log.</param>
    /// <param name="entry">The entry.</param>
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
        Own += isOwn && message is ConsensusMessage.OfVote ? 1 : 0;
        switch (message)
        {
            case ConsensusMessage.OfVote vote:
                Take(source, vote.Vote);
                break;
            case ConsensusMessage.OfProposal proposal:
                Take(source, proposal.Proposal);
                break;
            case ConsensusMessage.OfCommit { Certificate: { } commit }:
                Vote precommit = new(VoteType.Precommit, commit.Height, commit.Round, commit.Value, Rounds.Nil, default);
                TakeAll(source, precommit, commit.Signatures);
                break;
            case ConsensusMessage.OfPolka { Certificate: { } polka }:
                Vote prevote = new(VoteType.Prevote, polka.Height, polka.Round, polka.Value, polka.ValidRound, default);
                TakeAll(source, prevote, polka.Signatures);
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
            case ConsensusMessage.OfEvidence { Evidence: { FirstProposal: { } first, SecondProposal: { } second } }:
                Take(source, first);
                Take(source, second);
                break;
            default:
                break;
        }
    }

    private void TakeAll(string source, Vote vote, IReadOnlyList<CertificateSignature> signatures)
    {
        foreach (CertificateSignature signature in signatures)
        {
            Take(source, new Signed<Vote>(vote with { Validator = signature.Validator }, signature.Signature));
        }
    }

    private void Take(string source, Signed<Proposal> signed)
    {
        Proposal proposal = signed.Message;
        Record record = RecordOf(proposal.Height, proposal.Validator);
        if (!record.Proposals.TryGetValue(proposal.Round, out (string Source, Signed<Proposal> Signed) known))
        {
            record.Proposals.Add(proposal.Round, (source, signed));
        }
        else if (Consensus.Offences.Between(known.Signed, signed) is not null)
        {
            Tell(EvidenceKind.DoubleProposal, proposal.Round, Found(known.Source, known.Signed), Found(source, signed));
        }
    }

    private void Take(string source, Signed<Vote> signed)
    {
        Vote vote = signed.Message;
        Record record = RecordOf(vote.Height, vote.Validator);
        SortedDictionary<int, (string Source, Signed<Vote> Signed)> own = record.Votes(vote.Type);
        if (own.TryGetValue(vote.Round, out (string Source, Signed<Vote> Signed) known))
        {
            if (known.Signed.Message != vote)
            {
                Tell(EvidenceKind.DoubleVote, vote.Round, Found(known.Source, known.Signed), Found(source, signed));
            }
        }
        else
        {
            own.Add(vote.Round, (source, signed));
            Votes++;
        }

        FindAmnesia(source, signed, record);
    }

    // also with a second vote of one round: it may be the one that contradicts
    private void FindAmnesia(string source, Signed<Vote> signed, Record record)
    {
        if (signed.Message.Value is null || record.HasAmnesia)
        {
            return;
        }

        VoteType other = signed.Message.Type == VoteType.Prevote ? VoteType.Precommit : VoteType.Prevote;
        foreach ((string Source, Signed<Vote> Signed) found in record.Votes(other).Values)
        {
            if (Consensus.Offences.Between(found.Signed, signed) is { Kind: EvidenceKind.Amnesia })
            {
                record.HasAmnesia = true;
                Tell(EvidenceKind.Amnesia, Rounds.Nil, Found(found.Source, found.Signed), Found(source, signed));
                return;
            }
        }
    }

    private void Tell(EvidenceKind kind, int round, FoundMessage first, FoundMessage second)
    {
        if (_told.Add((first.Height, first.Validator, round, kind, kind == EvidenceKind.Amnesia ? default : first.Kind)))
        {
            _offences.Add(new FoundOffence(kind, first, second));
        }
    }

    private Record RecordOf(ulong height, ValidatorId validator)
    {
        LowestHeight = ulong.Min(LowestHeight, height);
        HighestHeight = ulong.Max(HighestHeight, height);
        if (!_records.TryGetValue((height, validator), out Record? record))
        {
            record = new Record();
            _records.Add((height, validator), record);
        }

        return record;
    }

    private static FoundMessage Found(string source, Signed<Vote> signed)
    {
        Vote vote = signed.Message;
        SignKind kind = vote.Type == VoteType.Prevote ? SignKind.Prevote : SignKind.Precommit;
        return new FoundMessage(source, vote.Validator, vote.Height, vote.Round, kind, vote.Value, vote.ValidRound, signed.Signature);
    }

    private static FoundMessage Found(string source, Signed<Proposal> signed)
    {
        Proposal proposal = signed.Message;
        return new FoundMessage(
            source, proposal.Validator, proposal.Height, proposal.Round, SignKind.Proposal, proposal.Value, proposal.ValidRound,
            signed.Signature);
    }

    /// <summary>The first message of each round of one validator in one height.</summary>
    private sealed class Record
    {
        private readonly SortedDictionary<int, (string Source, Signed<Vote> Signed)> _prevotes = [];
        private readonly SortedDictionary<int, (string Source, Signed<Vote> Signed)> _precommits = [];

        public SortedDictionary<int, (string Source, Signed<Proposal> Signed)> Proposals { get; } = [];

        public bool HasAmnesia { get; set; }

        public SortedDictionary<int, (string Source, Signed<Vote> Signed)> Votes(VoteType type) =>
            type == VoteType.Prevote ? _prevotes : _precommits;
    }
}
