using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>A served height that was found good; kept, so that it is not checked again.</summary>
/// <param name="Item">What was served: its content is good.</param>
/// <param name="Certificate">A certificate for its value, its own or one that was verified before; null if the core has one.</param>
/// <param name="Set">The validators that it was checked against.</param>
internal sealed record CheckedHeight(DecidedHeight Item, Verified<CommitCertificate>? Certificate, ValidatorSet Set);
