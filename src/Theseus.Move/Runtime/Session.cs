using Theseus.Move.Format;
using Theseus.Move.Natives;
using Theseus.Move.Rules;
using Theseus.Move.Verify;

namespace Theseus.Move.Runtime;

/// <summary>How a call ended.</summary>
/// <param name="Status">Success or what went wrong.</param>
/// <param name="Values">Type and BCS of each result; empty on failure. References are read.</param>
public sealed record CallResult(VmStatus Status, IReadOnlyList<(TypeTag Type, byte[] Value)> Values)
{
    internal static CallResult Failed(StatusCode status, string message) =>
        new(new VmStatus(status, null, VmLocation.Undefined, message), []);
}

/// <summary>What a session leaves behind.</summary>
/// <param name="Status">Success, or OUT_OF_GAS and limits that only the end shows; then nothing is left.</param>
/// <param name="Writes">Changed keys, sorted.</param>
/// <param name="Events">In the order of emission.</param>
/// <param name="PublishRequests">Bundles that the framework asked to publish.</param>
public sealed record SessionOutput(VmStatus Status, WriteSet Writes, IReadOnlyList<ContractEvent> Events,
    IReadOnlyList<PublishRequest> PublishRequests);

/// <summary>
/// One all-or-nothing unit of execution over a snapshot and a state view. Calls share its state; after a failed call the session is spent:
/// drop it. Used by one thread; it recurses only as deep as values nest, so any thread's stack suffices.
/// </summary>
public sealed class Session
{
    private readonly Interpreter _interpreter;
    private readonly List<ContractEvent> _events = [];
    private readonly List<PublishRequest> _requests = [];
    private long _eventBytes;
    private uint _made;
    private bool _unapprovable;

    /// <param name="snapshot">The code.</param>
    /// <param name="state">The state as the session finds it.</param>
    /// <param name="facts">Facts of the block and transaction.</param>
    /// <param name="gas">Paid from here; may be shared with other sessions of the transaction.</param>
    public Session(CodeSnapshot snapshot, IStateReader state, TransactionFacts facts, GasMeter gas)
    {
        Snapshot = snapshot;
        Facts = facts;
        Gas = gas;
        Memory = new MemoryMeter(snapshot.Rules.Limits);
        Globals = new GlobalStore(this, state);
        _interpreter = new Interpreter(this);
    }

    /// <summary>The code that runs.</summary>
    public CodeSnapshot Snapshot { get; }

    /// <summary>Tables that earlier sessions of the same transaction made: handles count on (execution 3).</summary>
    public uint TablesBefore { get; init; }

    /// <summary>Tables of the transaction so far.</summary>
    public uint Tables => TablesBefore + _made;

    /// <summary>
    /// SHA3-256 of the script that runs, as the native transaction_context::script_hash answers it; empty for an entry
    /// function, for the hooks, and for a
    /// script with parameters of any kind.
    /// </summary>
    internal byte[] ScriptHash => _unapprovable ? [] : Facts.ScriptHash;

    /// <summary>Told of every basic block that is entered; null in production.</summary>
    public ICoverageSink? Coverage { get; init; }

    /// <summary>What natives answer about block and transaction.</summary>
    public TransactionFacts Facts { get; }

    /// <summary>What everything is paid from.</summary>
    public GasMeter Gas { get; }

    internal GlobalStore Globals { get; }

    internal MemoryMeter Memory { get; }

    /// <summary>Events so far.</summary>
    public IReadOnlyList<ContractEvent> Events => _events;

    /// <summary>Publish requests so far.</summary>
    public IReadOnlyList<PublishRequest> PublishRequests => _requests;

    /// <summary>
    /// Calls any function, also a private one: hooks and tests. Signer and &amp;signer parameters are taken from <paramref
    /// name="signers"/> in order,
    /// the others from the BCS arguments, which may have any type.
    /// </summary>
    public CallResult CallFunction(ModuleId module, string function, IReadOnlyList<TypeTag> typeArguments,
        IReadOnlyList<byte[]> arguments, IReadOnlyList<Address> signers) =>
        Guard(() => Run(Function(module, function), typeArguments, arguments, signers, asUser: false));

    /// <summary>Calls an entry function as a user does (execution 1, argument rule).</summary>
    public CallResult CallEntry(ModuleId module, string function, IReadOnlyList<TypeTag> typeArguments,
        IReadOnlyList<byte[]> arguments, Address sender) => Guard(() =>
    {
        LoadedFunction found = Function(module, function);
        if (found.Definition is not { IsEntry: true })
        {
            throw new VmException(StatusCode.ExecuteEntryFunctionCalledOnNonEntryFunction, $"{module}::{function} is no entry function");
        }

        ChargeLoading(found.Unit);
        return Run(found, typeArguments, arguments, [sender], asUser: true);
    });

    /// <summary>Verifies and runs a script as a user does.</summary>
    /// <param name="code">The script's bytes (move 2.1); decoding, verifying and what it reaches outside 0x1 are charged.</param>
    /// <param name="typeArguments">One for each type parameter, without signer anywhere inside.</param>
    /// <param name="arguments">BCS of each parameter that is no signer, in order.</param>
    /// <param name="sender">Fills a signer parameter in front.</param>
    /// <param name="instructionLimit">Raises the limit for approved scripts (execution 1); null for the stack's own.</param>
    /// <returns>Without values: scripts have no results. Every refusal is a status, none is thrown.</returns>
    public CallResult CallScript(byte[] code, IReadOnlyList<TypeTag> typeArguments, IReadOnlyList<byte[]> arguments,
        Address sender, int? instructionLimit = null) => Guard(() =>
    {
        Gas.Charge(code.Length, Snapshot.Rules.Gas.LoadByte);
        VerifierLimits limits = instructionLimit is int raised ? Snapshot.Rules.Verifier with { ScriptInstructions = raised }
            : Snapshot.Rules.Verifier;
        LoadedUnit script = Snapshot.FindScript(code, limits, Gas);
        if (script.Functions[0].Parameters.Count > 0 || script.Functions[0].TypeParameters.Count > 0)
        {
            // what its sender chooses stands outside the approved hash, so governance does not know this script (execution 4)
            _unapprovable = true;
        }

        Gas.Charge(Snapshot.LoadBytes(script) - script.ByteLength, Snapshot.Rules.Gas.LoadByte);
        return Run(script.Functions[0], typeArguments, arguments, [sender], asUser: true);
    });

    /// <summary>Calls a function marked #[view]; its results come back as BCS.</summary>
    public CallResult CallView(ModuleId module, string function, IReadOnlyList<TypeTag> typeArguments,
        IReadOnlyList<byte[]> arguments) => Guard(() =>
    {
        LoadedFunction found = Function(module, function);
        if (!found.Unit.Metadata.Views.Contains(function))
        {
            throw new VmException(StatusCode.ExecuteEntryFunctionCalledOnNonEntryFunction, $"{module}::{function} is no view function");
        }

        ChargeLoading(found.Unit);
        return Run(found, typeArguments, arguments, [], asUser: true);
    });

    /// <summary>Reads a resource as BCS through the session's own state; null when absent.</summary>
    public byte[]? Resource(Address account, StructTag type)
    {
        try
        {
            GlobalStore.Slot slot = Globals.Resource(account, ResolveTag(TypeTag.Of(type)));
            return slot.Exists ? ValueCodec.Encode(slot.Value, slot.Type) : null;
        }
        catch (VmException)
        {
            return null;
        }
    }

    /// <summary>Charges the writes and hands them over with the events. Call once, after the last call.</summary>
    public SessionOutput Finish()
    {
        try
        {
            return new SessionOutput(VmStatus.Success, Globals.Changes(), _events, _requests);
        }
        catch (VmException failed)
        {
            return new SessionOutput(new VmStatus(failed.Status, failed.Sub, VmLocation.Undefined, failed.Message), WriteSet.Empty, [], []);
        }
    }

    /// <summary>The run-time type of a tag; its modules must exist.</summary>
    /// <exception cref="VmException">An unknown struct or too large a type.</exception>
    public RuntimeType ResolveTag(TypeTag tag)
    {
        RuntimeLimits limits = Snapshot.Rules.Limits;
        switch (tag.Kind)
        {
            case TypeTagKind.Bool: return RuntimeType.Bool;
            case TypeTagKind.U8: return RuntimeType.U8;
            case TypeTagKind.U16: return RuntimeType.U16;
            case TypeTagKind.U32: return RuntimeType.U32;
            case TypeTagKind.U64: return RuntimeType.U64;
            case TypeTagKind.U128: return RuntimeType.U128;
            case TypeTagKind.U256: return RuntimeType.U256;
            case TypeTagKind.Address: return RuntimeType.Address;
            case TypeTagKind.Signer: return RuntimeType.Signer;
            case TypeTagKind.Vector: return Bounded(RuntimeType.Vector(ResolveTag(tag.Element!)));
            default:
                StructTag named = tag.Struct!;
                LoadedUnit module = Snapshot.Find(named.ModuleId)
                    ?? throw new VmException(StatusCode.LinkerError, $"module {named.ModuleId} does not exist");
                LoadedStruct definition = module.FindStruct(named.Name)
                    ?? throw new VmException(StatusCode.TypeResolutionFailure, $"{named.ModuleId} has no struct {named.Name}");
                RuntimeType[] arguments = [.. named.TypeArguments.Select(ResolveTag)];
                CheckConstraints([.. definition.TypeParameters.Select(p => p.Constraints)], arguments);
                return Bounded(RuntimeType.Of(definition, arguments));
        }

        RuntimeType Bounded(RuntimeType type) => type.Nodes <= limits.TypeNodes && type.Depth <= limits.TypeDepth
            ? Snapshot.Types.Shared(type)
            : throw new VmException(StatusCode.TooManyTypeNodes, "the type is too large");
    }

    internal void ChargeWords(long words)
    {
        Gas.Charge(words, Snapshot.Rules.Gas.Word);
        Memory.Words(words);
    }

    /// <summary>Charges the copy of a value before it is made.</summary>
    internal void ChargeCopy(in Value value)
    {
        long affordable = (Gas.Remaining / long.Max(Snapshot.Rules.Gas.Word, 1)) + 1;
        Gas.Charge(Snapshot.Rules.Gas.CopyBase);
        ChargeWords(ValueRules.Words(value, affordable, Snapshot.Rules.Limits.MemoryCosts));
    }

    internal void ChargeComparison(in Value value)
    {
        long affordable = (Gas.Remaining / long.Max(Snapshot.Rules.Gas.Word, 1)) + 1;
        Gas.Charge(ValueRules.Words(value, affordable, Snapshot.Rules.Limits.MemoryCosts), Snapshot.Rules.Gas.Word);
    }

    /// <summary>Charges the encoding of a value by its size in memory, before it is made.</summary>
    internal void ChargeEncoding(in Value value)
    {
        long affordable = (Gas.Remaining / long.Max(Snapshot.Rules.Gas.Word, 1)) + 1;
        long words = ValueRules.Words(value, affordable, Snapshot.Rules.Limits.MemoryCosts);
        Gas.Charge(words, Snapshot.Rules.Gas.Word + Snapshot.Rules.Gas.BcsWord);
        Memory.Encoding(words);
    }

    internal void Emit(RuntimeType type, in Value value)
    {
        GasTable gas = Snapshot.Rules.Gas;
        if (type.Depth > TypeTagCodec.MaximumDepth || type.Nodes > TypeTagCodec.MaximumNodes)
        {
            throw new VmException(StatusCode.VmMaxTypeDepthReached, "the type of an event nests too deep");
        }

        Gas.Charge(gas.Event);
        ChargeEncoding(value);
        byte[] data = ValueCodec.Encode(value, type);
        Gas.Charge(data.Length, gas.EventByte);
        _eventBytes += data.Length;
        if (_eventBytes > Snapshot.Rules.Limits.EventBytes)
        {
            throw new VmException(StatusCode.StorageWriteLimitReached, "the transaction emits too much");
        }

        Memory.Item(0);
        _events.Add(new ContractEvent(type.Tag, data));
    }

    internal void Request(PublishRequest request) => _requests.Add(request);

    /// <summary>The next table handle: SHA3-256("THESEUS::Table", transaction hash, counter) (execution 3).</summary>
    internal Hash32 NewTable()
    {
        Memory.Item(0);
        BcsWriter writer = new(64);
        writer.Raw("THESEUS::Table"u8).Raw(Facts.TransactionHash).U32(TablesBefore + _made++);
        return new Hash32(Consensus.Sha3.Hash256(writer.Written));
    }

    private LoadedFunction Function(ModuleId module, string function)
    {
        LoadedUnit unit = Snapshot.Find(module) ?? throw new VmException(StatusCode.LinkerError, $"module {module} does not exist");
        return unit.FindFunction(function) ?? throw new VmException(
            StatusCode.FunctionResolutionFailure, $"{module} has no function {function}");
    }

    private void ChargeLoading(LoadedUnit unit) => Gas.Charge(Snapshot.LoadBytes(unit), Snapshot.Rules.Gas.LoadByte);

    private static void CheckConstraints(IReadOnlyList<Abilities> wanted, RuntimeType[] arguments)
    {
        if (wanted.Count != arguments.Length)
        {
            throw new VmException(StatusCode.NumberOfTypeArgumentsMismatch,
                $"{arguments.Length} type arguments for {wanted.Count} parameters");
        }

        for (int i = 0; i < arguments.Length; i++)
        {
            if (!arguments[i].Abilities.Has(wanted[i]))
            {
                throw new VmException(StatusCode.ConstraintNotSatisfied, $"type argument {arguments[i]} lacks {wanted[i]}");
            }
        }
    }

    private CallResult Run(LoadedFunction function, IReadOnlyList<TypeTag> typeArguments, IReadOnlyList<byte[]> arguments,
        IReadOnlyList<Address> signers, bool asUser)
    {
        RuntimeType[] types = new RuntimeType[typeArguments.Count];
        for (int i = 0; i < types.Length; i++)
        {
            types[i] = ResolveTag(typeArguments[i]);
            if (asUser && HoldsSigner(types[i]))
            {
                throw new VmException(StatusCode.InvalidParamTypeForDeserialization, "signer is no type argument"); // execution 1
            }
        }

        CheckConstraints(function.TypeParameters, types);
        Value[] values = Arguments(function, types, arguments, signers, asUser);
        FunctionInstance instance = function.Instance(types);
        VmStatus status = _interpreter.Run(instance, values, out Value[] results);
        if (!status.IsSuccess)
        {
            return new CallResult(status, []);
        }

        List<(TypeTag, byte[])> encoded = new(results.Length);
        for (int i = 0; i < results.Length; i++)
        {
            RuntimeType type = function.Unit.Resolve(function.Results[i], types);
            Value value = type.IsReference ? results[i].Target : results[i];
            RuntimeType target = type.IsReference ? type.Element : type;
            ChargeEncoding(value);
            encoded.Add((target.Tag, ValueCodec.Encode(value, target)));
        }

        return new CallResult(VmStatus.Success, encoded);
    }

    private Value[] Arguments(LoadedFunction function, RuntimeType[] types, IReadOnlyList<byte[]> arguments,
        IReadOnlyList<Address> signers, bool asUser)
    {
        int count = function.Parameters.Count;
        Value[] values = new Value[count];
        int signer = 0, next = 0;
        bool leading = true;
        for (int i = 0; i < count; i++)
        {
            RuntimeType type = function.Unit.Resolve(function.Parameters[i], types);
            RuntimeType target = type.IsReference ? type.Element : type;
            if (target.Kind == TokenKind.Signer)
            {
                // the one sender fills every leading signer; hooks and tests hand in one for each
                int from = asUser ? 0 : signer++;
                if (from >= signers.Count || (asUser && (!leading || signer++ > 0)))
                {
                    throw new VmException(StatusCode.NumberOfSignerArgumentsMismatch,
                        "signers are given by the transaction, the first parameter only");
                }

                Memory.Box();
                values[i] = Place(Value.Of(signers[from]), type);
                continue;
            }

            leading = false;
            // a view, which has no signer, may read its arguments through references: nobody else could see them changed
            bool readable = !type.IsReference || (signers.Count == 0 && type.Kind == TokenKind.Reference);
            if (asUser && (!readable || !ValueCodec.IsArgument(target)))
            {
                throw new VmException(StatusCode.InvalidParamTypeForDeserialization, $"a user cannot send {type}");
            }

            if (next >= arguments.Count)
            {
                throw new VmException(StatusCode.NumberOfArgumentsMismatch, $"{arguments.Count} arguments are too few");
            }

            byte[] bytes = arguments[next++];
            Gas.Charge(bytes.Length, Snapshot.Rules.Gas.BcsByte);
            target.ValueDepth(Snapshot.Rules.Limits.ValueDepth);
            if (!ValueCodec.TryDecode(bytes, target, Memory, asArgument: true, out Value value))
            {
                throw new VmException(StatusCode.FailedToDeserializeArgument, $"argument {next - 1} is no {target}");
            }

            values[i] = Place(value, type);
        }

        return next == arguments.Count
            ? values
            : throw new VmException(StatusCode.NumberOfArgumentsMismatch, $"{arguments.Count} arguments, {next} are wanted");
    }

    private static bool HoldsSigner(RuntimeType type) => type.Kind == TokenKind.Signer || type.Arguments.Any(HoldsSigner);

    /// <summary>Gives a referenced argument a place of its own.</summary>
    private static Value Place(in Value value, RuntimeType type) =>
        !type.IsReference || value.IsAggregate ? value : new Value(0, new[] { value });

    private static CallResult Guard(Func<CallResult> call)
    {
        try
        {
            return call();
        }
        catch (VmException failed)
        {
            // The machine's own failures only. Anything else is a bug or a broken host, of which no result may be made: it must
            // end the node.
            return new CallResult(new VmStatus(failed.Status, failed.Sub, VmLocation.Undefined, failed.Message), []);
        }
    }
}
