using System.Text;
using Theseus.Client;
using Theseus.Move.Format;
using Theseus.Move.Natives;
using Theseus.Move.Rules;
using Theseus.Move.Runtime;
using Theseus.Protocol;

namespace Theseus.Cli.Framework;

/// <summary>The framework of a chain at one height, read over RPC and checked against its own code root.</summary>
/// <param name="Height">All reads are of this height.</param>
/// <param name="CodeRoot">Recomputed from the bytes.</param>
/// <param name="Modules">By name.</param>
/// <param name="Natives">Name and signature of natives that new code may use (0x1::versions::usable_natives).</param>
internal sealed record ChainCode(ulong Height, Hash32 CodeRoot, SortedDictionary<string, byte[]> Modules, IReadOnlyList<string> Natives)
{
    private const int MaximumModules = 1_000;
    private const int MaximumName = 256;

    public static async Task<ChainCode> ReadAsync(TheseusClient client, CancellationToken cancellation)
    {
        StatusInfo status = await client.StatusAsync(cancellation);
        At at = At.AtHeight(status.Height);
        byte[] names = await BytesAsync(client, "0x1::code::module_names", at, cancellation);
        byte[] root = await BytesAsync(client, "0x1::code::code_root", at, cancellation);
        byte[] natives = await BytesAsync(client, "0x1::versions::usable_natives", at, cancellation);
        SortedDictionary<string, byte[]> modules = new(StringComparer.Ordinal);
        foreach (string name in Texts(names))
        {
            ModuleInfo module = await client.GetModuleAsync("0x1", name, at, cancellation);
            modules[name] = Convert.FromHexString(module.Bytecode[2..]);
        }

        Hash32 computed = ExecutionRoots.OfCode(modules.Select(module => (module.Key, module.Value)));
        return new BcsReader(root).Bytes(Hash32.Length).AsSpan().SequenceEqual(computed.ToArray())
            ? new ChainCode(status.Height, computed, modules, Texts(natives))
            : throw new CommandFailure(
                $"the modules that {client.Node} gives do not make the code root of the chain at block {status.Height}");
    }

    /// <summary>Decoded modules, as libraries for the compiler.</summary>
    public IReadOnlyList<CompiledModule> Libraries() =>
        [.. Modules.Select(module => ModuleReader.ReadModule(module.Value).Value
        ?? throw new CommandFailure($"0x1::{module.Key} of the chain does not decode"))];

    public CodeSnapshot Snapshot() => CodeSnapshot.Load(
        CodeRoot, new MoveRules(), NativeTable.Empty, id => id.Address == Address.One && Modules.TryGetValue(id.Name, out byte[]? blob)
            ? blob : null);

    private static async Task<byte[]> BytesAsync(TheseusClient client, string function, At at, CancellationToken cancellation) =>
        Convert.FromHexString((await client.ViewAsync(function, null, null, at, cancellation)).Values[0].Bytes[2..]);

    private static List<string> Texts(byte[] bcs)
    {
        BcsReader reader = new(bcs);
        int count = reader.Count(MaximumModules);
        List<string> texts = [];
        for (int i = 0; i < count; i++)
        {
            texts.Add(Encoding.UTF8.GetString(reader.BytesView(MaximumName)));
        }

        return texts;
    }
}
