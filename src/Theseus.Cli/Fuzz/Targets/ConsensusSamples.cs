using Theseus.Consensus;
using Theseus.Engine;
using Theseus.Protocol;
using Theseus.Storage;

namespace Theseus.Cli.Fuzz.Targets;

/// <summary>A short chain decided by hand, and everything that travels while it is decided.</summary>
internal sealed class ConsensusSamples
{
    private const int Heights = 3;

    public ConsensusSamples(FuzzChain chain)
    {
        using ChainStore store = ChainStore.InMemory();
        Node.ChainExecution execution = new(store, chain.Genesis, chain.Stacks, Path.GetTempPath(), static _ => { });
        Identity = execution.Chain;
        ulong sequence = 0;
        for (int i = 0; i < Heights; i++)
        {
            Node.ChainHead head = execution.Head;
            SignedTransaction[] transfers =
            [
                .. chain.Users.Select(user => chain.Sign(user, sequence, Commands.TransferCommands.Payload(chain.Users[0].Address, 7))),
            ];
            sequence++;
            BuiltBlock built = BlockBuilder.Build(new BlockPlan(
                Identity, head.Next, head.BlockId, head.Time, head.Certificate, head.Result, head.ServiceEvents, 0, head.Time + 250,
                ValidatorSets.ToAddress(head.Next.Validators.Proposer(head.Height + 1, 0).Id), i == 1 ? [Evidence(chain, head)] : [],
                    transfers));
            Context = head.Next.SignContext(Identity);
            Set = head.Next.Validators;
            CommitCertificate certificate = chain.Certify(Context, head.Height + 1, ValidatorSets.ToValue(built.Id));
            execution.Append(certificate, built.Block);
            execution.Execute(certificate, built.Block);
            Decided.Add((built.Block, certificate));
            Records.Add(execution.Head.Record);
            Results.Add(execution.Head.Result);
            Outputs.AddRange(execution.Head.Outputs);
            ServiceEvents.AddRange(execution.Head.ServiceEvents);
        }

        Messages = [.. Said(chain)];
    }

    public ChainIdentity Identity { get; }

    /// <summary>Of the last height.</summary>
    public SignContext Context { get; private set; } = null!;

    /// <summary>Of the last height.</summary>
    public ValidatorSet Set { get; private set; } = null!;

    public List<(Block Block, CommitCertificate Certificate)> Decided { get; } = [];

    public List<ProtocolRecord> Records { get; } = [];

    public List<BlockResultSummary> Results { get; } = [];

    public List<TransactionOutput> Outputs { get; } = [];

    public List<ServiceEvent> ServiceEvents { get; } = [];

    public IReadOnlyList<ConsensusMessage> Messages { get; }

    /// <summary>Contents of frames of the engine, by kind.</summary>
    public IEnumerable<(FrameKind Kind, byte[] Bytes)> Frames(FuzzChain chain)
    {
        ulong height = (ulong)Decided.Count;
        FuzzKey key = chain.Validators[0];
        byte[] content = BlockCodec.Encode(Decided[^1].Block);
        ValueId value = Decided[^1].Certificate.Value;
        yield return (FrameKind.StreamInit, new StreamInit(height, 0, key.Id,
            key.Sign(StreamInit.SignBytesOf(Context, height, 0))).Encode());
        yield return (FrameKind.StreamPart, new StreamPart(height, 0, 0, content).Encode());
        Proposal proposal = new(height, 0, value, Rounds.Nil, key.Id);
        Signed<Proposal> signed = new(proposal, key.Sign(SignBytes.Of(Context, proposal)));
        yield return (FrameKind.StreamFin, new StreamFin(signed, 1, new ValueId(Sha3.Hash256(content))).Encode());
        yield return (FrameKind.ContentRequest, new ContentMessage(value, default).Encode());
        yield return (FrameKind.ContentReply, new ContentMessage(value, content).Encode());
        yield return (FrameKind.Status, new StatusMessage(height, 1).Encode());
        yield return (FrameKind.RangeRequest, new RangeRequest(1, 1, 3).Encode());
        DecidedHeight[] heights = [.. Decided.Select(item => new DecidedHeight(item.Certificate, BlockCodec.Encode(item.Block)))];
        yield return (FrameKind.RangeReply, new RangeReply(1, 1, heights).Encode());
    }

    private static Evidence Evidence(FuzzChain chain, Node.ChainHead head)
    {
        SignContext context = head.Next.SignContext(new ChainIdentity(
            chain.Genesis.ChainName, chain.Genesis.Hash(), chain.Genesis.TxChainId));
        FuzzKey culprit = chain.Validators[3];
        Signed<Vote>[] votes = [.. ((byte[])[1, 2]).Select(fill =>
        {
            Vote vote = new(VoteType.Prevote, head.Height, 0, Value(fill), Rounds.Nil, culprit.Id);
            return new Signed<Vote>(vote, culprit.Sign(SignBytes.Of(context, vote)));
        })];
        return Offences.Between(votes[0], votes[1])!;
    }

    private static ValueId Value(byte fill)
    {
        byte[] bytes = new byte[ValueId.Length];
        bytes.AsSpan().Fill(fill);
        return new ValueId(bytes);
    }

    private IEnumerable<ConsensusMessage> Said(FuzzChain chain)
    {
        ulong height = (ulong)Decided.Count;
        ValueId value = Decided[^1].Certificate.Value;
        FuzzKey first = chain.Validators[0];
        Vote[] votes =
        [
            new(VoteType.Prevote, height, 0, value, Rounds.Nil, first.Id), new(VoteType.Prevote, height, 1, null, Rounds.Nil, first.Id),
            new(VoteType.Precommit, height, 2, value, 1, first.Id),
        ];
        foreach (Vote vote in votes)
        {
            yield return new ConsensusMessage.OfVote(new Signed<Vote>(vote, first.Sign(SignBytes.Of(Context, vote))), 3);
        }

        Proposal[] proposals = [new(height, 0, value, Rounds.Nil, first.Id), new(height, 3, value, 1, first.Id),
            new(height, 0, Value(9), Rounds.Nil, first.Id)];
        Signed<Proposal>[] signed = [.. proposals.Select(proposal =>
            new Signed<Proposal>(proposal, first.Sign(SignBytes.Of(Context, proposal))))];
        foreach (Signed<Proposal> proposal in signed)
        {
            yield return new ConsensusMessage.OfProposal(proposal);
        }

        yield return new ConsensusMessage.OfCommit(Decided[^1].Certificate);
        yield return new ConsensusMessage.OfPolka(new PolkaCertificate(height, 0, value, Rounds.Nil, Decided[^1].Certificate.Signatures));
        Signed<Vote>[] nil = [.. chain.Validators.Select(key =>
        {
            Vote vote = new(VoteType.Precommit, height, 0, null, Rounds.Nil, key.Id);
            return new Signed<Vote>(vote, key.Sign(SignBytes.Of(Context, vote)));
        })];
        yield return new ConsensusMessage.OfRound(new RoundCertificate(height, 1, nil));
        yield return new ConsensusMessage.OfEvidence(Decided[1].Block.Body.Evidence[0]);
        yield return new ConsensusMessage.OfEvidence(Offences.Between(signed[0], signed[2])!);
    }
}
