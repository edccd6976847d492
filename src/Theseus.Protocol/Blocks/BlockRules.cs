using Theseus.Consensus;

namespace Theseus.Protocol;

/// <summary>What a node knows when it judges a block (consensus N10).</summary>
/// <param name="Chain">The chain.</param>
/// <param name="Rules">rules(H).</param>
/// <param name="ParentId">Id of the decided parent; the genesis hash at height 1.</param>
/// <param name="ParentTime">The parent's header time; genesis time at height 1.</param>
/// <param name="ParentResult">This node's own result(H-1), or null while it is not executed.</param>
/// <param name="ParentServiceEvents">Of that result.</param>
/// <param name="FreshRound">
/// The round in which the block is proposed for the first time, or null when it comes with a valid round, by sync or as
/// decided.
/// </param>
/// <param name="Signatures">The signature scheme.</param>
/// <param name="TimeOf">Header time of an earlier height, or null when this node lacks it.</param>
/// <param name="IsCommitted">Whether an offence is already in the chain.</param>
/// <param name="IsKnownGood">Transactions whose signature this node has checked before, by hash; null for none.</param>
public sealed record BlockCircumstances(
    ChainIdentity Chain,
    Rules Rules,
    Hash32 ParentId,
    ulong ParentTime,
    BlockResultSummary? ParentResult,
    IReadOnlyList<ServiceEvent> ParentServiceEvents,
    int? FreshRound,
    ISignatureCheck Signatures,
    Func<ulong, ulong?> TimeOf,
    Func<EvidenceKey, bool> IsCommitted,
    Func<Hash32, bool>? IsKnownGood = null);

/// <summary>Judges a block without executing it (consensus N10): linkage and limits first, signatures late, the record last.</summary>
public static class BlockRules
{
    private const ulong MillisecondsPerSecond = 1_000;

    /// <summary>The verdict on a whole block. Timeliness of fresh proposals is <see cref="CheckTime"/>'s.</summary>
    public static BlockVerdict Check(BlockCircumstances facts, Block block) =>
        CheckHeader(facts, block.Header)
        ?? CheckBody(facts, block)
        ?? CheckLastCommit(facts, block)
        ?? CheckEvidence(facts, block)
        ?? CheckTransactions(facts, block)
        ?? CheckResultAndRecord(facts, block);

    /// <summary>What the header alone shows, before any part has arrived; null when nothing is wrong with it.</summary>
    public static BlockVerdict? CheckHeader(BlockCircumstances facts, BlockHeader header)
    {
        Rules rules = facts.Rules;
        BlockReason reason =
            header.ChainId != facts.Chain.Name ? BlockReason.WrongChain
            : header.Height != rules.Height ? BlockReason.WrongHeight
            : header.Round is < 0 or >= Rounds.Ceiling || (facts.FreshRound is { } round && header.Round != round) ? BlockReason.WrongRound
            : ValidatorSets.ToId(header.Proposer) != rules.Validators.Proposer(header.Height, header.Round).Id ? BlockReason.WrongProposer
            : header.Parent != facts.ParentId ? BlockReason.WrongParent
            : !BlockTime.IsLegal(header.Time) ? BlockReason.TimeOutOfRange
            : header.Time <= facts.ParentTime ? BlockReason.TimeNotAfterParent
            : header.SetId != rules.Set.Id ? BlockReason.WrongSet
            : BlockReason.None;
        return reason == BlockReason.None ? null : BlockVerdict.Invalid(reason);
    }

    /// <summary>Whether a fresh proposal is timely (consensus N5): null when it is.</summary>
    /// <param name="time">The header's time.</param>
    /// <param name="receipt">When its proposal arrived here, milliseconds; a logged input.</param>
    /// <param name="round">The round it is fresh in.</param>
    /// <param name="parameters">The parameters in force: precision and message delay, in milliseconds.</param>
    public static BlockVerdict? CheckTime(ulong time, ulong receipt, int round, ProtocolParameters parameters)
    {
        ulong due = DueAt(time, parameters);
        if (due > receipt)
        {
            return BlockVerdict.Unknown(BlockReason.FromTheFuture, $"due in {due - receipt} ms");
        }

        ulong delays = Saturating.Multiply(parameters.MessageDelay, (ulong)round + 1);
        ulong travel = Saturating.Add(parameters.Precision, delays);
        return Saturating.Add(time, travel) < receipt ? BlockVerdict.Invalid(BlockReason.Untimely, $"{receipt - time} ms old") : null;
    }

    /// <summary>The receipt from which on a proposal of a time is not from the future (consensus N5), in milliseconds.</summary>
    public static ulong DueAt(ulong time, ProtocolParameters parameters) => Saturating.Subtract(time, parameters.Precision);

    private static BlockVerdict? CheckBody(BlockCircumstances facts, Block block)
    {
        BlockBody body = block.Body;
        ProtocolParameters parameters = facts.Rules.Parameters;
        BlockReason reason =
            body.Kind == BlockKind.Sos ? BlockReason.SosWithoutGrounds
            : body.Declarations.Count > 0 ? BlockReason.DeclarationRefused
            : body.Directives.Count > 0 ? BlockReason.DirectiveRefused
            : body.Evidence.Count > BlockCodec.MaximumEvidence ? BlockReason.TooMuchEvidence
            : body.Transactions.Count > parameters.MaximumTransactions ? BlockReason.TooManyTransactions
            : BlockCodec.SizeOf(block) > parameters.MaximumBlockBytes ? BlockReason.TooManyBytes
            : BlockCodec.BodyRootOf(body) != block.Header.BodyRoot ? BlockReason.WrongBodyRoot
            : BlockReason.None;
        return reason == BlockReason.None ? null : BlockVerdict.Invalid(reason);
    }

    // consensus N13: the proposer's choice among valid certificates, verified by set(H-1) and version(H-1)
    private static BlockVerdict? CheckLastCommit(BlockCircumstances facts, Block block)
    {
        CommitCertificate? certificate = block.Body.LastCommit;
        if (block.Header.Height == 1)
        {
            return certificate is not null ? BlockVerdict.Invalid(BlockReason.LastCommitUnexpected)
                : block.Header.LastCommit.IsZero ? null
                : BlockVerdict.Invalid(BlockReason.LastCommitHash);
        }

        if (certificate is null)
        {
            return BlockVerdict.Invalid(BlockReason.LastCommitMissing);
        }

        if (BlockCodec.HashOf(certificate) != block.Header.LastCommit)
        {
            return BlockVerdict.Invalid(BlockReason.LastCommitHash);
        }

        if (ValidatorSets.ToHash(certificate.Value) != facts.ParentId)
        {
            return BlockVerdict.Invalid(BlockReason.LastCommitWrongBlock);
        }

        return facts.Rules.ParentVerifier(facts.Chain, facts.Signatures).Verify(certificate, out Refusal refusal) is null
            ? BlockVerdict.Invalid(BlockReason.LastCommitRefused, refusal.ToString())
            : null;
    }

    // consensus N3
    private static BlockVerdict? CheckEvidence(BlockCircumstances facts, Block block)
    {
        SortedSet<EvidenceKey> seen = [];
        foreach (Evidence evidence in block.Body.Evidence)
        {
            EvidenceKey key = EvidenceKey.Of(evidence);
            if (!seen.Add(key) || facts.IsCommitted(key))
            {
                return BlockVerdict.Invalid(BlockReason.EvidenceRepeated, key.ToString());
            }

            BlockReason age = EvidenceAge(facts.Rules, block.Header.Time, facts.TimeOf, evidence.Height);
            if (age != BlockReason.None)
            {
                return age == BlockReason.EvidenceTimeUnknown
                    ? BlockVerdict.Unknown(age, key.ToString())
                    : BlockVerdict.Invalid(age, key.ToString());
            }

            Verifier verifier = facts.Rules.EvidenceVerifier(facts.Chain, facts.Signatures, evidence.Height)!;
            if (verifier.Verify(evidence, out Refusal refusal) is null)
            {
                return BlockVerdict.Invalid(BlockReason.EvidenceRefused, refusal.ToString());
            }
        }

        return null;
    }

    /// <summary>
    /// Whether a block of these rules and this time may hold evidence of a height: None, or why not. Proposers ask as
    /// well as validators: one block with evidence that does not belong in it is refused by all, and every proposer
    /// would build it again (consensus N3).
    /// </summary>
    /// <param name="rules">The block's rules.</param>
    /// <param name="time">The block's time in ms.</param>
    /// <param name="timeOf">Times of decided heights, null where this node does not know.</param>
    /// <param name="height">The height of the offence.</param>
    public static BlockReason EvidenceAge(Rules rules, ulong time, Func<ulong, ulong?> timeOf, ulong height)
    {
        if (rules.EvidenceSetOf(height) is null)
        {
            return BlockReason.EvidenceOutsideWindow; // also of the height in progress: it waits for the next block
        }

        // expired when both limits are exceeded; the time is only looked up when the blocks alone do not save it
        return rules.Height - height <= rules.Parameters.EvidenceAgeBlocks ? BlockReason.None
            : timeOf(height) is not { } then ? BlockReason.EvidenceTimeUnknown
            : Saturating.Subtract(time, then) > rules.Parameters.EvidenceAgeTime ? BlockReason.EvidenceExpired
            : BlockReason.None;
    }

    private static BlockVerdict? CheckTransactions(BlockCircumstances facts, Block block)
    {
        SortedSet<Hash32> seen = [];
        int oversize = 0;
        ulong seconds = block.Header.Time / MillisecondsPerSecond;
        for (int i = 0; i < block.Body.Transactions.Count; i++)
        {
            TransactionRefusal refusal = TransactionDecoding.TryDecode(block.Body.Transactions[i], out SignedTransaction? transaction);
            if (transaction is null)
            {
                return BlockVerdict.Invalid(BlockReason.TransactionMalformed, $"{i}: {refusal}");
            }

            if (!seen.Add(transaction.Hash))
            {
                return BlockVerdict.Invalid(BlockReason.TransactionRepeated, $"{i}: {transaction.Hash}");
            }

            if (TransactionLimits.NeedsApproval(transaction.Bytes.Length) && ++oversize > 1)
            {
                return BlockVerdict.Invalid(BlockReason.TooManyOversize, i.ToString()); // execution 8.2
            }

            refusal = TransactionDecoding.Check(transaction, facts.Chain.TxChainId, seconds, facts.IsKnownGood);
            if (!refusal.IsNone)
            {
                BlockReason reason = refusal.Code switch
                {
                    TransactionRefusalCode.WrongChainId => BlockReason.TransactionWrongChain,
                    TransactionRefusalCode.Expired => BlockReason.TransactionExpired,
                    _ => BlockReason.TransactionSignature,
                };
                return BlockVerdict.Invalid(reason, $"{i}: {refusal}");
            }
        }

        return null;
    }

    private static BlockVerdict CheckResultAndRecord(BlockCircumstances facts, Block block)
    {
        if (block.Header.ParentResult is not { } claimed)
        {
            return BlockVerdict.Invalid(BlockReason.ResultMissing);
        }

        if (facts.ParentResult is not { } mine)
        {
            return BlockVerdict.Unknown(BlockReason.NotExecuted);
        }

        if (ResultCodec.IdOf(mine) != claimed)
        {
            return BlockVerdict.Unknown(BlockReason.ResultDiffers, claimed.ToString());
        }

        ProtocolRecord record = RecordStep.Apply(facts.Rules, RecordInputsOf(block, mine, facts.ParentServiceEvents));
        return record.SetNext.Id != block.Header.NextSetId ? BlockVerdict.Invalid(BlockReason.WrongNextSet)
            : facts.Rules.Models.Id(record) != block.Header.RecordId ? BlockVerdict.Invalid(BlockReason.WrongRecord)
            : BlockVerdict.Valid(record);
    }

    /// <summary>What a block gives its record (record P1).</summary>
    public static RecordInputs RecordInputsOf(
        Block block, BlockResultSummary parentResult, IReadOnlyList<ServiceEvent> parentServiceEvents) =>
        new(block.Header.Time, parentServiceEvents, parentResult.CodeRoot, block.Body.Declarations, block.Body.Directives);
}
