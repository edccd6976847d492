using System.Text;

namespace Theseus.Cli.Commands;

/// <summary>A file with the seed of an Ed25519 key: 64 hexadecimal digits and white space around them.</summary>
internal static class KeyFile
{
    /// <summary>Larger files are not key files, and are not read.</summary>
    private const int MaximumBytes = 1024;

    private const int SeedDigits = 64;

    /// <summary>Who else than the owner may do what with a key file: nobody anything.</summary>
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>The 32 bytes of a seed. Says on stderr when others may read the file.</summary>
    /// <param name="word">How the command line calls it.</param>
    /// <param name="file">Its path.</param>
    /// <exception cref="CommandFailure">It cannot be read, or holds something else (exit codes 2 and 3).</exception>
    public static byte[] ReadSeed(string word, string file)
    {
        string text = Encoding.UTF8.GetString(new Place(word, file).Read(MaximumBytes)).Trim();
        if (text.Length != SeedDigits || !text.All(char.IsAsciiHexDigit))
        {
            throw new CommandFailure(
                $"{file} is not a key file: it should hold {SeedDigits} hexadecimal digits; make one with: theseus keys new FILE",
                    ExitCode.Configuration);
        }

        if (IsOpenToOthers(file))
        {
            Terminal.Say($"theseus: warning: others may read the key in {file}; close it with: chmod 600 {file}");
        }

        return Convert.FromHexString(text);
    }

    /// <summary>Whether somebody other than its owner may read or change a file.</summary>
    public static bool IsOpenToOthers(string file) => !OperatingSystem.IsWindows() && (File.GetUnixFileMode(
        file) & Others) != UnixFileMode.None;

    /// <summary>Writes a seed into a file that only its owner may read.</summary>
    public static void Write(string file, byte[] seed, FileMode mode)
    {
        FileStreamOptions options = new() { Mode = mode, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using StreamWriter writer = new(new FileStream(file, options));
        writer.WriteLine(Convert.ToHexStringLower(seed));
    }
}
