using System.CommandLine;
using System.Diagnostics;
using Theseus.Cli.Framework;
using Theseus.Client;
using Theseus.Protocol;

namespace Theseus.Cli.Commands;

/// <summary>theseus framework release | upgrade</summary>
internal static class FrameworkCommands
{
    public static Command Framework() => new("framework", "Build the on-chain framework and its upgrades\n\nExample: theseus "
        + "framework upgrade --script-dir up") { Release(), Upgrade() };

    private static Option<string?> FolderOption() =>
        new("--framework-dir") { Description = "Folder with the framework's packages; else the one of this checkout" };

    private static Command Release()
    {
        Option<string?> output = new("--output") { Description = "The file; else releases/head.mrb in the framework folder" };
        Option<string?> folder = FolderOption();
        Option<bool> json = CommonOptions.Json();
        Command command = new("release", "Build the framework into one file, byte for byte the same on every "
            + "machine\n\nExample: theseus framework release --output head.mrb") { output, folder, json };
        command.SetAction(parsed =>
        {
            Stopwatch watch = Stopwatch.StartNew();
            string sources = parsed.GetValue(folder) ?? FrameworkRelease.DefaultFolder();
            FrameworkRelease release = FrameworkRelease.FromSources(sources);
            byte[] bytes = FrameworkRelease.Encode(release);
            string file = parsed.GetValue(output) ?? Path.Combine(sources, "releases", "head.mrb");
            new Place("--output", file).Write(() =>
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
                File.WriteAllBytes(file, bytes);
            });

            string hash = Hashing.Sha256(bytes).ToString();
            if (parsed.GetValue(json))
            {
                Terminal.Json(new
                {
                    file, bytes = bytes.Length, sha256 = hash, compiler = release.Compiler,
                        sourceDigest = release.SourceDigest.ToString(), codeRoot = release.CodeRoot.ToString(),
                    packages = release.Packages.Select(package => new
                    {
                        package.Name, sourceDigest = package.SourceDigest.ToString(),
                        modules = package.Modules.Select(module =>
                            new { module.Name, bytes = module.Bytes.Length, sha256 = module.Hash.ToString() }),
                    }),
                });
            }
            else
            {
                Terminal.Fields(
                    ("file", $"{file}, {bytes.Length} bytes"),
                    ("SHA-256", hash),
                    ("code root", release.CodeRoot.ToString()),
                    ("source digest", release.SourceDigest.ToString()),
                    ("packages", string.Join(", ",
                        release.Packages.Select(package => $"{package.Name} ({package.Modules.Count} modules)"))));
                Terminal.Say($"built in {watch.Elapsed.TotalSeconds:0.0} s");
            }

            return ExitCode.Clean;
        });
        return command;
    }

    private static Command Upgrade()
    {
        Option<string> output = new("--script-dir", "--output-dir") { Description = "Where the script package goes", Required = true };
        Option<string?> folder = FolderOption();
        Option<bool> unchecked_ = new("--no-check") { Description = "Write the package even when the chain would refuse it" };
        Option<string?> url = CommonOptions.Url();
        Option<string?> dir = CommonOptions.Dir();
        Option<bool> json = CommonOptions.Json();
        Command command = new("upgrade", "Make the one-time script that brings a chain to this framework\n\nExample: theseus "
            + "framework upgrade --output-dir up\nThen:    theseus txs upgrade propose --script-dir up --metadata-url "
            + "https://example.org/up") { output, folder, unchecked_, url, dir, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            new Place("--script-dir", parsed.GetValue(output)!).CheckFolder();
            FrameworkRelease release = FrameworkRelease.FromSources(parsed.GetValue(folder));
            using TheseusClient client = NodeConnection.Open(parsed.GetValue(url), parsed.GetValue(dir));
            ChainCode chain = await ChainCode.ReadAsync(client, cancellation);
            FrameworkDifference difference = UpgradeScripts.Compare(release, chain);
            if (difference.Changes.Count == 0)
            {
                throw new CommandFailure(
                    $"nothing to upgrade: the chain runs exactly this framework (code root {chain.CodeRoot} at block {chain.Height})");
            }

            if (difference.Objections.Count > 0)
            {
                foreach (string objection in difference.Objections)
                {
                    Terminal.Say("  " + objection);
                }

                string summary = $"the chain would refuse this upgrade for {difference.Objections.Count} "
                    + $"reason{(difference.Objections.Count == 1 ? "" : "s")}: {difference.Objections[0]}";
                if (!parsed.GetValue(unchecked_))
                {
                    throw new CommandFailure(summary + ". Nothing was written");
                }

                Terminal.Say("theseus: " + summary + "; written all the same, as --no-check says");
            }

            foreach (string warning in difference.Warnings)
            {
                Terminal.Say("theseus: warning: " + warning);
            }

            ScriptPackage package = UpgradeScripts.Framework(release, chain, difference);
            string target = parsed.GetValue(output)!;
            package.Write(target);
            if (parsed.GetValue(json))
            {
                Terminal.Json(new
                {
                    directory = target, package.Manifest, objections = difference.Objections, warnings = difference.Warnings,
                });
            }
            else
            {
                Terminal.Table(["module", "change", "bytes", "SHA-256"],
                    difference.Changes.Select(change =>
                    new[] { "0x1::" + change.Name, change.Change, change.Bytes.ToString(), change.To }));
                Terminal.Fields(
                    ("unchanged", difference.Unchanged.Count.ToString()),
                    ("base root", chain.CodeRoot.ToString()),
                    ("expected root", difference.ExpectedRoot.ToString()),
                    ("source digest", release.SourceDigest.ToString()),
                    ("script", $"{Path.Combine(target, "script.mv")}, {package.Script.Length} bytes"),
                    ("script hash", package.Hash.ToString()));
                if (difference.Kept.Count > 0)
                {
                    Terminal.Say($"kept on the chain though the sources lack them: {string.Join(", ", difference.Kept)}");
                }

                Terminal.Say($"next: theseus txs upgrade propose --script-dir {target} --metadata-url URL --from NAME");
            }

            return ExitCode.Clean;
        });
        return command;
    }
}
