using System.Text;

namespace Theseus.Protocol;

/// <summary>
/// The acceptance rule of execution 1 as vectors, run at the start of every node: a library that judges one of them
/// otherwise would fork. The cases were derived by independent curve arithmetic; each refused one satisfies the
/// (cofactored or cofactorless) equation and must fall to exactly one rule.
/// </summary>
public static class Ed25519SelfTest
{
    /// <summary>One case.</summary>
    /// <param name="Name">What it shows.</param>
    /// <param name="PublicKey">Hexadecimal.</param>
    /// <param name="Message">ASCII.</param>
    /// <param name="Signature">Hexadecimal.</param>
    /// <param name="Accepted">The protocol's judgement.</param>
    public sealed record Case(string Name, string PublicKey, string Message, string Signature, bool Accepted);

    private const string Key = "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c";
    private const string MixedKey = "9ea3f11f5bd34f0cd7147fd0a436c088f624c6100c1df6a53c0a29e05d60cea0";
    private const string Identity = "0100000000000000000000000000000000000000000000000000000000000000";
    private const string FiveTimesBase =
        "edc876d6831fd2105d0b4389ca2e283166469289146e2ce06faefe98b22548df"
        + "0500000000000000000000000000000000000000000000000000000000000000";
    private const string Plain =
        "6afdec145308e60dcf7bafcf79801026dd4488218f56adfe5379468b4508e57d"
        + "eaedcd8fd338dd16787b6c0e0c6abfa230b5104bddea3dcc563a660a8f966707";

    /// <summary>RFC 8032's first vector, a valid signature, and one case for each rule that must refuse.</summary>
    public static IReadOnlyList<Case> Cases { get; } =
    [
        new("RFC 8032, test 1", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            + "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b", true),
        new("plain", Key, "theseus", Plain, true),
        new("another message", Key, "theseuS", Plain, false),
        new("S + L", Key, "theseus",
            "6afdec145308e60dcf7bafcf79801026dd4488218f56adfe5379468b4508e57d"
            + "d7c1c3eced9bef6e4e1864b1ea639eb730b5104bddea3dcc563a660a8f966717", false),
        new("torsion in R", Key, "theseus",
            "1341d03a690f9fe7ae70fe8753700a7623a6780a1ca12068b61452f206c780f4"
            + "f5efda5ac6890453ca109daa92a57b0f9c8605eff3d4895e47faeedcf786820a", false),
        new("torsion in the key, challenge not a multiple of 8", MixedKey, "theseus 0",
            "73b4fa613d4fcce027a1b925d3a8fc70a92e3b76cb8550f70b8d9b2f2f365ef3"
            + "3b64f1c42ce2c1bf4a7c9e3a54f3702d52d83b1957b255a98d985b1c6a082d0d", false),
        new("torsion in the key, challenge a multiple of 8", MixedKey, "theseus 3",
            "279629f64d28d0a5246c45a26ed0cf15ca4d9922e9a35119193766cc8103156b"
            + "8956ed1672b59e16b5151e73e9b8704343ed8f975f5513aaa77068cf8110ef01", true),
        new("small-order R", Key, "theseus",
            "0100000000000000000000000000000000000000000000000000000000000000"
            + "247bfad58d687ad4ad848a7201d273275d7749d6fbe6d679cf64c9980e76f605", false),
        new("small-order key: identity", Identity, "theseus", FiveTimesBase, false),
        new("small-order key: order 2", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "theseus 2",
            FiveTimesBase, false),
        new("key not canonical: y = p + 1", "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "theseus",
            FiveTimesBase, false),
    ];

    /// <summary>Runs every case.</summary>
    /// <returns>Null, or the name of the first case that the library judges otherwise.</returns>
    public static string? FirstFault()
    {
        foreach (Case test in Cases)
        {
            bool accepted = Ed25519.Verify(
                Convert.FromHexString(test.PublicKey), Encoding.ASCII.GetBytes(test.Message), Convert.FromHexString(test.Signature));
            if (accepted != test.Accepted)
            {
                return test.Name;
            }
        }

        return null;
    }
}
