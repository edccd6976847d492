namespace Theseus.Cli.Tests.Localnet;

/// <summary>Tests of minutes: run by ./test --long.</summary>
internal static class LongTests
{
    public static bool Run => Environment.GetEnvironmentVariable("THESEUS_LONG") == "1";

    public static void Only() => Assert.SkipUnless(Run, "a long test: ./test --long");
}
