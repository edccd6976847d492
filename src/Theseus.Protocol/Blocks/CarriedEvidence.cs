namespace Theseus.Protocol;

/// <summary>
/// Evidence stands in one block only, and the begin hook of that block is what acts on it. When the hook fails, the facts are carried to
/// the next block's hook, and on until one succeeds: an offence is never lost to a fault of the framework (consensus N3).
/// </summary>
public static class CarriedEvidence
{
    /// <summary>Facts carried at most, the newest: sixteen full blocks of evidence.</summary>
    public const int Maximum = 16 * BlockCodec.MaximumEvidence;

    /// <summary>What a block leaves to the next one.</summary>
    /// <param name="given">The evidence that its begin hook was given: its own, then what was carried to it.</param>
    /// <param name="begin">The receipt of its begin hook.</param>
    public static IReadOnlyList<EvidenceFact> After(IReadOnlyList<EvidenceFact> given, Receipt begin) =>
        Carries(begin) ? [.. given.Take(Maximum)] : [];

    /// <summary>Whether a begin hook failed, so that its block leaves its evidence to the next one.</summary>
    public static bool Carries(Receipt begin) => begin.Status.Kind == StatusKind.SystemAborted;

    /// <summary>The facts of a block's own evidence.</summary>
    public static IReadOnlyList<EvidenceFact> Of(BlockBody body) =>
    [
        .. body.Evidence.Select(static evidence =>
            new EvidenceFact((byte)evidence.Kind, evidence.Height, ValidatorSets.ToAddress(evidence.Validator))),
    ];
}
