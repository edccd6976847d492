namespace Theseus.Execution.Tests;

/// <summary>
/// Whatever settings voters can approve, they can vote them back: after every legal change a whole ceremony works (faults 3, 90).
/// </summary>
public sealed class RepairTests
{
    private static readonly ParameterTable Table = RecordModels.Known.Find(1)!.Parameters;

    private static readonly ParameterDefinition[] Settable = [.. Table.All.Where(item => item.Home != ParameterHome.Chain)];

    private static readonly IReadOnlyList<byte[]> WithJudge = Framework.Compile(
        ("consensus_config.move", "    fun change(names: vector<String>, values: vector<u64>) acquires Settings {", """
            public entry fun judge(names: vector<String>, values: vector<u64>) acquires Settings { change(names, values); }
            fun change(names: vector<String>, values: vector<u64>) acquires Settings {
        """));

    /// <summary>Values of genesis, all of which the repairing script sets.</summary>
    private static readonly byte[] Repair = Script(new Chain(WithJudge));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void WhateverIsLegalCanBeVotedBack(int seed)
    {
        Random random = new(seed);
        Chain chain = new(WithJudge);
        int legal = 0;
        for (int attempt = 0; attempt < 60; attempt++)
        {
            (string Name, ulong Value)[] values = [.. random.GetItems(Settable, random.Next(1, 4)).DistinctBy(item => item.Name)
                .Select(item => (item.Name, Choose(random, item)))];
            if (Judge(chain, values))
            {
                legal++;
                VoteBack(chain, string.Join(", ", values));
            }
        }

        Assert.True(legal > 5, $"only {legal} changes were legal");
    }

    /// <summary>Every parameter as far as it goes, one after another and never back: the corners that relations leave.</summary>
    [Theory]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    public void TheCornersCanBeVotedBack(int seed)
    {
        Random random = new(seed);
        Chain chain = new(WithJudge);
        ParameterDefinition[] order = [.. Settable];
        random.Shuffle(order);
        foreach (ParameterDefinition item in order)
        {
            bool down = random.Next(2) == 0;
            ulong near = ValueOf(chain, item.Name);
            ulong far = down ? item.Minimum : item.Maximum;
            for (int halving = 0; halving < 24 && near != far; halving++)
            {
                ulong middle = halving == 0 ? far : down ? far + ((near - far) / 2) : near + ((far - near + 1) / 2);
                if (Judge(chain, (item.Name, middle)))
                {
                    near = middle;
                }
                else
                {
                    far = down ? middle + 1 : middle - 1;
                }

                if (down ? far > near : far < near)
                {
                    break;
                }
            }
        }

        VoteBack(chain, "the corner");
    }

    /// <summary>With the largest set a short vote in small blocks at a high price could never approve anything again.</summary>
    [Theory]
    [InlineData(0ul, 20ul, 19ul)] // 2,000,000 gas in blocks of 100,000
    [InlineData(50ul, 270ul, 269ul)] // and 25,000,000 for the bytes
    public void TheLargestSetVotesInTime(ulong price, ulong least, ulong tooFew)
    {
        Chain chain = new(WithJudge, validators: 200);
        Assert.True(Judge(chain, ("votingBlocks", 10_000)));
        Assert.True(Judge(chain, ("blockGas", 100_000), ("storageBytePrice", price)));
        Assert.False(Judge(chain, ("votingBlocks", tooFew)));
        Assert.True(Judge(chain, ("votingBlocks", least)));
        VoteBack(chain, "the largest set");
    }

    [Fact]
    public void AVoteInBlocksOfOneTransactionIsLongEnough()
    {
        Chain chain = new(WithJudge);
        Assert.False(Judge(chain, ("maximumTransactions", 4))); // 40 voting blocks hold 160 of 200 votes
        Assert.True(Judge(chain, ("maximumTransactions", 5)));
        Assert.False(Judge(chain, ("votingBlocks", 39)));
        Assert.True(Judge(chain, ("votingBlocks", 200)));
        Assert.True(Judge(chain, ("maximumTransactions", 1)));
        VoteBack(chain, "one transaction in a block");
    }

    private static ulong Choose(Random random, ParameterDefinition item) => random.Next(6) switch
    {
        0 => item.Minimum,
        1 => item.Maximum,
        2 => item.Default,
        3 => ulong.Min(item.Maximum, ulong.Max(item.Minimum, item.Default / 2)),
        4 => ulong.Min(item.Maximum, item.Default * 2),
        _ => item.Minimum + (ulong)random.NextInt64((long)ulong.Min(item.Maximum - item.Minimum, item.Default + 1) + 1),
    };

    /// <summary>Applies a change when it is legal. The record must agree; its values count from the next block.</summary>
    private static bool Judge(Chain chain, params (string Name, ulong Value)[] values)
    {
        byte[] names = new BcsWriter().List(values, static (w, pair) => w.Text(pair.Name)).ToArray();
        byte[] numbers = new BcsWriter().List(values, static (w, pair) => w.U64(pair.Value)).ToArray();
        // as an approved script would, whatever a block has room for
        byte[] transaction = chain.Sign(
            chain.Alice, Chain.Call("consensus_config", "judge", names, numbers), 200_000, Price(chain),
            sequence: chain.Alice.Sequence, expiresIn: 1_000_000_000);
        TransactionOutput output = chain.Stack.Execute(
            new BlockInput(chain.Context(chain.Height + 1), [transaction], 0), chain.State).Outputs[1];
        if (output.Receipt.Status.Kind != StatusKind.Success)
        {
            Assert.True(output.Receipt.Status.Module == new ModuleId(Address.One, "consensus_config"),
                $"{output.Receipt.Status} {output.FailurePlace}");
            return false;
        }

        chain.Alice.Sequence++;
        chain.Height++;
        chain.State.Apply(output.Writes);
        ProtocolParameters? next = chain.Parameters.TryWith(
            values.Where(value => Table.Find(value.Name)!.Home == ParameterHome.Record), out RefusalCode fault, out string subject);
        Assert.True(next is not null, $"{string.Join(", ", values)}: the record refuses {subject}: {fault}");
        chain.Parameters = next;
        return true;
    }

    private static void VoteBack(Chain chain, string after)
    {
        chain.Block(); // the framework follows
        ulong price = Price(chain);
        byte[] propose = chain.Sign(chain.Alice, Chain.Call("governance", "propose", Chain.Bytes(Hashing.Sha3(Repair).ToArray()), [0]),
            100_000, price, expiresIn: 1_000_000_000);
        TransactionOutput proposed = chain.Block(propose).Outputs[1];
        Assert.True(proposed.Receipt.Status.Kind == StatusKind.Success,
            $"after {after}: {proposed.Receipt.Status} {proposed.FailurePlace}");
        ulong id = new BcsReader(chain.View("governance", "proposal_count")[0]).U64();
        Queue<byte[]> votes = new(chain.Validators.Select(
            voter => chain.Sign(voter, Chain.Call("governance", "vote", Chain.U64(id), [1]), 2_000_000, price, expiresIn: 1_000_000_000)));
        while (chain.StatusOf(id) == 0 && votes.Count > 0)
        {
            byte[][] block = [.. votes.Take((int)ulong.Min(64, chain.Parameters.Find("maximumTransactions")!.Value))];
            foreach (TransactionOutput output in chain.Block(block).Outputs.Skip(1).Take(block.Length))
            {
                TransactionStatus status = output.Receipt.Status;
                if (status is { Kind: StatusKind.Skipped, Retry: true })
                {
                    break;
                }

                Assert.True(status.Kind == StatusKind.Success || chain.StatusOf(id) != 0, $"after {after}: {status} {output.FailurePlace}");
                votes.Dequeue();
            }
        }

        Assert.True(chain.StatusOf(id) is 1 or 2, $"after {after}: the vote ends with status {chain.StatusOf(id)} at {chain.Height}");
        chain.Height = ulong.Max(chain.Height, new BcsReader(chain.View("governance", "schedule_of", Chain.U64(id))[3]).U64());
        TransactionOutput resolved = chain.Block(chain.Sign(
            chain.Alice, new TransactionPayload.Script(Repair, [], []), 2_000_000, price, expiresIn: 1_000_000_000)).Outputs[1];
        Assert.True(resolved.Receipt.Status.Kind == StatusKind.Success,
            $"after {after}: {resolved.Receipt.Status} {resolved.FailurePlace}");
        Assert.Equal(3, chain.StatusOf(id));
        chain.Parameters = Table.Defaults;
        chain.Block();
    }

    private static ulong Price(Chain chain) => ValueOf(chain, "minimumGasPrice");

    private static ulong ValueOf(Chain chain, string name) =>
        new BcsReader(chain.View("consensus_config", "value", Chain.Bytes(System.Text.Encoding.ASCII.GetBytes(name)))[0]).U64();

    private static byte[] Script(Chain chain)
    {
        IEnumerable<(string Name, ulong Value)> values = Settable.Select(item => (item.Name, ValueOf(chain, item.Name)));
        return Framework.Script($$"""
            script {
                use std::string;
                use theseus_framework::consensus_config;
                use theseus_framework::governance;
                fun main() {
                    consensus_config::set(
                        &governance::resolve(), vector[{{string.Join(", ", values.Select(pair => $"string::utf8(b\"{pair.Name}\")"))}}],
                        vector[{{string.Join(", ", values.Select(pair => pair.Value))}}]);
                }
            }
            """);
    }
}
