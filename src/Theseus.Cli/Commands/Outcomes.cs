using System.Globalization;
using Theseus.Client;
using Theseus.Move.Format;

namespace Theseus.Cli.Commands;

/// <summary>What became of a transaction, in words that its sender can act on.</summary>
public static class Outcomes
{
    /// <summary>Bits of an abort code that name the reason; the category stands above (0x1::error).</summary>
    private const ulong ReasonMask = 0xFFFF;

    /// <summary>Explains a failed receipt: abort codes by the error names that the module itself carries.</summary>
    public static Task<string> ExplainAsync(TheseusClient client, ReceiptInfo receipt, CancellationToken cancellation) =>
        ExplainAsync(client, receipt.VmStatus ?? receipt.Status, receipt.FailurePlace, cancellation);

    /// <summary>As <see cref="ExplainAsync(TheseusClient, ReceiptInfo, CancellationToken)"/>, for a simulation.</summary>
    public static Task<string> ExplainAsync(TheseusClient client, SimulateInfo simulated, CancellationToken cancellation) =>
        ExplainAsync(client, simulated.VmStatus, simulated.FailurePlace, cancellation);

    private static async Task<string> ExplainAsync(TheseusClient client, string status, string? place, CancellationToken cancellation)
    {
        if (ParseAbort(status) is (string address, string module, ulong code))
        {
            ErrorName? name = await NameAsync(client, address, module, code, cancellation);
            return name is ErrorName known
                ? $"{address}::{module} refused: {Sentence(known)} ({known.Name}, abort code 0x{code:x})"
                : $"{address}::{module} aborted with code 0x{code:x}, which the module does not explain";
        }

        string? words = FailureWords(status);
        return words is null ? Join(status, place) : $"{words} ({Join(status, place)})";
    }

    private static string Join(string status, string? place) => string.IsNullOrEmpty(place) || status.Contains(place, StringComparison.Ordinal) ? status : $"{status}: {place}";

    private static string Sentence(ErrorName error) => (error.Doc.Length > 0 ? error.Doc.ReplaceLineEndings(" ").Trim() : error.Name).TrimEnd('.');

    /// <summary>"Aborted in 0x1::coin with code 0x10003".</summary>
    public static (string Address, string Module, ulong Code)? ParseAbort(string status)
    {
        const string Before = "Aborted in ";
        const string Between = " with code 0x";
        int at = status.IndexOf(Between, StringComparison.Ordinal);
        if (!status.StartsWith(Before, StringComparison.Ordinal) || at < 0)
        {
            return null;
        }

        string[] parts = status[Before.Length..at].Split("::");
        return parts.Length == 2 && ulong.TryParse(status.AsSpan(at + Between.Length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong code)
            ? (parts[0], parts[1], code)
            : null;
    }

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

    private static async Task<ErrorName?> NameAsync(TheseusClient client, string address, string module, ulong code, CancellationToken cancellation)
    {
        try
        {
            ModuleInfo info = await client.GetModuleAsync(address, module, null, cancellation);
            return ModuleReader.ReadModule(Convert.FromHexString(info.Bytecode[2..])).Value is { } decoded && ModuleMetadata.Of(decoded) is { } metadata ? Find(metadata, code) : null;
        }
        catch (RpcException)
        {
            return null; // the code alone must do
        }
    }

    /// <summary>Failures after the body (execution 4, publish) by their names in a status.</summary>
    private static string? FailureWords(string status)
    {
        foreach ((string name, string words) in Failures)
        {
            if (status.Contains(name, StringComparison.Ordinal))
            {
                return words;
            }
        }

        return null;
    }

    private static readonly (string Name, string Words)[] Failures =
    [
        ("WRONG_BASE_ROOT", "the chain's code has changed since this upgrade was made: make it again with theseus framework upgrade and propose that"),
        ("WRONG_EXPECTED_ROOT", "the published modules would not make the code root that was approved"),
        ("BROKEN_HOOK", "the new code lacks a function that the execution stack calls, or gives authority to another module"),
        ("PROBE_FAILED", "the new code was tried on a throw-away copy of the state and failed: it could not run blocks or replace itself any more, so it was not published"),
        ("MIGRATION_FAILED", "the new code failed on the chain's data"),
        ("BAD_SERVICE_EVENT", "an event for the protocol record is malformed or one too many"),
        ("SEVERAL_PUBLISHES", "a transaction publishes once"),
        ("FEE_UNPAID", "the sender spent the money for the fee"),
        ("BackwardIncompatibleModuleUpdate", "a module is incompatible with the one in force"),
        ("MissingDependency", "a module needs a native that not every execution stack in question has, or a module that is not there"),
        ("SCRIPT_NOT_APPROVED", "a script of this size is admitted only when governance approved it"),
        ("MAX_GAS_TOO_HIGH", "only an approved script may ask for so much gas"),
        ("INSUFFICIENT_BALANCE", "the sender cannot pay the fee"),
        ("Out of gas", "the gas limit does not suffice"),
    ];
}
