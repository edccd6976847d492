using System.CommandLine;
using Theseus.Cli.Replay;

namespace Theseus.Cli.Commands;

/// <summary>theseus consensus replay: the core against traces of executable models.</summary>
internal static class ConsensusCommands
{
    public static Command Consensus() => new(
        "consensus", "Try the consensus core\n\nExample: theseus consensus replay line28.itf.json") { Replay() };

    private static Command Replay()
    {
        Argument<string[]> traces = new("TRACE")
        {
            Description = "Files in the Informal Trace Format, as quint run --out-itf and quint test --out-itf write them",
            Arity = ArgumentArity.OneOrMore,
        };
        Option<bool> brief = new("--brief") { Description = "Show only steps that differ without an accepted reason" };
        Option<bool> json = CommonOptions.Json();
        Command command = new(
            "replay",
            "Drive the core with traces of the public Tendermint models (round machine, vote keeper, multi-node) or of "
            + "docs/protocol/quint, and compare step by step. Exit code 0 if every step agrees or differs as accepted, with its reason"
            + "\n\nExamples:\n  theseus consensus replay line28.itf.json\n  theseus consensus replay a.itf.json b.itf.json --brief")
        {
            traces, brief, json,
        };
        command.SetAction(parsed => Run(parsed.GetValue(traces)!, parsed.GetValue(brief), parsed.GetValue(json)));
        return command;
    }

    private static int Run(string[] files, bool brief, bool json)
    {
        List<(string File, ReplayResult Result)> done = [];
        List<(string File, string Fault)> faults = [];
        foreach (string file in files)
        {
            try
            {
                IReadOnlyList<ReplayResult> results = ReplayRun.Of(file);
                done.AddRange(results.Select(result => (file, result)));
                if (json)
                {
                    continue;
                }

                foreach (ReplayResult result in results)
                {
                    ReplayOutput.Table(file, result, brief);
                }

                if (results.Count == 0)
                {
                    Terminal.Print($"{Path.GetFileName(file)}: a test without state: nothing to replay");
                }
            }
            catch (TraceFault fault)
            {
                faults.Add((file, fault.Message));
                Terminal.Say($"theseus: {file}: {fault.Message}");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                faults.Add((file, e.Message));
                Terminal.Say($"theseus: {file}: cannot be read: {e.Message}");
            }
        }

        ReplayResult[] all = [.. done.Select(static one => one.Result)];
        int different = all.Sum(static result => result.Different);
        int steps = all.Sum(static result => result.Rows.Count);
        int agreed = all.Sum(static result => result.Agreed);
        if (json)
        {
            Terminal.Json(Document(done, faults, different));
        }
        else
        {
            ReplayOutput.Reasons(all);
            Terminal.Print("");
            Terminal.Print($"{files.Length - faults.Count} of {files.Length} files, {steps} steps: {agreed} agree, "
                + $"{steps - agreed - different} differ as accepted, {different} differ");
        }

        return different == 0 && faults.Count == 0 ? ExitCode.Clean : ExitCode.Failure;
    }

    private static object Document(List<(string File, ReplayResult Result)> done, List<(string File, string Fault)> faults,
        int different) => new
    {
        holds = different == 0 && faults.Count == 0,
        traces = done.Select(static one => new
        {
            file = one.File,
            model = one.Result.Model,
            instance = one.Result.Instance.TrimEnd(':'),
            steps = one.Result.Rows.Count,
            agree = one.Result.Agreed,
            accepted = one.Result.Rows.Count - one.Result.Agreed - one.Result.Different,
            differ = one.Result.Different,
            rows = one.Result.Rows.Select(static row => new
            {
                step = row.Step,
                node = row.Node,
                input = row.Input,
                model = row.Model,
                core = row.Core,
                verdict = row.Agrees ? "agree" : row.Holds ? "accepted" : "differs",
                reasons = row.Accepted.Select(static why => why.Code),
            }),
        }),
        accepted = ReplayOutput.Count([.. done.Select(static one => one.Result)]).Select(static pair => new
        {
            code = pair.Why.Code,
            reason = pair.Why.Reason,
            steps = pair.Steps,
        }),
        faults = faults.Select(static one => new { file = one.File, fault = one.Fault }),
    };
}
