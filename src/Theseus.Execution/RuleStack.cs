using System.Text;
using Theseus.Move.Format;
using Theseus.Move.Natives;
using Theseus.Move.Runtime;

namespace Theseus.Execution;

/// <summary>An execution stack of this software: one rule value over the shared machine (execution 5).</summary>
public sealed class RuleStack : IExecutionStack
{
    private readonly StackRules _rules;
    private readonly CodeCache _cache;
    private readonly CodeCache _viewed; // views of old heights must not cost execution its snapshots

    /// <param name="rules">What the stack does.</param>
    public RuleStack(StackRules rules)
    {
        _rules = rules;
        _cache = new CodeCache(rules);
        _viewed = new CodeCache(rules);
        Manifest = rules.Manifest();
        StackId = Manifest.Id;
    }

    /// <inheritdoc/>
    public ModuleManifest Manifest { get; }

    /// <summary>The rule value.</summary>
    public StackRules Rules => _rules;

    /// <inheritdoc/>
    public Hash32 StackId { get; }

    /// <inheritdoc/>
    public BlockResult Execute(BlockInput input, IStateReader state)
    {
        Overlay overlay = new(state);
        CodeSnapshot code = _cache.Of(state);
        List<TransactionOutput> outputs = new(input.Transactions.Count + 2);
        List<ServiceEvent> services = [];
        List<string> alarms = [];
        ulong gasUsed = 0;
        UInt128 fees = 0;

        outputs.Add(System(input.Context, SystemTransactionKind.Begin, code, overlay, services, alarms, "begin"));
        FeeParameters fee = Fees(overlay);
        TransactionExecutor executor = new(_rules, input.Context, alarms);
        ExecutionMode mode = ExecutionMode.Block with { IsKnownGood = input.IsKnownGood };
        foreach (byte[] transaction in input.Transactions)
        {
            // A transaction begins while the block has used less than its gas, whatever it asks for: a block of 250 ms has less
            // than one may ask for.
            ulong gasLeft = gasUsed < fee.BlockGas ? ulong.MaxValue : 0;
            BlockLeft left = new(gasLeft, fee.StorageBytePrice, _rules.ServiceEvents.PerBlock - services.Count);
            Executed executed = executor.Execute(transaction, code, overlay, left, mode);
            outputs.Add(executed.Output);
            overlay.Apply(executed.Output.Writes);
            services.AddRange(executed.ServiceEvents);
            gasUsed += executed.Output.Receipt.GasUsed;
            fees += executed.Output.Receipt.Fee;
            if (executed.Code != code)
            {
                // transaction i+1 runs the new code (execution 4)
                code = executed.Code;
                _cache.Add(code);
            }
        }

        // fees were debited from balances, whose sum fits 64 bits
        TransactionOutput end = System(input.Context, SystemTransactionKind.End, code, overlay, services, alarms, "end",
            Hooks.U64((ulong)fees));
        outputs.Add(end.Receipt.Status.Kind == StatusKind.SystemAborted ? Burned(end, (ulong)fees, overlay, alarms) : end);
        WriteSet writes = overlay.Changes();
        return new BlockResult(StackId, outputs, writes, services, code.CodeRoot, gasUsed, fees, input.FirstVersion, alarms);
    }

    /// <inheritdoc/>
    public BlockResult Genesis(GenesisInput input)
    {
        SortedDictionary<ModuleId, byte[]> blobs = [];
        foreach (byte[] blob in input.Modules)
        {
            CompiledModule module = ModuleReader.ReadModule(blob).Value
                ?? throw new ArgumentException("a genesis module does not decode", nameof(input));
            blobs.Add(module.Id, blob);
        }

        Hash32 root = ExecutionRoots.OfCode(blobs.Select(entry => (entry.Key.Name, entry.Value)));
        CodeSnapshot empty = CodeSnapshot.Load(Hash32.Zero, _rules.Move, _rules.Natives, _ => null);
        Theseus.Move.Runtime.Publishing.Check(empty, input.Modules, new PublishPolicy { Compatibility = false }, [],
            out PublishError? error);
        if (error is not null)
        {
            throw new ArgumentException($"the genesis code is refused: {error.Module} {error.Error.Message}", nameof(input));
        }

        CodeSnapshot code = CodeSnapshot.Load(root, _rules.Move, _rules.Natives, id => blobs.GetValueOrDefault(id));
        if (HookCheck.FirstBroken(code, _rules.Blocks) is (_, string broken))
        {
            throw new ArgumentException($"the genesis code is refused: {broken}", nameof(input));
        }

        Overlay overlay = new(EmptyState.Instance);
        foreach ((ModuleId id, byte[] blob) in blobs)
        {
            overlay.Put(StateKey.Module(id), blob);
        }

        Hash32 hash = SystemTransactions.Hash(SystemTransactionKind.Genesis, input.Context.GenesisHash, 0);
        Session session = new(code, overlay, new BlockFacts(input.Context, hash.ToArray(), []), new GasMeter(GasMeter.Unlimited));
        CallResult call = session.CallFunction(Hooks.GenesisModule, "initialize", [],
            GenesisArguments(input, root, [.. blobs.Keys.Select(id => id.Name)]), []);
        SessionOutput? output = call.Status.IsSuccess ? session.Finish() : null;
        if (output is null || !output.Status.IsSuccess)
        {
            throw new ArgumentException($"genesis::initialize fails: {output?.Status ?? call.Status}", nameof(input));
        }

        overlay.Apply(output.Writes);
        WriteSet writes = overlay.Changes();
        Receipt receipt = new(hash, TransactionStatus.Success, 0, 0, ExecutionRoots.OfWrites(writes),
            ExecutionRoots.OfEvents(output.Events), (uint)output.Events.Count);
        return new BlockResult(StackId, [new TransactionOutput(receipt, writes, output.Events, null)], writes, [], root, 0, 0, 0, []);
    }

    /// <inheritdoc/>
    public Admission Admit(byte[] transaction, BlockContext next, IStateReader head, Func<Hash32, bool>? isKnownGood = null)
    {
        CodeSnapshot code = _cache.Of(head);
        Judgement judged = Judgement.Of(_rules, next, transaction, code, head, ExecutionMode.Block with { IsKnownGood = isKnownGood });
        if (judged.Refusal is RefusalReason refusal)
        {
            return Refuse(judged.Transaction, refusal, judged.Message);
        }

        // Gaps are allowed here: the prologue is asked as if a later number were the next one (execution 8.1). All else is its
        // own judgement.
        SignedTransaction decoded = judged.Transaction!;
        RawTransaction raw = decoded.Raw;
        ulong sequence = FrameworkState.ReadSequenceNumber(head, raw.Sender) ?? 0;
        ulong asked = raw.SequenceNumber is ulong.MaxValue ? ulong.MaxValue : ulong.Min(raw.SequenceNumber, sequence);
        IReadOnlyList<byte[]> arguments = Hooks.PrologueArguments(decoded, asked, checkAuth: true);
        (CallResult prologue, _) = Hooks.Run(
            code, head, judged.Facts(next), _rules.Transactions.PrologueGas, Hooks.Validation, "prologue", [.. arguments]);
        if (prologue.Status.IsSuccess)
        {
            return new Admission(
                null, "", raw.Sender, raw.SequenceNumber, raw.GasUnitPrice, raw.MaxGasAmount, raw.ExpirationSeconds,
                    decoded.Hash, sequence);
        }

        RefusalReason reason = TransactionExecutor.ReasonOf(prologue.Status);
        string words = reason == RefusalReason.SequenceNumberTooOld
            ? $"sequence number {raw.SequenceNumber} was used, the next is {sequence}"
            : reason.Name().ToLowerInvariant().Replace('_', ' ');
        return Refuse(decoded, reason, words) with { AccountSequenceNumber = sequence };
    }

    /// <inheritdoc/>
    public TransactionOutput Simulate(byte[] transaction, BlockContext next, IStateReader head)
    {
        TransactionDecoding.TryDecode(transaction, out SignedTransaction? decoded, simulation: true);
        bool authenticated = decoded is { Authenticator.Kind: not AuthenticatorKind.None }
            && decoded.Authenticator.Signature.AsSpan().ContainsAnyExcept((byte)0);
        FeeParameters fee = Fees(head);
        BlockLeft left = new(ulong.MaxValue, fee.StorageBytePrice, _rules.ServiceEvents.PerBlock);
        ExecutionMode mode = new(CheckSignature: false, CheckAuthentication: authenticated);
        return new TransactionExecutor(_rules, next, []).Execute(transaction, _cache.Of(head), head, left, mode).Output;
    }

    /// <inheritdoc/>
    public void Warm(BlockContext next, IStateReader head)
    {
        CodeSnapshot code = _cache.Of(head);
        IReadOnlyList<string> names = FrameworkState.ReadRegistry(head, _rules.Framework).Modules;
        ModuleId[] ids = [.. names.Select(static name => new ModuleId(Address.One, name))];
        byte[][] blobs = [.. ids.Select(id => code.Blob(id)!)];
        Theseus.Move.Runtime.Publishing.Check(code, blobs, new PublishPolicy(), ids, out _);
        KeyValuePair<ModuleId, byte[]>[] bundle = [.. ids.Zip(blobs, static (id, blob) => KeyValuePair.Create(id, blob))];
        PublishOutcome same = new(code.Publish(code.CodeRoot, bundle), names, bundle, null, "");
        HookCheck.FirstBroken(same.Code!, _rules.Blocks);

        // nobody signed this: the prologue refuses it, and the steps behind run all the same
        Address sender = next.Validators.Count > 0 ? next.Validators[0].Address : Address.One;
        ulong sequence = FrameworkState.ReadSequenceNumber(head, sender) ?? 0;
        RawTransaction raw = new(sender, sequence, new TransactionPayload.Script([], [], []), _rules.Transactions.MaximumGas, 0,
            ulong.MaxValue, next.TxChainId);
        SignedTransaction nobody = SignedTransaction.Sign(raw, new byte[32]);
        SortedSet<string> natives = LinkedNatives.Usable(_rules, next, code, head) ?? [];
        new FrameworkProbe(_rules, next, code, same, natives).RunAll(head, nobody);
    }

    /// <inheritdoc/>
    public ViewResult View(ViewCall call, BlockContext context, IStateReader state)
    {
        GasMeter gas = GasMeter.OfUnits(_rules.Views.Gas);
        CodeSnapshot code = _cache.Known(state) ?? _viewed.Of(state);
        Session session = new(code, new MeteredReader(state, _rules.Views.ReadBytes), new BlockFacts(context, new byte[32], []), gas);
        CallResult result = session.CallView(call.Module, call.Function, call.TypeArguments, call.Arguments);
        return new ViewResult(Statuses.Of(result.Status), result.Values, gas.UsedUnits, Statuses.Place(result.Status));
    }

    /// <summary>
    /// The framework's fee parameters within the stack's bounds; unreadable ones count as the least, so that the block still
    /// has a meaning.
    /// </summary>
    private FeeParameters Fees(IStateReader state) => _rules.Transactions.FeeBounds.Clamp(FrameworkState.TryReadFees(state) ?? default);

    private TransactionOutput System(
        BlockContext block, SystemTransactionKind kind, CodeSnapshot code, Overlay overlay, List<ServiceEvent> services,
            List<string> alarms, string hook, params IReadOnlyList<byte[]> arguments)
    {
        Hash32 hash = SystemTransactions.Hash(kind, block.GenesisHash, block.Height);
        (CallResult call, SessionOutput? output) = Hooks.Run(
            code, overlay, new BlockFacts(block, hash.ToArray(), []), _rules.Blocks.HookGas, Hooks.Block, hook, arguments);
        VmStatus status = output?.Status ?? call.Status;
        ulong major = (ulong)status.Major;
        FailurePlace? place = Statuses.Place(status);
        string? fault = status.IsSuccess ? null : status.ToString();
        List<ServiceEvent> converted = [];
        if (output is not null && fault is null)
        {
            converted = ServiceEventConversion.ConvertAll(_rules.ServiceEvents, output.Events,
                _rules.ServiceEvents.PerBlock - services.Count, out fault);
            if (fault is not null)
            {
                (major, place) = (FailedMajor.BadServiceEvent, FailurePlace.Nowhere(fault));
            }
        }

        if (fault is not null)
        {
            // an aborted hook writes its status and nothing else, but for the fees that an end hook leaves; the block stands (execution 4)
            alarms.Add($"block::{hook} of height {block.Height}: {fault}");
            Receipt failed = new(hash, TransactionStatus.SystemAborted(hook, major, status.Sub ?? 0), 0, 0,
                ExecutionRoots.OfWrites(WriteSet.Empty), ExecutionRoots.OfEvents([]), 0);
            return new TransactionOutput(failed, WriteSet.Empty, [], place);
        }

        services.AddRange(converted);
        overlay.Apply(output!.Writes);
        Receipt receipt = new(hash, TransactionStatus.Success, 0, 0, ExecutionRoots.OfWrites(output.Writes),
            ExecutionRoots.OfEvents(output.Events), (uint)output.Events.Count);
        return new TransactionOutput(receipt, output.Writes, output.Events, null);
    }

    /// <summary>
    /// An end hook that aborts has neither paid nor burned what the epilogues debited. The stack burns all of it, so that the supply is
    /// always genesis + minted - burned and no coin is missing (execution 4, fees). No Move code runs: this must not fail as well.
    /// </summary>
    private static TransactionOutput Burned(TransactionOutput end, ulong fees, Overlay overlay, List<string> alarms)
    {
        if (fees == 0)
        {
            return end;
        }

        if (FrameworkState.TryBurn(overlay, fees) is not StateWrite burn)
        {
            alarms.Add($"fees of {fees} are missing from the supply: 0x1::coin::CoinInfo cannot be written");
            return end;
        }

        WriteSet writes = WriteSet.From([burn]);
        overlay.Apply(writes);
        return end with { Receipt = end.Receipt with { WriteSetRoot = ExecutionRoots.OfWrites(writes) }, Writes = writes };
    }

    private IReadOnlyList<byte[]> GenesisArguments(GenesisInput input, Hash32 root, IReadOnlyList<string> modules)
    {
        GenesisGovernance governance = input.Governance;
        return
        [
            Hooks.U8(input.Context.TxChainId),
            Hooks.Bytes(root.ToArray()),
            Hooks.ByteLists(modules.Select(Encoding.ASCII.GetBytes)),
            Hooks.ByteLists(_rules.Natives.Signatures.Select(Encoding.ASCII.GetBytes)),
            Hooks.U64(governance.EpochMicros),
            Hooks.U64(governance.VotingBlocks),
            Hooks.U64(governance.EnactmentBlocks),
            Hooks.U64(governance.ExecutionBlocks),
            Hooks.U64(governance.ProposalDeposit),
            Hooks.U64(governance.MinimumBond),
            Hooks.U64(governance.UnbondingEpochs),
            new BcsWriter().List(input.Accounts, static (w, account) => w.Address(account.Address)).ToArray(),
            new BcsWriter().List(input.Accounts, static (w, account) => w.U64(account.Balance)).ToArray(),
            Hooks.ByteLists(input.Accounts.Select(account => account.AuthenticationKey.ToArray())),
            new BcsWriter().List(input.Validators, static (w, validator) => w.Address(validator.Address)).ToArray(),
            Hooks.ByteLists(input.Validators.Select(validator => validator.PublicKey.ToArray())),
            new BcsWriter().List(input.Validators, (w, validator) =>
                w.U64(checked(validator.Power * _rules.Framework.PowerUnit))).ToArray(),
        ];
    }

    private static Admission Refuse(SignedTransaction? transaction, RefusalReason reason, string message) => new(
        reason, message, transaction?.Raw.Sender ?? Address.Zero, transaction?.Raw.SequenceNumber
            ?? 0, 0, 0, 0, transaction?.Hash ?? Hash32.Zero, 0);
}
