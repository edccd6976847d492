using System.Diagnostics;

namespace Theseus.Execution.Tests;

/// <summary>Warming a stack leaves nothing behind but loaded code. // fault 8</summary>
public class WarmTests
{
    [Theory]
    [MemberData(nameof(Chain.StackNames), MemberType = typeof(Chain))]
    public void WarmingChangesNoResult(string stack)
    {
        Chain cold = new(stack: stack, table: StackTable.Of()), warm = new(stack: stack, table: StackTable.Of());
        Hash32 before = warm.State.Root();
        warm.Stack.Warm(warm.Context(1), warm.State);
        warm.Stack.Warm(warm.Context(1) with { Validators = [] }, warm.State); // whoever is in the set
        Assert.Equal(before, warm.State.Root());
        byte[] transfer = cold.Sign(cold.Alice, Chain.Transfer(cold.Bob.Address, 5));
        Assert.Equal(Results.Hash(cold.Block(transfer)), Results.Hash(warm.Block(transfer)));
    }

    /// <summary>
    /// Figures of decision 0086: the first publish of a process. Run by name, alone, with -explicit only and -diagnostics.
    /// </summary>
    [Fact(Explicit = true)]
    public void FirstPublishOfAColdProcess() => Publish(warmed: false);

    /// <summary>As <see cref="FirstPublishOfAColdProcess"/>.</summary>
    [Fact(Explicit = true)]
    public void FirstPublishOfAWarmProcess() => Publish(warmed: true);

    private static void Publish(bool warmed)
    {
        Chain chain = new();
        byte[] script = Upgrade.By(("lab.move", "public entry fun nothing() {}",
            "public entry fun nothing() {} public entry fun more() {}")).Script();
        chain.Approve(script);
        Stopwatch watch = Stopwatch.StartNew();
        if (warmed)
        {
            chain.Stack.Warm(chain.Context(chain.Height + 1), chain.State);
        }

        long warming = watch.ElapsedMilliseconds;
        watch.Restart();
        chain.Resolve(script).Outputs[1].Success();
        TestContext.Current.SendDiagnosticMessage($"warming {warming} ms, the first publish {watch.ElapsedMilliseconds} ms");
    }
}
