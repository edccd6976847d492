using System.CommandLine;
using System.Security.Cryptography;
using Theseus.Cli.Localnet;
using Theseus.Protocol;

namespace Theseus.Cli.Commands;

/// <summary>theseus keys new | show | list</summary>
internal static class KeyCommands
{
    public static Command Keys() => new("keys",
        "Make and show account keys\n\nExamples:\n  theseus keys new carol.key\n  theseus keys list") { New(), Show(), List() };

    private static Command New()
    {
        Argument<string> file = new("file") { Description = "Where the seed goes: 64 hexadecimal digits, readable by its owner only" };
        Option<bool> json = CommonOptions.Json();
        Command command = new("new", "Make a key\n\nExample: theseus keys new carol.key") { file, json };
        command.SetAction(parsed =>
        {
            string path = parsed.GetValue(file)!;
            byte[] seed = RandomNumberGenerator.GetBytes(32);
            new Place("<file>", path).Write(() =>
            {
                try
                {
                    KeyFile.Write(path, seed, FileMode.CreateNew);
                }
                catch (IOException) when (Path.Exists(path))
                {
                    throw new CommandFailure($"{path} exists: a key is never overwritten; choose another name", ExitCode.Usage);
                }
            });

            Report(parsed.GetValue(json), path, seed);
            return ExitCode.Clean;
        });
        return command;
    }

    private static Command Show()
    {
        Argument<string> account = new("account") { Description = "A localnet account or a key file" };
        Option<string?> dir = CommonOptions.Dir();
        Option<bool> json = CommonOptions.Json();
        Command command = new("show", "Show an account's address and public key\n\nExample: theseus keys show alice") { account, dir,
            json };
        command.SetAction(parsed =>
        {
            WalletAccount found = Wallet.Of(parsed.GetValue(dir)).Signer(parsed.GetValue(account)!);
            Report(parsed.GetValue(json), found.Name, found.Seed);
            return ExitCode.Clean;
        });
        return command;
    }

    private static Command List()
    {
        Option<string?> dir = CommonOptions.Dir();
        Option<bool> json = CommonOptions.Json();
        Command command = new("list", "List the localnet's named accounts (public test keys)\n\nExample: theseus keys list") { dir, json };
        command.SetAction(parsed =>
        {
            LocalnetFile localnet = LocalnetLayout.Of(parsed.GetValue(dir)).Read();
            if (parsed.GetValue(json))
            {
                Terminal.Json(localnet.Accounts.Select(account => new { account.Name, account.Address }));
            }
            else
            {
                Terminal.Fields([.. localnet.Accounts.Where(account => !account.IsLoad).Select(account => (account.Name,
                    account.Address))]);
            }

            return ExitCode.Clean;
        });
        return command;
    }

    private static void Report(bool json, string name, byte[] seed)
    {
        string publicKey = "0x" + Convert.ToHexStringLower(Ed25519.PublicKey(seed));
        string address = Wallet.AddressOf(seed).ToLongString();
        if (json)
        {
            Terminal.Json(new { name, address, publicKey });
        }
        else
        {
            Terminal.Fields(("name", name), ("address", address), ("public key", publicKey));
        }
    }
}
