using static Theseus.Protocol.Tests.TransactionVectors;

namespace Theseus.Protocol.Tests;

public class TransactionFormatTests
{
    [Fact]
    public void SaltsAreThoseOfTheWalletFormat()
    {
        Assert.Equal("b5e97db07fa0bd0e5598aa3643a9bc6f6693bddc1a9fec9e674a461eaa00b193", Hashing.Salt("APTOS::RawTransaction").ToString());
        Assert.Equal("fa210a9417ef3e7fa45bfa1d17a8dbd4d883711910a550d265fee189e9266dd4", Hashing.Salt("APTOS::Transaction").ToString());
    }

    [Fact]
    public void KeysAndAddressesOfVector1()
    {
        byte[] key = Ed25519.PublicKey(Seed);
        Assert.Equal(PublicKey, Convert.ToHexStringLower(key));
        Assert.Equal(Address1, AuthenticationKeys.OfEd25519(key).ToString());
        Assert.Equal(SingleKeyAddress, AuthenticationKeys.OfSingleKey(key).ToString());
    }

    [Fact]
    public void Vector1AnEntryCallWithAPlainSignature()
    {
        SignedTransaction signed = SignedTransaction.Sign(Transfer(), Seed);

        Assert.Equal(Raw1, Convert.ToHexStringLower(TransactionCodec.Encode(signed.Raw)));
        Assert.Equal(Raw1 + Authenticator1, Convert.ToHexStringLower(signed.Bytes));
        Assert.Equal(Hash1, signed.Hash.ToString());
        Assert.Equal(Address1, signed.Authenticator.AuthenticationKey().ToString());
        AssertDecodes(signed);
    }

    [Fact]
    public void Vector2ASingleKeySignature()
    {
        SignedTransaction signed = SignedTransaction.Sign(Transfer(SingleKeyAddress), Seed, AuthenticatorKind.SingleKey);

        Assert.Equal(SingleKeyAddress + Raw1[64..] + Authenticator2, Convert.ToHexStringLower(signed.Bytes));
        Assert.Equal(Hash2, signed.Hash.ToString());
        Assert.Equal(SingleKeyAddress, signed.Authenticator.AuthenticationKey().ToString());
        AssertDecodes(signed);
    }

    [Fact]
    public void Vector3AScriptWithEveryKindOfArgument()
    {
        byte[] four = new byte[32];
        four[0] = 4;
        byte[] one = new byte[16];
        one[0] = 1;
        RawTransaction raw = new(
            Address.Parse(Address1),
            8,
            new TransactionPayload.Script(
                Bytes("a11ceb0b06000000"),
                [TypeTag.U64, TypeTag.Vector(TypeTag.U8)],
                [
                    new ScriptArgument(ScriptArgumentKind.U64, BitConverter.GetBytes(5UL)),
                    new ScriptArgument(ScriptArgumentKind.Bytes, [3, 1, 2, 3]),
                    new ScriptArgument(ScriptArgumentKind.Bool, [1]),
                    new ScriptArgument(ScriptArgumentKind.Address, Recipient.ToArray()),
                    new ScriptArgument(ScriptArgumentKind.U8, [9]),
                    new ScriptArgument(ScriptArgumentKind.U128, one),
                    new ScriptArgument(ScriptArgumentKind.U16, [2, 0]),
                    new ScriptArgument(ScriptArgumentKind.U32, [3, 0, 0, 0]),
                    new ScriptArgument(ScriptArgumentKind.U256, four),
                ]),
            2000,
            1,
            1_900_000_000,
            4);
        SignedTransaction signed = SignedTransaction.Sign(raw, Seed);

        Assert.Equal(Raw3 + Authenticator3, Convert.ToHexStringLower(signed.Bytes));
        Assert.Equal(Hash3, signed.Hash.ToString());
        AssertDecodes(signed);
    }

    [Theory]
    [InlineData(ScriptArgumentKind.Serialized, "0201000000000000000200000000000000", "09110201000000000000000200000000000000")]
    [InlineData(ScriptArgumentKind.Bytes, "026869", "04026869")]
    public void SerializedArgumentsHaveTheFormOfTheVectors(ScriptArgumentKind kind, string value, string expected)
    {
        BcsWriter writer = new();
        TransactionCodec.Write(writer, new ScriptArgument(kind, Bytes(value)));
        Assert.Equal(expected, Convert.ToHexStringLower(writer.ToArray()));
    }

    [Fact]
    public void TheSignatureWrappedASecondTimeIsRefusedSoThatATransactionHasOneHash() =>
        AssertRefused(Bytes(Raw1, "04", Authenticator1), TransactionRefusalCode.UnsupportedAuthenticator);

    [Fact]
    public void ATrailingByteIsRefused() =>
        AssertRefused(Bytes(Raw1, Authenticator1, "00"), TransactionRefusalCode.TrailingBytes);

    [Fact]
    public void ALengthThatIsNotMinimalIsRefused()
    {
        // the length of "coin", 04, written as 8400
        int place = Raw1.IndexOf("04636f696e", StringComparison.Ordinal);
        AssertRefused(Bytes(Raw1[..place], "8400", Raw1[(place + 2)..], Authenticator1), TransactionRefusalCode.Malformed);

        // an empty list of type arguments as 8000
        string empty = Raw1.Replace("0b54686573657573436f696e00", "0b54686573657573436f696e8000", StringComparison.Ordinal);
        AssertRefused(Bytes(empty, Authenticator1), TransactionRefusalCode.BadTypeArgument);
    }

    [Fact]
    public void AnotherChainsTransactionIsRefused()
    {
        SignedTransaction signed = SignedTransaction.Sign(Transfer(chainId: 5), Seed);
        Assert.Equal(TransactionRefusalCode.WrongChainId, TransactionDecoding.Check(signed, 4, 0).Code);
        Assert.True(TransactionDecoding.Check(signed, 5, 0).IsNone);
    }

    [Fact]
    public void ASignatureWithSPlusLIsRefused()
    {
        string malleated = Authenticator1[..^64] + "019056f9fb3b5a0c22be2abdd53a8a54c6f912bde651fe0b9b76bbaca4807414";
        Assert.True(TransactionDecoding.TryDecode(Bytes(Raw1, malleated), out SignedTransaction? transaction).IsNone);
        Assert.Equal(TransactionRefusalCode.BadSignature, TransactionDecoding.Check(transaction!, 4, 0).Code);
    }

    [Fact]
    public void ATransactionExpiresInTheSecondThatItNames()
    {
        SignedTransaction signed = SignedTransaction.Sign(Transfer(), Seed);
        Assert.True(TransactionDecoding.Check(signed, 4, 1_899_999_999).IsNone);
        Assert.Equal(TransactionRefusalCode.Expired, TransactionDecoding.Check(signed, 4, 1_900_000_000).Code);
    }

    [Theory]
    [InlineData("01")]
    [InlineData("02")]
    [InlineData("03")]
    [InlineData("0401")]
    [InlineData("0403")]
    [InlineData("0404")]
    [InlineData("05")]
    public void OtherAuthenticatorsAreRefusedByNumber(string variant) =>
        AssertRefused(Bytes(Raw1, variant, Authenticator1[2..]), TransactionRefusalCode.UnsupportedAuthenticator);

    [Fact]
    public void TheBodilessAuthenticatorPassesInSimulationOnly()
    {
        AssertRefused(Bytes(Raw1, "0404"), TransactionRefusalCode.UnsupportedAuthenticator);
        Assert.True(TransactionDecoding.TryDecode(Bytes(Raw1, "0404"), out SignedTransaction? transaction, simulation: true).IsNone);
        Assert.Equal(AuthenticatorKind.None, transaction!.Authenticator.Kind);
        Assert.False(transaction.HasValidSignature());
    }

    [Theory]
    [InlineData("01")]
    [InlineData("03")]
    [InlineData("04")]
    [InlineData("7f")]
    public void OtherPayloadsAreRefusedByNumber(string variant)
    {
        string raw = Raw1[..80] + variant + Raw1[82..];
        TransactionRefusal refusal = TransactionDecoding.TryDecode(Bytes(raw, Authenticator1), out _);
        Assert.Equal($"UNSUPPORTED_PAYLOAD({Convert.ToInt32(variant, 16)})", refusal.ToString());
    }

    [Theory]
    [InlineData("05")] // signer
    [InlineData("0605")] // vector<signer>
    [InlineData("0b")] // unknown
    [InlineData("060606060606060601")] // depth 9
    public void BadTypeArgumentsAreRefused(string tag)
    {
        string raw = Raw1.Replace("0107" + "0000000000000000000000000000000000000000000000000000000000000001"
            + "0c746865736575735f636f696e0b54686573657573436f696e00", "01" + tag, StringComparison.Ordinal);
        Assert.NotEqual(Raw1, raw);
        AssertRefused(Bytes(raw, Authenticator1), TransactionRefusalCode.BadTypeArgument);
    }

    [Fact]
    public void ATypeOfDepth8IsAccepted()
    {
        string raw = Raw1.Replace("0107" + "0000000000000000000000000000000000000000000000000000000000000001"
            + "0c746865736575735f636f696e0b54686573657573436f696e00", "01" + "0606060606060601", StringComparison.Ordinal);
        Assert.True(TransactionDecoding.TryDecode(Bytes(raw, Authenticator1), out _).IsNone);
    }

    [Fact]
    public void AScriptArgumentOfAnUnknownKindIsRefused()
    {
        string broken = Raw3.Replace("b0000902", "b00a0902", StringComparison.Ordinal);
        Assert.NotEqual(Raw3, broken);
        AssertRefused(Bytes(broken, Authenticator3), TransactionRefusalCode.Malformed);
    }

    [Fact]
    public void EveryTruncationIsRefused()
    {
        byte[] whole = Bytes(Raw3, Authenticator3);
        for (int length = 0; length < whole.Length; length++)
        {
            Assert.False(TransactionDecoding.TryDecode(whole.AsSpan(0, length), out SignedTransaction? transaction).IsNone,
                $"length {length}");
            Assert.Null(transaction);
        }
    }

    [Fact]
    public void OnlyScriptsMayExceed64KiBAndOnlyByTheirCode()
    {
        Assert.True(Decode(Script(65_536 - 233)).IsNone);
        Assert.True(Decode(Script(900_000)).IsNone);
        Assert.Equal(TransactionRefusalCode.TooLarge, Decode(Script(900_000, argument: 5_000)).Code);
        Assert.Equal(TransactionRefusalCode.TooLarge, Decode(Script(1_048_577)).Code);
        Assert.True(TransactionLimits.NeedsApproval(65_537));
        Assert.False(TransactionLimits.NeedsApproval(65_536));

        RawTransaction call = Transfer() with
        {
            Payload = new TransactionPayload.EntryFunction(new ModuleId(Address.One, "m"), "f", [], [new byte[40_000], new byte[40_000]]),
        };
        Assert.Equal(TransactionRefusalCode.TooLarge, Decode(SignedTransaction.Sign(call, Seed)).Code);

        static TransactionRefusal Decode(SignedTransaction signed) => TransactionDecoding.TryDecode(signed.Bytes, out _);

        static SignedTransaction Script(int code, int argument = 0) => SignedTransaction.Sign(
            Transfer() with { Payload =
                new TransactionPayload.Script(new byte[code], [], argument == 0 ? []
                    : [new ScriptArgument(ScriptArgumentKind.Serialized, new byte[argument])]) },
            Seed);
    }

    [Theory]
    [InlineData("coin", true)]
    [InlineData("_x", true)]
    [InlineData("_", false)]
    [InlineData("9a", false)]
    [InlineData("a-b", false)]
    [InlineData("", false)]
    [InlineData("é", false)]
    public void IdentifiersAreLettersDigitsAndUnderscores(string text, bool valid) => Assert.Equal(valid, Identifiers.IsValid(text));

    [Fact]
    public void SystemHashesNameKindGenesisAndHeight()
    {
        // SHA3-256(SHA3-256("THESEUS::SystemTransaction") | 02 | 11 x 32 | 0500000000000000), by Python's hashlib
        Hash32 genesis = new([.. Enumerable.Repeat((byte)0x11, 32)]);
        Assert.Equal("80cd1dc43999d8cb85cb23ee9f10f014581c30a67dae5780eceda411d9151d47",
            SystemTransactions.Hash(SystemTransactionKind.Begin, genesis, 5).ToString());
        Assert.Equal("5007b21ee717d9b80e380fe725f60d86eb9fc91fe4a044f838f67e64000206f8", TableHandles.Of(genesis, 1).ToString());
    }

    [Fact]
    public void AViewRequestIsACallWithoutItsVariant()
    {
        byte[] bytes = Bytes(Raw1[82..^50]);
        Assert.True(TransactionDecoding.TryDecodeCall(bytes, out TransactionPayload.EntryFunction? call).IsNone);
        Assert.Equal("transfer", call!.Function);
        Assert.Equal(1000UL, BitConverter.ToUInt64(call.Arguments[1]));
        Assert.Equal(TransactionRefusalCode.Malformed, TransactionDecoding.TryDecodeCall([.. bytes, 0], out _).Code);
    }

    private static void AssertDecodes(SignedTransaction signed)
    {
        TransactionRefusal refusal = TransactionDecoding.TryDecode(signed.Bytes, out SignedTransaction? decoded);
        Assert.True(refusal.IsNone, refusal.ToString());
        Assert.Equal(signed.Bytes, SignedTransaction.Of(decoded!.Raw, decoded.Authenticator).Bytes);
        Assert.Equal(signed.Hash, decoded.Hash);
        Assert.True(TransactionDecoding.Check(decoded, 4, 1_000_000).IsNone);
    }

    private static void AssertRefused(byte[] bytes, TransactionRefusalCode code)
    {
        TransactionRefusal refusal = TransactionDecoding.TryDecode(bytes, out SignedTransaction? transaction);
        Assert.Equal(code, refusal.Code);
        Assert.Null(transaction);
    }
}
