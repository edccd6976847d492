using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Theseus.Cli.Tests.Usage;

/// <summary>Whatever is wrong in a node's home folder is named in one line, with exit code 3 and no node started.</summary>
public sealed class NodeConfigTests
{
    private const string Right = """
        {
          "name": "n1", "role": "validator", "bind": "127.0.0.1", "ports": { "rpc": 0, "consensus": 0, "sync": 0, "mempool": 0,
              "admin": 0 },
          "genesis": "genesis.blob", "keyFile": "node.key", "validator": "0x1",
          "peers": [ { "name": "n2", "key": "KEY", "host": "peer.invalid", "consensusPort": 7111, "syncPort": 7112, "mempoolPort": 7113 } ],
          "retention": 100, "stacks": null
        }
        """;

    /// <summary>What is changed in node.json ("=" sets, "!" takes away), and what the line must name.</summary>
    private static readonly (string Change, string Named)[] Changes =
    [
        ("ports.rpc=-1", "ports.rpc"), ("ports.rpc=65536", "ports.rpc"), ("ports.sync=1.5", "ports.sync"), ("ports.sync=\"7100\"",
            "ports.sync"),
        ("ports.mempool=null", "ports.mempool"), ("ports.mempool!", "ports.mempool"), ("ports.consensus=1e30", "ports.consensus"), (
            "ports=null", "ports"),
        ("ports=[]", "ports"), ("ports!", "ports"), ("ports.extra=1", "ports.extra"), (
            "ports={\"rpc\":7100,\"consensus\":7100,\"sync\":0,\"mempool\":0}", "rpc and consensus"),
        ("bind=null", "bind"), ("bind=\"\"", "bind"), ("bind=\"localhost\"", "bind"), ("bind=7", "bind"), ("bind!", "bind"), ("name=null",
            "name"), ("name!", "name"),
        ("name=\"a\\u001b[31m\"", "name"), ("role=\"captain\"", "role"), ("role=null", "role"), ("role=0", "role"), ("role!", "role"), (
            "genesis=null", "genesis"),
        ("genesis!", "genesis"), ("genesis=\"none.blob\"", "none.blob"), ("genesis=\".\"", "genesis"), ("keyFile=null", "keyFile"), (
            "keyFile!", "keyFile"),
        ("keyFile=7", "keyFile"), ("validator!", "validator"), ("validator=null", "validator"), ("validator=\"n1\"", "validator"), (
            "validator=\"a11ce\"", "validator"),
        ("validator=7", "validator"), ("peers=null", "peers"), ("peers={}", "peers"), ("peers!", "peers"), ("peers=[null]", "peers[0]"), (
            "peers=[7]", "peers[0]"),
        ("peers.0.key=\"zz\"", "peers[0].key"), ("peers.0.key=null", "peers[0].key"), ("peers.0.host=null", "peers[0].host"), (
            "peers.0.host=\"a b\"", "peers[0].host"),
        ("peers.0.host=\"\"", "peers[0].host"), ("peers.0.consensusPort=0", "peers[0].consensusPort"), ("peers.0.syncPort=-5",
            "peers[0].syncPort"),
        ("peers.0.mempoolPort=99999", "peers[0].mempoolPort"), ("peers.0.mempoolPort!", "peers[0].mempoolPort"), ("peers.0.weight=1",
            "peers[0].weight"),
        ("retention=-1", "retention"), ("retention=1.5", "retention"), ("retention=\"all\"", "retention"), ("retention=1e40", "retention"),
            ("retention=null", "retention"),
        ("stacks=7", "stacks"), ("stacks=[7]", "stacks[0]"), ("stacks=[\"\"]", "stacks[0]"), ("retension=5", "retension"),
    ];

    [Fact] // fault 29
    public async Task EveryWrongFieldIsNamed()
    {
        using TemporaryFolder temporary = new();
        ConcurrentBag<string> faults = [];
        await Parallel.ForEachAsync(Changes.Index(), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (one, _) =>
        {
            string home = Home(temporary, one.Index.ToString(), Changed(one.Item.Change));
            Ran ran = await Ran.CommandAsync(home, "node", "--home", home);
            if (ran.Code != 3 || ran.Said.Length != 1 || !ran.Errors.Contains(one.Item.Named, StringComparison.Ordinal)
                || Directory.Exists(Path.Combine(home, "data")))
            {
                faults.Add($"{one.Item.Change}: exit {ran.Code}: {ran.Output}{ran.Errors}");
            }
        });
        Assert.True(faults.IsEmpty, string.Join('\n', faults.Order()));
    }

    [Theory] // fault 29: the whole file
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{\"name\":\"a\",\"name\":\"b\"}")]
    [InlineData("\u0000\u0001\u0002")]
    public async Task AFileThatIsNoConfigurationIsOneLine(string text)
    {
        using TemporaryFolder temporary = new();
        string home = Home(temporary, "home", text);
        Ran ran = await Ran.CommandAsync(home, "node", "--home", home);
        Assert.Equal(3, ran.Code);
        Assert.Contains("node.json", Assert.Single(ran.Said));
    }

    // found by fuzzing: bytes that are not UTF-8, in a value and in a name, and a name with half a surrogate pair
    [Theory] // fault 29
    [InlineData("{\"name\":\"\u00ff\"}")]
    [InlineData("{\"\u00ff\":1}")]
    [InlineData("{\"\\ud800\":1}")]
    public async Task AFileThatIsNoTextIsOneLine(string latin)
    {
        using TemporaryFolder temporary = new();
        string home = Home(temporary, "home", "");
        await File.WriteAllBytesAsync(Path.Combine(home, "node.json"), System.Text.Encoding.Latin1.GetBytes(latin));
        Ran ran = await Ran.CommandAsync(home, "node", "--home", home);
        Assert.Equal(3, ran.Code);
        Assert.Contains("node.json", Assert.Single(ran.Said));
    }

    [Theory] // fault 29
    [InlineData("\"n1\"", "\"a\\ud800\"", " name ")]
    [InlineData("\"stacks\": null", "\"stacks\": [\"\\udc00\"]", "stacks[0]")]
    public async Task HalfASurrogatePairIsNoText(string right, string wrong, string named)
    {
        using TemporaryFolder temporary = new();
        string config = Right.Replace("KEY", new string('a', 64), StringComparison.Ordinal).Replace(right, wrong, StringComparison.Ordinal);
        Ran ran = await Ran.CommandAsync(Home(temporary, "home", config), "node", "--home", temporary.Sub("home"));
        Assert.Equal(3, ran.Code);
        Assert.Contains(named, Assert.Single(ran.Said));
    }

    [Fact] // fault 29: a DNS name is no mistake; what is wrong here is the genesis, which comes later
    public async Task APeerMayBeADnsName()
    {
        using TemporaryFolder temporary = new();
        string home = Home(temporary, "home", Changed("retention=0"));
        Ran ran = await Ran.CommandAsync(home, "node", "--home", home);
        Assert.Equal(3, ran.Code);
        Assert.Contains("genesis", Assert.Single(ran.Said));
        Assert.DoesNotContain("peer.invalid", ran.Errors);
    }

    [Fact] // fault 36
    public async Task AKeyThatOthersMayReadIsWarnedOf()
    {
        using TemporaryFolder temporary = new();
        string home = Home(temporary, "home", Changed("retention=0"));
        File.SetUnixFileMode(Path.Combine(home, "node.key"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        Assert.Contains("chmod 600", (await Ran.CommandAsync(home, "node", "--home", home)).Output);
        File.SetUnixFileMode(Path.Combine(home, "node.key"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.DoesNotContain("chmod", (await Ran.CommandAsync(home, "node", "--home", home)).Output);
    }

    private static string Home(TemporaryFolder temporary, string name, string config)
    {
        string home = temporary.Sub(name);
        Directory.CreateDirectory(home);
        File.WriteAllText(Path.Combine(home, "node.json"), config);
        File.WriteAllText(Path.Combine(home, "node.key"), new string('7', 64) + "\n");
        File.SetUnixFileMode(Path.Combine(home, "node.key"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllText(Path.Combine(home, "genesis.blob"), "not a genesis");
        return home;
    }

    private static string Changed(string change)
    {
        JsonNode root = JsonNode.Parse(Right.Replace("KEY", new string('a', 64), StringComparison.Ordinal))!;
        bool takesAway = change.EndsWith('!');
        string[] path = (takesAway ? change[..^1] : change[..change.IndexOf('=', StringComparison.Ordinal)]).Split('.');
        JsonNode at = root;
        foreach (string step in path[..^1])
        {
            at = step == "0" ? at[0]! : at[step]!;
        }

        if (takesAway)
        {
            ((JsonObject)at).Remove(path[^1]);
        }
        else
        {
            at[path[^1]] = JsonNode.Parse(change[(change.IndexOf('=', StringComparison.Ordinal) + 1)..]);
        }

        return root.ToJsonString();
    }
}
