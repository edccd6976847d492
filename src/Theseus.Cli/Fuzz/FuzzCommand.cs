using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Theseus.Cli.Commands;
using Theseus.Cli.Fuzz.Targets;

namespace Theseus.Cli.Fuzz;

/// <summary>theseus fuzz: gives everything that comes from outside what strangers might send.</summary>
internal static class FuzzCommand
{
    private const int UsualSeconds = 60;

    private const long MaximumInput = 64 << 20;

    private const int LongestRun = 7 * 24 * 3_600;

    /// <summary>Lines of an exception's places that are shown.</summary>
    private const int ShownLines = 12;

    /// <summary>Names and makers of the targets. They share a chain's samples, made when the first needs them.</summary>
    private static readonly IReadOnlyList<(string Name, Func<Func<FuzzChain>, int, IFuzzTarget> Create)> Known =
    [
        (DecoderTarget.Name, static (chain, _) => DecoderTarget.Create(chain)),
        (DecoderTarget.FilesName, static (chain, _) => DecoderTarget.CreateFiles(chain)),
        (MachineTarget.Name, static (chain, _) => MachineTarget.Create(chain)),
        (CompilerTarget.Name, static (chain, _) => CompilerTarget.Create(chain)),
        (RpcTarget.TargetName, static (chain, _) => new RpcTarget(chain)),
        (NetworkTarget.TargetName, static (chain, _) => new NetworkTarget(chain)),
        (SocketTarget.TargetName, static (chain, basePort) => new SocketTarget(chain, basePort)),
    ];

    /// <summary>The command.</summary>
    public static Command Command()
    {
        Option<int> seconds = Inputs.Whole("--seconds", "How long, over all targets", 1, LongestRun,
            UsualSeconds);
        Option<ulong?> seed = Inputs.Optional(
            "--seed", "Of the first case; the same seed gives the same cases. Default: a new one, which is printed");
        Option<string[]> target = new("--target")
        {
            Description = $"Only these: {string.Join(", ", Known.Select(one => one.Name))}; separated by commas or repeated. Default: all",
        };
        Option<int> findings = Inputs.Whole("--findings", "End with so many, each of another kind", 1, 1_000, 1);
        Option<string?> input = new("--input") { Description = "Try the bytes of this file once, on the entry that --entry names" };
        Option<string?> entry = new("--entry") { Description = "What takes the bytes of --input, as a finding names it" };
        Option<string?> dir = new("--dir") { Description = "Where findings are written. Default: .theseus/fuzz beside the launcher" };
        Option<int> basePort = Inputs.Whole(
            "--base-port", "Ports of the localnet that sockets attacks begin here; 0 takes some that are free", 0, 65_000, 0);
        Option<bool> json = CommonOptions.Json();
        Command command = new(
            "fuzz",
            "Give everything that comes from outside what strangers might send, until the time is over or something breaks (exit code 1)"
            + "\n\nExamples:\n"
            + "  theseus fuzz --seconds 3600\n  theseus fuzz --target decoders,machine --seed 7\n"
            + "  theseus fuzz --target decoders --entry block --input .theseus/fuzz/decoders-block-7.input")
        {
            seconds, seed, target, findings, input, entry, dir, basePort, json,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                IReadOnlyList<string> names = Chosen(parsed.GetValue(target) ?? []);
                Lazy<FuzzChain> chain = new(() => new FuzzChain());
                IFuzzTarget[] targets = [.. Known.Where(one => names.Contains(one.Name)).Select(
                    one => one.Create(() => chain.Value, parsed.GetValue(basePort)))];
                try
                {
                    return parsed.GetValue(input) is string file
                        ? Replay(targets, file, parsed.GetValue(entry))
                        : Run(targets, new Wanted(parsed.GetValue(seed), parsed.GetValue(seconds), parsed.GetValue(findings),
                            Folder(parsed.GetValue(dir)), parsed.GetValue(json)), cancellation);
                }
                finally
                {
                    foreach (IFuzzTarget one in targets)
                    {
                        one.Dispose();
                    }
                }
            },
            CancellationToken.None));
        return command;
    }

    private static int Run(IFuzzTarget[] targets, Wanted wanted, CancellationToken cancellation)
    {
        new Place("--dir", wanted.Folder).CheckFolder();
        ulong seed = wanted.Seed ?? (ulong)Random.Shared.NextInt64();
        string names = string.Join(", ", targets.Select(static one => one.Name));
        Terminal.Say($"fuzz: seed {seed}, {wanted.Seconds} s, {names}; findings go to {wanted.Folder}");
        FuzzRun run = new(targets, seed, wanted.Folder, wanted.Findings) { Made = Tell };
        Stopwatch watch = Stopwatch.StartNew();
        IReadOnlyList<FuzzFinding> findings = run.Run(wanted.Seconds, tallies => Terminal.Say(Line(watch, tallies)), cancellation);
        if (wanted.Json)
        {
            Terminal.Json(new { seed, clean = findings.Count == 0, findings, targets = run.Tallies });
        }
        else
        {
            Terminal.Table(["target", "cases", "seconds", "next seed"], run.Tallies.Select(one => new[]
            {
                one.Target, $"{one.Cases}", one.Seconds.ToString("0", CultureInfo.InvariantCulture), $"{one.NextSeed}",
            }));
        }

        return findings.Count == 0 ? ExitCode.Clean : ExitCode.Failure;
    }

    private sealed record Wanted(ulong? Seed, int Seconds, int Findings, string Folder, bool Json);

    private static string Line(Stopwatch watch, IReadOnlyList<FuzzTally> tallies)
    {
        string cases = string.Join(", ", tallies.Select(static one => $"{one.Target} {one.Cases}"));
        return FormattableString.Invariant($"fuzz: {watch.Elapsed.TotalSeconds:0} s: {cases}; {Environment.WorkingSet >> 20} MiB");
    }

    private static void Tell(FuzzFinding finding)
    {
        string again = $"theseus fuzz --target {finding.Target} --seed {finding.Seed}";
        Terminal.Say($"fuzz: {finding.Target} {finding.Entry}: {finding.Message}");
        Terminal.Say($"fuzz: again with: {again}");
        if (finding.File is not null)
        {
            Terminal.Say($"fuzz: or with: theseus fuzz --target {finding.Target} --entry {finding.Entry} --input {finding.File}");
        }

        if (finding.Cause is not null)
        {
            Terminal.Say(string.Join('\n', finding.Cause.Split('\n').Take(ShownLines)));
        }
    }

    private static int Replay(IFuzzTarget[] targets, string file, string? entry)
    {
        if (targets.Length != 1 || entry is null)
        {
            throw new CommandFailure("--input needs one --target and an --entry, as the finding named them", ExitCode.Usage);
        }

        byte[] input = new Place("--input", file).Read(MaximumInput);

        try
        {
            targets[0].Replay(entry, input);
            Terminal.Say($"fuzz: {targets[0].Name} {entry} takes {input.Length} bytes of {file} without a fault");
            return ExitCode.Clean;
        }
        catch (FuzzFault fault)
        {
            Terminal.Say($"fuzz: {targets[0].Name} {fault.Entry}: {fault.Message}\n{fault.InnerException}");
            return ExitCode.Failure;
        }
    }

    private static IReadOnlyList<string> Chosen(string[] given)
    {
        string[] names = [.. given.SelectMany(static one => one.Split(
            ',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];
        string[] known = [.. Known.Select(static one => one.Name)];
        if (names.FirstOrDefault(name => !known.Contains(name)) is string unknown)
        {
            throw new CommandFailure($"--target takes {string.Join(", ", known)}, not '{unknown}'{Nearest.Question(unknown, known)}",
                ExitCode.Usage);
        }

        return names.Length == 0 ? known : names;
    }

    private static string Folder(string? given)
    {
        string home = Environment.GetEnvironmentVariable("THESEUS_HOME") is { Length: > 0 } set ? set : Directory.GetCurrentDirectory();
        return Path.GetFullPath(given ?? Path.Combine(home, ".theseus", "fuzz"));
    }
}
