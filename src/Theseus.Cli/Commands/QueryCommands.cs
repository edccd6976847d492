using System.CommandLine;
using Theseus.Client;

namespace Theseus.Cli.Commands;

/// <summary>theseus query …: reads, each with --json, most with --at.</summary>
internal static class QueryCommands
{
    /// <summary>Of one answer.</summary>
    private const ulong MostEvidence = 1000;

    /// <summary>theseus query and its commands.</summary>
    public static Command Query() => new("query", "Read the chain\n\nExamples:\n  theseus query status\n  theseus query validators --at 20")
    {
        Status(), Block(), Transaction(), Resource(), Module(), View(), Validators(), Proposals(), Record(), Evidence(),
    };

    private static Command Status() => Read(
        "status", "Where the node stands\n\nExample: theseus query status", [],
        async (client, _, cancellation) => await client.StatusAsync(cancellation),
        status =>
    {
        Terminal.Fields(
            ("chain", $"{status.ChainId} (transactions carry {status.TxChainId})"),
            ("node", $"{status.NodeName}, {status.Role}, {status.Peers} peers"),
            ("height", $"{status.Height} (sealed {status.SealedHeight}, decided {status.DecidedHeight}), round {status.Round}"),
            ("epoch", status.Epoch.ToString()),
            ("state root", status.StateRoot),
            ("framework", $"{status.FrameworkUpgrades} upgrades, code root {status.CodeRoot}"),
            ("state", Localnet.NodeState.Describe(status)));
        Versions(status.Versions);
    });

    private static Command Block()
    {
        Argument<ulong> height = Inputs.Argument("height", "Block height");
        Option<string> detail = Inputs.OneOf("--detail", "header, hashes or full", "hashes", "header", "hashes", "full");
        return Read("block", "A block\n\nExample: theseus query block 20 --detail full", [height, detail],
            async (client, parsed, cancellation) => await client.GetBlockAsync(At.AtHeight(parsed.GetValue(height)), parsed.GetValue(
                detail)!, cancellation),
            block =>
        {
            Terminal.Fields(
                ("hash", block.Header.Hash),
                ("height", block.Header.Height.ToString()),
                ("time", DateTimeOffset.FromUnixTimeMilliseconds((long)block.Header.Time).ToString("yyyy-MM-dd HH:mm:ss.fff")),
                ("round", block.CommitRound.ToString()),
                ("proposer", block.Header.Proposer),
                ("transactions", block.TransactionCount.ToString()),
                ("state root", block.Result?.StateRoot ?? "not executed"),
                ("sealed", block.Sealed ? "yes" : "no"));
            foreach (string hash in block.Hashes ?? [])
            {
                Terminal.Print("  " + hash);
            }

            foreach (EvidenceInfo evidence in block.Evidence ?? [])
            {
                Terminal.Print($"  evidence of {evidence.Kind} by {evidence.Validator} at height {evidence.Height}");
            }
        });
    }

    private static Command Transaction()
    {
        Argument<string> hash = Inputs.Hash("hash", "Transaction hash");
        return Read(
            "tx",
            "What became of a transaction\n\nExample: theseus query tx 0x42299d7f94465f63b59080bde8d6ddc77bc8cde7f3deea1d548fe66e985bb49b",
                [hash],
            async (client, parsed, cancellation) => await client.GetTransactionAsync(parsed.GetValue(hash)!, cancellation),
            receipt =>
        {
            Terminal.Fields(
                ("hash", receipt.Hash),
                ("status", receipt.Status),
                ("outcome", receipt.VmStatus ?? "not executed"),
                ("block", receipt.Height?.ToString() ?? "–"),
                ("gas", receipt.GasUsed?.ToString() ?? "–"));
            foreach (EventInfo item in receipt.Events ?? [])
            {
                Terminal.Print($"  event {item.Type} {item.Data}");
            }
        });
    }

    private static Command Resource()
    {
        Argument<string> account = new("account") { Description = "A localnet account or an address" };
        Argument<string> type = new("type") { Description = "E.g. 0x1::account::Account" };
        Option<bool> prove = new("--prove") { Description = "Check a Merkle proof against a header and certificate" };
        Option<string?> trusted = new("--against") { Description = "Base address of another node to take the header and certificate from" };
        Option<ulong?> at = CommonOptions.At();
        Option<string?> url = CommonOptions.Url();
        Option<string?> dir = CommonOptions.Dir();
        Option<bool> json = CommonOptions.Json();
        Command command = new(
            "resource", "A resource of an account\n\nExample: theseus query resource alice 0x1::account::Account --prove")
        {
            account, type, prove, trusted, at, url, dir, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            string address = Wallet.Of(parsed.GetValue(dir)).Receiver(parsed.GetValue(account)!).ToLongString();
            using TheseusClient client = NodeConnection.Open(parsed.GetValue(url), parsed.GetValue(dir));
            if (parsed.GetValue(prove))
            {
                return await ProofCommand.RunAsync(
                    client, address, parsed.GetValue(type)!, parsed.GetValue(at), parsed.GetValue(trusted), parsed.GetValue(dir),
                        parsed.GetValue(json),
                    cancellation);
            }

            ResourceInfo resource = await client.GetResourceAsync(address, parsed.GetValue(type)!, CommonOptions.ToAt(parsed.GetValue(at)),
                cancellation);
            if (parsed.GetValue(json))
            {
                Terminal.Json(resource);
            }
            else
            {
                Terminal.Fields(("type", resource.Type), ("height", resource.Height.ToString()), ("BCS", resource.Bytes));
            }

            return ExitCode.Clean;
        });
        return command;
    }

    private static Command Module()
    {
        Argument<string> name = Inputs.Path("module", "E.g. 0x1::coin", 1, "0x1::coin");
        return Read("module", "A module's bytecode\n\nExample: theseus query module 0x1::coin", [name], async (client, parsed,
            cancellation) =>
        {
            string[] parts = parsed.GetValue(name)!.Split("::");
            return await client.GetModuleAsync(parts[0], parts[1], CommonOptions.ToAt(AtOf(parsed)), cancellation);
        },
        module => Terminal.Fields(
            ("module", $"{module.Address}::{module.Name}"), ("SHA-256", module.Hash), ("bytes", ((
                module.Bytecode.Length - 2) / 2).ToString()),
            ("bytecode", module.Bytecode)),
        historic: true);
    }

    private static Command View()
    {
        Argument<string> function = Inputs.Path("function", "E.g. 0x1::coin::supply", 2, "0x1::coin::supply");
        Option<string[]> types = new("--type") { Description = "A type argument; may be repeated", AllowMultipleArgumentsPerToken = true };
        Option<string[]> arguments = new("--arg") { Description = "An argument: number, true, 0x… or text; may be repeated",
            AllowMultipleArgumentsPerToken = true };
        return Read("view",
            "Call a view function at any height\n\nExample: theseus query view 0x1::string::index_of --arg abc --arg z --at 20", [function,
                types, arguments],
            async (client, parsed, cancellation) => await client.ViewAsync(
                parsed.GetValue(function)!, parsed.GetValue(types) ?? [], parsed.GetValue(arguments) ?? [],
                    CommonOptions.ToAt(AtOf(parsed)),
                    cancellation),
            view =>
            {
                foreach (TypedValue value in view.Values)
                {
                    Terminal.Print($"{value.Text}  ({value.Type})");
                }

                Terminal.Say($"at height {view.Height} under {view.StackName ?? view.StackId}");
            },
            historic: true);
    }

    private static Command Validators() => Read(
        "validators", "The validator set\n\nExample: theseus query validators --at 20", [],
        async (client, parsed, cancellation) => await client.GetValidatorsAsync(CommonOptions.ToAt(AtOf(parsed)), cancellation),
        set =>
        {
            Terminal.Say($"epoch {set.Epoch} at height {set.Height}, set {set.SetId}");
            Terminal.Table(
                ["address", "power", "consensus key"],
                set.Current.Select(validator => new[] { validator.Address, validator.Power.ToString(), validator.PublicKey }));
        },
        historic: true);

    private static Command Proposals() => Read(
        "proposals", "Governance proposals\n\nExample: theseus query proposals", [],
        async (client, parsed, cancellation) => await client.GetProposalsAsync(CommonOptions.ToAt(AtOf(parsed)), cancellation),
        list => Terminal.Table(
            ["id", "status", "yes", "no", "of", "script"],
            list.Select(proposal => new[]
            {
                proposal.Id.ToString(), proposal.Status, proposal.Yes, proposal.No, proposal.Total, proposal.ScriptHash,
            })),
        historic: true);

    private static Command Record() => Read(
        "record", "The protocol record\n\nExample: theseus query record --at 20 --json", [],
        async (client, parsed, cancellation) => await client.GetRecordAsync(CommonOptions.ToAt(AtOf(parsed)), cancellation),
        record =>
        {
            Terminal.Fields(
                ("height", record.Height.ToString()), ("id", record.Id), ("epoch", record.Epoch.ToString()),
                ("framework", $"{record.FrameworkUpgrades} upgrades, code root {record.CodeRoot}"));
            Versions(record.Versions);
            Terminal.Table(["parameter", "value"], record.Parameters.Select(parameter => new[] { parameter.Name,
                parameter.Value.ToString() }));
            Terminal.Table(
                ["block", "component", "version", "outcome"],
                record.History.Select(entry => new[] { entry.Height.ToString(), entry.Component, entry.Version.ToString(),
                    entry.Outcome }));
        },
        historic: true);

    private static Command Evidence()
    {
        Option<ulong?> before = Inputs.Optional("--before",
            "Only misbehaviour below this height: the lowest height of a page gives the page before it");
        Option<ulong?> limit = Inputs.Optional("--limit", $"How many, the newest; {MostEvidence} at most", 1, MostEvidence);
        return Read(
            "evidence", "Proven misbehaviour\n\nExample: theseus query evidence --limit 20", [before, limit],
            async (client, parsed, cancellation) => await client.GetEvidenceAsync(parsed.GetValue(before), (int?)parsed.GetValue(limit),
                cancellation),
            list => Terminal.Table(
                ["kind", "height", "validator", "in block"],
                list.Select(item => new[] { item.Kind, item.Height.ToString(), item.Validator, item.IncludedAt.ToString() })));
    }

    private static void Versions(IReadOnlyList<VersionInfo> versions) => Terminal.Table(
        ["component", "version", "since", "scheduled", "at block", "supported"],
        versions.Select(version => new[]
        {
            version.Component, version.Version.ToString(), version.Since.ToString(), version.ScheduledVersion?.ToString() ?? "–",
            version.ActivationHeight?.ToString() ?? "–", version.Supported ? "yes" : "NO",
        }));

    private static ulong? AtOf(ParseResult parsed) =>
        parsed.CommandResult.Command.Options.OfType<Option<ulong?>>().FirstOrDefault(option => option.Name == "--at") is Option<ulong?> at
            ? parsed.GetValue(at) : null;

    private static Command Read<T>(
        string name, string description, IReadOnlyList<Symbol> symbols, Func<TheseusClient, ParseResult, CancellationToken, Task<T>> read,
            Action<T> show,
        bool historic = false)
    {
        Option<string?> url = CommonOptions.Url();
        Option<string?> dir = CommonOptions.Dir();
        Option<bool> json = CommonOptions.Json();
        Command command = new(name, description) { url, dir, json };
        if (historic)
        {
            command.Options.Add(CommonOptions.At());
        }

        foreach (Symbol symbol in symbols)
        {
            if (symbol is Argument argument)
            {
                command.Arguments.Add(argument);
            }
            else
            {
                command.Options.Add((Option)symbol);
            }
        }

        command.SetAction(async (parsed, cancellation) =>
        {
            using TheseusClient client = NodeConnection.Open(parsed.GetValue(url), parsed.GetValue(dir));
            T answer = await read(client, parsed, cancellation);
            if (parsed.GetValue(json))
            {
                Terminal.Json(answer);
            }
            else
            {
                show(answer);
            }

            return ExitCode.Clean;
        });
        return command;
    }
}
