using Theseus.Consensus;

namespace Theseus.Protocol;

/// <summary>What a proposer builds from.</summary>
/// <param name="Chain">The chain.</param>
/// <param name="Rules">rules(H).</param>
/// <param name="ParentId">Id of the decided parent; the genesis hash at height 1.</param>
/// <param name="ParentTime">The parent's header time in milliseconds; genesis time at height 1.</param>
/// <param name="LastCommit">Its choice of certificate for the parent; null at height 1 (consensus N13).</param>
/// <param name="ParentResult">Its own result(H-1).</param>
/// <param name="ParentServiceEvents">Service events of that result.</param>
/// <param name="Round">The round of the fresh proposal.</param>
/// <param name="Now">Its clock in milliseconds; header time is max(now, parent + 1) (consensus N5).</param>
/// <param name="Proposer">Itself.</param>
/// <param name="Evidence">Verified, not yet committed; at most 16 are taken, and none that the block may not hold.</param>
/// <param name="Candidates">Transactions in the order in which it wants them.</param>
/// <param name="TimeOf">Times of decided heights, for old evidence; null when none is known.</param>
public sealed record BlockPlan(
    ChainIdentity Chain,
    Rules Rules,
    Hash32 ParentId,
    ulong ParentTime,
    CommitCertificate? LastCommit,
    BlockResultSummary ParentResult,
    IReadOnlyList<ServiceEvent> ParentServiceEvents,
    int Round,
    ulong Now,
    Address Proposer,
    IReadOnlyList<Evidence> Evidence,
    IEnumerable<SignedTransaction> Candidates,
    Func<ulong, ulong?>? TimeOf = null);

/// <summary>A block with its id and record(H).</summary>
public sealed record BuiltBlock(Block Block, Hash32 Id, ProtocolRecord Record);

/// <summary>Assembles blocks; executes nothing.</summary>
public static class BlockBuilder
{
    // ULEB length in front of each transaction, at most
    private const int LengthPrefix = 5;

    /// <summary>
    /// A valid block within the limits of its rules: evidence that it may not hold, and candidates that expire, repeat,
    /// or do not fit, are passed over.
    /// </summary>
    public static BuiltBlock Build(BlockPlan plan)
    {
        ulong time = ulong.Clamp(plan.Now, Saturating.Add(plan.ParentTime, 1), BlockTime.Latest);
        Func<ulong, ulong?> timeOf = plan.TimeOf ?? (static _ => null);
        IEnumerable<Evidence> evidence = plan.Evidence
            .Where(offence => BlockRules.EvidenceAge(plan.Rules, time, timeOf, offence.Height) == BlockReason.None)
            .DistinctBy(EvidenceKey.Of)
            .Take(BlockCodec.MaximumEvidence);
        BlockBody empty = new(BlockKind.Normal, plan.LastCommit, [.. evidence], [], [], []);
        BlockBody body = empty with { Transactions = Select(plan, time, BlockCodec.Encode(empty).Length) };
        return Assemble(plan, body, time);
    }

    private static BuiltBlock Assemble(BlockPlan plan, BlockBody body, ulong time)
    {
        Rules rules = plan.Rules;
        BlockHeader header = new(
            plan.Chain.Name,
            rules.Height,
            plan.Round,
            time,
            plan.ParentId,
            ResultCodec.IdOf(plan.ParentResult),
            Hash32.Zero,
            rules.Set.Id,
            Hash32.Zero,
            BlockCodec.BodyRootOf(body),
            BlockCodec.HashOf(body.LastCommit),
            plan.Proposer);
        Block draft = new(header, body);
        ProtocolRecord record = RecordStep.Apply(rules, BlockRules.RecordInputsOf(draft, plan.ParentResult, plan.ParentServiceEvents));
        header = header with { RecordId = rules.Models.Id(record), NextSetId = record.SetNext.Id };
        return new BuiltBlock(new Block(header, body), BlockCodec.IdOf(header), record);
    }

    private static List<byte[]> Select(BlockPlan plan, ulong time, int bodySize)
    {
        const int HeaderAllowance = 1_024; // a header has fewer than 400 bytes with the longest chain name
        ProtocolParameters parameters = plan.Rules.Parameters;
        long bytesLeft = parameters.MaximumBlockBytes - bodySize - HeaderAllowance;
        ulong seconds = time / 1_000;
        bool oversize = false;
        SortedSet<Hash32> seen = [];
        SortedSet<Address> passedOver = []; // senders with a gap in this block: what follows it would only be skipped
        List<byte[]> selected = [];
        foreach (SignedTransaction candidate in plan.Candidates)
        {
            if (selected.Count == parameters.MaximumTransactions)
            {
                break;
            }

            int size = candidate.Bytes.Length + LengthPrefix;
            bool large = TransactionLimits.NeedsApproval(candidate.Bytes.Length);
            if (passedOver.Contains(candidate.Raw.Sender) || !seen.Add(candidate.Hash))
            {
                continue;
            }

            if (size > bytesLeft || (large && oversize)
                || !TransactionDecoding.CheckTerms(candidate, plan.Chain.TxChainId, seconds).IsNone)
            {
                passedOver.Add(candidate.Raw.Sender);
                continue;
            }

            oversize |= large;
            bytesLeft -= size;
            selected.Add(candidate.Bytes);
        }

        return selected;
    }
}

/// <summary>The facts that execution gets of a block (execution 4).</summary>
public static class BlockContexts
{
    private const ulong MicrosPerMillisecond = 1_000;

    /// <summary>The facts of one block.</summary>
    /// <param name="chain">The chain.</param>
    /// <param name="block">A decided block, or the one being validated.</param>
    /// <param name="rules">rules(H).</param>
    /// <param name="record">record(H).</param>
    /// <param name="carried">Evidence that earlier begin hooks did not accept.</param>
    public static BlockContext Of(
        ChainIdentity chain, Block block, Rules rules, ProtocolRecord record, IReadOnlyList<EvidenceFact> carried) => new(
        block.Header.Height,
        block.Header.Time * MicrosPerMillisecond,
        rules.Epoch,
        block.Header.Proposer,
        Missed(block, rules),
        [.. CarriedEvidence.Of(block.Body), .. carried],
        rules.Set.Validators,
        ComponentFacts.Of(record),
        chain.GenesisHash,
        chain.TxChainId)
    {
        Parameters = record.Parameters,
    };

    /// <summary>Members of set(H-1) whose signature the last commit lacks (consensus N13); none at height 1.</summary>
    public static IReadOnlyList<Address> Missed(Block block, Rules rules)
    {
        if (block.Body.LastCommit is not { } certificate)
        {
            return [];
        }

        SortedSet<ValidatorId> signed = [.. certificate.Signatures.Select(static signature => signature.Validator)];
        return
        [
            .. rules.ParentValidators.Members
                .Where(member => !signed.Contains(member.Id))
                .Select(static member => ValidatorSets.ToAddress(member.Id)),
        ];
    }
}
