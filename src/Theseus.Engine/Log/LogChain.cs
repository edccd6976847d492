using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>One head of the log from the last: SHA3-256(head | kind | body).</summary>
internal sealed class LogChain
{
    private readonly CanonicalWriter _bytes = new(1024);

    public ValueId Chain(ValueId head, EntryKind kind, ReadOnlySpan<byte> body)
    {
        Span<byte> digest = stackalloc byte[Sha3.Length];
        const int OneBlock = 1024;
        if (body.Length <= OneBlock)
        {
            Sha3.Hash256(_bytes.Clear().Value(head).U8((byte)kind).Raw(body).Written, digest);
        }
        else
        {
            Sha3.Begin().Append(_bytes.Clear().Value(head).U8((byte)kind).Written).Append(body).Finish(digest);
        }

        return new ValueId(digest);
    }
}
