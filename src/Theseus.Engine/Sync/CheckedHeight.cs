using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>A served height whose certificate and content were found good; kept, so that neither is checked again.</summary>
/// <param name="Item">What was served.</param>
/// <param name="Certificate">Its certificate.</param>
/// <param name="Set">The validators it was checked against.</param>
internal sealed record CheckedHeight(DecidedHeight Item, Verified<CommitCertificate> Certificate, ValidatorSet Set);
