using System.Reflection;
using Theseus.Move.Rules;

namespace Theseus.Execution.Tests;

/// <summary>Two stacks of one software, and the boundary between them (execution 5, 8.4).</summary>
public class StackBoundaryTests
{
    [Fact]
    public void NoPriceMoreThanDoubles()
    {
        foreach (PropertyInfo price in typeof(GasTable).GetProperties().Where(property => property.PropertyType == typeof(long)))
        {
            long before = (long)price.GetValue(Stacks.V1.Stack.Rules.Move.Gas)!,
                after = (long)price.GetValue(Stacks.V2.Stack.Rules.Move.Gas)!;
            Assert.True(before > 0 && after > 0 && after <= 2 * before, $"{price.Name}: {before} then {after}");
        }

        Assert.True(Stacks.V2.Stack.Rules.Transactions.IntrinsicGas <= 2 * Stacks.V1.Stack.Rules.Transactions.IntrinsicGas);
        Assert.True(Stacks.V2.Stack.Rules.Transactions.MaximumGas >= Stacks.V1.Stack.Rules.Transactions.MaximumGas);
    }

    [Fact]
    public void TheNextStackHasAllNativesOfTheOneBefore() =>
        Assert.Empty(Stacks.V1.Stack.Rules.Natives.Names.Except(Stacks.V2.Stack.Rules.Natives.Names));

    [Fact]
    public void AnyValueOfTheRulesChangesTheId()
    {
        StackRules rules = Stacks.V1.Stack.Rules;
        StackRules[] others =
        [
            rules,
            rules with { Name = "w1" },
            rules with { Move = rules.Move with { Gas = rules.Move.Gas with { Call = 601 } } },
            rules with { Move = rules.Move with { Behaviours = new Behaviours { StringIndexOfAbsentIsLength = true } } },
            rules with { Move = rules.Move with { Limits = rules.Move.Limits with { CallDepth = 1_023 } } },
            rules with { Move = rules.Move with { Verifier = rules.Move.Verifier with { LoopDepth = 6 } } },
            rules with { Natives = Stacks.V2.Stack.Rules.Natives },
            rules with { Transactions = rules.Transactions with { IntrinsicGas = 501 } },
            rules with { Transactions = rules.Transactions with { FeeBounds = rules.Transactions.FeeBounds with { LeastBlockGas = 1 } } },
            rules with { Blocks = rules.Blocks with { HookGas = 1 } },
            rules with { Blocks = rules.Blocks with { Hooks = [.. rules.Blocks.Hooks.Skip(1)] } },
            rules with { Blocks = rules.Blocks with { Friends = [] } },
            rules with { ServiceEvents = rules.ServiceEvents with { PerBlock = 63 } },
            rules with { ServiceEvents = rules.ServiceEvents with { SetupBytes = 8_192 } },
            rules with { ServiceEvents = rules.ServiceEvents with { Listed = [] } },
            rules with { Views = rules.Views with { Gas = 1 } },
        ];
        Assert.Equal(others.Length, others.Select(other => other.Manifest().Id).Distinct().Count());
    }

    [Fact]
    public void AtTheBoundaryTheSameCallMeansWhatItsBlocksRulesSay()
    {
        Chain chain = new(stack: "v1");
        byte[][] arguments = [Chain.Bytes("abc"u8), Chain.Bytes("z"u8)];
        Assert.Equal(Chain.U64(0), chain.View("lab", "index_of", arguments)[0]);
        chain.Block(chain.Sign(chain.Alice, Chain.Transfer(chain.Bob.Address, 1)));
        MapState old = new(chain.State);
        chain.StackName = "v2";
        chain.Block(chain.Sign(chain.Alice, Chain.Transfer(chain.Bob.Address, 1))).Outputs[1].Success();
        Assert.Equal(Chain.U64(3), chain.View("lab", "index_of", arguments)[0]);
        // a view of the old height under the old rules still gives the old answer (record P15)
        chain.StackName = "v1";
        Assert.Equal(Chain.U64(0),
            chain.Stack.View(new ViewCall(new ModuleId(Address.One, "lab"), "index_of", [], arguments), chain.Context(1),
                old).Values[0].Value);
    }

    [Fact]
    public void TheTableFindsStacksByIdAndMayHoldFewer()
    {
        StackTable one = StackTable.Of(["v1"]);
        Assert.True(one.Has(Stacks.V1.Stack.Rules.Manifest().Id));
        Assert.Null(one.Find(Stacks.V2.Stack.Rules.Manifest().Id));
        Assert.Equal("v1", one.NameOf(Stacks.V1.Stack.Rules.Manifest().Id));
        Assert.Same(one.Find(Stacks.V1.Stack.Rules.Manifest().Id), one.Find(Stacks.V1.Stack.Rules.Manifest().Id));
        Assert.Throws<ArgumentException>(() => StackTable.Of(["v9"]));
        Assert.Equal(["v1", "v2"], StackTable.BuiltIn().Select(entry => entry.Name));
    }
}
