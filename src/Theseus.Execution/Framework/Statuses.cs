using Theseus.Move.Format;
using Theseus.Move.Runtime;

namespace Theseus.Execution;

/// <summary>Majors of failures that no VM status names (execution 4); above all of the VM's.</summary>
public static class FailedMajor
{
    /// <summary>The body spent the money for the fee.</summary>
    public const ulong FeeUnpaid = 100_001;

    /// <summary>More than one publish request.</summary>
    public const ulong SeveralPublishes = 100_002;

    /// <summary>The bundle was built against other code.</summary>
    public const ulong WrongBaseRoot = 100_003;

    /// <summary>The code root that results is another than the approved one.</summary>
    public const ulong WrongExpectedRoot = 100_004;

    /// <summary>A hook is missing or has another signature, or a module of authority has another friend; sub is its index.</summary>
    public const ulong BrokenHook = 100_005;

    /// <summary>The new code failed to run the hooks or the ceremony; sub is the step.</summary>
    public const ulong ProbeFailed = 100_006;

    /// <summary>A service event cannot be converted, is too large, or is one too many.</summary>
    public const ulong BadServiceEvent = 100_007;

    /// <summary>Code after a publish failed in the publishing transaction.</summary>
    public const ulong MigrationFailed = 100_008;

    /// <summary>The stack to be scheduled lacks a native, with its signature, that the code in force declares.</summary>
    public const ulong StackLacksNative = 100_009;

    /// <summary>A publish of no modules.</summary>
    public const ulong EmptyBundle = 100_010;

    /// <summary>
    /// The one table of names that clients see for the major of a failure: the stack's own, then the machine's status codes.
    /// </summary>
    public static string Name(ulong major) => major switch
    {
        FeeUnpaid => "FEE_UNPAID",
        SeveralPublishes => "SEVERAL_PUBLISHES",
        WrongBaseRoot => "WRONG_BASE_ROOT",
        WrongExpectedRoot => "WRONG_EXPECTED_ROOT",
        BrokenHook => "BROKEN_HOOK",
        ProbeFailed => "PROBE_FAILED",
        BadServiceEvent => "BAD_SERVICE_EVENT",
        MigrationFailed => "MIGRATION_FAILED",
        StackLacksNative => "STACK_LACKS_NATIVE",
        EmptyBundle => "EMPTY_BUNDLE",
        _ => $"{(StatusCode)major}",
    };
}

/// <summary>From the VM's outcome to the committed status (execution 3).</summary>
internal static class Statuses
{
    public static TransactionStatus Of(VmStatus status) => status.Major switch
    {
        StatusCode.Executed => TransactionStatus.Success,
        StatusCode.Aborted => TransactionStatus.Aborted(status.Location.Module, status.Sub ?? 0),
        StatusCode.OutOfGas => TransactionStatus.OutOfGas,
        _ => TransactionStatus.Failed((ulong)status.Major, status.Sub, status.Location.Module),
    };

    /// <summary>
    /// Whether a status says that the machine or the store is broken, and not the transaction: operators are paged. A type that
    /// does not exist
    /// has a number of that range too, but any user can name one.
    /// </summary>
    public static bool IsBroken(ulong major) => major is >= 2_000 and < 3_000 and not (ulong)StatusCode.TypeResolutionFailure;

    /// <summary>For people, beside the receipt, never committed.</summary>
    public static FailurePlace? Place(VmStatus status) => status.IsSuccess
        ? null
        : new FailurePlace(
            status.Location.Module, status.Location.IsScript, status.Location.Function, status.Location.FunctionName,
                status.Location.Offset, status.Message);
}
