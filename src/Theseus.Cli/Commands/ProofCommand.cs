using Theseus.Cli.Localnet;
using Theseus.Client;
using Theseus.Protocol;

namespace Theseus.Cli.Commands;

/// <summary>theseus query resource … --prove: takes value and path from one node, and believes only a header with its
/// certificate from another.</summary>
internal static class ProofCommand
{
    public static async Task<int> RunAsync(TheseusClient client, string address, string type, ulong? at, string? against, string? dir,
        bool json, CancellationToken cancellation)
    {
        if (!TypeText.TryParseStruct(type, out StructTag? tag))
        {
            throw new CommandFailure($"{type} is no struct type; write e.g. 0x1::account::Account", ExitCode.Usage);
        }

        LocalnetFile? localnet = LocalnetLayout.Of(dir).TryRead();
        using TheseusClient trusted = new(Trusted(client.Node, against, localnet));
        ProofInfo proof = await client.GetProofAsync(new ProofParams(address, type, null, null, at is ulong height
            ? At.AtHeight(height) : At.Sealed), cancellation);
        StatusInfo status = await trusted.StatusAsync(cancellation);
        At next = At.AtHeight(proof.Height + 1);
        BlockInfo block = await trusted.GetBlockAsync(next, "header", cancellation);
        RecordInfo record = await trusted.GetRecordAsync(next, cancellation);
        ChainIdentity chain = new(status.ChainId,
            Hash32.FromHex((localnet is not null && localnet.Chain == status.ChainId ? localnet.GenesisHash : status.GenesisHash)
            .Replace("0x", "", StringComparison.Ordinal)), (byte)status.TxChainId);
        if (at is ulong asked && asked != proof.Height)
        {
            throw new CommandFailure($"asked for height {asked}, the node proves {proof.Height}");
        }

        ProvenValue proven = ResourceProof.Check(
            chain, proof.Height, StateKey.Resource(Address.Parse(address), tag!), proof.Value is null ? null : Bytes(proof.Value),
                Bytes(proof.Proof), Bytes(proof.Result),
            new ProofAnchor(Bytes(block.HeaderBytes), Bytes(block.Certificate ?? "0x"), Bytes(record.Bytes)));
        if (json)
        {
            Terminal.Json(new
            {
                holds = proven.Holds,
                fault = proven.Fault.ToString(),
                detail = proven.Detail,
                height = proof.Height,
                address,
                type,
                value = proof.Value,
                stateRoot = "0x" + proven.StateRoot,
                signers = proven.Signers,
                validators = proven.Validators,
                from = client.Node,
                against = trusted.Node,
            });
        }
        else if (proven.Holds)
        {
            Terminal.Fields(
                ("type", type),
                ("height", proof.Height.ToString()),
                ("BCS", proof.Value ?? "absent"),
                ("proven", $"by header {proof.Height + 1} and {proven.Signers} of {proven.Validators} validators' signatures"),
                ("state root", "0x" + proven.StateRoot),
                ("from", client.Node.ToString()),
                ("against", trusted.Node.ToString()));
        }

        return proven.Holds ? ExitCode.Clean : json ? ExitCode.Failure
            : throw new CommandFailure(
                $"the proof does not hold: {proven.Fault}: {proven.Detail}; {client.Node} and {trusted.Node} do not agree");
    }

    /// <summary>Another node than the one that answers.</summary>
    private static Uri Trusted(Uri asked, string? against, LocalnetFile? localnet)
    {
        if (against is not null)
        {
            return Uri.TryCreate(against, UriKind.Absolute, out Uri? given) && given.Scheme is "http" or "https" ? given
                : throw new CommandFailure($"--against: not an http address: {against}", ExitCode.Usage);
        }

        return localnet?.Nodes.Select(node => new Uri(node.Url)).FirstOrDefault(url => url.Port != asked.Port)
            ?? throw new CommandFailure("give another node to check against: --against http://…", ExitCode.Configuration);
    }

    private static byte[] Bytes(string hex)
    {
        try
        {
            return Convert.FromHexString(hex.AsSpan(hex.StartsWith("0x", StringComparison.Ordinal) ? 2 : 0));
        }
        catch (FormatException)
        {
            throw new CommandFailure("a node answered something that is no hex");
        }
    }
}
