using Theseus.Move.Format;

namespace Theseus.Execution.Tests;

/// <summary>Parameters by an approved script: Move and the record judge by one table, before anything is resolved (faults 3, 90).</summary>
public sealed class ParameterTests
{
    private const int Approved = 1;
    private const int Resolved = 3;

    private static readonly ParameterTable Table = RecordModels.Known.Find(1)!.Parameters;

    public static TheoryData<string, string> Unwise => new()
    {
        { "safetyThreshold", "1" }, // fault 3
        { "epochMicros", "18446744073709551615" }, // fault 90 and its siblings
        { "proposalDeposit", "18446744073709551615" },
        { "votingBlocks", "0" },
        { "votingBlocks", "18446744073709551615" },
        { "enactmentBlocks", "18446744073709551615" },
        { "executionBlocks", "0" },
        { "minimumBond", "18446744073709551615" },
        { "unbondingEpochs", "1" },
        { "unbondingEpochs", "18446744073709551615" },
        { "minimumGasPrice", "18446744073709551615" },
        { "blockGas", "0" },
        { "blockGas", "18446744073709551615" },
        { "storageBytePrice", "18446744073709551615" },
        { "burnPermille", "1001" },
        { "blockInterval", "0" },
        { "maximumTimeout", "100" },
        { "proposeTimeoutDelta", "0" },
        { "executionPatience", "0" },
        { "maximumTransactions", "0" },
    };

    [Theory]
    [MemberData(nameof(Unwise))]
    public void AnUnwiseValueAbortsWithItsNameAndNothingIsResolved(string name, string value)
    {
        Chain chain = new();
        ParameterDefinition definition = Table.Find(name)!;
        BlockResult block = Run(chain, Script((name, ulong.Parse(value))));
        Assert.Equal(
            TransactionStatus.Aborted(new ModuleId(Address.One, "consensus_config"), 0x20000ul + 1_000 + definition.Code),
            block.Outputs[1].Receipt.Status);
        Assert.Empty(block.ServiceEvents);
        Assert.Equal(Approved, chain.StatusOf(1)); // it can be tried again, and is not recorded as done
    }

    [Fact]
    public void AWiseValueIsResolvedAndReachesTheRecord()
    {
        Chain chain = new();
        BlockResult block = Run(chain, Script(("safetyThreshold", 9), ("votingBlocks", 50)));
        block.Outputs[1].Success();
        Assert.Equal(Resolved, chain.StatusOf(1));
        ServiceEvent.ParametersChanged changed = Assert.IsType<ServiceEvent.ParametersChanged>(Assert.Single(block.ServiceEvents));
        Assert.Equal([("safetyThreshold", 9ul), ("votingBlocks", 50ul)], changed.Values);
    }

    /// <summary>Every parameter of the record at both ends of its range, beside them and at its default: Move and record agree.</summary>
    [Fact]
    public void MoveAndTheRecordJudgeAlike()
    {
        List<(string Name, ulong Value)[]> cases = [];
        foreach (ParameterDefinition definition in Table.Definitions)
        {
            ulong[] values =
            [
                0, definition.Minimum - 1, definition.Minimum, definition.Default, definition.Default * 2, definition.Maximum,
                definition.Maximum + 1, ulong.MaxValue,
            ];
            cases.AddRange(values.Select(value => ((string, ulong)[])[(definition.Name, value)]));
        }

        cases.Add([("maximumTimeout", 1_000), ("messageDelay", 10), ("maximumBlockBytes", 2_097_152)]);
        cases.Add([("maximumTimeout", 2_010), ("messageDelay", 10), ("maximumBlockBytes", 2_097_152)]);
        cases.Add([("maximumTimeout", 2_009), ("messageDelay", 10), ("maximumBlockBytes", 2_097_152)]);
        cases.Add([("notice", 8), ("safetyThreshold", 8)]);
        cases.Add([("notice", 7), ("safetyThreshold", 8)]);
        cases.Add([("safetyThreshold", 600), ("notice", 600), ("readyTtl", 1_199)]);
        cases.Add([("precision", 2_000), ("proposeTimeout", 2_000)]);
        cases.Add([("precision", 2_001), ("proposeTimeout", 2_000)]);
        const string Change = "    fun change(names: vector<String>, values: vector<u64>) acquires Settings {";
        const string Entry = "    public entry fun judge(names: vector<String>, values: vector<u64>) acquires Settings { change(names, values); }\n";
        Chain chain = new(Framework.Compile(("consensus_config.move", Change, Entry + Change)));
        foreach ((string Name, ulong Value)[] values in cases)
        {
            TransactionStatus status = Judge(chain, values);
            ProtocolParameters? next = Table.Defaults.TryWith(values, out RefusalCode fault, out string subject);
            ulong? expected = next is null ? Code(fault, subject) : BrokenBeside(next, values);
            ulong? found = status.Kind == StatusKind.Success ? null : status.Code - 0x20000 - 1_000;
            Assert.True(expected == found, $"{string.Join(", ", values)}: the record says {expected}, Move {found}");
        }
    }

    [Fact]
    public void EveryCodeHasItsNameInTheModule()
    {
        // what the CLI explains an abort with
        CompiledModule module = Framework.Modules.Select(blob => ModuleReader.ReadModule(blob).Value!)
            .Single(unit => unit.Id.Name == "consensus_config");
        IReadOnlyList<ErrorName> errors = ModuleMetadata.Of(module)!.Errors;
        foreach (ParameterDefinition definition in Table.All.Where(definition => definition.Home != ParameterHome.Chain))
        {
            Assert.StartsWith(definition.Name + " ", errors.Single(error => error.Code == 1_000ul + definition.Code).Doc,
                StringComparison.Ordinal);
        }

        foreach (ParameterRelation relation in Table.Relations)
        {
            string sentence = $"{char.ToLowerInvariant(relation.Meaning[0])}{relation.Meaning[1..]}";
            Assert.EndsWith(sentence, errors.Single(error => error.Code == 1_000ul + relation.Code).Doc, StringComparison.Ordinal);
        }
    }

    private static ulong? Code(RefusalCode fault, string subject) => fault == RefusalCode.ParameterRelation
        ? Table.Relations.Single(relation => relation.Name == subject).Code
        : Table.Find(subject)!.Code;

    // relations with what the framework keeps: those of Chain's genesis, on paper
    private static ulong? BrokenBeside(ProtocolParameters next, (string Name, ulong Value)[] changed)
    {
        SortedDictionary<string, ulong> framework = new(StringComparer.Ordinal)
        {
            ["epochMicros"] = 3_600_000_000, ["votingBlocks"] = 40, ["enactmentBlocks"] = 5, ["executionBlocks"] = 40,
            ["unbondingEpochs"] = 2, ["blockGas"] = 1_250_000,
        };
        ulong? ValueOf(string name) => next.Find(name) ?? (framework.TryGetValue(name, out ulong value) ? value : null);
        return Table.FirstBroken(ValueOf, [.. changed.Select(pair => pair.Name)])?.Code;
    }

    private static TransactionStatus Judge(Chain chain, (string Name, ulong Value)[] values)
    {
        TransactionPayload call = Chain.Call("consensus_config", "judge", Names(values), Numbers(values));
        byte[] transaction = chain.Sign(chain.Alice, call, sequence: chain.Alice.Sequence);
        return chain.Stack.Simulate(transaction, chain.Context(chain.Height + 1), chain.State).Receipt.Status;
    }

    private static byte[] Names((string Name, ulong Value)[] values) =>
        new BcsWriter().List(values, static (w, pair) => w.Text(pair.Name)).ToArray();

    private static byte[] Numbers((string Name, ulong Value)[] values) =>
        new BcsWriter().List(values, static (w, pair) => w.U64(pair.Value)).ToArray();

    private static BlockResult Run(Chain chain, byte[] script)
    {
        chain.Approve(script);
        return chain.Block(chain.Sign(chain.Alice, new TransactionPayload.Script(script, [], []), 50_000_000));
    }

    private static byte[] Script(params (string Name, ulong Value)[] values) => Framework.Script($$"""
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
