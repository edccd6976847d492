using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Unicode;
using Theseus.Protocol;

namespace Theseus.Node;

/// <summary>
/// Reads node.json field by field, so that whatever is wrong is named as its author knows it: "peers[2].key", what stands there and what it
/// takes. Unknown and repeated keys are errors: a mistyped one would otherwise be a default in force.
/// </summary>
internal sealed class NodeConfigReader
{
    /// <summary>Thousands of peers fit.</summary>
    private const long MaximumBytes = 4 * 1024 * 1024;

    private const int MaximumPort = 65_535;
    private const int KeyDigits = 64;

    /// <summary>Names of people's choice and paths: longer ones are mistakes, and go into every log line.</summary>
    private const int LongestText = 1024;

    private const int ShownCharacters = 40;

    private readonly string _file;

    private NodeConfigReader(string file) => _file = file;

    /// <summary>The checked configuration.</summary>
    /// <exception cref="ConfigurationException">The file cannot be read, is not JSON, or a field is wrong.</exception>
    public static NodeConfig Read(string file)
    {
        NodeConfigReader reader = new(file);
        try
        {
            FileInfo info = new(file);
            if (!info.Exists)
            {
                throw new ConfigurationException(
                    Directory.Exists(info.DirectoryName) ? $"there is no {file}; a home folder holds one"
                        : $"there is no folder {info.DirectoryName}");
            }

            if (info.Length > MaximumBytes)
            {
                throw new ConfigurationException($"{file} has {info.Length} bytes; a configuration has {MaximumBytes} at most");
            }

            byte[] bytes = File.ReadAllBytes(file);
            if (!Utf8.IsValid(bytes))
            {
                throw new ConfigurationException($"{file} is not UTF-8 text"); // the parser looks at texts only when they are read
            }

            using JsonDocument document = JsonDocument.Parse(bytes);
            return reader.Config(document.RootElement);
        }
        catch (JsonException e)
        {
            throw new ConfigurationException(
                $"{file} is not JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}: "
                    + $"{e.Message.Split(" LineNumber", 2)[0].ReplaceLineEndings(" ")}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"cannot read {file}: {e.Message}");
        }
    }

    private NodeConfig Config(JsonElement root)
    {
        IReadOnlyDictionary<string, JsonElement> fields = Fields(
            root, "", ["name", "role", "bind", "ports", "genesis", "keyFile", "validator", "peers", "retention", "stacks",
                "blockRetention"]);
        IReadOnlyDictionary<string, JsonElement> ports = Fields(Present(fields, "", "ports"), "ports", ["rpc", "consensus", "sync",
            "mempool", "admin"]);
        NodePorts listen = new(
            Port(ports, "ports", "rpc", 0), Port(ports, "ports", "consensus", 0), Port(ports, "ports", "sync", 0), Port(ports, "ports",
                "mempool", 0),
            ports.ContainsKey("admin") ? Port(ports, "ports", "admin", 0) : 0);
        CheckDifferent(listen);
        return new NodeConfig(
            Text(fields, "", "name"),
            Role(fields),
            Bind(fields),
            listen,
            Text(fields, "", "genesis"),
            Text(fields, "", "keyFile"),
            Validator(fields),
            [.. Items(fields, "peers").Select((peer, i) => Peer(peer, $"peers[{i}]"))],
            Blocks(fields, "retention", NodeConfig.DefaultRetention),
            fields.TryGetValue("stacks", out JsonElement stacks) && stacks.ValueKind != JsonValueKind.Null ? Stacks(fields) : null,
            Blocks(fields, "blockRetention", 0));
    }

    private void CheckDifferent(NodePorts ports)
    {
        (string Name, int Port)[] all = [("rpc", ports.Rpc), ("consensus", ports.Consensus), ("sync", ports.Sync), ("mempool",
            ports.Mempool)];
        foreach (IGrouping<int, (string Name, int Port)> group in all.Where(one => one.Port != 0).GroupBy(one => one.Port).Where(group =>
            group.Count() > 1))
        {
            throw Wrong("ports", $"{string.Join(" and ", group.Select(one => one.Name))} have the same port {group.Key}");
        }
    }

    private NodeRole Role(IReadOnlyDictionary<string, JsonElement> fields) => Text(fields, "", "role") switch
    {
        "validator" => NodeRole.Validator,
        "access" => NodeRole.Access,
        string other => throw Wrong("role", $"takes validator or access, not '{other}'"),
    };

    private string Bind(IReadOnlyDictionary<string, JsonElement> fields)
    {
        string bind = Text(fields, "", "bind");
        return IPAddress.TryParse(bind, out _) ? bind : throw Wrong("bind",
            $"takes an IP address such as 127.0.0.1 or 0.0.0.0, not '{bind}'");
    }

    private string? Validator(IReadOnlyDictionary<string, JsonElement> fields)
    {
        if (!fields.TryGetValue("validator", out JsonElement element) || element.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        string text = Text(fields, "", "validator");
        return text.StartsWith("0x", StringComparison.Ordinal) && Address.TryParse(text, out _)
            ? text : throw Wrong("validator", $"takes an address of 0x and up to 64 hexadecimal digits, not '{text}'");
    }

    private PeerAddress Peer(JsonElement element, string path)
    {
        IReadOnlyDictionary<string, JsonElement> fields = Fields(element, path, ["name", "key", "host", "consensusPort", "syncPort",
            "mempoolPort"]);
        string key = Text(fields, path, "key");
        if (key.Length != KeyDigits || !key.All(char.IsAsciiHexDigit))
        {
            throw Wrong($"{path}.key", $"takes {KeyDigits} hexadecimal digits, not '{key}'");
        }

        string host = Text(fields, path, "host");
        return Uri.CheckHostName(host) == UriHostNameType.Unknown
            ? throw Wrong($"{path}.host", $"takes an IP address or a DNS name, not '{host}'")
            : new PeerAddress(
                Text(fields, path, "name"), key.ToLowerInvariant(), host, Port(fields, path, "consensusPort", 1), Port(fields, path,
                    "syncPort", 1),
                Port(fields, path, "mempoolPort", 1));
    }

    private ulong Blocks(IReadOnlyDictionary<string, JsonElement> fields, string name, ulong otherwise) =>
        !fields.TryGetValue(name, out JsonElement element) ? otherwise
        : element.ValueKind == JsonValueKind.Number && element.TryGetUInt64(out ulong blocks) ? blocks
        : throw Wrong(name, $"takes a number of blocks, 0 for all, not {Shown(element)}");

    private IReadOnlyList<string> Stacks(IReadOnlyDictionary<string, JsonElement> fields) =>
    [
        .. Items(fields, "stacks")
            .Select((stack, i) => stack.ValueKind == JsonValueKind.String && Unescaped(stack.GetString) is { Length: > 0 } name
            ? name : throw Wrong($"stacks[{i}]", $"takes the name of an execution stack, not {Shown(stack)}")),
    ];

    private int Port(IReadOnlyDictionary<string, JsonElement> fields, string path, string name, int least)
    {
        JsonElement element = Present(fields, path, name);
        return element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out int port) && port >= least && port <= MaximumPort
            ? port
            : throw Wrong(Join(path, name), $"takes a port from {least} to {MaximumPort}, not {Shown(element)}");
    }

    private string Text(IReadOnlyDictionary<string, JsonElement> fields, string path, string name)
    {
        JsonElement element = Present(fields, path, name);
        return element.ValueKind == JsonValueKind.String
            && Unescaped(element.GetString) is { Length: > 0 and <= LongestText } text && !text.Any(char.IsControl)
            ? text
            : throw Wrong(Join(path, name), $"takes a text of 1 to {LongestText} characters, not {Shown(element)}");
    }

    private JsonElement.ArrayEnumerator Items(IReadOnlyDictionary<string, JsonElement> fields, string name)
    {
        JsonElement element = Present(fields, "", name);
        return element.ValueKind == JsonValueKind.Array ? element.EnumerateArray() : throw Wrong(name,
            $"takes a list, not {Shown(element)}");
    }

    private JsonElement Present(IReadOnlyDictionary<string, JsonElement> fields, string path, string name) =>
        fields.TryGetValue(name, out JsonElement element) ? element : throw Wrong(Join(path, name), "is missing");

    private SortedDictionary<string, JsonElement> Fields(JsonElement element, string path, IReadOnlyList<string> known)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw Wrong(path.Length == 0 ? "the file" : path, $"takes an object, not {Shown(element)}");
        }

        SortedDictionary<string, JsonElement> fields = new(StringComparer.Ordinal);
        foreach (JsonProperty property in element.EnumerateObject())
        {
            string name = Unescaped(() => property.Name)
                ?? throw Wrong(path.Length == 0 ? "the file" : path, "has a name with half a surrogate pair");
            if (!known.Contains(name))
            {
                throw Wrong(Join(path, name), $"is not known here; known are {string.Join(", ", known)}");
            }

            if (!fields.TryAdd(name, property.Value))
            {
                throw Wrong(Join(path, name), "is given twice");
            }
        }

        return fields;
    }

    /// <summary>A text; null when its escapes name half a surrogate pair.</summary>
    private static string? Unescaped(Func<string?> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static string Shown(JsonElement element)
    {
        string text = element.GetRawText().ReplaceLineEndings(" ");
        return text.Length <= ShownCharacters ? text : string.Create(CultureInfo.InvariantCulture, $"{text[..ShownCharacters]}…");
    }

    private ConfigurationException Wrong(string field, string what) => new($"{_file}: {field} {what}");
}
