using System.Text;
using Theseus.Move.Format;
using Theseus.Move.Natives;
using Theseus.Move.Runtime;
using Theseus.Move.Verify;

namespace Theseus.Execution;

/// <summary>What became of a publish request.</summary>
/// <param name="Code">The code after it; null when refused.</param>
/// <param name="Modules">Names of all modules at 0x1 after it, sorted.</param>
/// <param name="Refusal">The status of the transaction when refused.</param>
/// <param name="Message">Why, for people; beside the receipt.</param>
internal sealed record PublishOutcome(CodeSnapshot? Code, IReadOnlyList<string> Modules, IReadOnlyList<KeyValuePair<ModuleId, byte[]>> Bundle, TransactionStatus? Refusal, string Message)
{
    public static PublishOutcome Refused(ulong major, ulong? sub, ModuleId? module, string message) =>
        new(null, [], [], TransactionStatus.Failed(major, sub, module), message);
}

/// <summary>The checks of a publish after the body and before anything is written, in the order of execution 4; then the probe.</summary>
internal sealed class FrameworkPublish(StackRules rules, BlockContext block)
{
    /// <summary>Gas units of every step of the probe: the same as a hook's.</summary>
    private ulong StepGas => rules.Blocks.HookGas;

    /// <param name="code">The code in force.</param>
    /// <param name="state">The state with the body's writes.</param>
    /// <param name="request">What the framework asked for.</param>
    /// <param name="transaction">The publishing transaction.</param>
    public PublishOutcome Check(CodeSnapshot code, IStateReader state, PublishRequest request, SignedTransaction transaction)
    {
        if (!request.BaseRoot.AsSpan().SequenceEqual(code.CodeRoot.ToArray()))
        {
            return PublishOutcome.Refused(FailedMajor.WrongBaseRoot, null, null, $"the bundle was built against code root {Convert.ToHexStringLower(request.BaseRoot)}, in force is {code.CodeRoot}");
        }

        IReadOnlyList<string> existing = FrameworkState.ReadRegistry(state).Modules;
        IReadOnlySet<NativeId>? natives = UsableNatives(code, state);
        if (natives is null)
        {
            return PublishOutcome.Refused(FailedMajor.BrokenHook, null, Hooks.Versions, "the list of natives cannot be read");
        }

        PublishPolicy policy = new() { Natives = natives };
        CheckedBundle? bundle = Theseus.Move.Runtime.Publishing.Check(code, request.Modules, policy, [.. existing.Select(name => new ModuleId(Address.One, name))], out PublishError? error);
        if (bundle is null)
        {
            return PublishOutcome.Refused((ulong)error!.Error.Status, null, error.Module, error.Error.Message);
        }

        SortedSet<string> names = new(existing, StringComparer.Ordinal);
        SortedDictionary<ModuleId, byte[]> changed = [];
        foreach ((ModuleId id, byte[] blob) in bundle.Modules)
        {
            names.Add(id.Name);
            changed[id] = blob;
        }

        Hash32 root = ExecutionRoots.OfCode(names.Select(name => (name, changed.GetValueOrDefault(new ModuleId(Address.One, name)) ?? code.Blob(new ModuleId(Address.One, name))!)));
        CodeSnapshot next = code.Publish(root, bundle.Modules);
        if (HookCheck.FirstBroken(next, rules.Blocks) is (ulong index, string broken))
        {
            return PublishOutcome.Refused(FailedMajor.BrokenHook, index, null, broken);
        }

        if (!request.ExpectedRoot.AsSpan().SequenceEqual(root.ToArray()))
        {
            return PublishOutcome.Refused(FailedMajor.WrongExpectedRoot, null, null, $"the code root would be {root}, approved is {Convert.ToHexStringLower(request.ExpectedRoot)}");
        }

        PublishOutcome outcome = new(next, [.. names], bundle.Modules, null, "");
        return Probe(outcome, state, transaction) is (ulong step, string message)
            ? PublishOutcome.Refused(FailedMajor.ProbeFailed, step, null, message)
            : outcome;
    }

    /// <summary>Natives by facts of the chain, never by what this node has loaded (execution 4).</summary>
    private SortedSet<NativeId>? UsableNatives(CodeSnapshot code, IStateReader state)
    {
        Session session = new(code, state, Facts(new byte[32]), GasMeter.OfUnits(StepGas));
        CallResult call = session.CallFunction(Hooks.Versions, "usable_natives", [], [], []);
        if (!call.Status.IsSuccess)
        {
            return null;
        }

        SortedSet<NativeId> natives = [];
        BcsReader reader = new(call.Values[0].Value);
        int count = reader.Count(1_000);
        for (int i = 0; i < count; i++)
        {
            string[] parts = reader.Text(256).Split("::");
            if (parts.Length == 2)
            {
                natives.Add(new NativeId(parts[0], parts[1]));
            }
        }

        return natives;
    }

    /// <summary>Runs every hook and the whole ceremony on a throw-away overlay under the new code (execution 4, probe). The step that failed, or null.</summary>
    private (ulong Step, string Message)? Probe(PublishOutcome outcome, IStateReader state, SignedTransaction transaction)
    {
        CodeSnapshot code = outcome.Code!;
        byte[] republished = outcome.Bundle[0].Value;
        Overlay probe = new(state);
        foreach ((ModuleId id, byte[] blob) in outcome.Bundle)
        {
            probe.Put(StateKey.Module(id), blob);
        }

        byte[] root = Hooks.Bytes(code.CodeRoot.ToArray());
        (string Name, ModuleId Module, string Function, IReadOnlyList<byte[]> Arguments)[] steps =
        [
            ("published", Hooks.Code, "published", [Hooks.ByteLists(outcome.Modules.Select(Encoding.ASCII.GetBytes))]),
            ("block::begin", Hooks.Block, "begin", []),
            ("prologue", Hooks.Validation, "prologue", Hooks.PrologueArguments(transaction, transaction.Raw.SequenceNumber, checkAuth: true)),
            ("epilogue of a success", Hooks.Validation, "epilogue", Hooks.EpilogueArguments(transaction, transaction.Raw.MaxGasAmount)),
            ("prologue after it", Hooks.Validation, "prologue", Hooks.PrologueArguments(transaction, transaction.Raw.SequenceNumber + 1, checkAuth: true)),
            ("probe::force_epoch", Hooks.Probe, "force_epoch", []),
            ("block::end", Hooks.Block, "end", [Hooks.U64(1)]),
            ("reconfiguration::start_epoch", Hooks.Reconfiguration, "start_epoch", [Hooks.U64(block.Epoch + 1)]),
            ("probe::run", Hooks.Probe, "run", [root, root, Hooks.ByteLists([republished])]),
        ];
        for (int i = 0; i < steps.Length; i++)
        {
            (string name, ModuleId module, string function, IReadOnlyList<byte[]> arguments) = steps[i];
            (CallResult call, SessionOutput? output) = Hooks.Run(code, probe, Facts(transaction.Hash.ToArray()), StepGas, module, function, [.. arguments]);
            if (output is null || !output.Status.IsSuccess)
            {
                return ((ulong)i, $"under the new code {name} fails: {output?.Status ?? call.Status}");
            }

            probe.Apply(output.Writes);
            if (name == "probe::run" && Republish(code, outcome, output) is string refusal)
            {
                return ((ulong)i, refusal);
            }
        }

        return null;
    }

    /// <summary>The new code must still be able to replace itself.</summary>
    private string? Republish(CodeSnapshot code, PublishOutcome outcome, SessionOutput output)
    {
        if (output.PublishRequests.Count != 1)
        {
            return "the new code does not ask for a publish any more";
        }

        PublishPolicy policy = new();
        Theseus.Move.Runtime.Publishing.Check(code, output.PublishRequests[0].Modules, policy, [.. outcome.Modules.Select(name => new ModuleId(Address.One, name))], out PublishError? error);
        return error is null ? null : $"the new code could not be replaced: {error.Error.Message}";
    }

    private BlockFacts Facts(byte[] transactionHash) => new(block, transactionHash, []);
}
