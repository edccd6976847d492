using Theseus.Execution.Stacks.V2;

namespace Theseus.Execution.Stacks.V2
{
    /// <summary>The execution stack named "v2": its rule values put together.</summary>
    public static class Stack
    {
        /// <summary>The stack's name.</summary>
        public const string Name = "v2";

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
            Vectors = Hash32.FromHex("8bc8f205f302fed10b5bf158baea83fbddc62a3946d8a510360407a723a92983"),
        };
    }
}

namespace Theseus.Execution
{
    public sealed partial class StackTable
    {
        static partial void AddV2(ICollection<StackEntry> entries) =>
            entries.Add(new StackEntry(Stack.Name, Stack.Rules.Manifest().Id, static () => new RuleStack(Stack.Rules)));
    }
}
