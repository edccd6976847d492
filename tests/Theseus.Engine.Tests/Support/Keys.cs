using Theseus.Consensus;

namespace Theseus.Engine.Tests;

/// <summary>A toy signature scheme: SHA3-256(public key | message).</summary>
internal sealed class Keys : ISignatureCheck
{
    public static readonly Keys Check = new();

    public static readonly SignContext Context = new("theseus-engine-test", new ValueId(new byte[32]), 1);

    public static ValidatorId IdOf(int i)
    {
        byte[] id = new byte[ValidatorId.Length];
        id[0] = (byte)(i + 1);
        return new ValidatorId(id);
    }

    public static ByteString PublicKeyOf(int i) => new([(byte)(i + 1), 0x55]);

    public static ValidatorSet SetOf(int validators) =>
        ValidatorSet.Create(
            Enumerable.Range(0, validators).Select(i => new Validator(IdOf(i), PublicKeyOf(i), 1)),
            new ValueId(Enumerable.Repeat((byte)7, 32).ToArray()));

    public static ByteString Sign(int i, ReadOnlySpan<byte> message) => new(Sha3.Hash256([.. PublicKeyOf(i).Span, .. message]));

    public static Signed<Vote> Sign(int i, Vote vote) => new(vote, Sign(i, SignBytes.Of(Context, vote)));

    bool ISignatureCheck.Check(ByteString publicKey, ReadOnlySpan<byte> message, ByteString signature) =>
        signature == new ByteString(Sha3.Hash256([.. publicKey.Span, .. message]));

    internal sealed class Key(int i) : ISigningKey
    {
        public int Signatures { get; private set; }

        public ByteString Sign(ReadOnlySpan<byte> message)
        {
            Signatures++;
            return Keys.Sign(i, message);
        }
    }
}
