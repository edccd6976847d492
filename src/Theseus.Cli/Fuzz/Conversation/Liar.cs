using Theseus.Consensus;
using Theseus.Engine;
using Theseus.Node;
using Theseus.Protocol;

namespace Theseus.Cli.Fuzz.Conversation;

/// <summary>Holds a validator's key and keeps no rule: it hears what the honest say and answers with something near it.</summary>
internal sealed class Liar
{
    private const int RememberedFrames = 48;

    /// <summary>Actions at one moment at most, one for a whole conversation: who shouts all the time is seldom believed.</summary>
    private static readonly int[] Loudness = [2, 5, 12];

    private readonly FuzzChain _chain;
    private readonly FuzzKey _key;
    private readonly FuzzRandom _random;
    private readonly ICaseTrace _trace;
    private readonly IReadOnlyList<FuzzNode> _honest;
    private readonly MemoryTransport _own;
    private readonly MemoryTransport _stranger;
    private readonly LiarBlocks _blocks;
    private readonly Func<long> _now;
    private readonly List<Frame> _heard = [];
    private readonly Queue<Incoming> _asked = new();
    private readonly SortedSet<(ulong, int)> _proposed = [];
    private readonly ulong[] _sequences;
    private readonly int _mostActions;

    public Liar(
        FuzzChain chain, FuzzKey key, MemoryNetwork wires, FuzzRandom random, ICaseTrace trace, IReadOnlyList<FuzzNode> honest,
            Func<long> now)
    {
        (_chain, _key, _random, _trace, _honest, _now) = (chain, key, random, trace, honest, now);
        _sequences = new ulong[chain.Users.Count];
        _mostActions = random.Of(Loudness);
        _own = wires.Join(key.Id);
        byte[] id = new byte[ValidatorId.Length];
        id[0] = 0xfd;
        _stranger = wires.Join(new ValidatorId(id));
        _blocks = new LiarBlocks(chain, key, random, _sequences);
    }

    private FuzzNode Some => _honest[_random.Below(_honest.Count)];

    private SignContext Context => _honest[0].Head.Next.SignContext(_honest[0].Chain.Chain);

    private ulong Height => _honest[0].Head.Height + 1;

    /// <summary>The validator that it is.</summary>
    public Address Address => _key.Address;

    /// <summary>Takes what has arrived.</summary>
    public void Listen()
    {
        while (_own.Inbox.TryRead(out Incoming incoming))
        {
            Hear(incoming);
        }

        while (_stranger.Inbox.TryRead(out _))
        {
            // told to everybody; the stranger knows it from the liar
        }
    }

    /// <summary>Does something.</summary>
    public void Act()
    {
        for (int actions = _random.Below(_mostActions + 1); actions > 0; actions--)
        {
            switch (_random.Below(10))
            {
                case 0 or 1:
                    SendMutant();
                    break;
                case 2 or 3:
                    SendSigned();
                    break;
                case 4:
                    Echo();
                    break;
                case 5:
                    SendEvidence();
                    break;
                case 6:
                    SendClaims();
                    break;
                case 7:
                    Submit();
                    break;
                default:
                    Answer();
                    break;
            }
        }

        Propose();
    }

    private void Hear(Incoming incoming)
    {
        if (incoming.Frame.Kind is FrameKind.RangeRequest or FrameKind.ContentRequest && _asked.Count < RememberedFrames)
        {
            _asked.Enqueue(incoming);
        }

        if (_heard.Count < RememberedFrames)
        {
            _heard.Add(incoming.Frame);
        }
        else
        {
            _heard[_random.Below(RememberedFrames)] = incoming.Frame;
        }
    }

    private void Send(Frame frame)
    {
        _trace.About(frame.Kind.ToString(), frame.Bytes.Span);
        MemoryTransport from = _random.OneIn(4) ? _stranger : _own;
        if (_random.OneIn(3) && Recipients() is [_, ..] all)
        {
            from.Send(_random.Of(all), frame);
        }
        else
        {
            from.Broadcast(frame);
        }
    }

    private PeerId[] Recipients() => [.. _chain.Validators.Where(key => key.Id != _key.Id).Select(key => new PeerId(key.Id))];

    private void SendMutant()
    {
        if (_heard.Count == 0)
        {
            return;
        }

        Frame frame = _random.Of(_heard);
        byte[] bytes = _random.OneIn(5) ? frame.Bytes.ToArray()
            : Mutator.Mutate(frame.Bytes.ToArray(), _random.Of(_heard).Bytes.ToArray(), _random);
        FrameKind kind = _random.OneIn(10) ? (FrameKind)_random.Below(12) : frame.Kind;
        Send(new Frame(kind, _random.OneIn(4) ? Extremes.Near(frame.Height, _random) : frame.Height, bytes));
    }

    private void Tell(ConsensusMessage message) => Send(new Frame(
        FrameKind.Consensus, _random.OneIn(20) ? Extremes.Near(message.Height, _random) : message.Height, Canonical.Encode(message)));

    private ulong SomeHeight() => _random.Below(3) switch
    {
        0 => Height,
        1 => Height + (ulong)_random.Below(4),
        _ => Extremes.Near(Height, _random),
    };

    private int SomeRound() => _random.OneIn(2) ? _random.Below(3) : Extremes.NearRound(0, _random);

    private ConsensusMessage? SomeMessage() =>
        _heard.Count == 0 ? null : Canonical.TryDecodeMessage(_random.Of(_heard).Bytes.Span, out _);

    private ValueId? SomeValue()
    {
        ConsensusMessage? heard = SomeMessage();
        return _random.Below(4) switch
        {
            0 => null,
            1 => new ValueId(_random.Bytes(ValueId.Length)),
            _ => heard is ConsensusMessage.OfVote vote ? vote.Vote.Message.Value : ValidatorSets.ToValue(_honest[0].Head.BlockId),
        };
    }

    private Signed<Vote> Sign(Vote vote) => new(vote, _key.Sign(SignBytes.Of(Context, vote)));

    private Vote SomeVote() => new(
        _random.OneIn(2) ? VoteType.Prevote : VoteType.Precommit, SomeHeight(), SomeRound(), SomeValue(),
            _random.OneIn(2) ? Rounds.Nil : SomeRound(), _key.Id);

    private void SendSigned()
    {
        Vote vote = SomeVote();
        CertificateSignature[] signatures = [new(_key.Id, _key.Sign(SignBytes.Of(Context, vote)))];
        ValueId value = vote.Value ?? default;
        Tell(_random.Below(6) switch
        {
            0 => new ConsensusMessage.OfProposal(Sign(new Proposal(vote.Height, vote.Round, value, vote.ValidRound, _key.Id))),
            1 => new ConsensusMessage.OfCommit(new CommitCertificate(vote.Height, vote.Round, value, signatures)),
            2 => new ConsensusMessage.OfPolka(new PolkaCertificate(vote.Height, vote.Round, value, vote.ValidRound, signatures)),
            3 => new ConsensusMessage.OfRound(new RoundCertificate(vote.Height, vote.Round, [Sign(vote)])),
            _ => new ConsensusMessage.OfVote(Sign(vote), (ushort)_random.Next64()),
        });
    }

    private Signed<Proposal> Sign(Proposal proposal) => new(proposal, _key.Sign(SignBytes.Of(Context, proposal)));

    // votes as an honest validator would, so that what it says counts
    private void Echo()
    {
        foreach (Frame frame in _heard.Where(static frame => frame.Kind == FrameKind.Consensus).TakeLast(12))
        {
            if (Canonical.TryDecodeMessage(frame.Bytes.Span, out _) is ConsensusMessage.OfVote vote && vote.Height == Height)
            {
                Tell(new ConsensusMessage.OfVote(Sign(vote.Vote.Message with { Validator = _key.Id }), 0));
            }
        }
    }

    private void SendEvidence()
    {
        Vote vote = SomeVote();
        Signed<Vote> one = Sign(vote);
        Signed<Vote> two = Sign(vote with { Value = SomeValue(), Round = _random.OneIn(3) ? SomeRound() : vote.Round });
        if (_random.OneIn(4) && SomeMessage() is ConsensusMessage.OfVote heard)
        {
            // against an honest one
            (one, two) = (heard.Vote, heard.Vote with { Message = heard.Vote.Message with { Value = SomeValue() } });
        }

        Evidence evidence = Offences.Between(one, two) ?? new Evidence(
            (EvidenceKind)(1 + _random.Below(3)), vote.Height, _key.Id, one, two, null, null);
        if (evidence is { Kind: EvidenceKind.DoubleProposal })
        {
            Proposal proposal = new(vote.Height, vote.Round, SomeValue() ?? default, Rounds.Nil, _key.Id);
            evidence = new Evidence(
                EvidenceKind.DoubleProposal, vote.Height, _key.Id, null, null, Sign(proposal),
                    Sign(proposal with { Value = SomeValue() ?? default }));
        }

        _blocks.Keep(evidence);
        Tell(new ConsensusMessage.OfEvidence(evidence));
    }

    private void SendClaims()
    {
        ulong tip = Extremes.Near(Height, _random);
        Send(_random.Below(4) switch
        {
            0 => new Frame(FrameKind.Status, tip, new StatusMessage(tip, Extremes.Near(1, _random)).Encode()),
            1 => new Frame(FrameKind.Status, Height, new StatusMessage(Height + (ulong)_random.Below(20), 1).Encode()),
            2 => new Frame(FrameKind.RangeRequest, tip, new RangeRequest(
                (uint)_random.Next64(), Extremes.Near(1, _random), Extremes.NearRound(3, _random)).Encode()),
            _ => new Frame(FrameKind.ContentRequest, Height, new ContentMessage(SomeValue() ?? default, default).Encode()),
        });
    }

    // what an honest node has asked: the truth, something near it, or something else
    private void Answer()
    {
        if (!_asked.TryDequeue(out Incoming asked))
        {
            return;
        }

        Frame answer = default;
        if (asked.Frame.Kind == FrameKind.RangeRequest && RangeRequest.TryDecode(asked.Frame.Bytes.Span) is { } range)
        {
            FuzzNode node = Some;
            List<DecidedHeight> heights = [];
            for (ulong height = range.From; height < range.From + (ulong)int.Min(range.Count, RangeReply.MaximumHeights); height++)
            {
                if (node.Chain.Store.Block(height) is { } block && node.Chain.Store.Certificate(height) is { } certificate)
                {
                    heights.Add(_blocks.Twist(new DecidedHeight(certificate, BlockCodec.Encode(block))));
                }
            }

            ulong from = _random.OneIn(8) ? Extremes.Near(range.From, _random) : range.From;
            answer = new Frame(FrameKind.RangeReply, asked.Frame.Height, new RangeReply(range.Request, from, heights).Encode());
        }
        else if (ContentMessage.TryDecode(asked.Frame.Bytes.Span, BlockCodec.MaximumSize) is { } content)
        {
            byte[] given = _blocks.Last is { } last && _random.OneIn(2) ? last : _random.Bytes(_random.Below(400));
            answer = new Frame(FrameKind.ContentReply, asked.Frame.Height, new ContentMessage(content.Value, given).Encode());
        }

        if (answer.Kind != default)
        {
            byte[] bytes = _random.OneIn(3) ? Mutator.Mutate(answer.Bytes.ToArray(), answer.Bytes.ToArray(), _random)
                : answer.Bytes.ToArray();
            _trace.About(answer.Kind.ToString(), bytes);
            _own.Send(asked.From, answer with { Bytes = bytes });
        }
    }

    private void Submit()
    {
        byte[] transaction = LiarTransactions.Some(_chain, _random, _sequences);
        _trace.About("transaction", transaction);
        foreach (FuzzNode node in _honest)
        {
            Submission answer = node.Pool.Submit(transaction, null);
            if (node == _honest[0] && answer is { Refusal: null, IsNew: true, WaitsForSequence: null }
                && TransactionDecoding.TryDecode(transaction, out SignedTransaction? taken).IsNone)
            {
                int user = _chain.Users.Index().First(one => one.Item.Address == taken!.Raw.Sender).Index;
                _sequences[user] = ulong.Max(_sequences[user], Saturating.Add(taken!.Raw.SequenceNumber, 1));
            }
        }
    }

    private void Propose()
    {
        FuzzNode node = _honest[0];
        ValidatorSet set = node.Head.Next.Validators;
        int round = node.Loop.Core.Round;
        if (node.Loop.Core.Height != Height || round < 0 || set.Proposer(Height, round).Id != _key.Id || !_proposed.Add((Height, round)))
        {
            return;
        }

        byte[] content = _blocks.Make(node, round, (ulong)_now(), out ValueId value);
        _trace.About("proposal", content);
        foreach (Frame frame in Stream(round, value, content))
        {
            _own.Broadcast(frame);
        }
    }

    // as a proposer sends it; now and then something of it is wrong
    private List<Frame> Stream(int round, ValueId value, byte[] content)
    {
        bool isWrong = _random.OneIn(3);
        ulong height = Height;
        ByteString opening = _key.Sign(StreamInit.SignBytesOf(Context, height, round));
        List<Frame> frames = [new(FrameKind.StreamInit, height, new StreamInit(height, round, _key.Id, opening).Encode())];
        int size = _random.OneIn(3) ? 1 + _random.Below(2_000) : StreamPart.MaximumSize;
        int index = 0;
        for (int at = 0; at < content.Length; at += size)
        {
            int number = isWrong && _random.OneIn(8) ? Extremes.NearRound(index, _random) : index;
            ReadOnlyMemory<byte> piece = content.AsMemory(at, int.Min(size, content.Length - at));
            frames.Add(new Frame(FrameKind.StreamPart, height, new StreamPart(height, round, number, piece).Encode()));
            index++;
        }

        int count = isWrong && _random.OneIn(4) ? Extremes.NearRound(index, _random) : index;
        ValueId commitment = isWrong && _random.OneIn(4) ? new ValueId(_random.Bytes(ValueId.Length)) : new ValueId(Sha3.Hash256(content));
        Proposal proposal = new(height, round, value, isWrong && _random.OneIn(4) ? SomeRound() : Rounds.Nil, _key.Id);
        frames.Add(new Frame(FrameKind.StreamFin, height, new StreamFin(Sign(proposal), count, commitment).Encode()));
        if (isWrong && _random.OneIn(3))
        {
            (int a, int b) = (_random.Below(frames.Count), _random.Below(frames.Count));
            (frames[a], frames[b]) = (frames[b], frames[a]);
        }

        if (isWrong && _random.OneIn(4))
        {
            frames.RemoveAt(_random.Below(frames.Count));
        }

        return frames;
    }
}
