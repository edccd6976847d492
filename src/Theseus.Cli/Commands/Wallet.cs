using System.Security.Cryptography;
using System.Text;
using Theseus.Cli.Localnet;
using Theseus.Protocol;

namespace Theseus.Cli.Commands;

/// <summary>An account that this command can sign for.</summary>
/// <param name="Name">A localnet's name, or the name of the key file.</param>
/// <param name="Address">Its account.</param>
/// <param name="Seed">32 bytes of Ed25519 seed.</param>
internal sealed record WalletAccount(string Name, Address Address, byte[] Seed);

/// <summary>Finds accounts by name, address or key file. A localnet's named accounts have public test keys.</summary>
/// <param name="localnet">Whose accounts have names; null where there is none.</param>
/// <param name="place">Where it was looked for, as in "in /tmp/net".</param>
internal sealed class Wallet(LocalnetFile? localnet, string place = "here")
{
    /// <summary>Seed of a localnet's named account: SHA-256 of a public text. Worth nothing anywhere else.</summary>
    public static byte[] TestSeed(string name) => SHA256.HashData(Encoding.UTF8.GetBytes("theseus localnet account " + name));

    /// <summary>The account of a key that was never changed.</summary>
    public static Address AddressOf(byte[] seed) => AuthenticationKeys.ToAddress(AuthenticationKeys.OfEd25519(Ed25519.PublicKey(seed)));

    /// <summary>The wallet of the localnet that --dir names, or one that knows key files only.</summary>
    public static Wallet Of(string? dir) => new(LocalnetLayout.Of(dir).TryRead(), dir is null ? "here" : $"in {dir}");

    /// <summary>Reads an address as the user of a command writes it: with 0x, so that no mistyped name passes for one.</summary>
    public static bool TryAddress(string given, out Address address)
    {
        address = default;
        return given.StartsWith("0x", StringComparison.Ordinal) && Address.TryParse(given, out address);
    }

    /// <summary>A signer: a localnet name, or the path of a file with 64 hex digits of seed.</summary>
    /// <exception cref="CommandFailure">It is neither.</exception>
    public WalletAccount Signer(string given)
    {
        if (Named(given) is LocalnetAccount named)
        {
            return new WalletAccount(named.Name, Address.Parse(named.Address), Convert.FromHexString(named.Seed));
        }

        if (File.Exists(given))
        {
            byte[] seed = KeyFile.ReadSeed("key file", given);
            return new WalletAccount(Path.GetFileName(given), AddressOf(seed), seed);
        }

        throw new CommandFailure($"no account or key file named '{given}'{Nearest.Question(given, Names)}; {Known}", ExitCode.Usage);
    }

    /// <summary>A receiver: a localnet name or an address that begins with 0x.</summary>
    /// <exception cref="CommandFailure">It is neither.</exception>
    public Address Receiver(string given) =>
        Named(given) is LocalnetAccount named ? Address.Parse(named.Address)
        : TryAddress(given, out Address address) ? address
        : throw new CommandFailure(
            $"'{given}' is neither a known account nor an address of 0x and 1 to 64 hexadecimal digits{Nearest.Question(given, Names)}; "
                + $"{Known}",
            ExitCode.Usage);

    /// <summary>The name of an address here, else the address.</summary>
    public string NameOf(string address) => localnet?.Accounts.FirstOrDefault(account => account.Address == address)?.Name ?? address;

    private IEnumerable<string> Names => (localnet?.Accounts ?? []).Select(account => account.Name);

    private string Known => localnet is null
        ? $"there is no localnet {place}"
        : $"this localnet has "
            + $"{string.Join(", ", Names.Where(name => !name.StartsWith(LocalnetAccount.LoadPrefix, StringComparison.Ordinal)))}";

    private LocalnetAccount? Named(string given) => localnet?.Accounts.FirstOrDefault(account => account.Name == given);
}
