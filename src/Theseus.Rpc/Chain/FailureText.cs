using Theseus.Client;
using Theseus.Execution;
using Theseus.Protocol;

namespace Theseus.Rpc;

/// <summary>The edge where statuses become words and API records; nothing in the node reads them back.</summary>
public static class FailureText
{
    /// <summary>What a client learns of a failure, null for a success.</summary>
    public static FailureInfo? Of(TransactionStatus status, FailurePlace? place)
    {
        string? module = (status.Module ?? place?.Module)?.ToString();
        int? offset = place is { IsInCode: true } ? place.Offset : null;
        FailureInfo failure = new("", module, 0, null, null, status.Hook, place?.FunctionName, offset, place?.Message ?? "");
        return status.Kind switch
        {
            StatusKind.Success => null,
            StatusKind.Aborted => failure with { Kind = FailureKinds.Aborted, Code = status.Code },
            StatusKind.OutOfGas => failure with { Kind = FailureKinds.OutOfGas },
            StatusKind.Failed => failure with { Kind = FailureKinds.Failed, Code = status.Major, Name = FailedMajor.Name(status.Major),
                Sub = status.Sub },
            StatusKind.Skipped => failure with { Kind = FailureKinds.Skipped, Code = status.Reason,
                Name = ((RefusalReason)status.Reason).Name() },
            _ => failure with { Kind = FailureKinds.HookFailed, Code = status.Major, Name = FailedMajor.Name(status.Major),
                Sub = status.Code },
        };
    }

    /// <summary>A status in words.</summary>
    public static string Words(TransactionStatus status) => status.Kind switch
    {
        StatusKind.Success => "Executed successfully",
        StatusKind.Aborted => $"Aborted in {status.Module?.ToString() ?? "the script"} with code 0x{status.Code:x}",
        StatusKind.OutOfGas => "Out of gas",
        StatusKind.Failed => $"Failed with {FailedMajor.Name(status.Major)}{(status.Sub is null ? "" : $" ({status.Sub})")}"
            + (status.Module is null ? "" : $" in {status.Module}"),
        StatusKind.Skipped => $"Skipped: {((RefusalReason)status.Reason).Name()}",
        _ => $"Hook {status.Hook} failed with {FailedMajor.Name(status.Major)} {status.Code}",
    };

    /// <summary>Status and place in one sentence. What went wrong before any code ran is said first.</summary>
    public static string Sentence(TransactionStatus status, FailurePlace? place) =>
        place is null ? Words(status)
        : place.IsInCode || place.Message.Length == 0 ? $"{Words(status)} {place}".TrimEnd()
        : $"{place.Message} ({Words(status)})";
}
