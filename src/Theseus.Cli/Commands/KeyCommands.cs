using System.CommandLine;
using System.Security.Cryptography;
using Theseus.Cli.Localnet;
using Theseus.Protocol;

namespace Theseus.Cli.Commands;

/// <summary>theseus keys new | show | list</summary>
public static class KeyCommands
{
    public static Command Keys() => new("keys", "Make and show account keys") { New(), Show(), List() };

    private static Command New()
    {
        Argument<string> file = new("file") { Description = "Where the seed goes: 64 hexadecimal digits, readable by its owner only" };
        Option<bool> json = Shared.Json();
        Command command = new("new", "Make a key\n\nExample: theseus keys new carol.key") { file, json };
        command.SetAction(parsed =>
        {
            string path = parsed.GetValue(file)!;
            byte[] seed = RandomNumberGenerator.GetBytes(32);
            try
            {
                using FileStream stream = new(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
                using StreamWriter writer = new(stream);
                writer.WriteLine(Convert.ToHexStringLower(seed));
            }
            catch (IOException e)
            {
                throw new CommandFailure($"cannot make {path}: {e.Message}");
            }

            Report(parsed.GetValue(json), path, seed);
            return ExitCode.Clean;
        });
        return command;
    }

    private static Command Show()
    {
        Argument<string> account = new("account") { Description = "A localnet account or a key file" };
        Option<string?> dir = Shared.Dir();
        Option<bool> json = Shared.Json();
        Command command = new("show", "Show an account's address and public key\n\nExample: theseus keys show alice") { account, dir, json };
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
        Option<string?> dir = Shared.Dir();
        Option<bool> json = Shared.Json();
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
                Terminal.Table(["name", "address"], localnet.Accounts.Where(account => !account.Name.StartsWith("load", StringComparison.Ordinal)).Select(account => new[] { account.Name, account.Address }));
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
