using Theseus.Protocol;

namespace Theseus.Network;

/// <summary>Who a node is on the network: an Ed25519 key and the chain that it serves.</summary>
/// <param name="PublicKey">32 bytes.</param>
/// <param name="Sign">Signs a message with the node key: 64 bytes.</param>
/// <param name="Verify">Checks (public key, message, signature).</param>
/// <param name="Chain">Chain name.</param>
/// <param name="GenesisHash">Genesis hash.</param>
/// <param name="Software">Version text for people.</param>
/// <param name="Modules">Module ids that this node can run.</param>
public sealed record NodeIdentity(
    Hash32 PublicKey,
    Func<byte[], byte[]> Sign,
    Func<Hash32, byte[], byte[], bool> Verify,
    string Chain,
    Hash32 GenesisHash,
    string Software,
    IReadOnlyList<Hash32> Modules);
