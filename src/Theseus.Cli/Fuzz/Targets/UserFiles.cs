using System.Text;
using System.Text.Json;
using Theseus.Cli.Framework;
using Theseus.Consensus;
using Theseus.Node;
using Theseus.Protocol;

namespace Theseus.Cli.Fuzz.Targets;

/// <summary>Files that people write, copy and damage.</summary>
internal static class UserFiles
{
    private static readonly Lazy<string> Folder = new(() =>
    {
        string folder = Directory.CreateTempSubdirectory("theseus-fuzz-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        return folder;
    });

    public static byte[] NodeJson(FuzzChain chain) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        name = "n1",
        role = "validator",
        bind = "127.0.0.1",
        ports = new { rpc = 25000, consensus = 25001, sync = 25002, mempool = 25003, admin = 0 },
        genesis = "../genesis.blob",
        keyFile = "node.key",
        validator = chain.Validators[0].Address.ToLongString(),
        peers = new[]
        {
            new { name = "n2", key = new string('a', 64), host = "example.org", consensusPort = 25011, syncPort = 25012,
                mempoolPort = 25013 },
        },
        retention = 1000,
        stacks = new[] { "v1", "v2" },
        blockRetention = 0,
    });

    public static void ReadNodeJson(byte[] input)
    {
        File.WriteAllBytes(Path.Combine(Folder.Value, NodeConfig.FileName), input);
        try
        {
            NodeConfig.Load(Folder.Value);
        }
        catch (ConfigurationException)
        {
            // documented
        }
    }

    public static byte[] EvidenceFile(FuzzChain chain)
    {
        SignContext context = new(chain.Genesis.ChainName, ValidatorSets.ToValue(chain.Genesis.Hash()), 1);
        Signed<Vote>[] votes = [.. chain.Validators.Take(2).Select((_, i) =>
        {
            Vote vote = new(VoteType.Prevote, 9, 0, i == 0 ? null : context.GenesisHash, Rounds.Nil, chain.Validators[0].Id);
            return new Signed<Vote>(vote, chain.Validators[0].Sign(SignBytes.Of(context, vote)));
        })];
        string line = Convert.ToHexStringLower(Canonical.Encode(Offences.Between(votes[0], votes[1])!));
        return Encoding.ASCII.GetBytes(line + "\n" + line.ToUpperInvariant() + "\n");
    }

    public static void ReadEvidenceFile(byte[] input)
    {
        string file = Path.Combine(Folder.Value, "evidence.txt");
        File.WriteAllBytes(file, input);
        _ = new EvidencePool(file, static evidence => Offences.Proves(evidence)).Pending;
    }

    /// <summary>A release of two modules: each mutant of a whole one would copy 200 KiB.</summary>
    public static FrameworkRelease Small(FrameworkRelease release)
    {
        ReleasePackage first = release.Packages[0];
        return new FrameworkRelease(release.Compiler, release.SourceDigest, [first with { Modules = [.. first.Modules.Take(2)] }]);
    }
}
