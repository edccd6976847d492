using Theseus.Consensus;
using Theseus.Engine;
using Theseus.Protocol;

namespace Theseus.Node;

/// <summary>What the node wants to know of its chain as it happens.</summary>
/// <param name="Head">The block just executed.</param>
/// <param name="Round">The round that decided it.</param>
/// <param name="Milliseconds">Time to execute and store.</param>
public sealed record BlockExecuted(ChainHead Head, int Round, double Milliseconds);

/// <summary>The chain as the engine's application: answers every request from one loop, in order.</summary>
public sealed class ChainApplication
{
    /// <summary>Bytes of a proposal's part: a frame of the consensus overlay holds a few.</summary>
    private const int PartBytes = 256 * 1024;

    /// <summary>Blocks built or judged that may still be decided; older ones are judged again when asked for.</summary>
    private const int JudgedBlocks = 16;

    private readonly ApplicationLink _link;
    private readonly ChainExecution _chain;
    private readonly Mempool _mempool;
    private readonly EvidencePool _evidence;
    private readonly Address? _self;
    private readonly TimeProvider _clock;
    private readonly Action<BlockExecuted> _executed;
    private readonly DeferredVerdicts _deferred = new();
    private readonly BlockPace _pace = new();
    private readonly Queue<(ValueId Value, Block Block)> _judged = new();

    /// <summary>Joins the engine's requests to the chain.</summary>
    /// <param name="link">The application's end of the engine's channels.</param>
    /// <param name="chain">The chain.</param>
    /// <param name="mempool">What a proposer selects from.</param>
    /// <param name="evidence">Misbehaviour for the next block of this node.</param>
    /// <param name="self">This validator's address; null for a node that never proposes.</param>
    /// <param name="clock">For block times and for proposals from the near future.</param>
    /// <param name="executed">Told of every executed block, on the loop that answers: it must return at once.</param>
    public ChainApplication(
        ApplicationLink link,
        ChainExecution chain,
        Mempool mempool,
        EvidencePool evidence,
        Address? self,
        TimeProvider clock,
        Action<BlockExecuted> executed)
    {
        _link = link;
        _chain = chain;
        _mempool = mempool;
        _evidence = evidence;
        _self = self;
        _clock = clock;
        _executed = executed;
    }

    /// <summary>Why the node no longer takes part; null while it does.</summary>
    public string? Halted { get; private set; }

    /// <summary>Whether bytes are the content of a value: the header hashes to it and commits to the body.</summary>
    public static bool IsContent(ValueId value, ReadOnlySpan<byte> content) =>
        BlockCodec.TryDecode(content, out _) is Block block && ValidatorSets.ToValue(BlockCodec.IdOf(block.Header)) == value &&
        BlockCodec.BodyRootOf(block.Body) == block.Header.BodyRoot && BlockCodec.HashOf(block.Body.LastCommit) == block.Header.LastCommit;

    /// <summary>Answers until cancelled.</summary>
    /// <exception cref="DivergenceException">The network agreed on another result than this node's.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        Task<bool> asked = _link.Requests.WaitToReadAsync(cancellation).AsTask();
        while (!cancellation.IsCancellationRequested)
        {
            while (Next() is { } request)
            {
                foreach (AppReply reply in Answer(request))
                {
                    await _link.Replies.WriteAsync(reply, cancellation);
                }
            }

            if (_deferred.NextDue is { } due)
            {
                // a deferred proposal is due within a round's timeout, so the wait fits every timer
                using CancellationTokenSource wake = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                Task timer = Task.Delay(TimeSpan.FromMilliseconds(Saturating.Subtract(due, Now)), _clock, wake.Token);
                await Task.WhenAny(asked, timer);
                await wake.CancelAsync();
            }
            else
            {
                await Task.WhenAny(asked);
            }

            asked = asked.IsCompleted ? _link.Requests.WaitToReadAsync(cancellation).AsTask() : asked;
        }
    }

    private ulong Now => (ulong)_clock.GetUtcNow().ToUnixTimeMilliseconds();

    private AppRequest? Next() => _deferred.TakeDue(Now) ?? (_link.Requests.TryRead(out AppRequest? request) ? request : null);

    // The rest is for applications that work ahead: parts of a content while it arrives, and the end of a height.
    private IEnumerable<AppReply> Answer(AppRequest request) => request switch
    {
        AppRequest.OpenHeight open => [Open(open.Height)],
        AppRequest.Build build => Build(build),
        AppRequest.Validate validate => [Judge(validate)],
        AppRequest.Decide decide => Decide(decide),
        AppRequest.GetDecided get => [Serve(get)],
        AppRequest.EvidenceFound found => Take(found),
        AppRequest.Part or AppRequest.Finalize => [],
        _ => throw new ArgumentException($"unknown request {request.GetType().Name}", nameof(request)),
    };

    private AppReply Open(ulong height)
    {
        ChainHead head = _chain.Head;
        ulong wanted = height == 0 ? _chain.Store.Window.Decided + 1 : height;
        if (wanted != head.Height + 1)
        {
            // decided and not executed: the stack of that block is missing
            return CannotOpen(head.Next);
        }

        IReadOnlyList<(string Component, Hash32 ModuleId)> missing = _chain.MissingFor(head.Next);
        if (missing.Count > 0)
        {
            return CannotOpen(head.Next);
        }

        Rules rules = head.Next;
        ProtocolParameters parameters = rules.Parameters;
        return new AppReply.HeightOpened(
            wanted,
            rules.Validators,
            rules.SignContext(_chain.Chain),
            [.. rules.Record.Components.Select(pair => ValidatorSets.ToValue(pair.Value.Current.ModuleId))],
            rules.Timeouts,
            Saturating.ToInt32(parameters.BlockInterval),
            Saturating.ToInt32(parameters.ExecutionPatience),
            int.Min(BlockCodec.MaximumSize, Saturating.ToInt32((ulong)parameters.MaximumBlockBytes)),
            head.Height,
            ulong.Max(_chain.Store.Window.FirstBlock, 1));
    }

    private AppReply.CannotOpen CannotOpen(Rules rules)
    {
        IReadOnlyList<(string Component, Hash32 ModuleId)> missing = _chain.MissingFor(rules);
        string needed = string.Join(", ", missing.Select(item => $"{item.Component} module {item.ModuleId}"));
        string supported = string.Join(", ", _chain.SupportedModules);
        Halted = $"height {rules.Height} needs {needed}; supported: {supported}; install newer software and start again";
        return new AppReply.CannotOpen(rules.Height, [.. missing.Select(item => ValidatorSets.ToValue(item.ModuleId))]);
    }

    private IEnumerable<AppReply> Build(AppRequest.Build build)
    {
        ChainHead head = _chain.Head;
        CommitCertificate? lastCommit = build.LastCommit is { } given && given.Height == head.Height ? given : head.Certificate;
        if (_self is not Address self || build.Height != head.Height + 1 || (build.Height > 1 && lastCommit is null))
        {
            return [new AppReply.CannotBuild(build.Height, build.Round)];
        }

        BuiltBlock built = BlockBuilder.Build(new BlockPlan(
            _chain.Chain, head.Next, head.BlockId, head.Time, build.Height == 1 ? null : lastCommit, head.Result, head.ServiceEvents,
            build.Round, Now, self, _evidence.Pending, _mempool.Select(head, _pace.GasOf(head.Next.Parameters.BlockInterval)), TimeOf));
        ValueId value = ValidatorSets.ToValue(built.Id);
        Remember(value, built.Block);
        byte[] content = BlockCodec.Encode(built.Block);
        List<AppReply> replies = [];
        for (int offset = 0; offset < content.Length; offset += PartBytes)
        {
            int length = int.Min(PartBytes, content.Length - offset);
            replies.Add(new AppReply.Part(build.Height, build.Round, content.AsMemory(offset, length)));
        }

        replies.Add(new AppReply.Fin(build.Height, build.Round, value));
        return replies;
    }

    private ulong? TimeOf(ulong height) => _chain.Store.Header(height)?.Time;

    // consensus N10
    private AppReply.Verdict Judge(AppRequest.Validate validate)
    {
        ChainHead head = _chain.Head;
        if (BlockCodec.TryDecode(validate.Content.Span, out _) is not Block block)
        {
            return Verdict(validate, Judgement.Invalid, NilMalformed);
        }

        if (validate.Height != head.Height + 1)
        {
            return Verdict(validate, Judgement.Unknown, (ushort)BlockReason.NotExecuted);
        }

        List<Hash32> unknown = [];
        bool IsKnownGood(Hash32 hash)
        {
            bool known = _chain.Signatures.Contains(hash);
            if (!known)
            {
                unknown.Add(hash);
            }

            return known;
        }

        BlockCircumstances facts = new(
            _chain.Chain, head.Next, head.BlockId, head.Time, head.Result, head.ServiceEvents,
            validate.FreshRound >= 0 ? validate.FreshRound : null, Ed25519Check.Instance, TimeOf, _chain.Store.IsCommitted, IsKnownGood);
        BlockVerdict verdict = BlockRules.Check(facts, block);
        if (verdict.Kind == VerdictKind.Valid)
        {
            unknown.ForEach(_chain.Signatures.Add); // checked just now: execution need not do it again
        }

        if (verdict.Kind == VerdictKind.Valid && validate.FreshRound >= 0 &&
            BlockRules.CheckTime(
                block.Header.Time, validate.ReceivedAt, validate.FreshRound, head.Next.Parameters) is BlockVerdict untimely)
        {
            verdict = untimely;
            if (untimely.Reason == BlockReason.FromTheFuture)
            {
                Defer(validate, BlockRules.DueAt(block.Header.Time, head.Next.Parameters), head.Next.Timeouts);
            }
        }

        if (verdict.Kind == VerdictKind.Valid)
        {
            Remember(validate.Value, block);
        }

        Judgement judgement = verdict.Kind switch
        {
            VerdictKind.Valid => Judgement.Valid,
            VerdictKind.Invalid => Judgement.Invalid,
            _ => Judgement.Unknown,
        };
        if (judgement != Judgement.Valid)
        {
            _chain.Alarm($"block {validate.Height} of {block.Header.Proposer} is {judgement}: {verdict.Reason} {verdict.Detail}");
        }

        return Verdict(validate, judgement, (ushort)verdict.Reason);
    }

    private const ushort NilMalformed = (ushort)BlockReason.WrongBodyRoot;

    private static AppReply.Verdict Verdict(AppRequest.Validate validate, Judgement judgement, ushort reason) =>
        new(validate.Height, validate.Value, validate.FreshRound, judgement, reason);

    // A proposal from the near future is judged again when its time has come (consensus N5). What its round will not wait for is let go.
    private void Defer(AppRequest.Validate validate, ulong due, Timeouts timeouts)
    {
        int patience = timeouts.Of(TimeoutKind.Propose, validate.FreshRound);
        _deferred.Add(due, Now, (ulong)patience, validate with { ReceivedAt = due });
    }

    // consensus N16: durable first, then executed
    private IEnumerable<AppReply> Decide(AppRequest.Decide decide)
    {
        CommitCertificate certificate = decide.Certificate;
        Block block = _judged.FirstOrDefault(entry => entry.Value == certificate.Value).Block
            ?? BlockCodec.TryDecode(decide.Content.Span, out string? fault)
            ?? throw new InvalidOperationException($"decided block {certificate.Height} does not decode: {fault}");
        long began = _clock.GetTimestamp();
        bool isNew = _chain.Append(certificate, block);
        yield return new AppReply.Decided(certificate.Height);
        if (isNew)
        {
            ChainHead head = _chain.Execute(certificate, block);
            _evidence.Settle(block, evidence =>
                BlockRules.EvidenceAge(head.Next, head.Time, TimeOf, evidence.Height) == BlockReason.None
                && !_chain.Store.IsCommitted(EvidenceKey.Of(evidence)));
            _mempool.Advance(head);
            double milliseconds = _clock.GetElapsedTime(began).TotalMilliseconds;
            _pace.Add(head.Result.GasUsed, milliseconds);
            _executed(new BlockExecuted(head, certificate.Round, milliseconds));
        }

        yield return new AppReply.Executed(certificate.Height);
    }

    private AppReply.DecidedRange Serve(AppRequest.GetDecided get)
    {
        List<DecidedHeight> heights = [];
        int bytes = 0;
        ulong decided = _chain.Store.Window.Decided;
        for (ulong height = get.From; height <= decided && heights.Count < get.Count && bytes < get.MaximumBytes; height++)
        {
            if (_chain.Store.Block(height) is not Block block || _chain.Store.Certificate(height) is not CommitCertificate certificate)
            {
                break; // pruned
            }

            byte[] content = BlockCodec.Encode(block);
            bytes += content.Length;
            heights.Add(new DecidedHeight(certificate, content));
        }

        return new AppReply.DecidedRange(get.Peer, get.Request, get.From, heights);
    }

    private IEnumerable<AppReply> Take(AppRequest.EvidenceFound found)
    {
        ChainHead head = _chain.Head;
        Evidence evidence = found.Evidence;
        if (_chain.Store.IsCommitted(EvidenceKey.Of(evidence)) || _evidence.Holds(EvidenceKey.Of(evidence)))
        {
            return []; // before any signature is checked: peers tell it again whenever they meet
        }

        // what this node's own core found is of the height in progress
        if (found.From is { } from)
        {
            if (BlockRules.EvidenceAge(head.Next, head.Time, TimeOf, evidence.Height) != BlockReason.None)
            {
                return []; // nobody's fault: the two nodes may stand at different heights
            }

            if (head.Next.EvidenceVerifier(_chain.Chain, Ed25519Check.Instance, evidence.Height)!.Verify(evidence, out _) is null)
            {
                return [new AppReply.FalseEvidence(from)];
            }
        }

        if (_evidence.Add(evidence))
        {
            _chain.Alarm($"evidence of {evidence.Kind} by {evidence.Validator} at height {evidence.Height}");
        }

        return [];
    }

    private void Remember(ValueId value, Block block)
    {
        _judged.Enqueue((value, block));
        if (_judged.Count > JudgedBlocks)
        {
            _judged.Dequeue();
        }
    }
}
