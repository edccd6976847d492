using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>
/// What a replay leaves open: questions without an answer, timers not elapsed, the last signature not given, the decision.
/// </summary>
internal sealed class ReplayOutcome
{
    private readonly List<Effect> _asked = [];
    private readonly HashSet<(TimeoutKind Kind, int Round)> _elapsed = [];
    private readonly HashSet<(ValueId Value, int FreshRound)> _judged = [];
    private readonly List<Effect> _unsigned = []; // one step may ask for a prevote and, on a polka of others, at once for the precommit

    /// <summary>
    /// Whether an own message of the log is one that the core asked for (consensus N15). Other inputs are always expected.
    /// </summary>
    public bool Expects(Input input) => input is not (Input.OwnVote or Input.OwnProposal) || _unsigned.Any(asked => Asks(asked, input));

    public void Take(Input input)
    {
        switch (input)
        {
            case Input.OwnVote or Input.OwnProposal:
                _unsigned.RemoveAll(asked => Asks(asked, input));
                break;
            case Input.TimeoutElapsed timeout:
                _elapsed.Add((timeout.Kind, timeout.Round));
                break;
            case Input.Verdict { Judgement: Judgement.Valid or Judgement.Invalid } verdict:
                _judged.Add((verdict.Value, verdict.FreshRound));
                break;
            default:
                break;
        }
    }

    public void Take(Effect effect)
    {
        if (effect is Effect.SignVote or Effect.SignProposal)
        {
            _unsigned.Add(effect);
        }
        else if (effect is Effect.Schedule timer)
        {
            _elapsed.Remove((timer.Kind, timer.Round));
            _asked.Add(effect);
        }
        else if (effect is Effect.AskVerdict or Effect.AskValue or Effect.Fetch or Effect.Decide)
        {
            _asked.Add(effect);
        }
    }

    /// <summary>The effects to carry out now.</summary>
    public IEnumerable<Effect> Open(State state)
    {
        foreach (Effect effect in _asked)
        {
            bool isOpen = effect switch
            {
                Effect.Schedule timer => timer.Round == state.Round && !_elapsed.Contains((timer.Kind, timer.Round)),
                Effect.AskVerdict ask => !_judged.Contains((ask.Value, ask.FreshRound)),
                Effect.AskValue ask =>
                    ask.Round == state.Round && state.Step == Step.Propose && state.OwnProposal?.Message.Round != ask.Round,
                Effect.Fetch fetch => !state.HasContent(fetch.Value),
                _ => true,
            };
            if (isOpen)
            {
                yield return effect;
            }
        }

        foreach (Effect unsigned in _unsigned)
        {
            yield return unsigned;
        }
    }

    /// <summary>Whether an own message is what an effect asks to have signed.</summary>
    public static bool Asks(Effect effect, Input input) => (effect, input) switch
    {
        (Effect.SignVote asked, Input.OwnVote own) => asked.Vote == own.Vote.Message,
        (Effect.SignProposal asked, Input.OwnProposal own) => asked.Proposal == own.Proposal.Message,
        _ => false,
    };
}
