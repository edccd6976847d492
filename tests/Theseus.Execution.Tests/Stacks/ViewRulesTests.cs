namespace Theseus.Execution.Tests;

/// <summary>The limits of views as docs/protocol/execution-rules.md names them: 2,000,000 gas units and 8 MiB.</summary>
public class ViewRulesTests
{
    [Fact]
    public void EveryStackGivesAViewItsGasAndItsBytes() => Assert.All(StackTable.BuiltIn(), static entry =>
        Assert.Equal(new ViewRules(2_000_000, 8L * 1024 * 1024), ((RuleStack)entry.Create()).Rules.Views));
}
