using System.Text;

namespace Theseus.Execution.Tests;

/// <summary>A bundle from one framework to another, as a release would make it.</summary>
internal sealed class Upgrade
{
    private Upgrade(IReadOnlyList<byte[]> from, IReadOnlyList<byte[]> to, IReadOnlyList<byte[]> changed)
    {
        From = from;
        To = to;
        Changed = changed;
        Base = Framework.Root(from);
        Expected = Framework.Root(to);
    }

    public IReadOnlyList<byte[]> From { get; }

    public IReadOnlyList<byte[]> To { get; }

    /// <summary>What is new or different, in order of dependency.</summary>
    public IReadOnlyList<byte[]> Changed { get; init; }

    public Hash32 Base { get; init; }

    public Hash32 Expected { get; init; }

    /// <summary>From the framework with the lab to an edited one.</summary>
    public static Upgrade By(params IReadOnlyList<Edit> edits) => Between(Framework.WithLab, Framework.Compile(edits));

    public static Upgrade Between(IReadOnlyList<byte[]> from, IReadOnlyList<byte[]> to)
    {
        SortedDictionary<ModuleId, byte[]> before = [];
        foreach (byte[] blob in from)
        {
            before.Add(Framework.IdOf(blob), blob);
        }

        return new Upgrade(from, to,
            [.. to.Where(blob => !(before.GetValueOrDefault(Framework.IdOf(blob))?.AsSpan().SequenceEqual(blob) ?? false))]);
    }

    public Upgrade With(IReadOnlyList<byte[]>? changed = null, Hash32? @base = null, Hash32? expected = null) =>
        new(From, To, changed ?? Changed) { Changed = changed ?? Changed, Base = @base ?? Base, Expected = expected ?? Expected };

    /// <summary>The one-time script that publishes it.</summary>
    /// <param name="publishes">How often.</param>
    /// <param name="before">Statements before the publish.</param>
    public byte[] Script(int publishes = 1, string before = "", string uses = "")
    {
        StringBuilder source = new();
        source.Append($"script {{ use theseus_framework::governance; use theseus_framework::code; {uses} fun main() {{ let fw = governance::resolve(); {before} ");
        for (int i = 0; i < publishes; i++)
        {
            source.Append($"let modules{i} = std::vector::empty();");
            foreach (byte[] blob in Changed)
            {
                source.Append($"std::vector::push_back(&mut modules{i}, x\"{Convert.ToHexStringLower(blob)}\");");
            }

            source.Append($"code::publish(&fw, x\"{Base}\", x\"{Expected}\", x\"{new string('d', 64)}\", modules{i});");
        }

        return Framework.Script(source.Append(" } }").ToString(), From);
    }
}
