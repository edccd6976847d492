using System.Text;
using Theseus.Move.Format;
using Theseus.Move.Natives;
using Theseus.Move.Rules;
using Theseus.Move.Runtime;
using Theseus.Move.Verify;

namespace Theseus.Execution;

/// <summary>How a transaction is judged before its body.</summary>
/// <param name="CheckSignature">False in simulation.</param>
/// <param name="CheckAuthentication">False in simulation with no or a zero signature.</param>
internal readonly record struct ExecutionMode(bool CheckSignature, bool CheckAuthentication)
{
    public static readonly ExecutionMode Block = new(true, true);
}

/// <summary>What one transaction did, and the code after it.</summary>
internal sealed record Executed(TransactionOutput Output, IReadOnlyList<ServiceEvent> ServiceEvents, CodeSnapshot Code);

/// <summary>One user transaction: decode, prologue, body, code requests, epilogue (execution 4), each an all-or-nothing session.</summary>
/// <param name="rules">The stack.</param>
/// <param name="block">The block's facts.</param>
/// <param name="alarms">Gets what operators must see.</param>
internal sealed class TransactionExecutor(StackRules rules, BlockContext block, List<string> alarms)
{
    /// <summary>Hash of bytes that may be no transaction at all: the transaction hash's formula over them.</summary>
    private static readonly byte[] TransactionSalt = Hashing.Salt("APTOS::Transaction").ToArray();

    /// <param name="bytes">The transaction.</param>
    /// <param name="code">The code in force before it.</param>
    /// <param name="state">The block's state before it.</param>
    /// <param name="gasLeft">Gas units that the block has left.</param>
    /// <param name="storageBytePrice">Gas units for a byte written (0x1::fee_parameters).</param>
    /// <param name="serviceEventsLeft">Service events that the block has left.</param>
    public Executed Execute(byte[] bytes, CodeSnapshot code, IStateReader state, ulong gasLeft, ulong storageBytePrice, int serviceEventsLeft, ExecutionMode mode)
    {
        TransactionRefusal refusal = TransactionDecoding.TryDecode(bytes, out SignedTransaction? transaction, simulation: !mode.CheckSignature);
        if (refusal.IsNone)
        {
            refusal = mode.CheckSignature
                ? TransactionDecoding.Check(transaction!, block.TxChainId, block.TimeMicros / 1_000_000)
                : transaction!.Raw.ChainId == block.TxChainId ? default : new TransactionRefusal(TransactionRefusalCode.WrongChainId);
        }

        if (!refusal.IsNone)
        {
            return Skip(Hashing.Sha3(TransactionSalt, [0x00], bytes), code, Refusals.Of(refusal.Code), retry: false, refusal.ToString());
        }

        BlockFacts facts = new(block, transaction!.Hash.ToArray(), transaction.ScriptHash is Hash32 hash ? hash.ToArray() : []);
        bool approved = transaction.ScriptHash is Hash32 script && IsApproved(code, state, script);
        if (TransactionLimits.NeedsApproval(bytes.Length) && !approved)
        {
            return Skip(transaction.Hash, code, RefusalReason.ScriptNotApproved, retry: false, "an oversize transaction needs a script that governance approved");
        }

        ulong intrinsic = rules.Transactions.IntrinsicGas + (rules.Transactions.IntrinsicGasPerByte * (ulong)bytes.Length);
        if (transaction.Raw.MaxGasAmount > (approved ? rules.Transactions.ApprovedMaximumGas : rules.Transactions.MaximumGas))
        {
            return Skip(transaction.Hash, code, RefusalReason.MaxGasTooHigh, retry: false, "the maximum gas is above the cap");
        }

        if (transaction.Raw.MaxGasAmount < intrinsic)
        {
            return Skip(transaction.Hash, code, RefusalReason.MaxGasTooLow, retry: false, $"the transaction's bytes alone cost {intrinsic} gas");
        }

        if (transaction.Raw.MaxGasAmount > gasLeft)
        {
            return Skip(transaction.Hash, code, RefusalReason.BlockGas, retry: true, "the block has too little gas left");
        }

        (CallResult prologue, _) = Hooks.Run(
            code, state, facts, rules.Transactions.PrologueGas, Hooks.Validation, "prologue", [.. Hooks.PrologueArguments(transaction, transaction.Raw.SequenceNumber, mode.CheckAuthentication)]);
        if (!prologue.Status.IsSuccess)
        {
            Watch(transaction, "prologue", (ulong)prologue.Status.Major, prologue.Status.ToString());
            return Skip(transaction.Hash, code, ReasonOf(prologue.Status), retry: false, Statuses.Place(prologue.Status)!);
        }

        return Run(transaction, approved, intrinsic, code, state, facts, storageBytePrice, serviceEventsLeft);
    }

    /// <summary>The reason that a failed prologue gives.</summary>
    public static RefusalReason ReasonOf(VmStatus status) => Refusals.OfPrologue(status.Major == StatusCode.Aborted ? status.Sub : null);

    /// <summary>Whether governance approved a script with this hash (execution 4, hooks).</summary>
    public bool IsApproved(CodeSnapshot code, IStateReader state, Hash32 scriptHash)
    {
        Session session = new(code, state, new BlockFacts(block, new byte[32], []), GasMeter.OfUnits(rules.Transactions.PrologueGas));
        CallResult call = session.CallFunction(Hooks.Governance, "is_approved", [], [Hooks.Bytes(scriptHash.ToArray())], []);
        return call.Status.IsSuccess && call.Values[0].Value is [1];
    }

    private Executed Run(
        SignedTransaction transaction, bool approved, ulong intrinsic, CodeSnapshot code, IStateReader state, BlockFacts facts, ulong storageBytePrice, int serviceEventsLeft)
    {
        GasMeter gas = GasMeter.OfUnits(transaction.Raw.MaxGasAmount);
        gas.Charge((long)intrinsic * GasTable.TicksPerUnit); // at most the maximum, checked above
        Overlay body = new(state);
        Attempt attempt = GuardedBody(transaction, approved, code, body, facts, gas, storageBytePrice, serviceEventsLeft);
        Watch(transaction, "body", attempt.Status.Major, attempt.Place?.ToString() ?? "");
        ulong gasUsed = attempt.Status.Kind == StatusKind.OutOfGas ? transaction.Raw.MaxGasAmount : ulong.Min(gas.UsedUnits, transaction.Raw.MaxGasAmount);
        if (attempt.Status.Kind == StatusKind.Success)
        {
            if (TryEpilogue(transaction, gasUsed, attempt.Code, body, facts) is SessionOutput paid)
            {
                body.Apply(paid.Writes);
                return Done(transaction, attempt.Status, gasUsed, body.Changes(), attempt.Events, attempt.ServiceEvents, attempt.Code, null);
            }

            // the body spent the money for the fee
            attempt = attempt with { Status = TransactionStatus.Failed(FailedMajor.FeeUnpaid, null, null), Place = FailurePlace.Nowhere("the sender spent the money for the fee") };
        }

        // a failed body leaves nothing but the fee; the prologue proved that it can be paid from the state before
        if (TryEpilogue(transaction, gasUsed, code, state, facts) is not SessionOutput output)
        {
            alarms.Add($"epilogue of {transaction.Hash} at height {block.Height} failed on the state that its prologue accepted");
            return Skip(transaction.Hash, code, RefusalReason.EpilogueFailed, retry: false, "the fee could not be taken");
        }

        return Done(transaction, attempt.Status, gasUsed, output.Writes, [], [], code, attempt.Place);
    }

    private Attempt GuardedBody(
        SignedTransaction transaction, bool approved, CodeSnapshot code, Overlay overlay, BlockFacts facts, GasMeter gas, ulong storageBytePrice, int serviceEventsLeft)
    {
        try
        {
            return Body(transaction, approved, code, overlay, facts, gas, storageBytePrice, serviceEventsLeft);
        }
#pragma warning disable CA1031 // a bug must fail one transaction on every node alike, not stop the chain; the alarm pages operators
        catch (Exception bug)
#pragma warning restore CA1031
        {
            VmStatus status = Statuses.Bug(bug);
            return Attempt.Failed(Statuses.Of(status), Statuses.Place(status));
        }
    }

    private Attempt Body(
        SignedTransaction transaction, bool approved, CodeSnapshot code, Overlay overlay, BlockFacts facts, GasMeter gas, ulong storageBytePrice, int serviceEventsLeft)
    {
        Session session = new(code, overlay, facts, gas);
        CallResult call = transaction.Raw.Payload switch
        {
            TransactionPayload.EntryFunction entry => session.CallEntry(entry.Module, entry.Function, entry.TypeArguments, entry.Arguments, transaction.Raw.Sender),
            TransactionPayload.Script script => session.CallScript(
                script.Code, script.TypeArguments, [.. script.Arguments.Select(argument => argument.Value)], transaction.Raw.Sender, approved ? rules.Transactions.ApprovedScriptInstructions : null),
            _ => throw new InvalidOperationException("a payload that decoding does not make"),
        };
        if (!call.Status.IsSuccess)
        {
            return Attempt.Failed(Statuses.Of(call.Status), Statuses.Place(call.Status));
        }

        SessionOutput output = Hooks.Finish(session);
        if (!output.Status.IsSuccess)
        {
            return Attempt.Failed(Statuses.Of(output.Status), Statuses.Place(output.Status));
        }

        List<ContractEvent> events = [.. output.Events];
        overlay.Apply(output.Writes);
        CodeSnapshot after = code;
        if (output.PublishRequests.Count > 1)
        {
            return Attempt.Failed(TransactionStatus.Failed(FailedMajor.SeveralPublishes, null, null), "one publish a transaction");
        }

        if (output.PublishRequests.Count == 1)
        {
            Attempt published = Publish(transaction, code, overlay, facts, gas, output.PublishRequests[0], events, session.Tables);
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
            return Attempt.Failed(TransactionStatus.Failed((ulong)StatusCode.StorageWriteLimitReached, null, null), "the transaction writes or emits too much");
        }

        if (ChargeStorage(writes, gas, storageBytePrice) is false)
        {
            return Attempt.Failed(TransactionStatus.OutOfGas, "the gas does not pay for the bytes written");
        }

        return Converted(events, serviceEventsLeft, out List<ServiceEvent> converted, out string? fault)
            ? new Attempt(TransactionStatus.Success, events, converted, after, null)
            : Attempt.Failed(TransactionStatus.Failed(FailedMajor.BadServiceEvent, null, null), fault ?? "");
    }

    private Attempt Publish(SignedTransaction transaction, CodeSnapshot code, Overlay overlay, BlockFacts facts, GasMeter gas, PublishRequest request, List<ContractEvent> events, uint tables)
    {
        try
        {
            gas.Charge(request.Modules.Sum(module => (long)module.Length), (long)rules.Transactions.PublishGasPerByte * GasTable.TicksPerUnit);
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
        CallResult call = session.CallFunction(Hooks.Code, "published", [], [Hooks.ByteLists(outcome.Modules.Select(Encoding.ASCII.GetBytes))], []);
        SessionOutput? output = call.Status.IsSuccess ? Hooks.Finish(session) : null;
        if (output is null || !output.Status.IsSuccess)
        {
            VmStatus status = output?.Status ?? call.Status;
            Watch(transaction, "code::published", (ulong)status.Major, status.ToString());
            return Attempt.Failed(
                status.Major == StatusCode.OutOfGas ? TransactionStatus.OutOfGas : TransactionStatus.Failed(FailedMajor.MigrationFailed, null, Hooks.Code), $"code::published under the new code fails: {status}");
        }

        overlay.Apply(output.Writes);
        events.AddRange(output.Events);
        if (!FrameworkProbe.Describes(overlay, outcome.Code.CodeRoot, outcome.Modules))
        {
            return Attempt.Failed(TransactionStatus.Failed(FailedMajor.MigrationFailed, null, Hooks.Code), "after code::published the state does not describe the new code");
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

    private bool Converted(List<ContractEvent> events, int left, out List<ServiceEvent> converted, out string? fault)
    {
        converted = [];
        fault = null;
        foreach (ContractEvent item in events.Where(item => ServiceEventConversion.IsListed(rules.ServiceEvents, item.Type)))
        {
            ServiceEvent? service = ServiceEventConversion.TryConvert(item);
            fault = service is null ? $"{item.Type} does not make a service event"
                : !rules.ServiceEvents.Fits(service) ? $"{item.Type} is larger than a service event may be"
                : converted.Count >= left ? "the block holds as many service events as it may"
                : null;
            if (fault is not null)
            {
                return false;
            }

            converted.Add(service!);
        }

        return true;
    }

    private SessionOutput? TryEpilogue(SignedTransaction transaction, ulong gasUsed, CodeSnapshot code, IStateReader state, BlockFacts facts)
    {
        (_, SessionOutput? output) = Hooks.Run(code, state, facts, rules.Transactions.EpilogueGas, Hooks.Validation, "epilogue", [.. Hooks.EpilogueArguments(transaction, gasUsed)]);
        return output is { Status.IsSuccess: true } ? output : null;
    }

    private static Executed Done(
        SignedTransaction transaction, TransactionStatus status, ulong gasUsed, WriteSet writes, IReadOnlyList<ContractEvent> events, IReadOnlyList<ServiceEvent> services, CodeSnapshot code, FailurePlace? place)
    {
        UInt128 fee = (UInt128)gasUsed * transaction.Raw.GasUnitPrice;
        Receipt receipt = new(transaction.Hash, status, gasUsed, fee, ExecutionRoots.OfWrites(writes), ExecutionRoots.OfEvents(events), (uint)events.Count);
        return new Executed(new TransactionOutput(receipt, writes, events, place), services, code);
    }

    private static Executed Skip(Hash32 hash, CodeSnapshot code, RefusalReason reason, bool retry, string message) =>
        Skip(hash, code, reason, retry, FailurePlace.Nowhere(message));

    private static Executed Skip(Hash32 hash, CodeSnapshot code, RefusalReason reason, bool retry, FailurePlace place)
    {
        Receipt receipt = new(hash, TransactionStatus.Skipped((ushort)reason, retry), 0, 0, ExecutionRoots.OfWrites(WriteSet.Empty), ExecutionRoots.OfEvents([]), 0);
        return new Executed(new TransactionOutput(receipt, WriteSet.Empty, [], place), [], code);
    }

    private void Watch(SignedTransaction transaction, string part, ulong major, string what)
    {
        if (Statuses.IsBroken(major))
        {
            alarms.Add($"{part} of {transaction.Hash} at height {block.Height}: {what}");
        }
    }

    private sealed record Attempt(TransactionStatus Status, IReadOnlyList<ContractEvent> Events, IReadOnlyList<ServiceEvent> ServiceEvents, CodeSnapshot Code, FailurePlace? Place)
    {
        public static Attempt Failed(TransactionStatus status, FailurePlace? place) => new(status, [], [], null!, place);

        public static Attempt Failed(TransactionStatus status, string message) => Failed(status, FailurePlace.Nowhere(message));
    }
}
