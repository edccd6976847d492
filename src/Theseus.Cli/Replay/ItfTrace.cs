using System.Text.Json;

namespace Theseus.Cli.Replay;

/// <summary>The states of one trace, for one instance of a model.</summary>
/// <param name="Prefix">What stands before the names of the variables, as in <c>line28Test::N4F1::</c>; empty for none.</param>
/// <param name="States">In their order.</param>
internal sealed record ItfTrace(string Prefix, IReadOnlyList<ItfValue> States)
{
    /// <summary>A trace of 400 states over seven validators has 12 MB; what is larger is refused, so that a reader's memory has a
    /// bound.</summary>
    private const long MaximumBytes = 256L << 20;

    /// <summary>Simulators make some hundred steps; a replay keeps a row for each.</summary>
    private const int MaximumStates = 100_000;

    /// <summary>Nesting of the multi-node states is 16.</summary>
    private const int MaximumDepth = 128;

    /// <summary>Whether every state has this variable.</summary>
    public bool Has(string variable) => States[0].TryField(Prefix + variable) is not null;

    /// <summary>A variable of a state.</summary>
    public ItfValue Of(int state, string variable) => States[state][Prefix + variable];

    /// <summary>Reads a file: one trace for every instance of a model in it; none if it is the trace of a test without
    /// variables.</summary>
    /// <exception cref="TraceFault">It is no trace.</exception>
    public static IReadOnlyList<ItfTrace> Read(string file)
    {
        FileInfo info = new(file);
        if (Directory.Exists(file))
        {
            throw new TraceFault("this is a folder; name the .itf.json files in it");
        }

        if (!info.Exists)
        {
            throw new TraceFault("there is no such file");
        }

        if (info.Length > MaximumBytes)
        {
            throw new TraceFault($"the file has {info.Length >> 20} MiB; at most {MaximumBytes >> 20} MiB are read");
        }

        JsonElement root;
        try
        {
            using FileStream stream = info.OpenRead();
            root = JsonDocument.Parse(stream, new JsonDocumentOptions { MaxDepth = MaximumDepth }).RootElement;
        }
        catch (JsonException e)
        {
            throw new TraceFault($"not JSON, at line {e.LineNumber + 1}, byte {e.BytePositionInLine}; write traces with "
                + "`quint run --out-itf` or `quint test --out-itf`");
        }

        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("states", out JsonElement list)
            || list.ValueKind != JsonValueKind.Array)
        {
            throw new TraceFault("there is no list 'states': this is not a trace in the Informal Trace Format");
        }

        if (list.GetArrayLength() > MaximumStates)
        {
            throw new TraceFault($"there are {list.GetArrayLength()} states; at most {MaximumStates} are replayed");
        }

        List<ItfValue> states = [];
        foreach (JsonElement state in list.EnumerateArray())
        {
            if (state.ValueKind != JsonValueKind.Object)
            {
                throw new TraceFault($"state {states.Count}: expected a record of variables");
            }

            states.Add(new ItfValue(state, $"state {states.Count}"));
        }

        return states.Count == 0 ? throw new TraceFault("'states' is empty") : [
            .. Prefixes(list[0]).Select(prefix => new ItfTrace(prefix, states))];
    }

    // "A::B::name": an instance of a model is all that stands before the name
    private static SortedSet<string> Prefixes(JsonElement state)
    {
        SortedSet<string> prefixes = new(StringComparer.Ordinal);
        foreach (JsonProperty variable in state.EnumerateObject())
        {
            if (!variable.Name.StartsWith('#'))
            {
                int at = variable.Name.LastIndexOf("::", StringComparison.Ordinal);
                prefixes.Add(at < 0 ? "" : variable.Name[..(at + 2)]);
            }
        }

        return prefixes;
    }
}
