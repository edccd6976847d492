using System.Security.Cryptography;
using System.Text;
using Theseus.Cli.Localnet;
using Theseus.Protocol;

namespace Theseus.Cli.Commands;

/// <summary>An account that this command can sign for.</summary>
public sealed record WalletAccount(string Name, Address Address, byte[] Seed);

/// <summary>Finds accounts by name, address or key file. A localnet's named accounts have public test keys.</summary>
public sealed class Wallet(LocalnetFile? localnet)
{
    /// <summary>Seed of a localnet's named account: SHA-256 of a public text. Worth nothing anywhere else.</summary>
    public static byte[] TestSeed(string name) => SHA256.HashData(Encoding.UTF8.GetBytes("theseus localnet account " + name));

    public static Address AddressOf(byte[] seed) => AuthenticationKeys.ToAddress(AuthenticationKeys.OfEd25519(Ed25519.PublicKey(seed)));

    public static Wallet Of(string? dir) => new(LocalnetLayout.Of(dir).TryRead());

    /// <summary>A signer: a localnet name, or the path of a file with 64 hex digits of seed.</summary>
    public WalletAccount Signer(string given)
    {
        LocalnetAccount? named = localnet?.Accounts.FirstOrDefault(account => account.Name == given);
        if (named is not null)
        {
            return new WalletAccount(named.Name, Address.Parse(named.Address), Convert.FromHexString(named.Seed));
        }

        if (File.Exists(given))
        {
            string text = File.ReadAllText(given).Trim();
            if (text.Length == 64 && text.All(char.IsAsciiHexDigit))
            {
                byte[] seed = Convert.FromHexString(text);
                return new WalletAccount(Path.GetFileName(given), AddressOf(seed), seed);
            }

            throw new CommandFailure($"{given} is no key file: it should hold 64 hexadecimal digits; make one with: theseus keys new FILE", ExitCode.Configuration);
        }

        string known = localnet is null ? "there is no localnet here" : $"this localnet has {string.Join(", ", localnet.Accounts.Select(account => account.Name).Where(name => !name.StartsWith("load", StringComparison.Ordinal)))}";
        throw new CommandFailure($"no account or key file named {given}; {known}", ExitCode.Usage);
    }

    /// <summary>A receiver: a localnet name or an address.</summary>
    public Address Receiver(string given)
    {
        LocalnetAccount? named = localnet?.Accounts.FirstOrDefault(account => account.Name == given);
        return named is not null ? Address.Parse(named.Address)
            : Address.TryParse(given, out Address address) ? address
            : throw new CommandFailure($"{given} is neither an account of this localnet nor an address", ExitCode.Usage);
    }

    public string NameOf(string address) => localnet?.Accounts.FirstOrDefault(account => account.Address == address)?.Name ?? address;
}
