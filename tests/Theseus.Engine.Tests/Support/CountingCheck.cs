using Theseus.Consensus;

namespace Theseus.Engine.Tests;

/// <summary>Counts the signatures that are checked.</summary>
internal sealed class CountingCheck : ISignatureCheck
{
    public int Checks { get; set; }

    public bool Check(ByteString publicKey, ReadOnlySpan<byte> message, ByteString signature)
    {
        Checks++;
        return ((ISignatureCheck)Keys.Check).Check(publicKey, message, signature);
    }
}
