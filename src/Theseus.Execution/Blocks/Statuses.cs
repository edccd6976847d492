using Theseus.Move.Format;
using Theseus.Move.Runtime;

namespace Theseus.Execution;

/// <summary>Reasons of skipped transactions: abort codes of the prologue as they are (1001 and up), the stack's own from 2000, refusals of decoding from 3000.</summary>
public static class SkipReason
{
    /// <summary>The block has too little gas left; the only reason that is worth another try.</summary>
    public const ushort BlockGas = 2000;

    /// <summary>The prologue failed otherwise than by an abort code.</summary>
    public const ushort PrologueFailed = 2001;

    /// <summary>The maximum gas is above the cap.</summary>
    public const ushort MaxGasTooHigh = 2002;

    /// <summary>The maximum gas does not pay for the transaction's bytes.</summary>
    public const ushort MaxGasTooLow = 2003;

    /// <summary>An oversize transaction whose script nobody approved.</summary>
    public const ushort NotApproved = 2004;

    /// <summary>The fee could not be taken even after the body was dropped: an alarm.</summary>
    public const ushort EpilogueFailed = 2005;

    public const ushort FirstRefusal = 3000;

    /// <summary>The name of a reason for people and clients.</summary>
    public static string Name(ushort reason) => reason switch
    {
        1001 => "INVALID_AUTH_KEY",
        1002 => "SEQUENCE_NUMBER_TOO_OLD",
        1003 => "SEQUENCE_NUMBER_TOO_NEW",
        1004 => "ACCOUNT_DOES_NOT_EXIST",
        1005 => "INSUFFICIENT_BALANCE_FOR_TRANSACTION_FEE",
        1006 => "TRANSACTION_EXPIRED",
        1007 => "BAD_CHAIN_ID",
        1008 => "SEQUENCE_NUMBER_TOO_BIG",
        1009 => "GAS_PRICE_TOO_LOW",
        BlockGas => "BLOCK_GAS",
        PrologueFailed => "PROLOGUE_FAILED",
        MaxGasTooHigh => "MAX_GAS_TOO_HIGH",
        MaxGasTooLow => "MAX_GAS_TOO_LOW",
        NotApproved => "SCRIPT_NOT_APPROVED",
        EpilogueFailed => "EPILOGUE_FAILED",
        >= FirstRefusal => new TransactionRefusal((TransactionRefusalCode)(reason - FirstRefusal)).Name,
        _ => $"SKIPPED_{reason}",
    };
}

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
    /// Whether a status says that the machine or the store is broken, and not the transaction: operators are paged. A type that does not exist
    /// has a number of that range too, but any user can name one.
    /// </summary>
    public static bool IsBroken(ulong major) => major is >= 2_000 and < 3_000 and not (ulong)StatusCode.TypeResolutionFailure;

    public static VmStatus Bug(Exception bug) => new(StatusCode.UnknownInvariantViolation, null, VmLocation.Undefined, $"{bug.GetType().Name}: {bug.Message}");

    /// <summary>For people, beside the receipt, never committed.</summary>
    public static string? Place(VmStatus status) => status.IsSuccess ? null : status.ToString();
}
