using System.Globalization;
using System.Text.RegularExpressions;

namespace Theseus.Cli.Tests.Localnet;

/// <summary>
/// Checks in a trace of system calls (strace -f -ttt -yy) that no signed message leaves before its log and mark records are
/// synced. TLS hides the contents, so it goes by order: every signature writes one slot of the mark; every session sends the
/// messages in the order of their signatures, in TLS records whose sizes no other message has. A message that leaves while
/// a signature is not durable is in order only if it is an earlier, durable one that its session had not sent yet.
/// </summary>
internal sealed partial class VoteOrder(IReadOnlySet<int> messageSizes, IReadOnlySet<int> consensusPorts)
{
    /// <summary>Seconds without a signature or message after which all sessions are surely drained, if their counts agree.</summary>
    private const double Idle = 0.1;

    private readonly Dictionary<string, int> _sent = [];
    private readonly List<string> _violations = [];
    private int _written;
    private int _durable;
    private bool _logWritten;
    private bool _logSynced;
    private bool _markSynced;
    private bool _counting;
    private double _last = -1;

    /// <summary>Signatures and messages looked at.</summary>
    public int Signatures { get; private set; }

    public int Messages { get; private set; }

    public IReadOnlyList<string> Violations => _violations;

    public static VoteOrder Check(IEnumerable<string> trace, IReadOnlySet<int> messageSizes, IReadOnlySet<int> consensusPorts)
    {
        VoteOrder order = new(messageSizes, consensusPorts);
        List<Step> steps = order.Parse(trace);
        foreach (Step step in steps.OrderBy(step => step.Order))
        {
            order.Take(step);
        }

        return order;
    }

    // What counts of a call: a write when it begins (it may be seen from then on), a sync when it has ended.
    private List<Step> Parse(IEnumerable<string> trace)
    {
        List<Step> steps = [];
        Dictionary<string, (int Order, string Text, double Time)> unfinished = [];
        int order = 0;
        foreach (string line in trace)
        {
            order++;
            Match match = Line().Match(line);
            if (!match.Success)
            {
                continue;
            }

            string thread = match.Groups["thread"].Value;
            string text = match.Groups["text"].Value;
            double time = double.Parse(match.Groups["time"].Value, CultureInfo.InvariantCulture);
            int began = order;
            if (text.EndsWith("<unfinished ...>", StringComparison.Ordinal))
            {
                unfinished[thread] = (order, text[..^"<unfinished ...>".Length], time);
                continue;
            }

            if (Resumed().Match(text) is { Success: true } resumed)
            {
                if (!unfinished.Remove(thread, out (int Order, string Text, double Time) start))
                {
                    continue;
                }

                (began, text, time) = (start.Order, start.Text + resumed.Groups["rest"].Value, start.Time);
            }

            if (StepOf(text) is (StepKind kind, string socket))
            {
                steps.Add(new Step(kind is StepKind.LogSynced or StepKind.MarkSynced ? order : began, began, kind, socket, time, line));
            }
        }

        return steps;
    }

    private (StepKind, string)? StepOf(string text)
    {
        Match call = Call().Match(text);
        if (!call.Success || !long.TryParse(call.Groups["result"].Value, CultureInfo.InvariantCulture, out long result) || result < 0)
        {
            return null; // it failed or was interrupted
        }

        string name = call.Groups["name"].Value;
        string target = call.Groups["target"].Value;
        bool isSync = name is "fsync" or "fdatasync";
        if (target.EndsWith("/consensus/mark", StringComparison.Ordinal))
        {
            return (isSync ? StepKind.MarkSynced : StepKind.MarkWritten, "");
        }

        if (target.Contains("/consensus/log-", StringComparison.Ordinal))
        {
            return (isSync ? StepKind.LogSynced : StepKind.LogWritten, "");
        }

        Match tcp = Tcp().Match(target);
        bool isConsensus = tcp.Success
            && (consensusPorts.Contains(int.Parse(tcp.Groups["own"].Value))
            || consensusPorts.Contains(int.Parse(tcp.Groups["peer"].Value)));
        return isConsensus && messageSizes.Contains((int)result) ? (StepKind.Sent, target) : null;
    }

    private void Take(Step step)
    {
        if (step.Kind is StepKind.MarkWritten or StepKind.Sent)
        {
            if (_last >= 0 && step.Time - _last >= Idle && _written == _durable
                && (!_counting || _sent.Values.All(sent => sent >= _durable)))
            {
                _counting = true; // everything signed so far has left everywhere: count anew
                _written = _durable = 0;
                foreach (string socket in _sent.Keys.ToArray())
                {
                    _sent[socket] = 0;
                }
            }

            _last = step.Time;
        }

        switch (step.Kind)
        {
            case StepKind.MarkWritten:
                _written++;
                Signatures += _counting ? 1 : 0;
                (_logWritten, _logSynced, _markSynced) = (false, false, false);
                _markWrittenAt = step.Order;
                break;
            case StepKind.LogWritten:
                _logWritten = true;
                _logSynced = false;
                _logWrittenAt = step.Order;
                break;
            case StepKind.LogSynced:
                _logSynced |= _logWritten && step.Began > _logWrittenAt;
                break;
            case StepKind.MarkSynced:
                _markSynced |= step.Began > _markWrittenAt;
                break;
            default:
                int sent = _sent[step.Socket] = _sent.GetValueOrDefault(step.Socket) + 1;
                Messages += _counting ? 1 : 0;
                if (_counting && _durable < _written && sent > _durable)
                {
                    _violations.Add($"message {sent} while {_durable} of {_written} signatures are durable: {step.Line}");
                }

                break;
        }

        if (_logSynced && _markSynced)
        {
            _durable = _written;
        }
    }

    private int _markWrittenAt;
    private int _logWrittenAt;

    [GeneratedRegex(@"^(?<thread>\d+) +(?<time>\d+\.\d+) (?<text>.*)$")]
    private static partial Regex Line();

    [GeneratedRegex(@"^<\.\.\. \w+ resumed>(?<rest>.*)$")]
    private static partial Regex Resumed();

    [GeneratedRegex(@"^(?<name>\w+)\(\d+<(?<target>.*?)>[,)\s].*= (?<result>-?\d+)( .*)?$")]
    private static partial Regex Call();

    [GeneratedRegex(@"^TCP:\[[^:]+:(?<own>\d+)->[^:]+:(?<peer>\d+)\]$")]
    private static partial Regex Tcp();

    private enum StepKind
    {
        MarkWritten,
        LogWritten,
        MarkSynced,
        LogSynced,
        Sent,
    }

    private sealed record Step(int Order, int Began, StepKind Kind, string Socket, double Time, string Line);
}
