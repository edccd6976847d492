using Theseus.Protocol;

namespace Theseus.Move.Compiler.Emit;

/// <summary>An abort code of a module with its constant's name and documentation.</summary>
public sealed record ErrorDescription(ulong Code, string Name, string Documentation);

/// <summary>What the API needs to know about a module beyond its bytecode: BCS{views, events, errors}, each sorted (execution 2, ABI source).</summary>
public sealed record ModuleMetadata(IReadOnlyList<string> Views, IReadOnlyList<string> Events, IReadOnlyList<ErrorDescription> Errors)
{
    public const string Key = "theseus::metadata_v1";

    /// <summary>Longer documentation is cut here: a metadata value holds 65,535 bytes.</summary>
    private const int MaximumDocumentation = 200;

    public byte[] ToBytes()
    {
        BcsWriter writer = new();
        writer.List(Views, static (w, v) => w.Text(v));
        writer.List(Events, static (w, v) => w.Text(v));
        writer.List(Errors, static (w, e) => w.U64(e.Code).Text(e.Name).Text(e.Documentation));
        return writer.ToArray();
    }

    internal static string Cut(string documentation)
    {
        string line = documentation.Replace('\n', ' ').Trim();
        if (line.Length <= MaximumDocumentation)
        {
            return line;
        }

        int end = char.IsHighSurrogate(line[MaximumDocumentation - 1]) ? MaximumDocumentation - 1 : MaximumDocumentation;
        return line[..end];
    }
}
