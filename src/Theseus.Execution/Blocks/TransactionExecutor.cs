using System.Text;
using Theseus.Move.Format;
using Theseus.Move.Natives;
using Theseus.Move.Rules;
using Theseus.Move.Runtime;

namespace Theseus.Execution;

/// <summary>What a block has left for its next transaction.</summary>
/// <param name="Gas">Gas units that a transaction may ask for: any while the block has used less than its gas, none afterwards.</param>
/// <param name="StorageBytePrice">Gas units for a byte written (0x1::fee_parameters).</param>
/// <param name="ServiceEvents">Service events.</param>
internal readonly record struct BlockLeft(ulong Gas, ulong StorageBytePrice, int ServiceEvents);

/// <summary>What one transaction did, and the code after it.</summary>
internal sealed record Executed(TransactionOutput Output, IReadOnlyList<ServiceEvent> ServiceEvents, CodeSnapshot Code);

/// <summary>One user transaction: decode, prologue, body, code requests, epilogue (execution 4), each an all-or-nothing session.</summary>
/// <param name="rules">The stack.</param>
/// <param name="block">The block's facts.</param>
/// <param name="alarms">Gets what operators must see.</param>
internal sealed class TransactionExecutor(StackRules rules, BlockContext block, List<string> alarms)
{
    /// <param name="bytes">The transaction.</param>
    /// <param name="code">The code in force before it.</param>
    /// <param name="state">The block's state before it.</param>
    /// <param name="left">What the block has left.</param>
    /// <param name="mode">What is checked.</param>
    public Executed Execute(byte[] bytes, CodeSnapshot code, IStateReader state, BlockLeft left, ExecutionMode mode)
    {
        Judgement judged = Judgement.Of(rules, block, bytes, code, state, mode);
        if (judged.Refusal is RefusalReason refusal)
        {
            return Skip(judged.Hash, code, refusal, retry: false, judged.Message);
        }

        SignedTransaction transaction = judged.Transaction!;
        if (transaction.Raw.MaxGasAmount > left.Gas)
        {
            return Skip(judged.Hash, code, RefusalReason.BlockGas, retry: true, "the block has too little gas left");
        }

        BlockFacts facts = judged.Facts(block);
        IReadOnlyList<byte[]> arguments = Hooks.PrologueArguments(transaction, transaction.Raw.SequenceNumber, mode.CheckAuthentication);
        (CallResult prologue, _) = Hooks.Run(code, state, facts, rules.Transactions.PrologueGas, Hooks.Validation, "prologue",
            [.. arguments]);
        if (!prologue.Status.IsSuccess)
        {
            Watch(transaction, "prologue", (ulong)prologue.Status.Major, prologue.Status.ToString());
            return Skip(judged.Hash, code, ReasonOf(prologue.Status), retry: false, Statuses.Place(prologue.Status)!);
        }

        return Run(judged, code, state, facts, left);
    }

    /// <summary>The reason that a failed prologue gives.</summary>
    public static RefusalReason ReasonOf(VmStatus status) => Refusals.OfPrologue(status.Major == StatusCode.Aborted ? status.Sub : null);

    private Executed Run(Judgement judged, CodeSnapshot code, IStateReader state, BlockFacts facts, BlockLeft left)
    {
        SignedTransaction transaction = judged.Transaction!;
        GasMeter gas = GasMeter.OfUnits(transaction.Raw.MaxGasAmount);
        gas.Charge((long)judged.Intrinsic * GasTable.TicksPerUnit); // at most the maximum, judged above
        Overlay body = new(state);
        Attempt attempt = Body(judged, code, body, facts, gas, left);
        Watch(transaction, "body", attempt.Status.Major, attempt.Place?.ToString() ?? "");
        bool exhausted = attempt.Status.Kind == StatusKind.OutOfGas;
        ulong gasUsed = exhausted ? transaction.Raw.MaxGasAmount : ulong.Min(gas.UsedUnits, transaction.Raw.MaxGasAmount);
        if (attempt.Status.Kind == StatusKind.Success)
        {
            if (TryEpilogue(transaction, gasUsed, attempt.Code, body, facts) is SessionOutput paid)
            {
                body.Apply(paid.Writes);
                return Done(transaction, attempt with { Place = null }, gasUsed, body.Changes(), attempt.Code);
            }

            // the body spent the money for the fee
            attempt = Attempt.Failed(TransactionStatus.Failed(FailedMajor.FeeUnpaid, null, null), "the sender spent the money for the fee");
        }

        // a failed body leaves nothing but the fee; the prologue proved that it can be paid from the state before
        if (TryEpilogue(transaction, gasUsed, code, state, facts) is not SessionOutput output)
        {
            alarms.Add($"epilogue of {transaction.Hash} at height {block.Height} failed on the state that its prologue accepted");
            return Skip(transaction.Hash, code, RefusalReason.EpilogueFailed, retry: false, "the fee could not be taken");
        }

        return Done(transaction, attempt with { Events = [], ServiceEvents = [] }, gasUsed, output.Writes, code);
    }

    private Attempt Body(Judgement judged, CodeSnapshot code, Overlay overlay, BlockFacts facts, GasMeter gas, BlockLeft left)
    {
        Session session = new(code, overlay, facts, gas);
        CallResult call = Call(session, judged);
        if (!call.Status.IsSuccess)
        {
            return Attempt.Failed(Statuses.Of(call.Status), Statuses.Place(call.Status));
        }

        SessionOutput output = session.Finish();
        if (!output.Status.IsSuccess)
        {
            return Attempt.Failed(Statuses.Of(output.Status), Statuses.Place(output.Status));
        }

        List<ContractEvent> events = [.. output.Events];
        overlay.Apply(output.Writes);
        CodeSnapshot after = code;
        if (output.PublishRequests.Count > 1)
        {
            return Attempt.Failed(TransactionStatus.Failed(FailedMajor.SeveralPublishes, null, null), "a transaction publishes once");
        }

        if (output.PublishRequests.Count == 1)
        {
            Attempt published = Publish(judged.Transaction!, code, overlay, facts, gas, output.PublishRequests[0], events, session.Tables);
            if (published.Status.Kind != StatusKind.Success)
            {
                return published;
            }

            after = published.Code;
        }

        WriteSet writes = overlay.Changes();
        if (output.PublishRequests.Count > 0 && TooLarge(writes, events))
        {
            // each session kept the limits for itself; the modules came on top (execution 3)
            TransactionStatus tooLarge = TransactionStatus.Failed((ulong)StatusCode.StorageWriteLimitReached, null, null);
            return Attempt.Failed(tooLarge, "the transaction writes or emits too much");
        }

        if (ChargeStorage(writes, gas, left.StorageBytePrice) is false)
        {
            return Attempt.Failed(TransactionStatus.OutOfGas, "the gas does not pay for the bytes written");
        }

        List<ServiceEvent> converted = ServiceEventConversion.ConvertAll(
            rules.ServiceEvents, events, left.ServiceEvents, out string? fault);
        return fault is not null ? Attempt.Failed(TransactionStatus.Failed(FailedMajor.BadServiceEvent, null, null), fault)
            : Unlinkable(converted, after, overlay) ?? new Attempt(TransactionStatus.Success, events, converted, after, null);
    }

    private CallResult Call(Session session, Judgement judged)
    {
        Address sender = judged.Transaction!.Raw.Sender;
        return judged.Transaction.Raw.Payload switch
        {
            TransactionPayload.EntryFunction entry => session.CallEntry(
                entry.Module, entry.Function, entry.TypeArguments, entry.Arguments, sender),
            TransactionPayload.Script script => session.CallScript(
                script.Code, script.TypeArguments, [.. script.Arguments.Select(argument => argument.Value)], sender,
                judged.Approved ? rules.Transactions.ApprovedScriptInstructions : null),
            _ => throw new InvalidOperationException("a payload that decoding does not make"),
        };
    }

    /// <summary>
    /// A stack is scheduled only when all code in force, the hooks among it, links with the natives that the schedule carries;
    /// from then on every publish
    /// must (record P11). Otherwise the chain would reach the height with code that cannot run, and no way back.
    /// </summary>
    private Attempt? Unlinkable(List<ServiceEvent> converted, CodeSnapshot code, Overlay overlay)
    {
        if (!converted.Exists(static item => item is ServiceEvent.VersionScheduled { Component: Components.Execution }))
        {
            return null;
        }

        if (LinkedNatives.Usable(rules, block, code, overlay) is not SortedSet<string> natives)
        {
            return Attempt.Failed(TransactionStatus.Failed(FailedMajor.BrokenHook, null, Hooks.Versions),
                "the list of natives cannot be read");
        }

        IReadOnlyList<string> modules = FrameworkState.ReadRegistry(overlay, rules.Framework).Modules;
        return LinkedNatives.FirstLacking(code, modules, natives) is (ModuleId module, string native)
            ? Attempt.Failed(TransactionStatus.Failed(FailedMajor.StackLacksNative, null, module),
                $"{module} declares {native}, which the scheduled stack lacks")
            : null;
    }

    private Attempt Publish(SignedTransaction transaction, CodeSnapshot code, Overlay overlay, BlockFacts facts, GasMeter gas,
        PublishRequest request, List<ContractEvent> events, uint tables)
    {
        try
        {
            gas.Charge(request.Modules.Sum(module => (long)module.Length),
                (long)rules.Transactions.PublishGasPerByte * GasTable.TicksPerUnit);
        }
        catch (VmException)
        {
            return Attempt.Failed(TransactionStatus.OutOfGas, "the gas does not pay for verifying the bundle");
        }

        PublishOutcome outcome = new FrameworkPublish(rules, block).Check(code, overlay, request, transaction);
        try
        {
            gas.Charge(outcome.VerifierWork, rules.Move.Gas.VerifyUnit);
        }
        catch (VmException)
        {
            return Attempt.Failed(TransactionStatus.OutOfGas, "the gas does not pay for verifying the bundle");
        }

        if (outcome.Code is null)
        {
            return Attempt.Failed(outcome.Refusal!, outcome.Message);
        }

        foreach ((ModuleId id, byte[] blob) in outcome.Bundle)
        {
            overlay.Put(StateKey.Module(id), blob);
        }

        Session session = new(outcome.Code, overlay, facts, gas) { TablesBefore = tables };
        CallResult call = session.CallFunction(Hooks.Code, "published", [],
            [Hooks.ByteLists(outcome.Modules.Select(Encoding.ASCII.GetBytes))], []);
        SessionOutput? output = call.Status.IsSuccess ? session.Finish() : null;
        if (output is null || !output.Status.IsSuccess)
        {
            VmStatus status = output?.Status ?? call.Status;
            Watch(transaction, "code::published", (ulong)status.Major, status.ToString());
            return Attempt.Failed(
                status.Major == StatusCode.OutOfGas ? TransactionStatus.OutOfGas
                    : TransactionStatus.Failed(FailedMajor.MigrationFailed, null, Hooks.Code),
                    $"code::published under the new code fails: {status}");
        }

        overlay.Apply(output.Writes);
        events.AddRange(output.Events);
        if (!FrameworkProbe.Describes(rules.Framework, overlay, outcome.Code.CodeRoot, outcome.Modules))
        {
            return Attempt.Failed(TransactionStatus.Failed(FailedMajor.MigrationFailed, null, Hooks.Code),
                "after code::published the state does not describe the new code");
        }

        return new Attempt(TransactionStatus.Success, [], [], outcome.Code, null);
    }

    private bool TooLarge(WriteSet writes, List<ContractEvent> events) =>
        writes.Writes.Sum(write => (long)write.Key.Bytes.Length + (write.Value?.Length ?? 0)) > rules.Move.Limits.WriteBytes
        || events.Sum(item => (long)item.Data.Length) > rules.Move.Limits.EventBytes;

    private static bool ChargeStorage(WriteSet writes, GasMeter gas, ulong bytePrice)
    {
        try
        {
            foreach (StateWrite write in writes.Writes)
            {
                gas.Charge(write.Key.Bytes.Length + (write.Value?.Length ?? 0), (long)bytePrice * GasTable.TicksPerUnit);
            }

            return true;
        }
        catch (VmException)
        {
            return false;
        }
    }

    private SessionOutput? TryEpilogue(SignedTransaction transaction, ulong gasUsed, CodeSnapshot code, IStateReader state,
        BlockFacts facts)
    {
        (_, SessionOutput? output) = Hooks.Run(code, state, facts, rules.Transactions.EpilogueGas, Hooks.Validation, "epilogue",
            [.. Hooks.EpilogueArguments(transaction, gasUsed)]);
        return output is { Status.IsSuccess: true } ? output : null;
    }

    private static Executed Done(SignedTransaction transaction, Attempt attempt, ulong gasUsed, WriteSet writes, CodeSnapshot code)
    {
        UInt128 fee = (UInt128)gasUsed * transaction.Raw.GasUnitPrice;
        IReadOnlyList<ContractEvent> events = attempt.Events;
        Receipt receipt = new(
            transaction.Hash, attempt.Status, gasUsed, fee, ExecutionRoots.OfWrites(writes), ExecutionRoots.OfEvents(events),
                (uint)events.Count);
        return new Executed(new TransactionOutput(receipt, writes, events, attempt.Place), attempt.ServiceEvents, code);
    }

    private static Executed Skip(Hash32 hash, CodeSnapshot code, RefusalReason reason, bool retry, string message) =>
        Skip(hash, code, reason, retry, FailurePlace.Nowhere(message));

    private static Executed Skip(Hash32 hash, CodeSnapshot code, RefusalReason reason, bool retry, FailurePlace place)
    {
        Receipt receipt = new(hash, TransactionStatus.Skipped((ushort)reason, retry), 0, 0,
            ExecutionRoots.OfWrites(WriteSet.Empty), ExecutionRoots.OfEvents([]), 0);
        return new Executed(new TransactionOutput(receipt, WriteSet.Empty, [], place), [], code);
    }

    private void Watch(SignedTransaction transaction, string part, ulong major, string what)
    {
        if (Statuses.IsBroken(major))
        {
            alarms.Add($"{part} of {transaction.Hash} at height {block.Height}: {what}");
        }
    }

    private sealed record Attempt(TransactionStatus Status, IReadOnlyList<ContractEvent> Events,
        IReadOnlyList<ServiceEvent> ServiceEvents, CodeSnapshot Code, FailurePlace? Place)
    {
        public static Attempt Failed(TransactionStatus status, FailurePlace? place) => new(status, [], [], null!, place);

        public static Attempt Failed(TransactionStatus status, string message) => Failed(status, FailurePlace.Nowhere(message));
    }
}
