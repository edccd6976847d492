using System.Text;
using Theseus.Move.Format;
using Theseus.Move.Natives;
using Theseus.Move.Runtime;

namespace Theseus.Execution;

/// <summary>
/// Runs every hook and the whole ceremony under new code on a throw-away overlay, before the code is written: a framework that
/// cannot end a block,
/// take a fee, change an epoch or replace itself is never published (execution 4, probe).
/// </summary>
internal sealed class FrameworkProbe(StackRules rules, BlockContext block, CodeSnapshot old, PublishOutcome outcome,
    IReadOnlySet<string> usableBefore)
{
    /// <summary>The script that the host's own ceremony pretends to approve.</summary>
    private static readonly byte[] Script = Hashing.Sha3("THESEUS::Ceremony"u8).ToArray();

    /// <summary>
    /// What the republish of the probe asks for: another root than the base, so that code which swaps the two is found out.
    /// </summary>
    private static readonly Hash32 Expected = Hashing.Sha3("THESEUS::Expected"u8);

    private readonly CodeSnapshot _code = outcome.Code!;
    private ulong _sessions;

    /// <summary>The step that failed and why, or null. Steps are numbered in their order.</summary>
    public (ulong Step, string Message)? FirstFailure(IStateReader state, SignedTransaction transaction)
    {
        (string Name, Func<string?> Run)[] steps = Steps(state, transaction);
        for (int i = 0; i < steps.Length; i++)
        {
            if (steps[i].Run() is string fault)
            {
                return ((ulong)i, $"under the new code {steps[i].Name} fails: {fault}");
            }
        }

        return null;
    }

    /// <summary>Runs every step, whatever comes of it: so that a first publish finds the machine warm.</summary>
    public void RunAll(IStateReader state, SignedTransaction transaction)
    {
        foreach ((_, Func<string?> run) in Steps(state, transaction))
        {
            run();
        }
    }

    private (string Name, Func<string?> Run)[] Steps(IStateReader state, SignedTransaction transaction)
    {
        Overlay overlay = new(state);
        foreach ((ModuleId id, byte[] blob) in outcome.Bundle)
        {
            overlay.Put(StateKey.Module(id), blob);
        }

        byte[] republished = outcome.Bundle[0].Value;
        ulong sequence = transaction.Raw.SequenceNumber;
        return
        [
            ("code::published", () => Published(overlay)),
            ("block::begin", () => Hook(overlay, block, Hooks.Block, "begin")),
            ("prologue", () => Hook(overlay, block, Hooks.Validation, "prologue",
                Hooks.PrologueArguments(transaction, sequence, checkAuth: true))),
            ("epilogue", () => Hook(overlay, block, Hooks.Validation, "epilogue",
                Hooks.EpilogueArguments(transaction, transaction.Raw.MaxGasAmount))),
            ("epilogue's sequence number", () => FrameworkState.ReadSequenceNumber(overlay, transaction.Raw.Sender) == sequence
                + 1 ? null : "it did not rise by one"),
            ("probe::force_epoch", () => ForcedEpoch(overlay)),
            ("block::end", () => Hook(overlay, block, Hooks.Block, "end", [Hooks.U64(1)])),
            ("reconfiguration::start_epoch", () => Hook(overlay, block, Hooks.Reconfiguration, "start_epoch",
                [Hooks.U64(block.Epoch + 1)])),
            ("probe::run", () => Republished(overlay, republished)),
            ("versions::usable_natives", () => Natives(overlay)),
            ("the ceremony", () => Ceremony(overlay, transaction.Raw.Sender)),
            ("block::begin of the next epoch", () => Hook(overlay,
                block with { Height = block.Height + 1, Epoch = block.Epoch + 1 }, Hooks.Block, "begin")),
        ];
    }

    /// <summary>
    /// Whether the state says what code it holds, and has fee parameters and the coin's books: what the stack itself reads and
    /// writes.
    /// </summary>
    public static bool Describes(FrameworkRules rules, IStateReader state, Hash32 root, IReadOnlyList<string> modules) =>
        FrameworkState.TryReadRegistry(state, rules) is (Hash32 stored, IReadOnlyList<string> names) && stored == root
            && names.SequenceEqual(modules)
        && FrameworkState.TryReadFees(state) is not null && FrameworkState.TryBurn(state, 0) is not null;

    /// <summary>Every session is a transaction of its own: tables made in two of them are two.</summary>
    private byte[] NextHash() => Hashing.Sha3(Hooks.U64(_sessions++)).ToArray();

    private string? Hook(Overlay overlay, BlockContext at, ModuleId module, string function, params IReadOnlyList<byte[]> arguments) =>
        Run(_code, overlay, at, module, function, arguments, out SessionOutput output) ?? Unconvertible(output);

    /// <summary>Calls and applies; what went wrong, or null.</summary>
    private string? Run(CodeSnapshot code, Overlay overlay, BlockContext at, ModuleId module, string function,
        IReadOnlyList<byte[]> arguments, out SessionOutput output)
    {
        (CallResult call, SessionOutput? done) = Hooks.Run(code, overlay, new BlockFacts(at, NextHash(), []),
            rules.Blocks.HookGas, module, function, arguments);
        output = done ?? new SessionOutput(call.Status, WriteSet.Empty, [], []);
        if (!output.Status.IsSuccess)
        {
            return output.Status.ToString();
        }

        overlay.Apply(output.Writes);
        return null;
    }

    private string? Unconvertible(SessionOutput output)
    {
        ServiceEventConversion.ConvertAll(rules.ServiceEvents, output.Events, rules.ServiceEvents.PerBlock, out string? fault);
        return fault;
    }

    private string? Published(Overlay overlay)
    {
        string? fault = Hook(overlay, block, Hooks.Code, "published", [Hooks.ByteLists(outcome.Modules.Select(Encoding.ASCII.GetBytes))]);
        return fault ?? (Describes(rules.Framework, overlay, _code.CodeRoot, outcome.Modules) ? null
            : "the state does not describe the new code");
    }

    /// <summary>Where the old code announces a set, the new one must.</summary>
    private string? ForcedEpoch(Overlay overlay)
    {
        bool announced = Run(old, new Overlay(overlay), block, Hooks.Probe, "force_epoch", [], out SessionOutput before) is null
            && Announces(before);
        return Run(_code, overlay, block, Hooks.Probe, "force_epoch", [], out SessionOutput after)
            ?? Unconvertible(after)
            ?? (announced && !Announces(after) ? "no epoch was announced" : null);
    }

    private bool Announces(SessionOutput output) =>
        output.Events.Any(item => ServiceEventConversion.TryConvert(rules.ServiceEvents, item) is ServiceEvent.EpochSetup);

    /// <summary>The new code must still be able to replace itself.</summary>
    private string? Republished(Overlay overlay, byte[] module)
    {
        byte[] root = Hooks.Bytes(_code.CodeRoot.ToArray());
        if (Run(_code, overlay, block, Hooks.Probe, "run", [root, Hooks.Bytes(Expected.ToArray()), Hooks.ByteLists([module])],
            out SessionOutput output) is string fault)
        {
            return fault;
        }

        if (output.PublishRequests is not [PublishRequest request])
        {
            return "the new code does not ask for a publish any more";
        }

        if (!request.BaseRoot.AsSpan().SequenceEqual(_code.CodeRoot.ToArray())
            || !request.ExpectedRoot.AsSpan().SequenceEqual(Expected.ToArray())
            || request.Modules.Count != 1 || !request.Modules[0].AsSpan().SequenceEqual(module))
        {
            return "the new code asks for another publish than it was told to";
        }

        if (!Describes(rules.Framework, overlay, Expected, outcome.Modules))
        {
            return "the new code does not keep its own root";
        }

        Theseus.Move.Runtime.Publishing.Check(_code, request.Modules, new PublishPolicy(),
            [.. outcome.Modules.Select(name => new ModuleId(Address.One, name))], out PublishError? error);
        return error is null ? null : $"the new code could not be replaced: {error.Module}: {error.Error.Message}";
    }

    /// <summary>
    /// A native in use that could be published before must still be publishable, or the module that declares it were frozen.
    /// </summary>
    private string? Natives(Overlay overlay)
    {
        SortedSet<string>? usable = LinkedNatives.Usable(rules, block, _code, overlay);
        if (usable is null)
        {
            return "the list cannot be read";
        }

        // natives that nobody could use before are another matter: the code in force keeps them
        usable.UnionWith(Declared().Where(native => !usableBefore.Contains(native)));
        return LinkedNatives.FirstLacking(_code, outcome.Modules, usable) is (_, string native)
            ? $"{native} is in use and not listed any more" : null;
    }

    private IEnumerable<string> Declared() =>
        from name in outcome.Modules
        let module = _code.Module(new ModuleId(Address.One, name))!
        from definition in module.FunctionDefinitions
        where definition.IsNative
        select FunctionSignature.Of(module, module.FunctionHandles[definition.Handle]);

    /// <summary>
    /// The ceremony as users run it, by its entry functions: probe::run, which has no deposit to pay, has set it to zero.
    /// </summary>
    private string? Ceremony(Overlay overlay, Address proposer)
    {
        if (Call(overlay, "config", [], out IReadOnlyList<byte[]> config) is string unreadable)
        {
            return unreadable;
        }

        byte[] hash = Hooks.Bytes(Script);
        if (Enter(overlay, proposer, "propose", [hash, Hooks.Bytes([])]) is string refused)
        {
            return refused;
        }

        if (Call(overlay, "proposal_count", [], out IReadOnlyList<byte[]> id) is string uncounted)
        {
            return uncounted;
        }

        foreach (ValidatorEntry validator in block.Validators)
        {
            if (Enter(overlay, validator.Address, "vote", [id[0], [1]]) is string vote)
            {
                return vote;
            }

            if (Call(overlay, "is_approved", [hash], out IReadOnlyList<byte[]> approved) is string unknown)
            {
                return unknown;
            }

            if (approved[0] is [1])
            {
                BlockContext later = block with { Height = block.Height + new BcsReader(config[1]).U64() }; // after the enactment delay
                Session session = new(_code, overlay, new BlockFacts(later, new byte[32], Script), GasMeter.OfUnits(rules.Blocks.HookGas));
                CallResult resolved = session.CallFunction(Hooks.Governance, "resolve", [], [], []);
                return !resolved.Status.IsSuccess ? $"governance::resolve {resolved.Status}"
                    : resolved.Values[0].Value.AsSpan().SequenceEqual(Address.One.ToArray()) ? null
                    : "governance::resolve does not hand out the framework's authority";
            }
        }

        return "everybody's votes do not approve a proposal";
    }

    private string? Enter(Overlay overlay, Address sender, string function, IReadOnlyList<byte[]> arguments)
    {
        Session session = new(_code, overlay, new BlockFacts(block, NextHash(), []), GasMeter.OfUnits(rules.Blocks.HookGas));
        CallResult call = session.CallEntry(Hooks.Governance, function, [], arguments, sender);
        VmStatus status = call.Status;
        if (status.IsSuccess)
        {
            SessionOutput output = session.Finish();
            overlay.Apply(output.Writes);
            status = output.Status;
        }

        return status.IsSuccess ? null : $"governance::{function} {status}";
    }

    private string? Call(Overlay overlay, string function, IReadOnlyList<byte[]> arguments, out IReadOnlyList<byte[]> values)
    {
        Session session = new(_code, overlay, new BlockFacts(block, new byte[32], []), GasMeter.OfUnits(rules.Blocks.HookGas));
        CallResult call = session.CallFunction(Hooks.Governance, function, [], arguments, []);
        values = [.. call.Values.Select(value => value.Value)];
        return call.Status.IsSuccess ? null : $"governance::{function} {call.Status}";
    }
}
