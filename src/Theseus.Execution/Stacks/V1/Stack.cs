using Theseus.Execution.Stacks.V1;

namespace Theseus.Execution.Stacks.V1
{
    /// <summary>The execution stack named "v1": its rule values put together.</summary>
    public static class Stack
    {
        /// <summary>The stack's name.</summary>
        public const string Name = "v1";

        /// <summary>The whole value.</summary>
        public static readonly StackRules Rules = new(
            Name,
            MoveRuleValues.Move,
            NativeRules.Natives,
            TransactionRuleValues.Transactions,
            HookRuleValues.Blocks,
            ServiceEventRuleValues.ServiceEvents,
            new ViewRules(Gas: 2_000_000, ReadBytes: 8 << 20),
            new FrameworkRules(PowerUnit: 100_000_000, Modules: 1_000, Natives: 1_000, NativeBytes: 1_024))
        {
            // the frozen corpus of this stack (execution 5); CorpusTests recomputes it
            Vectors = Hash32.FromHex("49c05cdebe28c4b8a9146644fa3228105b49867df3494f13be76196d1e9983fd"),
        };
    }
}

namespace Theseus.Execution
{
    public sealed partial class StackTable
    {
        static partial void AddV1(ICollection<StackEntry> entries) =>
            entries.Add(new StackEntry(Stack.Name, Stack.Rules.Manifest().Id, static () => new RuleStack(Stack.Rules)));
    }
}
