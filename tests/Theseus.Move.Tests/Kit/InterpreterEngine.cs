using Theseus.Move.Natives;
using Theseus.Move.Runtime;

namespace Theseus.Move.Tests;

/// <summary>What a user sends to be executed. Type arguments are decoded, arguments are BCS (execution 1).</summary>
public abstract record Payload(IReadOnlyList<TypeTag> TypeArguments, IReadOnlyList<byte[]> Arguments, Address Sender);

/// <summary>An entry function.</summary>
public sealed record EntryPayload(ModuleId Module, string Function, IReadOnlyList<TypeTag> TypeArguments,
    IReadOnlyList<byte[]> Arguments, Address Sender)
    : Payload(TypeArguments, Arguments, Sender);

/// <summary>A script.</summary>
/// <param name="InstructionLimit">Raised for approved scripts.</param>
public sealed record ScriptPayload(byte[] Code, IReadOnlyList<TypeTag> TypeArguments, IReadOnlyList<byte[]> Arguments,
    Address Sender, int? InstructionLimit = null)
    : Payload(TypeArguments, Arguments, Sender);

/// <summary>The result of one execution. On failure writes, events and requests are empty.</summary>
/// <param name="Status">Status, sub-status, location.</param>
/// <param name="GasUsed">Ticks.</param>
public sealed record Outcome(VmStatus Status, long GasUsed, WriteSet Writes, IReadOnlyList<ContractEvent> Events,
    IReadOnlyList<PublishRequest> PublishRequests);

/// <summary>A payload in a session of its own.</summary>
public sealed class InterpreterEngine
{
    public Outcome Execute(CodeSnapshot snapshot, IStateReader state, Payload payload, TransactionFacts facts, GasMeter gas)
    {
        long before = gas.Used;
        Session session = new(snapshot, state, facts, gas);
        CallResult call = payload switch
        {
            EntryPayload entry => session.CallEntry(entry.Module, entry.Function, entry.TypeArguments, entry.Arguments, entry.Sender),
            ScriptPayload script => session.CallScript(script.Code, script.TypeArguments, script.Arguments, script.Sender,
                script.InstructionLimit),
            _ => throw new ArgumentException("an unknown payload", nameof(payload)),
        };
        if (!call.Status.IsSuccess)
        {
            return new Outcome(call.Status, gas.Used - before, WriteSet.Empty, [], []);
        }

        SessionOutput output = session.Finish();
        return new Outcome(output.Status, gas.Used - before, output.Writes, output.Events, output.PublishRequests);
    }
}
