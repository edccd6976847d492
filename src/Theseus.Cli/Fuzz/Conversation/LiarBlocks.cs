using Theseus.Consensus;
using Theseus.Engine;
using Theseus.Protocol;

namespace Theseus.Cli.Fuzz.Conversation;

/// <summary>Blocks that a proposer may sign and should not: a valid one with some fields changed, its hashes made right again as a
/// rule.</summary>
internal sealed class LiarBlocks(FuzzChain chain, FuzzKey key, FuzzRandom random, IReadOnlyList<ulong> sequences)
{
    private const int MostEvidence = 24;

    private readonly List<Evidence> _evidence = [];

    /// <summary>The last content made.</summary>
    public byte[]? Last { get; private set; }

    /// <summary>Remembers evidence for a block, true or false.</summary>
    public void Keep(Evidence evidence)
    {
        if (_evidence.Count < MostEvidence)
        {
            _evidence.Add(evidence);
        }
    }

    /// <summary>The content of a proposal.</summary>
    public byte[] Make(FuzzNode node, int round, ulong now, out ValueId value)
    {
        Node.ChainHead head = node.Head;
        BuiltBlock built = BlockBuilder.Build(new BlockPlan(
            node.Chain.Chain, head.Next, head.BlockId, head.Time, head.Height == 0 ? null : head.Certificate, head.Result,
                head.ServiceEvents, round, now, key.Address,
            [], node.Pool.Select(head)));
        BlockBody body = built.Block.Body;
        BlockHeader header = built.Block.Header;
        for (int changes = random.Below(3); changes > 0; changes--)
        {
            (header, body) = random.OneIn(2) ? (Changed(header), body) : (header, Changed(body));
        }

        if (!random.OneIn(10))
        {
            header = header with { BodyRoot = BlockCodec.BodyRootOf(body), LastCommit = BlockCodec.HashOf(body.LastCommit) };
        }

        byte[] content = BlockCodec.Encode(new Block(header, body));
        value = ValidatorSets.ToValue(BlockCodec.IdOf(header));
        if (random.OneIn(20))
        {
            content = Mutator.Mutate(content, content, random);
        }

        if (random.OneIn(30))
        {
            value = new ValueId(random.Bytes(ValueId.Length));
        }

        return Last = content;
    }

    /// <summary>A decided height, as it is or near it.</summary>
    public DecidedHeight Twist(DecidedHeight height) => random.Below(6) switch
    {
        0 => height with { Content = Mutator.Mutate(height.Content.ToArray(), Last ?? [], random) },
        1 => height with { Certificate = Changed(height.Certificate) },
        2 => height with { Content = Last ?? [] },
        _ => height,
    };

    private BlockHeader Changed(BlockHeader header)
    {
        Hash32 any = new(random.Bytes(Hash32.Length));
        return random.Below(12) switch
        {
            0 => header with { Time = random.OneIn(2) ? header.Time + (ulong)random.Below(2_000) - 1_000
                : Extremes.Near(header.Time, random) },
            1 => header with { Time = header.Time + 500 + (ulong)random.Below(5_000) },
            2 => header with { Height = Extremes.Near(header.Height, random) },
            3 => header with { Round = int.Max(0, Extremes.NearRound(header.Round, random)) },
            4 => header with { Parent = any },
            5 => header with { ParentResult = random.OneIn(2) ? null : any },
            6 => header with { RecordId = any },
            7 => header with { SetId = any },
            8 => header with { NextSetId = any },
            9 => header with { Proposer = random.Of(chain.Validators).Address },
            10 => header with { ChainId = random.OneIn(2) ? "" : header.ChainId + "x" },
            _ => header with { LastCommit = any },
        };
    }

    private BlockBody Changed(BlockBody body)
    {
        List<byte[]> transactions = [.. body.Transactions];
        switch (random.Below(9))
        {
            case 0:
                return body with { LastCommit = body.LastCommit is { } commit ? Changed(commit) : Commit() };
            case 1:
                return body with { LastCommit = null };
            case 2:
                return body with { Evidence = [.. _evidence.Take(random.Below(BlockCodec.MaximumEvidence + 1))] };
            case 3:
                return body with { Evidence = _evidence.Count == 0 ? [] : [_evidence[^1], random.Of(_evidence)] };
            case 4:
                return body with { Declarations = [random.Bytes(random.Below(100))] };
            case 5:
                return body with { Directives = [random.Bytes(random.Below(100))] };
            case 6:
                return body with { Kind = BlockKind.Sos };
            default:
                for (int more = random.Below(6); more > 0; more--)
                {
                    byte[] one = random.OneIn(3) && transactions.Count > 0 ? random.Of(transactions)
                        : LiarTransactions.Some(chain, random, sequences);
                    transactions.Insert(random.Below(transactions.Count + 1), one);
                }

                return body with { Transactions = transactions };
        }
    }

    private CommitCertificate Commit() => new(1, 0, new ValueId(random.Bytes(ValueId.Length)), []);

    private CommitCertificate Changed(CommitCertificate commit) => random.Below(5) switch
    {
        0 => commit with { Height = Extremes.Near(commit.Height, random) },
        1 => commit with { Round = int.Max(0, Extremes.NearRound(commit.Round, random)) },
        2 => commit with { Value = new ValueId(random.Bytes(ValueId.Length)) },
        3 => commit with { Signatures = [.. commit.Signatures.Skip(1 + random.Below(3))] },
        _ => commit with
        {
            Signatures = [.. commit.Signatures.Select(one => random.OneIn(2)
                ? one with { Signature = new ByteString(random.Bytes(random.Below(70))) } : one)],
        },
    };
}
