using Theseus.Cli.Localnet;
using Theseus.Client;

namespace Theseus.Cli.Tests.Output;

/// <summary>A node's state in a line of a table. // fault 37</summary>
public sealed class NodeStateTests
{
    private static readonly VersionInfo Execution = new("execution", 1, "0x11", "v1", 0, 2, "0x22", 240, null, null, "None", false);

    [Fact]
    public void AHaltedNodeNamesTheComponentAndTheVersionThatItLacks()
    {
        Assert.Equal("halted: needs execution 2, which its software lacks", NodeState.Describe(Status("module 0x22", false, Execution)));
        VersionInfo inForce = Execution with { Version = 2, ScheduledVersion = null };
        Assert.Equal("halted: needs execution 2, which its software lacks", NodeState.Describe(Status("module 0x11", true, inForce)));
    }

    [Theory] // a version that is scheduled and lacking is not what halted it
    [InlineData(false)]
    [InlineData(true)]
    public void AHaltOfAnotherKindSaysItsReason(bool supported) => Assert.Equal(
        "halted: the disk is full", NodeState.Describe(Status("the disk is full", false, Execution with { Supported = supported })));

    [Theory]
    [InlineData(false, "running")]
    [InlineData(true, "catching up")]
    public void ANodeThatWorksIsNotHaltedByWhatIsScheduled(bool syncing, string said) =>
        Assert.Equal(said, NodeState.Describe(Status(null, syncing, Execution)));

    [Fact] // fault 11: in the words of /ready, for there is one definition of being well
    public void ANodeThatIsNotReadySaysWhy() => Assert.Equal(
        "no block for 25 s", NodeState.Describe(Status(null, true, Execution) with { NotReadyReason = "no block for 25 s" }));

    private static StatusInfo Status(string? halted, bool syncing, VersionInfo version) => new(
        "test", 4, "0x00", "n1", "validator", 7, 6, 7, 0, 0, "0x00", "0x00", 1, 0, syncing, null, halted, 0, "0x00", 3, 0, [version],
        "1.0");
}
