using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>A key on this machine with its mark in a file of its own.</summary>
/// <param name="key">The key.</param>
/// <param name="disk">The disk of the mark and of the log.</param>
/// <param name="file">The mark's name.</param>
public sealed class LocalSigner(ISigningKey key, IDisk disk, string file = "mark") : ISigner
{
    private readonly MarkFile _mark = new(disk, file);

    /// <inheritdoc/>
    public Mark? Mark => _mark.Current;

    /// <summary>Why it is unknown what was signed, so that everything is refused; null while it is known.</summary>
    public string? Fault => _mark.Fault;

    /// <inheritdoc/>
    public IDiskFile? MarkFile => _mark.File;

    /// <inheritdoc/>
    public SignOutcome Sign(SignRequest request)
    {
        if (_mark.Fault is not null)
        {
            return new SignOutcome.Refused(null);
        }

        if (_mark.Current is { } mark)
        {
            int order = (request.Height, request.Round, request.Kind).CompareTo((mark.Height, mark.Round, mark.Kind));
            if (order == 0 && request.SignBytes.AsSpan().SequenceEqual(mark.SignBytes))
            {
                return new SignOutcome.Signature(mark.Signature); // C43: never signed again
            }

            if (order <= 0)
            {
                return new SignOutcome.Refused(mark);
            }
        }

        ByteString signature = key.Sign(request.SignBytes);
        _mark.Write(new Mark(request.Height, request.Round, request.Kind, request.SignBytes, signature, request.LogHead));
        return new SignOutcome.Signature(signature);
    }

    /// <inheritdoc/>
    public ByteString? SignUnmarked(SignKind kind, ReadOnlySpan<byte> signBytes) =>
        kind is SignKind.Proposal or SignKind.Prevote or SignKind.Precommit
            ? throw new ArgumentException("this kind is signed under the mark", nameof(kind))
            : key.Sign(signBytes);
}
