using System.Security.Cryptography;

namespace Theseus.Execution.Tests;

/// <summary>
/// The frozen corpus of each stack, replayed: byte-equal or the stack is no longer the one that chains run (execution 5). A stack that is
/// still open may be rewritten with THESEUS_WRITE_CORPUS=1; a closed one never.
/// </summary>
public class CorpusTests
{
    private const int Seed = 1_305;
    private const int Blocks = 600;

    private static string PathOf(string name)
    {
        string folder = AppContext.BaseDirectory;
        while (!Directory.Exists(Path.Combine(folder, "tests", "Theseus.Execution.Tests", "Corpus")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return Path.Combine(folder, "tests", "Theseus.Execution.Tests", "Corpus", name);
    }

    private static IExecutionStack Fresh(string stack) => StackTable.Of([stack]).Entries.Single().Create();

    [Theory]
    [MemberData(nameof(Chain.StackNames), MemberType = typeof(Chain))]
    public void EveryResultIsTheFrozenOne(string stack)
    {
        if (Environment.GetEnvironmentVariable("THESEUS_WRITE_CORPUS") == "1")
        {
            CorpusFile made = CorpusGenerator.Make(stack, Seed, Blocks);
            File.WriteAllBytes(PathOf(stack + ".corpus"), made.Encode());
            File.WriteAllText(PathOf(stack + ".results"), string.Join('\n', made.Replay(Fresh(stack))) + "\n");
        }

        CorpusFile corpus = CorpusFile.Decode(File.ReadAllBytes(PathOf(stack + ".corpus")));
        Assert.Equal(File.ReadAllLines(PathOf(stack + ".results")), corpus.Replay(Fresh(stack)));
    }

    /// <summary>The stack's id names its corpus: SHA-256 of the two files' SHA-256, transactions first (docs/protocol/stack.md).</summary>
    [Theory]
    [MemberData(nameof(Chain.StackNames), MemberType = typeof(Chain))]
    public void TheStackNamesItsCorpus(string stack)
    {
        byte[][] hashes = [.. ((string[])[".corpus", ".results"]).Select(end => SHA256.HashData(File.ReadAllBytes(PathOf(stack + end))))];
        Assert.Equal(new Hash32(SHA256.HashData([.. hashes[0], .. hashes[1]])), Fresh(stack).Manifest.VectorsHash);
    }

    [Fact]
    public void ItHoldsEveryKindOfResult()
    {
        string[] lines = File.ReadAllLines(PathOf(Chain.Oldest.Name + ".results"));
        Assert.All(["Success", "Aborted", "OutOfGas", "Failed", "Skipped"], kind =>
            Assert.True(lines.Count(line => line.Contains($" {kind} ", StringComparison.Ordinal)) > 20, kind));
        Assert.True(lines.Count(line => line.Contains(" SystemAborted ", StringComparison.Ordinal)) >= 5);
        Assert.All([FailedMajor.ProbeFailed, FailedMajor.WrongBaseRoot, FailedMajor.WrongExpectedRoot, 1096ul], major =>
            Assert.Contains(lines, line => line.Contains($" Failed {major}.", StringComparison.Ordinal)));
        Assert.True(lines.Count(line => line.Contains(" admit ", StringComparison.Ordinal)) >= 300);
        Assert.True(lines.Length >= 10_000); // execution 4
    }

    [Fact]
    public void ItSeesAChangeOfARule()
    {
        CorpusFile corpus = CorpusFile.Decode(File.ReadAllBytes(PathOf(Chain.Oldest.Name + ".corpus")));
        string[] frozen = File.ReadAllLines(PathOf(Chain.Oldest.Name + ".results"));
        StackRules rules = Chain.Oldest;
        StackRules[] changed =
        [
            rules with { Move = rules.Move with { Gas = rules.Move.Gas with { Call = rules.Move.Gas.Call + 1 } } },
            rules with { Move = rules.Move with { Behaviours =
                new Theseus.Move.Rules.Behaviours { StringIndexOfAbsentIsLength = !rules.Move.Behaviours.StringIndexOfAbsentIsLength } } },
            rules with { Transactions = rules.Transactions with { PublishGasPerByte = rules.Transactions.PublishGasPerByte + 1 } },
        ];
        Assert.All(changed, other => Assert.NotEqual(frozen, corpus.Replay(new RuleStack(other))));
    }
}
