using Theseus.Client;

namespace Theseus.Cli;

/// <summary>A node's refusal in the words of a command line: without parameter paths of the protocol, and with what to do.</summary>
internal static class RpcWords
{
    /// <summary>The sentence for a refusal.</summary>
    public static string Of(RpcException refused) => refused.Code switch
    {
        ErrorCodes.InvalidParams => Own(refused.Message),
        ErrorCodes.HeightAhead => $"{Own(refused.Message)}; the newest block is shown by: theseus query status",
        ErrorCodes.HeightPruned => $"{Own(refused.Message)}; ask a node that keeps more, with --url",
        ErrorCodes.ModuleMissing => $"{Own(refused.Message)}; this node's software is too old for that height",
        ErrorCodes.Busy => $"the node is busy: {Own(refused.Message)}; try again in a moment",
        ErrorCodes.MethodNotFound =>
            $"the node does not know this request: {Own(refused.Message)}; its software may be older than this command",
        _ => Own(refused.Message),
    };

    // "params.arguments[0]: …" names a field of the request, which the user of a command never wrote.
    private static string Own(string message)
    {
        string text = message.ReplaceLineEndings(" ").Trim().TrimEnd('.');
        foreach ((string field, string word) in Fields)
        {
            if (text.StartsWith(field, StringComparison.Ordinal))
            {
                text = word + text[field.Length..];
                break;
            }
        }

        return text.StartsWith("params.", StringComparison.Ordinal) ? text["params.".Length..] : text;
    }

    private static readonly (string Field, string Word)[] Fields =
    [
        ("params.arguments", "--arg "), ("params.typeArguments", "--type "), ("params.at", "--at"), ("params.function", "the function"),
        ("params.address", "the address"), ("params.hash", "the hash"), ("params.name", "the module"), ("params.type", "the type"),
        ("params.detail", "--detail"), ("params.limit", "--limit"), ("params.before", "--before"),
    ];
}
