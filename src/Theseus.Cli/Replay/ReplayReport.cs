namespace Theseus.Cli.Replay;

/// <summary>A step of a trace and what the core made of it.</summary>
/// <param name="Step">Index of the state in the file.</param>
/// <param name="Node">The validator.</param>
/// <param name="Input">What it was given.</param>
/// <param name="Model">What the model answered.</param>
/// <param name="Core">What the core answered.</param>
/// <param name="Accepted">Why a difference is wanted; empty for none.</param>
/// <param name="Agrees">Whether both answered alike.</param>
internal sealed record ReplayRow(
    int Step, string Node, string Input, string Model, string Core, IReadOnlyList<Accepted> Accepted, bool Agrees)
{
    /// <summary>Agrees, or differs by accepted differences only.</summary>
    public bool Holds => Agrees || Accepted.Count > 0;

    public string Verdict => Agrees ? "agree" : Accepted.Count > 0 ? string.Join(",", Accepted.Select(static one => one.Code))
        : "DIFFERS";
}

/// <summary>A replayed trace.</summary>
/// <param name="Model">Which kind of model it is of.</param>
/// <param name="Instance">The instance's name in the file, or empty.</param>
/// <param name="Rows">A row for each step.</param>
internal sealed record ReplayResult(string Model, string Instance, IReadOnlyList<ReplayRow> Rows)
{
    public int Agreed => Rows.Count(static row => row.Agrees);

    public int Different => Rows.Count(static row => !row.Holds);
}

/// <summary>Where a validator stands, as the models and the core have it.</summary>
internal sealed record Standing(int Round, string Step, int LockedRound, string? LockedValue, int ValidRound, string? ValidValue)
{
    public static Standing Of(ReplayCore core) => new(core.Round, core.State.Step.ToString(), core.State.LockedRound, core.LockedValue,
        core.State.ValidRound, core.ValidValue);

    public override string ToString() =>
        $"round {Round} {Step} lock {LockedValue ?? "-"}@{LockedRound} valid {ValidValue ?? "-"}@{ValidRound}";

    /// <summary>The parts in which two differ, for a table.</summary>
    public static (string One, string Other) Difference(Standing one, Standing other)
    {
        List<string> ones = [];
        List<string> others = [];
        void Add(string left, string right)
        {
            if (left != right)
            {
                ones.Add(left);
                others.Add(right);
            }
        }

        Add($"round {one.Round}", $"round {other.Round}");
        Add($"step {one.Step}", $"step {other.Step}");
        Add($"lock {one.LockedValue ?? "-"}@{one.LockedRound}", $"lock {other.LockedValue ?? "-"}@{other.LockedRound}");
        Add($"valid {one.ValidValue ?? "-"}@{one.ValidRound}", $"valid {other.ValidValue ?? "-"}@{other.ValidRound}");
        return (string.Join(" ", ones), string.Join(" ", others));
    }
}
