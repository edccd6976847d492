using Theseus.Move.Format;
using Theseus.Move.Rules;

namespace Theseus.Execution;

/// <summary>
/// Canonical bytes of a rule value (docs/protocol/stack.md): every number, switch and name by which a stack's results can
/// differ from another's.
/// A switch is a bool, every number a u64, a list a BCS vector, a text ULEB length and UTF-8. The name and the natives' texts stand in the
/// manifest besides.
/// </summary>
public static class StackRulesCodec
{
    /// <summary>The canonical bytes.</summary>
    public static byte[] Encode(StackRules rules)
    {
        BcsWriter writer = new(4_096);
        Numbers(writer, FormatLimits.Version, GasTable.TicksPerUnit);
        Write(writer, rules.Move.Verifier);
        Write(writer, rules.Move.Verifier.Costs);
        Write(writer, rules.Move.Limits);
        Write(writer, rules.Move.Gas);
        writer.Bool(rules.Move.Behaviours.StringIndexOfAbsentIsLength);
        writer.List(rules.Natives.All.ToArray(), static (w, native) => w.Text(native.Text).U32(native.Semantics));
        Write(writer, rules.Transactions);
        Write(writer, rules.Blocks);
        Write(writer, rules.ServiceEvents);
        Numbers(writer, (long)rules.Views.Gas, rules.Views.ReadBytes);
        FrameworkRules framework = rules.Framework;
        Numbers(writer, (long)framework.PowerUnit, framework.Modules, framework.Natives, framework.NativeBytes);
        Machine(writer);
        return writer.ToArray();
    }

    /// <summary>
    /// Numbers that no stack chooses, since all share one machine, and by which results would differ all the same: whoever changes one
    /// has made another stack, and its id says so.
    /// </summary>
    private static void Machine(BcsWriter writer)
    {
        Numbers(
            writer,
            FormatLimits.Tables, FormatLimits.Index, FormatLimits.LocalIndex, FormatLimits.Fields, FormatLimits.TypeParameters,
            FormatLimits.Acquires, FormatLimits.SignatureLength, FormatLimits.IdentifierBytes, FormatLimits.ConstantBytes,
            FormatLimits.MetadataKeyBytes, FormatLimits.MetadataValueBytes, FormatLimits.CodeLength, FormatLimits.TypeNesting,
            FormatLimits.Locals);
        Numbers(
            writer,
            MachineWords.Bytes, MachineWords.VectorHeader, MachineWords.FirstBytes, MachineWords.FirstElements, MachineWords.Growth);
        Numbers(
            writer,
            TransactionLimits.MaximumSize, TransactionLimits.MaximumOversize, TransactionLimits.MaximumRest,
            TransactionLimits.MaximumTypeArguments, TransactionLimits.MaximumArguments, TransactionLimits.MaximumIdentifier,
            TypeTagCodec.MaximumDepth, TypeTagCodec.MaximumNodes);
        Numbers(
            writer,
            (long)FailedMajor.FeeUnpaid, (long)FailedMajor.SeveralPublishes, (long)FailedMajor.WrongBaseRoot,
            (long)FailedMajor.WrongExpectedRoot, (long)FailedMajor.BrokenHook, (long)FailedMajor.ProbeFailed,
            (long)FailedMajor.BadServiceEvent, (long)FailedMajor.MigrationFailed, (long)FailedMajor.StackLacksNative,
            (long)FailedMajor.EmptyBundle);
    }

    private static void Numbers(BcsWriter writer, params ReadOnlySpan<long> values)
    {
        foreach (long value in values)
        {
            writer.U64((ulong)value);
        }
    }

    private static void Write(BcsWriter writer, VerifierLimits limits)
    {
        Numbers(
            writer,
            limits.FunctionBudget, limits.ModuleBudget, limits.TypeParameters, limits.Parameters, limits.TypeNodes,
            limits.Structs, limits.Fields, limits.Functions, limits.BasicBlocks, limits.LoopDepth,
            limits.BackEdges, limits.StackHeight, limits.Pushes, limits.DependencyDepth, limits.ScriptInstructions,
            limits.BorrowEdges, limits.NamedTypeWeight, limits.VectorElements, limits.ModuleBytes);
        writer.Bool(limits.EntryRule).Bool(limits.NativeRule).Bool(limits.EventRule);
    }

    private static void Write(BcsWriter writer, VerifierCosts costs) =>
        Numbers(
            writer,
            costs.ControlFlowStep, costs.StackStep, costs.AcquiresStep, costs.AcquiredStruct,
            costs.SignatureNode, costs.InstantiationNode, costs.TypeNode, costs.AbilityNode,
            costs.LocalsStep, costs.LocalsJoin, costs.LocalsJoinPerLocal, costs.ReferenceStep,
            costs.ReferenceStepPerLocal, costs.ReferenceStepPerEdge, costs.ReferenceJoin, costs.ReferenceJoinPerLocal,
            costs.ReferenceJoinPerEdge, costs.ReferenceAcquired, costs.ReferenceCallEdge, costs.ReferenceCallEdgeGrowth,
            costs.ReferenceCallEdgeMost);

    private static void Write(BcsWriter writer, RuntimeLimits limits)
    {
        Numbers(
            writer,
            limits.CallDepth, limits.OperandStack, limits.ValueDepth, limits.TypeDepth, limits.TypeNodes,
            limits.ValueBytes, limits.KeyBytes, limits.WriteBytes, limits.EventBytes, limits.Memory,
            limits.ReadBytes);
        MemoryCosts memory = limits.MemoryCosts;
        Numbers(writer, memory.Struct, memory.Vector, memory.Box, memory.EncodedWord, memory.Item);
    }

    private static void Write(BcsWriter writer, GasTable gas) =>
        Numbers(
            writer,
            gas.Simple, gas.Arithmetic, gas.WideArithmetic, gas.WideMultiply, gas.Borrow,
            gas.Call, gas.CallPerArgument, gas.TypeNode, gas.Pack, gas.PackPerField,
            gas.Global, gas.Vector, gas.Constant, gas.ConstantByte, gas.Word,
            gas.CopyBase, gas.StateRead, gas.StateReadByte, gas.StateWrite, gas.StateWriteByte,
            gas.Event, gas.EventByte, gas.LoadByte, gas.VerifyUnit, gas.BcsByte,
            gas.BcsWord, gas.NativeBase, gas.HashBase, gas.HashByte, gas.SignatureVerify,
            gas.SignatureVerifyByte, gas.KeyCheck, gas.SquareRoot, gas.SearchBytes);

    private static void Write(BcsWriter writer, TransactionRules rules)
    {
        Numbers(
            writer,
            (long)rules.MaximumGas, (long)rules.ApprovedMaximumGas, (long)rules.IntrinsicGas, (long)rules.IntrinsicGasPerByte,
            (long)rules.PrologueGas, (long)rules.EpilogueGas, rules.ApprovedScriptInstructions, (long)rules.PublishGasPerByte,
            (long)rules.FeeBounds.LeastBlockGas, (long)rules.FeeBounds.MostBlockGas, (long)rules.FeeBounds.MostStorageBytePrice);
    }

    private static void Write(BcsWriter writer, HookRules rules)
    {
        Numbers(writer, (long)rules.HookGas);
        writer.List(rules.Hooks.ToArray(), static (w, hook) => w.Text(hook.Module).Text(hook.Function).Text(hook.Signature));
        writer.List(rules.Friends.ToArray(), static (w, rule) =>
            w.Text(rule.Module).List(rule.Friends.ToArray(), static (w2, name) => w2.Text(name)));
        writer.List(rules.Abilities.ToArray(), static (w, rule) => w.Text(rule.Module).Text(rule.Struct).Text(rule.Abilities));
    }

    private static void Write(BcsWriter writer, ServiceEventRules rules)
    {
        writer.List(rules.Listed.ToArray(), static (w, listed) => w.Text(listed.Module).Text(listed.Struct));
        Numbers(writer, rules.PerBlock, rules.Bytes, rules.SetupBytes, rules.TextBytes, rules.Items);
    }
}
