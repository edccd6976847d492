using Theseus.Move.Natives;
using Theseus.Move.Runtime;

namespace Theseus.Execution;

/// <summary>What became of a publish request.</summary>
/// <param name="Code">The code after it; null when refused.</param>
/// <param name="Modules">Names of all modules at 0x1 after it, sorted.</param>
/// <param name="Bundle">The modules that are written.</param>
/// <param name="Refusal">The status of the transaction when refused.</param>
/// <param name="Message">Why, for people; beside the receipt.</param>
/// <param name="VerifierWork">Units of the verifier's meter, paid by the sender whatever came of it.</param>
internal sealed record PublishOutcome(CodeSnapshot? Code, IReadOnlyList<string> Modules, IReadOnlyList<KeyValuePair<ModuleId,
    byte[]>> Bundle, TransactionStatus? Refusal, string Message, long VerifierWork = 0)
{
    public static PublishOutcome Refused(ulong major, ulong? sub, ModuleId? module, string message) =>
        new(null, [], [], TransactionStatus.Failed(major, sub, module), message);
}

/// <summary>The checks of a publish after the body and before anything is written, in the order of execution 4; then the probe.</summary>
internal sealed class FrameworkPublish(StackRules rules, BlockContext block)
{
    /// <param name="code">The code in force.</param>
    /// <param name="state">The state with the body's writes.</param>
    /// <param name="request">What the framework asked for.</param>
    /// <param name="transaction">The publishing transaction.</param>
    public PublishOutcome Check(CodeSnapshot code, IStateReader state, PublishRequest request, SignedTransaction transaction)
    {
        if (!request.BaseRoot.AsSpan().SequenceEqual(code.CodeRoot.ToArray()))
        {
            return PublishOutcome.Refused(FailedMajor.WrongBaseRoot, null, null,
                $"the bundle was built against code root {Convert.ToHexStringLower(request.BaseRoot)}, in force is {code.CodeRoot}");
        }

        if (request.Modules.Count == 0)
        {
            return PublishOutcome.Refused(FailedMajor.EmptyBundle, null, null, "a bundle holds at least one module");
        }

        IReadOnlyList<string> existing = FrameworkState.ReadRegistry(state, rules.Framework).Modules;
        SortedSet<string>? natives = LinkedNatives.Usable(rules, block, code, state);
        if (natives is null)
        {
            return PublishOutcome.Refused(FailedMajor.BrokenHook, null, Hooks.Versions, "the list of natives cannot be read");
        }

        natives.IntersectWith(rules.Natives.Signatures); // the stack in force is a fact of the chain too (record P11)

        PublishPolicy policy = new() { Natives = natives };
        CheckedBundle? bundle = Theseus.Move.Runtime.Publishing.Check(
            code, request.Modules, policy, [.. existing.Select(name => new ModuleId(Address.One, name))],
            out PublishError? error, out long work);
        if (bundle is null)
        {
            return PublishOutcome.Refused((ulong)error!.Error.Status, null, error.Module, error.Module is null
                ? error.Error.Message : $"{error.Module}: {error.Error.Message}") with { VerifierWork = work };
        }

        SortedSet<string> names = new(existing, StringComparer.Ordinal);
        SortedDictionary<ModuleId, byte[]> changed = [];
        foreach ((ModuleId id, byte[] blob) in bundle.Modules)
        {
            names.Add(id.Name);
            changed[id] = blob;
        }

        Hash32 root = ExecutionRoots.OfCode(names.Select(name =>
            (name, changed.GetValueOrDefault(new ModuleId(Address.One, name)) ?? code.Blob(new ModuleId(Address.One, name))!)));
        CodeSnapshot next = code.Publish(root, bundle.Modules);
        if (HookCheck.FirstBroken(next, rules.Blocks) is (ulong index, string broken))
        {
            return PublishOutcome.Refused(FailedMajor.BrokenHook, index, null, broken) with { VerifierWork = work };
        }

        if (!request.ExpectedRoot.AsSpan().SequenceEqual(root.ToArray()))
        {
            return PublishOutcome.Refused(FailedMajor.WrongExpectedRoot, null, null,
                $"the code root would be {root}, approved is {Convert.ToHexStringLower(request.ExpectedRoot)}")
                with { VerifierWork = work };
        }

        PublishOutcome outcome = new(next, [.. names], bundle.Modules, null, "", work);
        return new FrameworkProbe(rules, block, code, outcome, natives).FirstFailure(state, transaction) is (ulong step, string message)
            ? PublishOutcome.Refused(FailedMajor.ProbeFailed, step, null, message) with { VerifierWork = work }
            : outcome;
    }
}
