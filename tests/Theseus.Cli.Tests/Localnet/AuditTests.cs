using System.Text.Json.Nodes;
using Theseus.Consensus;
using Theseus.Engine;

namespace Theseus.Cli.Tests.Localnet;

public sealed class AuditTests : IDisposable
{
    private static readonly ValidatorId Liar = ValidatorId.FromHex(new string('a', 64));
    private static readonly ValidatorId Other = ValidatorId.FromHex(new string('b', 64));
    private static readonly ValueId One = new([.. Enumerable.Repeat((byte)1, 32)]);
    private static readonly ValueId Two = new([.. Enumerable.Repeat((byte)2, 32)]);

    private readonly string _folder = Directory.CreateTempSubdirectory("theseus-audit-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task TwoVotesOfOneValidatorInTwoLogsAreFoundWithBothVotes()
    {
        Log("a", Own(Vote(VoteType.Prevote, 5, 0, One, Liar)), Own(Vote(VoteType.Precommit, 5, 0, One, Liar)));
        Log("b", Own(Vote(VoteType.Precommit, 5, 0, null, Liar)), Own(Vote(VoteType.Prevote, 5, 0, One, Other)));

        Ended ended = await AuditAsync("a", "b");
        Assert.Equal(1, ended.Code);
        JsonNode conflict = Assert.Single(JsonNode.Parse(ended.Output)!["conflicts"]!.AsArray())!;
        Assert.Equal(One.ToString(), conflict["first"]!["value"]!.GetValue<string>());
        Assert.Null(conflict["second"]!["value"]);
        foreach (JsonNode? vote in (JsonNode?[])[conflict["first"], conflict["second"]])
        {
            Assert.Equal(Liar.ToString(), vote!["validator"]!.GetValue<string>());
            Assert.Equal(("5", 0, "Precommit"),
                (vote["height"]!.GetValue<string>(), vote["round"]!.GetValue<int>(), vote["type"]!.GetValue<string>()));
        }

        Ended text = await TheseusCommand.RunAsync("db", "audit-votes", Path.Combine(_folder, "a"), Path.Combine(_folder, "b"));
        Assert.Equal(1, text.Code);
        Assert.Contains($"validator {Liar} signed two Precommits in height 5 round 0", text.Output);
        Assert.Contains("value nil", text.Output);
        Assert.Contains(One.ToString(), text.Output);
    }

    [Theory] // fault 31: a command that reads a node's data says of its damage what the node says
    [InlineData("no manifest", "delete it and sync again")]
    [InlineData("MANIFEST-000001\n", "delete it and sync again")]
    public async Task DamagedChainDataIsOneLineWithAdvice(string current, string advice)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "CURRENT"), current);
        await File.WriteAllBytesAsync(Path.Combine(_folder, "MANIFEST-000001"), [.. Enumerable.Repeat((byte)7, 4096)]);
        Ended ended = await TheseusCommand.RunAsync("db", "supply", "--dir", _folder);
        Assert.Equal(4, ended.Code);
        string line = Assert.Single(ended.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(advice, line);
        Assert.DoesNotContain(".;", line);
        Assert.DoesNotContain("  ", line);
    }

    [Fact]
    public async Task ACertificateThatNamesAValidatorContradictsItsVoteElsewhere()
    {
        ByteString signature = new(new byte[64]);
        CommitCertificate certificate = new(7, 1, Two, [new(Liar, signature), new(Other, signature)]);
        Log("a", (EntryKind.Message, Canonical.Encode(new ConsensusMessage.OfCommit(certificate))));
        Log("b", Own(Vote(VoteType.Precommit, 7, 1, One, Liar)));
        Ended ended = await AuditAsync("a", "b");
        Assert.Equal(1, ended.Code);
        Assert.Single(JsonNode.Parse(ended.Output)!["conflicts"]!.AsArray());
    }

    [Fact]
    public async Task EqualVotesAndVotesOfOtherRoundsTypesAndHeightsAreNoConflict()
    {
        Log("a",
            Own(Vote(VoteType.Prevote, 5, 0, One, Liar)), Own(Vote(VoteType.Precommit, 5, 0, null, Liar)),
                Own(Vote(VoteType.Prevote, 5, 1, Two, Liar)),
            Own(Vote(VoteType.Prevote, 6, 0, Two, Liar)));
        Log("b", Own(Vote(VoteType.Prevote, 5, 0, One, Liar)), Own(Vote(VoteType.Prevote, 5, 0, Two, Other)));
        Ended ended = await AuditAsync("a", "b");
        Assert.Equal(0, ended.Code);
        JsonNode audit = JsonNode.Parse(ended.Output)!;
        Assert.True(audit["clean"]!.GetValue<bool>());
        Assert.Equal(5, audit["votes"]!.GetValue<int>()); // four of one, one of the other; the repeated one counts once
        Assert.Equal(6, audit["own"]!.GetValue<int>());
        Assert.Equal(("5", "6"), (audit["heights"]!["from"]!.GetValue<string>(), audit["heights"]!["to"]!.GetValue<string>()));
    }

    [Fact]
    public async Task ATornTailIsCountedAndWhatIsBeforeItIsRead()
    {
        Log("a", Own(Vote(VoteType.Prevote, 5, 0, One, Liar)), Own(Vote(VoteType.Prevote, 5, 0, Two, Liar)));
        string file = Directory.GetFiles(Path.Combine(_folder, "a", "consensus"), "log-*").Single();
        // behind it lies reserved space, which is no damage
        int written = (await File.ReadAllBytesAsync(file)).AsSpan().TrimEnd((byte)0).Length;
        Ended whole = await AuditAsync("a");
        Assert.Equal(1, whole.Code);
        Assert.Equal((2L, 0L), Counted(whole));

        await using (FileStream stream = new(file, FileMode.Open))
        {
            stream.SetLength(written - 1); // the second vote's entry is torn
        }

        Ended ended = await AuditAsync("a");
        Assert.Equal(0, ended.Code);
        (long entries, long unread) = Counted(ended);
        Assert.Equal(1, entries);
        Assert.True(unread > 100);

        static (long Entries, long Unread) Counted(Ended ended)
        {
            JsonNode log = JsonNode.Parse(ended.Output)!["logs"]!.AsArray()[0]!;
            return (log["entries"]!.GetValue<long>(), log["unreadBytes"]!.GetValue<long>());
        }
    }

    [Fact]
    public async Task AFolderWithoutALogIsAClearError()
    {
        Ended ended = await AuditAsync("nothing");
        Assert.Equal(4, ended.Code);
        Assert.Contains("no consensus log in", ended.Errors);
    }

    private static Signed<Vote> Vote(VoteType type, ulong height, int round, ValueId? value, ValidatorId validator) =>
        new(new Vote(type, height, round, value, Rounds.Nil, validator), new ByteString(new byte[64]));

    private static (EntryKind, byte[]) Own(Signed<Vote> vote) => (EntryKind.Input, InputEncoding.Encode(new Input.OwnVote(vote)));

    private void Log(string name, params (EntryKind Kind, byte[] Body)[] entries)
    {
        using FileDisk disk = new(Path.Combine(_folder, name, "consensus"), TimeProvider.System);
        ChainedLog log = ChainedLog.Open(disk, null);
        foreach ((EntryKind kind, byte[] body) in entries)
        {
            log.Append(kind, body);
        }

        log.Flush();
        log.File.Dispose();
    }

    private Task<Ended> AuditAsync(params string[] names) =>
        TheseusCommand.RunAsync(["db", "audit-votes", "--json", .. names.Select(name => Path.Combine(_folder, name))]);
}
