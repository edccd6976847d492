namespace Theseus.Protocol.Tests;

/// <summary>The vectors of execution 1.</summary>
internal static class TransactionVectors
{
    public const string PublicKey = "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c";
    public const string Address1 = "7df415e5b21bdaa8b2946e8f1f4278b39904e51a69627494cd3e6f2996732fbd";
    public const string SingleKeyAddress = "bbe6af385b3f36c98c46770ac79c0db8f3c7d2a58addf0f567dfd38f8f34a036";
    public const string Raw1 =
        "7df415e5b21bdaa8b2946e8f1f4278b39904e51a69627494cd3e6f2996732fbd070000000000000002000000000000000000000000000000000000000000000000000000000000000104636f696e087472616e73666572010700000000000000000000000000000000000000000000000000000000000000010c746865736575735f636f696e0b54686573657573436f696e00022000000000000000000000000000000000000000000000000000000000000000b008e80300000000000080841e0000000000640000000000000000b33f710000000004";
    public const string Authenticator1 =
        "00208a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c40084ab967360bec06b794af3ffeaaf31d46195832ddee2a439fceca9d2dc5712a14bc609ce1d847b44b21331af740ab3fc6f912bde651fe0b9b76bbaca4807404";
    public const string Hash1 = "605844aa655c3536a27213ef0c899c1172c8ff5bc56340e83652e27edb35f561";
    public const string Authenticator2 =
        "040200208a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c00402b50bdc3865de878514e3aba1b7bba5ba258a3054848f70b7e0b447a51fdbf84f3c28ce8bdc2e7f62476d8538a9e73a0e8d1fdece1934e7d0e7b26c61ef4ef02";
    public const string Hash2 = "41eba94d7590234763cc1750443a8299639f1a4f7a8dd47781451ba8b790f849";
    public const string Raw3 =
        "7df415e5b21bdaa8b2946e8f1f4278b39904e51a69627494cd3e6f2996732fbd08000000000000000008a11ceb0b060000000202060109010500000000000000040301020305010300000000000000000000000000000000000000000000000000000000000000b0000902010000000000000000000000000000000602000703000000080400000000000000000000000000000000000000000000000000000000000000d007000000000000010000000000000000b33f710000000004";
    public const string Authenticator3 = "0020" + PublicKey
        + "40d82252e8ac5e345b026de88ad9b3d0c1e5309326d890b1ec3a7b974140de3928d8e2f9cdb2428af2bb01c72f4ebd9ea3b5e8c7103f7e323fa573c9f5d6e35204";
    public const string Hash3 = "0650e7d789832e1685490136ad9fc444632e6dbf7cd78d8ff44816da0ca7e5c3";

    public static byte[] Seed { get; } = [.. Enumerable.Repeat((byte)1, 32)];

    public static Address Recipient { get; } = Address.FromShort(0xb0);

    public static RawTransaction Transfer(string sender = Address1, byte chainId = 4) => new(
        Address.Parse(sender),
        7,
        new TransactionPayload.EntryFunction(
            new ModuleId(Address.One, "coin"),
            "transfer",
            [TypeTag.Of(new StructTag(Address.One, "theseus_coin", "TheseusCoin", []))],
            [Recipient.ToArray(), BitConverter.GetBytes(1000UL)]),
        2_000_000,
        100,
        1_900_000_000,
        chainId);

    public static byte[] Bytes(params string[] hex) => Convert.FromHexString(string.Concat(hex));
}
