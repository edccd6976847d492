using Theseus.Cli.Framework;
using Theseus.Protocol;

namespace Theseus.Cli.Tests;

public sealed class ReleaseTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TwoCopiesInTwoFoldersGiveEqualReleases()
    {
        string near = _folder.Sub("a");
        string far = _folder.Sub("somewhere/deeper/with a space");
        FrameworkCopy.Make(Repository.Folder("framework"), near);
        FrameworkCopy.Make(Repository.Folder("framework"), far);
        Assert.Equal(
            FrameworkRelease.Encode(FrameworkRelease.Build(PackageFolder.ReadAll(near))),
            FrameworkRelease.Encode(FrameworkRelease.Build(PackageFolder.ReadAll(far))));
    }

    [Fact]
    public void TestsAreNoPartOfARelease()
    {
        FrameworkCopy.Make(Repository.Folder("framework"), _folder.Path);
        byte[] before = FrameworkRelease.Encode(FrameworkRelease.Build(PackageFolder.ReadAll(_folder.Path)));
        File.AppendAllText(_folder.Sub("move-stdlib/tests/vector_tests.move"), "// more\n");
        Assert.Equal(before, FrameworkRelease.Encode(FrameworkRelease.Build(PackageFolder.ReadAll(_folder.Path))));
        File.AppendAllText(_folder.Sub("move-stdlib/sources/vector.move"), "// more\n");
        FrameworkRelease changed = FrameworkRelease.Build(PackageFolder.ReadAll(_folder.Path));
        Assert.NotEqual(before, FrameworkRelease.Encode(changed));
    }

    [Fact]
    public void AReleaseIsReadBackAndACorruptOneIsNot()
    {
        FrameworkRelease release = FrameworkRelease.FromSources(Repository.Folder("framework"));
        byte[] bytes = FrameworkRelease.Encode(release);
        FrameworkRelease read = FrameworkRelease.TryDecode(bytes)!;
        Assert.Equal(bytes, FrameworkRelease.Encode(read));
        Assert.Equal(release.CodeRoot, read.CodeRoot);
        Assert.Null(FrameworkRelease.TryDecode([.. bytes, 0]));
        Assert.Null(FrameworkRelease.TryDecode(bytes.AsSpan(0, bytes.Length - 1)));
        // the tag, the digest, the root, and a byte of the last module
        foreach (int at in (int[])[3, 40, 70, bytes.Length - 1])
        {
            byte[] flipped = [.. bytes];
            flipped[at] ^= 1;
            FrameworkRelease? found = FrameworkRelease.TryDecode(flipped);
            Assert.True(found is null || found.Compiler != release.Compiler, $"byte {at}");
        }
    }

    [Fact]
    public void TheFormatIsTheDocumentedOne()
    {
        FrameworkRelease release = new("c 1", Hash32.Zero, [new ReleasePackage("P", Hash32.Zero, [new ReleaseModule("m", [0xa1, 0x1c])])]);
        string root = ExecutionRoots.OfCode([("m", [0xa1, 0x1c])]).ToString();
        string expected = "11" + Convert.ToHexStringLower("theseus-release-1"u8) + "03" + Convert.ToHexStringLower("c 1"u8)
            + new string('0', 64) + root
            + "01" + "0150" + new string('0', 64) + "01" + "016d" + "02a11c";
        Assert.Equal(expected, Convert.ToHexStringLower(FrameworkRelease.Encode(release)));
    }

    [Fact]
    public void ModulesComeAfterWhatTheyUse()
    {
        FrameworkRelease release = FrameworkRelease.FromSources(Repository.Folder("framework"));
        HashSet<string> seen = [];
        foreach (byte[] blob in release.Modules)
        {
            Theseus.Move.Format.CompiledModule module = Theseus.Move.Format.ModuleReader.ReadModule(blob).Value!;
            foreach (Theseus.Move.Format.ModuleHandle used in module.ModuleHandles)
            {
                string name = module.ModuleIdOf(used).Name;
                Assert.True(name == module.Id.Name || seen.Contains(name), $"{module.Id.Name} before {name}");
            }

            seen.Add(module.Id.Name);
        }

        Assert.Equal(release.ModulesByName.Count(), seen.Count);
    }

    [Fact]
    public void ABrokenFrameworkSaysWhere()
    {
        FrameworkCopy.Make(Repository.Folder("framework"), _folder.Path);
        FrameworkCopy.Add(_folder.Path, "theseus-framework", "timestamp", "public fun wrong(): u64 { true }");
        CommandFailure failure = Assert.Throws<CommandFailure>(() => FrameworkRelease.FromSources(_folder.Path));
        Assert.Contains("theseus-framework/sources/timestamp.move", failure.Message);
    }
}
