namespace Theseus.Execution.Stacks.V1;

/// <summary>The closed list of service events (record P6).</summary>
internal static class ServiceEventRuleValues
{
    public static readonly ServiceEventRules ServiceEvents = new(
        [("consensus_config", "Changed"), ("validator_set", "EpochSetup"), ("versions", "Cancel"), ("versions", "Schedule")],
        PerBlock: 64,
        Bytes: 8_192,
        SetupBytes: 16_384,
        TextBytes: 64,
        Items: 1_024);
}
