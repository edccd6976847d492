namespace Theseus.Cli.Replay;

/// <summary>A difference between a public model and the core that is wanted, and why.</summary>
/// <param name="Code">Its name in tables.</param>
/// <param name="Reason">Why the core does otherwise, with the rule.</param>
internal sealed record Accepted(string Code, string Reason)
{
    public static readonly Accepted Strict = new("strict",
        "consensus N2: a locked validator prevotes nil unless the proposal names a polka at or above its lock. The models follow the "
        + "paper's escape 'or the same value'.");

    public static readonly Accepted ValidValue = new("valid-value",
        "consensus N2 (S36b): a polka of any round reached raises the valid value as soon as its content is valid. The models do so "
        + "only for the current round and from step prevote on.");

    public static readonly Accepted Certificate = new("certificate",
        "consensus N2: the core locks and decides on a certificate and the content. The models also want the signed proposal of that "
        + "round.");

    public static readonly Accepted Once = new("timer-once",
        "consensus N2, timers: each timer starts once a round. The models leave that to whoever runs them.");

    public static readonly Accepted NoTimer = new("no-timer",
        "consensus N2: rules run to the end within one input, so a timer is not started for a step that the same votes end; and it is "
        + "started from the votes that are there, not when a threshold is first told.");

    public static readonly Accepted Decided = new("decided",
        "Nothing follows a decision in its height. The models go on with timers, skips and votes.");

    public static readonly Accepted LateInvalid = new("late-invalid",
        "The models prevote nil for an invalid re-proposal in any step, and step back to prevote. The core prevotes once a round.");

    public static readonly Accepted TwoPolkas = new("two-polkas",
        "Two polkas of one round for different values need more than 1/3 double voters. The core keeps the first as its valid value, "
        + "the models the last.");

    public static readonly Accepted NotBegun = new("not-begun",
        "A core whose height has not begun takes no message: its host keeps it (consensus N6). The models act in round -1.");

    public static readonly Accepted Enters = new("enters",
        "The core enters a round by itself, within the input that causes it; the models are told to start it, and may be told to start "
        + "another one.");

    public static readonly Accepted Built = new("built",
        "A value that was built is proposed as fresh (vr = -1), or the valid value in its place. The models give a built value the "
        + "valid round of another.");

    public static readonly Accepted Order = new("order",
        "The core evaluates all rules on what it knows within the input that enters a round. The models may let a timer expire first, and "
        + "do not look again at a proposal that was ahead when they skip from step propose to step propose.");

    public static readonly Accepted Ahead = new("ahead",
        "consensus N8: of a validator that is ahead only the votes of its highest round are kept, so that memory is bounded. The models "
        + "keep all of them.");

    public static readonly Accepted Dropped = new("dropped",
        "The models drop an invalid proposal of a round ahead. The core keeps it, and prevotes nil as soon as it enters that round.");

    public static readonly Accepted InvalidAgain = new("invalid-again",
        "A proposal that names a valid round waits for its polka (line 28), and is refused if that round is not below its own (F23); the "
        + "propose timer runs on. The models prevote nil at once if its value is invalid.");

    public static readonly Accepted LateValue = new("late-value",
        "A value that is ready when its proposer has already prevoted without it is not proposed any more. The models propose it.");

    public static readonly Accepted Unreachable = new("unreachable",
        "The step begins in a state that follows only from another accepted difference and that no messages lead to.");

    public static readonly Accepted PastRound = new("past-round",
        "Timers and nil polkas of rounds before the current one lead to nothing (lines 34, 44 and 47), so the core does not tell of "
        + "them; older than 4 rounds, it keeps certificates only (consensus N8).");

    public static readonly Accepted SkipOnce = new("skip-once",
        "The core skips once and is in that round then. The keeper of the models stays and tells of each further vote.");

    public static readonly Accepted SkipFurther = new("skip-further",
        "consensus N8: the core skips to the largest round that more than 1/3 have reached or passed. The models count each round apart.");

    public static readonly Accepted Stronger = new("stronger",
        "The core has already acted on a stronger threshold of that round: what is weaker needs no timer.");

    public static readonly Accepted WrongProposer = new("proposer",
        "On a skip of more than one round the models ask who proposes in the round after the current one, not in the round entered.");

    public static readonly Accepted DoubleProposal = new("first-proposal",
        "Of a proposer's two proposals in a round the core votes on the first that it received. The models take either.");
}
