using System.Collections.Concurrent;
using Theseus.Consensus;
using Theseus.Engine;

namespace Theseus.Examples.Kv;

/// <summary>The application side of the two channels: answers every request of the engine for a replicated map.</summary>
public sealed class KvApplication(
    ApplicationLink link, KvStore store, ValidatorSet set, SignContext context, ValidatorId self, TimeProvider clock)
{
    /// <summary>Milliseconds between blocks.</summary>
    public const int BlockInterval = 250;

    /// <summary>Puts that wait to be proposed; more are refused to the client.</summary>
    public const int MaximumPending = 10_000;

    private const int MaximumContent = 4 * 1024 * 1024;
    private const int ExecutionPatience = 30_000; // milliseconds that applying a block may take
    private const ushort NotOurs = 256; // an application's own reasons begin here
    private static readonly ValueId Module = new(Sha3.Hash256("theseus kv example"u8));

    private readonly ConcurrentQueue<(string Key, string Value)> _pending = new();

    /// <summary>Queues a put for a block of this validator.</summary>
    /// <returns>False when <see cref="MaximumPending"/> puts wait already.</returns>
    public bool TryPut(string key, string value)
    {
        if (_pending.Count >= MaximumPending)
        {
            return false;
        }

        _pending.Enqueue((key, value));
        return true;
    }

    /// <summary>Answers the engine until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        await foreach (AppRequest request in link.Requests.ReadAllAsync(cancellation))
        {
            foreach (AppReply reply in Answer(request))
            {
                await link.Replies.WriteAsync(reply, cancellation);
            }
        }
    }

    private IEnumerable<AppReply> Answer(AppRequest request)
    {
        switch (request)
        {
            case AppRequest.OpenHeight open:
                ulong height = open.Height == 0 ? store.Tip + 1 : open.Height;
                yield return new AppReply.HeightOpened(
                    height, set, context, [Module], Timeouts.Localnet, BlockInterval, ExecutionPatience, MaximumContent, store.Tip, 1);
                break;
            case AppRequest.Build build:
                byte[] content = Build(build.Height);
                yield return new AppReply.Part(build.Height, build.Round, content);
                yield return new AppReply.Fin(build.Height, build.Round, KvBlock.IdOf(content));
                break;
            case AppRequest.Validate validate:
                bool valid = IsValid(validate);
                Judgement judgement = valid ? Judgement.Valid : Judgement.Invalid;
                yield return new AppReply.Verdict(
                    validate.Height, validate.Value, validate.FreshRound, judgement, valid ? (ushort)0 : NotOurs);
                break;
            case AppRequest.Decide decide:
                bool isNew = decide.Certificate.Height == store.Tip + 1;
                store.Commit(decide.Certificate, decide.Content.Span);
                if (isNew && KvBlock.TryDecode(decide.Content.Span) is KvBlock block && block.Proposer == self)
                {
                    foreach ((string Key, string Value) put in block.Puts)
                    {
                        if (_pending.TryPeek(out (string Key, string Value) first) && first == put)
                        {
                            _pending.TryDequeue(out _);
                        }
                    }
                }

                yield return new AppReply.Decided(decide.Certificate.Height);
                yield return new AppReply.Executed(decide.Certificate.Height);
                break;
            case AppRequest.GetDecided get:
                List<DecidedHeight> heights = [];
                int bytes = 0;
                for (ulong h = get.From; h <= store.Tip && heights.Count < get.Count && bytes < get.MaximumBytes; h++)
                {
                    DecidedHeight decision = store.Decision(h);
                    bytes += decision.Content.Length;
                    heights.Add(decision);
                }

                yield return new AppReply.DecidedRange(get.Peer, get.Request, get.From, heights);
                break;
        }
    }

    private byte[] Build(ulong height)
    {
        // A put leaves the queue when a block with it is decided, not when it is proposed: a lost round loses nothing.
        List<(string, string)> puts = [.. _pending.Take(KvBlock.MaximumPuts)];

        ulong now = (ulong)clock.GetUtcNow().ToUnixTimeMilliseconds();
        return new KvBlock(height, store.TipId, ulong.Max(now, store.TipTime + 1), self, puts).Encode();
    }

    private bool IsValid(AppRequest.Validate validate) =>
        KvBlock.TryDecode(validate.Content.Span) is KvBlock block
        && block.Height == validate.Height && block.Parent == store.TipId && block.Time > store.TipTime
        && (validate.FreshRound < 0 || block.Proposer == validate.Proposer);
}
