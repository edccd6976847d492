using System.CommandLine;
using System.Diagnostics;
using Theseus.Cli.Framework;
using Theseus.Execution;
using Theseus.Move.Compiler;
using Theseus.Move.Compiler.Packages;
using Theseus.Move.Compiler.Testing;
using Theseus.Move.Format;
using Theseus.Move.Natives;
using Theseus.Protocol;

namespace Theseus.Cli.Commands;

/// <summary>theseus move build | test | disassemble</summary>
internal static class MoveCommands
{
    public static Command Move() => new("move", "Build, test and look into Move packages\n\nExample: theseus move test --path "
        + "framework/move-stdlib") { Build(), Test(), Disassemble() };

    // both names are known from other Move tools
    private static Option<string> PathOption() =>
        new("--path", "--package-dir") { Description = "Folder of the package", DefaultValueFactory = _ => "." };

    private static Option<bool> ChainOption() => new("--chain")
    {
        Description = "Judge the package by the rules of this chain, as publishing does; without it the rules of the Move language count",
    };

    private static Option<string?> AddressesOption() => new("--named-addresses")
    {
        Description = "Values for addresses that the manifests leave open, as in std=0x1,app=0x42",
    };

    /// <summary>The package's options of a command line.</summary>
    private static PackageOptions Options(PackageFolder folder, string? addresses, bool chain) => new()
    {
        Addresses = NamedAddresses(addresses),
        Folder = folder.Base.Replace('\\', '/'),
        OpenAddressesFromDevelopment = !chain,
        Verifier = chain ? new PackageOptions().Verifier : LanguageRules.Verifier,
    };

    private static SortedDictionary<string, Address> NamedAddresses(string? text)
    {
        SortedDictionary<string, Address> addresses = new(StringComparer.Ordinal);
        foreach (string pair in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] parts = pair.Split('=', 2, StringSplitOptions.TrimEntries);
            if (parts.Length != 2 || parts[0].Length == 0 || !Address.TryParse(parts[1], out Address address))
            {
                throw new CommandFailure($"--named-addresses takes name=address pairs as in std=0x1,app=0x42, not '{pair}'",
                    ExitCode.Usage);
            }

            if (!addresses.TryAdd(parts[0], address))
            {
                throw new CommandFailure($"--named-addresses gives '{parts[0]}' twice", ExitCode.Usage);
            }
        }

        return addresses;
    }

    private static Command Build()
    {
        Option<string> path = PathOption();
        Option<bool> chain = ChainOption();
        Option<string?> addresses = AddressesOption();
        Option<bool> json = CommonOptions.Json();
        Command command = new(
            "build",
            "Compile a package into its build folder\n\nExamples:\n  theseus move build --path framework/move-stdlib --chain\n  "
                + "theseus move build --named-addresses app=0x42")
        {
            path, chain, addresses, json,
        };
        command.SetAction(parsed =>
        {
            Stopwatch watch = Stopwatch.StartNew();
            PackageFolder folder = PackageFolder.Read(parsed.GetValue(path)!);
            PackageBuildResult built = PackageBuild.Build(folder.Tree, folder.Root,
                Options(folder, parsed.GetValue(addresses), parsed.GetValue(chain)));
            Report(built.Diagnostics);
            if (!built.Success)
            {
                return Refused(parsed.GetValue(json), built);
            }

            string output = Path.Combine(Path.GetFullPath(parsed.GetValue(path)!), "build", built.Root!.Name);
            BuiltUnit[] units = [];
            new Place("--path", output).Write(() => units = [.. built.Root.Compilation.Units.Select(unit => Write(output, unit))]);
            if (parsed.GetValue(json))
            {
                Terminal.Json(new { success = true, package = built.Root.Name, output, units });
            }
            else
            {
                Terminal.Table(["unit", "bytes", "SHA-256"], units.Select(unit => new[] { unit.Name, unit.Bytes.ToString(), unit.Sha256 }));
                Terminal.Print($"built {built.Root.Name}: {units.Length} units, {units.Sum(unit => unit.Bytes)} bytes in "
                    + $"{watch.Elapsed.TotalSeconds:0.0} s, written to {Path.GetRelativePath(Directory.GetCurrentDirectory(), output)}");
            }

            return ExitCode.Clean;
        });
        return command;
    }

    private sealed record BuiltUnit(string Name, int Bytes, string Sha256);

    private static BuiltUnit Write(string output, CompiledSource unit)
    {
        byte[] bytes = unit.Module is { } module ? ModuleWriter.Write(module) : ModuleWriter.Write(unit.Script!);
        string folder = Path.Combine(output, unit.Module is null ? "scripts" : "modules");
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, unit.Id.Name + ".mv"), bytes);
        return new BuiltUnit(unit.Module is null ? $"script {unit.Id.Name}" : unit.Id.ToString(), bytes.Length, Hashing.Sha256(bytes)
            .ToString());
    }

    private static Command Test()
    {
        Option<string> path = PathOption();
        Option<string?> filter = new("--filter") { Description = "Run the tests whose address::module::function contains this text" };
        Option<bool> coverage = new("--coverage") { Description = "Show how much of each module the tests reach" };
        Option<bool> gas = new("--gas") { Description = "Show the gas of every test" };
        Option<string> stack = new("--stack") { Description = "Execution stack whose natives there are", DefaultValueFactory = _ => "v1" };
        Option<bool> chain = ChainOption();
        Option<string?> addresses = AddressesOption();
        Option<bool> json = CommonOptions.Json();
        Command command = new(
            "test",
            "Run a package's #[test] functions, each in a fresh state\n\nExample: theseus move test --path "
                + "framework/theseus-framework --coverage")
        {
            path, filter, coverage, gas, stack, chain, addresses, json,
        };
        command.SetAction(parsed =>
        {
            Stopwatch watch = Stopwatch.StartNew();
            PackageFolder folder = PackageFolder.Read(parsed.GetValue(path)!);
            bool rules = parsed.GetValue(chain);
            PackageOptions options = Options(folder, parsed.GetValue(addresses), rules) with { TestMode = true };
            PackageBuildResult built = PackageBuild.Build(folder.Tree, folder.Root, options);
            Report(built.Diagnostics);
            if (!built.Success)
            {
                return Refused(parsed.GetValue(json), built);
            }

            NativeTable natives = TestTable(parsed.GetValue(stack)!);
            TestReport report = TestRunner.Run(built, new TestOptions
            {
                Natives = rules ? natives : LanguageNatives.AddTo(natives, Console.Error.WriteLine),
                Rules = rules ? new Theseus.Move.Rules.MoveRules() : LanguageRules.Rules,
                Filter = parsed.GetValue(filter),
                Coverage = parsed.GetValue(coverage),
            });
            if (parsed.GetValue(json))
            {
                Terminal.Json(Summary(report, watch.Elapsed.TotalSeconds));
            }
            else
            {
                Show(report, parsed.GetValue(gas), built.Root!.Name, watch.Elapsed.TotalSeconds);
            }

            return report.Failed > 0 ? ExitCode.Failure : report.Results.Count == 0 && parsed.GetValue(filter) is not null
                ? Nothing(parsed.GetValue(filter)!) : ExitCode.Clean;
        });
        return command;
    }

    /// <summary>The natives of a stack with those that only tests have.</summary>
    public static NativeTable TestTable(string stack)
    {
        IReadOnlyList<StackEntry> stacks = StackTable.BuiltIn();
        StackEntry entry = stacks.FirstOrDefault(known => known.Name == stack)
            ?? throw new CommandFailure($"no stack {stack}: this software has {string.Join(", ", stacks.Select(known => known.Name))}",
                ExitCode.Usage);
        HashSet<string> listed = [.. entry.Create().Manifest.Natives];
        NativeTable all = StandardNatives.All(static (signature, publicKey, message) => Ed25519.Verify(publicKey, message, signature),
            static publicKey => Ed25519.IsValidPublicKey(publicKey));
        return all.Pick([.. all.All.Where(native => listed.Contains(native.Text)).Select(native => native.Id)]).With(TestNatives.All());
    }

    private static object Summary(TestReport report, double seconds) => new
    {
        success = report.Failed == 0,
        passed = report.Passed,
        failed = report.Failed,
        seconds = Math.Round(seconds, 3),
        tests = report.Results.Select(result => new
        {
            name = result.Name, result.Passed, result.GasUsed, message = result.Passed ? null : result.Message,
            location = result.Passed ? null : (result.Location ?? result.Test.Location).ToString(),
        }),
        coverage = report.Coverage is null ? null : new
        {
            report.Coverage.PerMille,
            modules = report.Coverage.Modules.Select(module => new
            {
                module = module.Module.ToString(), module.Covered, module.Instructions, module.PerMille, module.NeverEntered,
                missed = module.Missed.Select(place => place.ToString()),
            }),
        },
    };

    private static void Show(TestReport report, bool gas, string package, double seconds)
    {
        foreach (TestResult result in report.Results.Where(result => !result.Passed))
        {
            Terminal.Print(
                $"FAIL {Short(result.Test.Module)}::{result.Test.Function} at {result.Location ?? result.Test.Location}: {result.Message}");
        }

        if (gas)
        {
            Terminal.Table(["test", "gas"],
                report.Results.Select(result =>
                new[] { $"{Short(result.Test.Module)}::{result.Test.Function}", result.GasUsed.ToString() }));
        }

        if (report.Coverage is { } coverage)
        {
            Terminal.Table(
                ["module", "covered", "of", "percent"],
                coverage.Modules.Select(module =>
                    new[] { Short(module.Module), module.Covered.ToString(), module.Instructions.ToString(), Percent(module.PerMille) }));
            foreach (ModuleCoverage module in coverage.Modules)
            {
                foreach (string name in module.NeverEntered)
                {
                    Terminal.Print($"never entered: {Short(module.Module)}::{name}");
                }

                if (module.Missed.Count > 0)
                {
                    Terminal.Say($"not reached in {Short(module.Module)}: "
                        + $"{string.Join(", ", module.Missed.Select(place => $"{Path.GetFileName(place.File)}:{place.Line}").Distinct())}");
                }
            }

            Terminal.Print($"coverage of {package}: {Percent(coverage.PerMille)} %");
        }

        Terminal.Print($"{package}: {report.Passed} passed, {report.Failed} failed in {seconds:0.0} s");
    }

    /// <summary>Without leading zeros: what a person wrote.</summary>
    private static string Short(ModuleId module) =>
        $"0x{Convert.ToHexStringLower(module.Address.ToArray()).TrimStart('0').PadLeft(1, '0')}::{module.Name}";

    private static string Percent(int perMille) => $"{perMille / 10}.{perMille % 10}";

    private static int Nothing(string filter)
    {
        Terminal.Say($"theseus: no test's name contains '{filter}'");
        return ExitCode.Failure;
    }

    /// <summary>Bytes of a file that is taken for bytecode: far above what any chain publishes.</summary>
    private const long MaximumBytecode = 16 << 20;

    private static Command Disassemble()
    {
        Argument<string> what = new("what") { Description = "A .mv file, or a module of the chain such as 0x1::coin" };
        Option<ulong?> at = CommonOptions.At();
        Option<string?> url = CommonOptions.Url();
        Option<string?> dir = CommonOptions.Dir();
        Option<bool> json = CommonOptions.Json();
        Command command = new("disassemble", "Show a compiled module or script as text\n\nExamples:\n  theseus move disassemble "
            + "build/App/modules/app.mv\n  theseus move disassemble 0x1::governance") { what, at, url, dir, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            string name = parsed.GetValue(what)!;
            byte[] bytes;
            if (File.Exists(name))
            {
                Place place = new("<what>", name);
                bytes = await Task.Run(() => place.Read(MaximumBytecode), cancellation).WaitAsync(cancellation); // a pipe may be waited for
            }
            else
            {
                string[] parts = name.Split("::");
                if (parts.Length != 2)
                {
                    throw new CommandFailure($"{name} is neither a file nor a module such as 0x1::coin", ExitCode.Usage);
                }

                using Client.TheseusClient client = NodeConnection.Open(parsed.GetValue(url), parsed.GetValue(dir));
                bytes = Convert.FromHexString((await client.GetModuleAsync(parts[0], parts[1], CommonOptions.ToAt(parsed.GetValue(at)),
                    cancellation)).Bytecode[2..]);
            }

            // the bytes do not say which of the two they are
            DecodeResult<CompiledModule> module = ModuleReader.ReadModule(bytes);
            DecodeResult<CompiledScript> script = ModuleReader.ReadScript(bytes);
            string text = module.Value is { } decoded ? Disassembler.Text(decoded) : script.Value is { } found ? Disassembler.Text(found)
                : throw new CommandFailure($"{name} is not Move bytecode: {module.Message}");
            if (parsed.GetValue(json))
            {
                Terminal.Json(new { kind = module.Value is null ? "script" : "module", text, sha256 = Hashing.Sha256(bytes).ToString(),
                    sha3 = Hashing.Sha3(bytes).ToString() });
            }
            else
            {
                Terminal.Print(text.TrimEnd('\n'));
            }

            return ExitCode.Clean;
        });
        return command;
    }

    private static void Report(IEnumerable<Diagnostic> diagnostics)
    {
        string text = DiagnosticRenderer.Render(diagnostics);
        if (text.Length > 0)
        {
            Console.Error.Write(text);
        }
    }

    private static int Refused(bool json, PackageBuildResult built)
    {
        int errors = built.Diagnostics.Count(diagnostic => diagnostic.Severity == Severity.Error);
        if (json)
        {
            Terminal.Json(new
            {
                success = false,
                diagnostics = built.Diagnostics.Select(diagnostic =>
                    new { diagnostic.Code, severity = diagnostic.Severity, diagnostic.Title, diagnostic.File, diagnostic.Line,
                    diagnostic.Column, diagnostic.Message }),
            });
        }

        Terminal.Say($"theseus: {errors} error{(errors == 1 ? "" : "s")}");
        return ExitCode.Failure;
    }
}
