using Theseus.Consensus;
using Theseus.Protocol;

namespace Theseus.Client;

/// <summary>Why a proof is not believed.</summary>
public enum ProofFault
{
    /// <summary>It holds.</summary>
    None = 0,

    /// <summary>The header's bytes are not a header.</summary>
    MalformedHeader,

    /// <summary>The certificate's bytes are not a commit certificate.</summary>
    MalformedCertificate,

    /// <summary>The record's bytes are not a protocol record that this software knows.</summary>
    MalformedRecord,

    /// <summary>The result's bytes are not a block result.</summary>
    MalformedResult,

    /// <summary>The path's bytes are not a state proof.</summary>
    MalformedPath,

    /// <summary>The header is of another chain.</summary>
    OtherChain,

    /// <summary>The header is not the one after the proven height.</summary>
    OtherHeight,

    /// <summary>The header does not commit to this record, or the record's set is not the header's.</summary>
    OtherRecord,

    /// <summary>The certificate is for another block.</summary>
    OtherBlock,

    /// <summary>The certificate lacks power, or a signature or signer is wrong.</summary>
    BadCertificate,

    /// <summary>The header does not commit to this result.</summary>
    OtherResult,

    /// <summary>The path does not lead from key and value to the result's state root.</summary>
    WrongPath,
}

/// <summary>What a proof is checked against: a header, who decided it and under which record.</summary>
/// <param name="Header">Canonical bytes of header(H + 1).</param>
/// <param name="Certificate">Canonical bytes of a commit certificate for it.</param>
/// <param name="Record">Model number and canonical bytes of record(H + 1), which names the validators.</param>
public sealed record ProofAnchor(byte[] Header, byte[] Certificate, byte[] Record);

/// <summary>What a checked proof says.</summary>
/// <param name="Fault">None when it holds; all else is meaningful only then.</param>
/// <param name="Detail">For people.</param>
/// <param name="Height">The height after which the value stands.</param>
/// <param name="Value">The value; null when the key is proven absent.</param>
/// <param name="StateRoot">The root that it leads to.</param>
/// <param name="Signers">Validators in the certificate.</param>
/// <param name="Validators">Validators in the set.</param>
public sealed record ProvenValue(ProofFault Fault, string Detail, ulong Height, byte[]? Value, Hash32 StateRoot, int Signers,
    int Validators)
{
    /// <summary>Whether the value is proven.</summary>
    public bool Holds => Fault == ProofFault.None;
}

/// <summary>
/// Checks that a key had a value, or none, after a height, believing only a header with its certificate: certificate →
/// header(H + 1) → result(H) → state root → path → value (docs/protocol/proof.md). The validators come from the record that the
/// header commits to; whoever gives that header decides which chain is meant, so it is taken from another node than the proof.
/// </summary>
public static class ResourceProof
{
    /// <summary>Checks one answer.</summary>
    /// <param name="chain">The chain: its name and genesis hash are in every signature.</param>
    /// <param name="height">The height that is asked about.</param>
    /// <param name="key">The key that is asked about; never the one that the answer names.</param>
    /// <param name="value">The value as answered; null for absent.</param>
    /// <param name="path">Canonical bytes of the state proof as answered.</param>
    /// <param name="result">Canonical bytes of result(height) as answered.</param>
    /// <param name="anchor">What is believed.</param>
    public static ProvenValue Check(ChainIdentity chain, ulong height, StateKey key, byte[]? value, byte[] path, byte[] result,
        ProofAnchor anchor)
    {
        if (BlockCodec.TryDecodeHeader(anchor.Header, out string? fault) is not { } header)
        {
            return Refused(ProofFault.MalformedHeader, fault!);
        }

        if (header.ChainId != chain.Name)
        {
            return Refused(ProofFault.OtherChain, $"the header is of chain {header.ChainId}, not of {chain.Name}");
        }

        if (header.Height != height + 1)
        {
            return Refused(ProofFault.OtherHeight,
                $"the header is of block {header.Height}; the state after {height} is agreed in block {height + 1}");
        }

        if (CheckCertificate(chain, header, anchor, out int signers, out int validators) is { } refused)
        {
            return refused;
        }

        Hash32 root;
        try
        {
            BlockResultSummary summary = ResultCodec.Decode(result);
            if (header.ParentResult != ResultCodec.IdOf(summary) || summary.Height != height)
            {
                return Refused(ProofFault.OtherResult, "the header commits to another result");
            }

            root = summary.StateRoot;
        }
        catch (BcsException e)
        {
            return Refused(ProofFault.MalformedResult, e.Message);
        }

        try
        {
            return SparseMerkle.Verify(root, key, value, StateProof.Decode(path))
                ? new ProvenValue(ProofFault.None, "", height, value, root, signers, validators)
                : Refused(ProofFault.WrongPath, $"the path does not lead to the state root {root}");
        }
        catch (BcsException e)
        {
            return Refused(ProofFault.MalformedPath, e.Message);
        }
    }

    private static ProvenValue? CheckCertificate(ChainIdentity chain, BlockHeader header, ProofAnchor anchor, out int signers,
        out int validators)
    {
        (signers, validators) = (0, 0);
        if (Canonical.TryDecodeCommit(anchor.Certificate, out string? fault) is not { } certificate)
        {
            return Refused(ProofFault.MalformedCertificate, fault!);
        }

        if (certificate.Height != header.Height || ValidatorSets.ToHash(certificate.Value) != BlockCodec.IdOf(header))
        {
            return Refused(ProofFault.OtherBlock, $"the certificate is for {certificate.Value} at {certificate.Height}");
        }

        Verifier verifier;
        try
        {
            ProtocolRecord record = RecordModels.Known.Decode(anchor.Record);
            RecordedSet? set = ValidatorSets.TryRecord(record.SetNow.Epoch, record.SetNow.Validators, out _);
            if (RecordModels.Known.Id(record) != header.RecordId || set?.Id != header.SetId)
            {
                return Refused(ProofFault.OtherRecord, "the header commits to another record or validator set");
            }

            // The record of a height names that height's set and consensus version: to the next height, its parent's.
            verifier = RecordStep.Advance(record, header.Height + 1).ParentVerifier(chain, Ed25519Check.Instance);
        }
        catch (Exception e) when (e is BcsException or UnsupportedRecordException or ArgumentException or InvalidOperationException)
        {
            return Refused(ProofFault.MalformedRecord, e.Message);
        }

        (signers, validators) = (certificate.Signatures.Count, verifier.Set.Count);
        return verifier.Verify(certificate, out Refusal refusal) is null ? Refused(ProofFault.BadCertificate, refusal.ToString()) : null;
    }

    private static ProvenValue Refused(ProofFault fault, string detail) => new(fault, detail, 0, null, Hash32.Zero, 0, 0);
}
