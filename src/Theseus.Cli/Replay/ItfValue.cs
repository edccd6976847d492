using System.Globalization;
using System.Text.Json;

namespace Theseus.Cli.Replay;

/// <summary>What makes a file no trace that can be replayed: where in it, and what was expected there.</summary>
internal sealed class TraceFault(string message) : Exception(message);

/// <summary>
/// A value of the Informal Trace Format (Apalache ADR 15): numbers are <c>{"#bigint": "1"}</c> or plain, sets <c>{"#set": […]}</c>,
/// tuples
/// <c>{"#tup": […]}</c>, maps <c>{"#map": [[k, v], …]}</c>, lists plain, variants <c>{"tag": …, "value": …}</c>. Reading
/// says where it fails.
/// </summary>
internal readonly struct ItfValue(JsonElement element, string path)
{
    private const int Shown = 40;

    /// <summary>Where the value stands, as in <c>state 3: system: v1: round</c>.</summary>
    public string Path { get; } = path;

    /// <summary>A field of a record.</summary>
    /// <exception cref="TraceFault">There is none.</exception>
    public ItfValue this[string name] =>
        TryField(name) ?? throw Fault($"there is no field '{name}'");

    /// <summary>The bytes as they stand in the file: equal ones are equal values.</summary>
    public string Raw => element.ValueKind == JsonValueKind.Undefined ? "" : element.GetRawText();

    /// <summary>A whole number that fits 63 bits; rounds, heights and weights do.</summary>
    public long Number
    {
        get
        {
            JsonElement number = element.ValueKind == JsonValueKind.Object && element.TryGetProperty("#bigint", out JsonElement big)
                ? big : element;
            return number.ValueKind switch
            {
                JsonValueKind.Number when number.TryGetInt64(out long plain) => plain,
                JsonValueKind.String when long.TryParse(number.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture,
                    out long parsed) => parsed,
                _ => throw Fault($"expected a whole number below 2^63, not {Excerpt}"),
            };
        }
    }

    /// <summary>A number that fits an <see cref="int"/>.</summary>
    public int Small => Number is >= int.MinValue and <= int.MaxValue and long number ? (int)number
        : throw Fault($"expected a number below 2^31, not {Excerpt}");

    public string Text => element.ValueKind == JsonValueKind.String ? element.GetString()!
        : throw Fault($"expected a text, not {Excerpt}");

    public bool Truth => element.ValueKind is JsonValueKind.True or JsonValueKind.False ? element.GetBoolean()
        : throw Fault($"expected true or false, not {Excerpt}");

    /// <summary>The name of a variant.</summary>
    public string Tag => element.ValueKind == JsonValueKind.Object && element.TryGetProperty("tag", out JsonElement tag)
        && tag.ValueKind == JsonValueKind.String ? tag.GetString()! : throw Fault($"expected a variant with a tag, not {Excerpt}");

    /// <summary>What a variant carries.</summary>
    public ItfValue Carried => this["value"];

    /// <summary>The members of a set, tuple or list, in the order of the file.</summary>
    public IReadOnlyList<ItfValue> Items
    {
        get
        {
            JsonElement list = element;
            if (element.ValueKind == JsonValueKind.Object && !element.TryGetProperty("#set", out list))
            {
                element.TryGetProperty("#tup", out list);
            }

            if (list.ValueKind != JsonValueKind.Array)
            {
                throw Fault($"expected a set, tuple or list, not {Excerpt}");
            }

            List<ItfValue> items = new(list.GetArrayLength());
            foreach (JsonElement item in list.EnumerateArray())
            {
                items.Add(new ItfValue(item, $"{Path}[{items.Count}]"));
            }

            return items;
        }
    }

    /// <summary>The pairs of a map.</summary>
    public IReadOnlyList<(ItfValue Key, ItfValue Value)> Pairs
    {
        get
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty("#map", out JsonElement map)
                || map.ValueKind != JsonValueKind.Array)
            {
                throw Fault($"expected a map, not {Excerpt}");
            }

            List<(ItfValue, ItfValue)> pairs = [];
            foreach (JsonElement pair in map.EnumerateArray())
            {
                if (pair.ValueKind != JsonValueKind.Array || pair.GetArrayLength() != 2)
                {
                    throw Fault("a map holds pairs of key and value");
                }

                string key = pair[0].ValueKind == JsonValueKind.String ? pair[0].GetString()! : pair[0].GetRawText();
                pairs.Add((new ItfValue(pair[0], $"{Path}: key {key}"), new ItfValue(pair[1], $"{Path}: {key}")));
            }

            return pairs;
        }
    }

    private string Excerpt => Raw.Length <= Shown ? Raw : Raw[..Shown] + "…";

    /// <summary>The tuple's members, which must be so many.</summary>
    public IReadOnlyList<ItfValue> Tuple(int count) =>
        Items is { } items && items.Count == count ? items : throw Fault($"expected {count} members, not {Items.Count}");

    /// <summary>The value of a map at a text key.</summary>
    /// <exception cref="TraceFault">There is none.</exception>
    public ItfValue At(string key)
    {
        foreach ((ItfValue name, ItfValue value) in Pairs)
        {
            if (name.Text == key)
            {
                return value;
            }
        }

        throw Fault($"there is no entry '{key}'");
    }

    public ItfValue? TryField(string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement field)
            ? new ItfValue(field, Path.Length == 0 ? name : $"{Path}: {name}") : null;

    public TraceFault Fault(string message) => new(Path.Length == 0 ? message : $"{Path}: {message}");
}
