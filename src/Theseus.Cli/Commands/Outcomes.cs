using System.Collections.Frozen;
using Theseus.Client;
using Theseus.Execution;
using Theseus.Move.Format;
using Theseus.Protocol;

namespace Theseus.Cli.Commands;

/// <summary>What became of a transaction, in words that its sender can act on.</summary>
internal static class Outcomes
{
    /// <summary>Bits of an abort code that name the reason; the category stands above (0x1::error).</summary>
    private const ulong ReasonMask = 0xFFFF;

    /// <summary>Explains a failed receipt: abort codes by the error names that the module itself carries.</summary>
    public static Task<string> ExplainAsync(TheseusClient client, ReceiptInfo receipt, CancellationToken cancellation) =>
        ExplainAsync(client, receipt.VmStatus ?? receipt.Status, receipt.Failure, cancellation);

    /// <summary>As <see cref="ExplainAsync(TheseusClient, ReceiptInfo, CancellationToken)"/>, for a simulation.</summary>
    public static Task<string> ExplainAsync(TheseusClient client, SimulateInfo simulated, CancellationToken cancellation) =>
        ExplainAsync(client, simulated.VmStatus, simulated.Failure, cancellation);

    private static async Task<string> ExplainAsync(TheseusClient client, string status, FailureInfo? failure,
        CancellationToken cancellation)
    {
        if (failure is null)
        {
            return status;
        }

        if (failure is { Kind: FailureKinds.Aborted, Module: string id })
        {
            string[] parts = id.Split("::");
            ErrorName? name = await NameAsync(client, parts[0], parts[1], failure.Code, cancellation);
            return name is ErrorName known
                ? $"{id} refused: {Sentence(known)} ({known.Name}, abort code 0x{failure.Code:x})"
                : $"{id} aborted with code 0x{failure.Code:x}, which the module does not explain";
        }

        string? words = failure.Kind == FailureKinds.OutOfGas ? "the gas limit does not suffice"
            : failure.Name is string failed ? Failures.GetValueOrDefault(failed)
            : null;
        return words is null ? Join(status, failure) : $"{words} ({Join(status, failure)})";
    }

    private static string Join(string status, FailureInfo failure) => failure.Message.Length == 0 ? status : $"{status}: {failure.Message}";

    private static string Sentence(ErrorName error) => (error.Doc.Length > 0 ? error.Doc.ReplaceLineEndings(" ").Trim()
        : error.Name).TrimEnd('.');

    /// <summary>The error of a module with this abort code, or with its reason.</summary>
    public static ErrorName? Find(ModuleMetadata metadata, ulong code)
    {
        foreach (ulong wanted in (ulong[])[code, code & ReasonMask])
        {
            foreach (ErrorName error in metadata.Errors)
            {
                if (error.Code == wanted)
                {
                    return error;
                }
            }
        }

        return null;
    }

    private static async Task<ErrorName?> NameAsync(TheseusClient client, string address, string module, ulong code,
        CancellationToken cancellation)
    {
        try
        {
            ModuleInfo info = await client.GetModuleAsync(address, module, null, cancellation);
            return ModuleReader.ReadModule(Convert.FromHexString(info.Bytecode[2..])).Value is { } decoded && ModuleMetadata.Of(
                decoded) is { } metadata ? Find(metadata, code) : null;
        }
        catch (RpcException)
        {
            return null; // the code alone must do
        }
    }

    /// <summary>What failures and refusals mean for their sender, by the stable names of <see cref="FailureInfo.Name"/>.</summary>
    private static readonly FrozenDictionary<string, string> Failures = new KeyValuePair<string, string>[]
    {
        new(FailedMajor.Name(FailedMajor.WrongBaseRoot),
            "the chain's code has changed since this upgrade was made: make it again with theseus framework upgrade and propose that"),
        new(FailedMajor.Name(FailedMajor.WrongExpectedRoot), "the published modules would not make the code root that was approved"),
        new(FailedMajor.Name(FailedMajor.BrokenHook),
            "the new code lacks a function that the execution stack calls, or gives authority to another module"),
        new(FailedMajor.Name(FailedMajor.ProbeFailed),
            "the new code was tried on a throw-away copy of the state and failed: it could not run blocks or replace itself any more, so "
                + "it was not published"),
        new(FailedMajor.Name(FailedMajor.MigrationFailed), "the new code failed on the chain's data"),
        new(FailedMajor.Name(FailedMajor.BadServiceEvent), "an event for the protocol record is malformed or one too many"),
        new(FailedMajor.Name(FailedMajor.SeveralPublishes), "a transaction publishes once"),
        new(FailedMajor.Name(FailedMajor.StackLacksNative),
            "the framework in force uses a native that the execution stack to be scheduled lacks"),
        new(FailedMajor.Name(FailedMajor.FeeUnpaid), "the sender spent the money for the fee"),
        new(FailedMajor.Name((ulong)StatusCode.BackwardIncompatibleModuleUpdate), "a module is incompatible with the one in force"),
        new(FailedMajor.Name((ulong)StatusCode.MissingDependency),
            "a module needs a native that not every execution stack in question has, or a module that is not there"),
        new(RefusalReason.ScriptNotApproved.Name(), "a script of this size is admitted only when governance approved it"),
        new(RefusalReason.MaxGasTooHigh.Name(), "only an approved script may ask for so much gas"),
        new(RefusalReason.InsufficientBalance.Name(), "the sender cannot pay the fee"),
    }.ToFrozenDictionary();
}
