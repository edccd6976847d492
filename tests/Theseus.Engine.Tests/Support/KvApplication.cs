using System.Globalization;
using System.Text;
using Theseus.Consensus;

namespace Theseus.Engine.Tests;

/// <summary>What a key-value node keeps on its own disk: decided heights and the state they make.</summary>
internal sealed class KvStore
{
    public List<DecidedHeight> Heights { get; } = [];

    public SortedDictionary<string, string> State { get; } = new(StringComparer.Ordinal);

    public ulong Tip => (ulong)Heights.Count;

    public ValueId TipValue => Heights.Count == 0 ? default : Heights[^1].Certificate.Value;
}

/// <summary>
/// The smallest application: a block is text, "height round parent" in the first line, then "key=value" lines; its id is the
/// SHA3-256 of its bytes. Answers what it is asked when it is pumped.
/// </summary>
internal sealed class KvApplication(ApplicationLink link, KvStore store, Func<ulong, ValidatorSet> set, int self)
{
    public bool IsHung { get; set; }

    /// <summary>Decisions are neither stored nor answered.</summary>
    public bool DropsDecisions { get; set; }

    public Judgement Judges { get; set; } = Judgement.Valid;

    /// <summary>What becomes of a valid content; <see cref="Judges"/> for all when null.</summary>
    public Func<AppRequest.Validate, Judgement>? JudgesEach { get; set; }

    public bool Executes { get; set; } = true;

    public Func<ulong, IReadOnlyList<ValueId>> ModulesOf { get; set; } = static _ =>
        [new ValueId(Enumerable.Repeat((byte)1, 32).ToArray())];

    public List<Evidence> Evidence { get; } = [];

    public List<AppRequest> Seen { get; } = [];

    public int BlockInterval { get; set; } = 250;

    public static bool IsContentOf(ValueId value, ReadOnlySpan<byte> content) => new ValueId(Sha3.Hash256(content)) == value;

    public bool Pump()
    {
        bool any = false;
        while (!IsHung && link.Requests.TryRead(out AppRequest? request))
        {
            any = true;
            Seen.Add(request);
            Answer(request);
        }

        return any;
    }

    public void Reply(AppReply reply) => Assert.True(link.Replies.TryWrite(reply));

    private void Answer(AppRequest request)
    {
        switch (request)
        {
            case AppRequest.OpenHeight open:
                ulong height = open.Height == 0 ? store.Tip + 1 : open.Height;
                Reply(new AppReply.HeightOpened(
                    height, set(height), Keys.Context, ModulesOf(height), Timeouts.Localnet, BlockInterval, 30_000, 1 << 20,
                    Executes ? store.Tip : 0, 1));
                break;
            case AppRequest.Build build:
                string text = string.Create(
                    CultureInfo.InvariantCulture,
                    $"{build.Height} {build.Round} {store.TipValue}\nheight={build.Height}\nby{build.Height}={self}\n");
                byte[] content = Encoding.UTF8.GetBytes(text);
                Reply(new AppReply.Part(build.Height, build.Round, content.AsMemory(0, 20)));
                Reply(new AppReply.Part(build.Height, build.Round, content.AsMemory(20)));
                Reply(new AppReply.Fin(build.Height, build.Round, new ValueId(Sha3.Hash256(content))));
                break;
            case AppRequest.Validate validate:
                Judgement judgement = IsValid(validate) ? JudgesEach?.Invoke(validate) ?? Judges : Judgement.Invalid;
                ushort reason = judgement == Judgement.Valid ? NilReason.None : NilReason.Application;
                Reply(new AppReply.Verdict(validate.Height, validate.Value, validate.FreshRound, judgement, reason));
                break;
            case AppRequest.Decide when DropsDecisions:
                break;
            case AppRequest.Decide decide:
                Decide(decide);
                break;
            case AppRequest.GetDecided get:
                DecidedHeight[] heights = [.. store.Heights.Skip((int)get.From - 1).Take(get.Count)];
                Reply(new AppReply.DecidedRange(get.Peer, get.Request, get.From, heights));
                break;
            case AppRequest.EvidenceFound found:
                Evidence.Add(found.Evidence);
                break;
            default:
                break;
        }
    }

    private bool IsValid(AppRequest.Validate validate)
    {
        string[] head = Encoding.UTF8.GetString(validate.Content.Span).Split('\n')[0].Split(' ');
        return head.Length == 3
            && head[0] == validate.Height.ToString(CultureInfo.InvariantCulture)
            && (validate.FreshRound < 0 || head[1] == validate.FreshRound.ToString(CultureInfo.InvariantCulture))
            && head[2] == store.TipValue.ToString();
    }

    private void Decide(AppRequest.Decide decide)
    {
        ulong height = decide.Certificate.Height;
        if (height == store.Tip + 1)
        {
            Assert.True(IsContentOf(decide.Certificate.Value, decide.Content.Span));
            store.Heights.Add(new DecidedHeight(decide.Certificate, decide.Content));
            foreach (string line in Encoding.UTF8.GetString(decide.Content.Span).Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1))
            {
                string[] pair = line.Split('=');
                store.State[pair[0]] = pair[1];
            }
        }

        Reply(new AppReply.Decided(height));
        if (Executes)
        {
            Reply(new AppReply.Executed(height));
        }
    }
}
