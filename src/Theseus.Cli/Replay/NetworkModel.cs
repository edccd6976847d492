using Theseus.Consensus;

namespace Theseus.Cli.Replay;

/// <summary>A proposal of the multi-node model.</summary>
internal sealed record ModelProposal(string Proposer, long Height, int Round, string Value, int ValidRound)
{
    public static ModelProposal Read(ItfValue proposal) => new(proposal["srcAddress"].Text, proposal["height"].Number,
        proposal["round"].Small,
        proposal["proposal"].Text, proposal["validRound"].Small);
}

/// <summary>What happened in a step of the multi-node model: who was given what, and what it answered.</summary>
internal sealed record ModelStep(string Node, ItfValue Input, ModelOutput Output, string Raw)
{
    /// <summary>The history's newest entry: a record, or a tuple in the synchronous variant.</summary>
    public static ModelStep Read(ItfValue history)
    {
        if (history.TryField("validator") is { } node)
        {
            return new ModelStep(node.Text, history["input"], ModelOutput.Read(history["output"]), history.Raw);
        }

        IReadOnlyList<ItfValue> parts = history.Tuple(3);
        return new ModelStep(parts[0].Text, parts[1], ModelOutput.Read(parts[2]), history.Raw);
    }
}

/// <summary>A validator of the multi-node model in a state.</summary>
internal sealed record ModelNode(
    string Name, string Driver, ModelState State, bool Started, bool Drained, IReadOnlyList<(string Name, ulong Power)> Validators,
    IReadOnlyList<ModelProposal> Proposals, IReadOnlyList<string> Chain, ItfValue Whole)
{
    private const long HighestWeight = 1L << 40;

    /// <summary>Whether it holds a proposal of a value in a round: what lock and decision ask for in the models.</summary>
    public bool HasProposal(int round, string value) => Proposals.Any(proposal => proposal.Round == round && proposal.Value == value);

    public static ModelNode Read(ItfValue node, string name)
    {
        ItfValue driver = node["es"];
        List<(string, ulong)> validators = [];
        foreach ((ItfValue validator, ItfValue weight) in driver["valset"].Pairs)
        {
            validators.Add(weight.Number is > 0 and <= HighestWeight ? (validator.Text, (ulong)weight.Number)
                : throw weight.Fault("weights from 1 to 2^40 are replayed"));
        }

        return new ModelNode(name, driver.Raw, ModelState.Read(driver["cs"]), driver["started"].Truth,
            driver["pendingStepChange"].Tag == "NoStep" && driver["pendingInputs"].Items.Count == 0, validators,
            [.. driver["proposals"].Items.Select(ModelProposal.Read)], [.. driver["chain"].Items.Select(Decided)], node);
    }

    // an entry of the chain is a value, or a proposal with its commit
    private static string Decided(ItfValue entry) =>
        entry.TryField("decision") is { } decision ? ModelProposal.Read(decision).Value : entry.TryField("tag") is not null
            ? ModelWords.ValueOf(entry) ?? "nil" : entry.Text;
}

/// <summary>An input of the multi-node model, as far as it comes from outside.</summary>
internal abstract record NetworkInput
{
    private NetworkInput()
    {
    }

    /// <summary>What tables show.</summary>
    public abstract string Words { get; }

    /// <summary>The driver's own re-evaluation: the core does this within one input.</summary>
    public sealed record Inner(string Kind) : NetworkInput
    {
        public override string Words => Kind;
    }

    public sealed record Start : NetworkInput
    {
        public override string Words => "Start";
    }

    public sealed record Proposed(ModelProposal Proposal) : NetworkInput
    {
        public override string Words => $"Proposal {Proposal.Value}@{Proposal.Round} vr {Proposal.ValidRound}";
    }

    public sealed record Voted(ModelVote Vote) : NetworkInput
    {
        public override string Words => $"{Vote.Voter} {Vote.Words}";
    }

    public sealed record Certified(IReadOnlyList<ModelVote> Votes) : NetworkInput
    {
        public override string Words => Votes.Count == 0 ? "Certificate of nothing" : $"Certificate {Votes[0].Words}";
    }

    public sealed record Elapsed(TimeoutKind Kind) : NetworkInput
    {
        public override string Words => $"{Kind} timeout";
    }

    public sealed record Built(string Value) : NetworkInput
    {
        public override string Words => $"ProposeValue {Value}";
    }

    public static NetworkInput Read(ItfValue input) => input.Tag switch
    {
        "NoDInput" or "StepChangeDInput" => new Inner(input.Tag[..^"DInput".Length]),
        "PendingDInput" => new Inner("Pending"),
        "StartDInput" => new Start(),
        "ProposalDInput" => new Proposed(ModelProposal.Read(input.Carried)),
        "VoteDInput" => new Voted(ModelVote.Read(input.Carried)),
        "CertificateDInput" => new Certified([.. input.Carried.Items.Select(ModelVote.Read)]),
        "TimeoutDInput" => new Elapsed(ModelWords.TimeoutOf(input.Carried)),
        "ProposeValueDInput" => new Built(input.Carried.Text),
        string other => throw input.Fault($"'{other}' is no input of the multi-node model that this program knows: the trace is of another "
            + "variant of the model"),
    };
}
