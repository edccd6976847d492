using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Theseus.Client;

namespace Theseus.Rpc;

/// <summary>
/// Turns the params of a call into a record of the contract, strictly and in words of our own: every member is known, stands once, has the
/// right type and lies in its bounds; what must be there is there; contradictions are named. One mechanism for all methods: a record's
/// constructor is the schema.
/// </summary>
internal sealed class ParameterBinder
{
    private readonly string _method;
    private readonly ConstructorInfo _constructor;
    private readonly Member[] _members;
    private readonly ChoiceAttribute? _choice;

    /// <param name="method">The method's name, for messages.</param>
    /// <param name="type">A record with one public constructor.</param>
    public ParameterBinder(string method, Type type)
    {
        _method = method;
        _constructor = type.GetConstructors().OrderByDescending(static constructor => constructor.GetParameters().Length).First();
        NullabilityInfoContext nullability = new();
        _members = [.. _constructor.GetParameters().Select(parameter => new Member(
            JsonNamingPolicy.CamelCase.ConvertName(parameter.Name!),
            Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType,
            Nullable.GetUnderlyingType(parameter.ParameterType) is null && nullability.Create(parameter)
                .WriteState != NullabilityState.Nullable && !parameter.HasDefaultValue,
            parameter.GetCustomAttribute<OneOfAttribute>(),
            parameter.GetCustomAttribute<BetweenAttribute>()))];
        _choice = type.GetCustomAttribute<ChoiceAttribute>();
    }

    /// <summary>Refuses params of a method that has none.</summary>
    /// <exception cref="RpcError">There are some.</exception>
    public static void BindNothing(string method, JsonElement element)
    {
        CheckKind(element);
        if (element.ValueKind == JsonValueKind.Object && element.EnumerateObject().MoveNext())
        {
            throw Wrong("", $"{method} takes no parameters");
        }
    }

    /// <summary>The record.</summary>
    /// <exception cref="RpcError">-32602, naming the parameter.</exception>
    public object Bind(JsonElement element)
    {
        CheckKind(element);
        object?[] values = new object?[_members.Length];
        HashSet<string> given = new(StringComparer.Ordinal);
        foreach (JsonProperty property in element.ValueKind == JsonValueKind.Object ? element.EnumerateObject() : default)
        {
            string name = NameOf(property);
            int index = Array.FindIndex(_members, member => member.Name == name);
            if (index < 0)
            {
                throw Wrong("." + Short(name),
                    $"{_method} has no such parameter; it takes {string.Join(", ", _members.Select(static member => member.Name))}");
            }

            if (values[index] is not null || !given.Add(name))
            {
                throw Wrong("." + name, "it stands twice");
            }

            values[index] = property.Value.ValueKind == JsonValueKind.Null && !_members[index].IsRequired ? null
                : Read(_members[index], property.Value);
            if (values[index] is null)
            {
                given.Remove(name); // null is as good as left out
            }
        }

        foreach (Member member in _members.Where(member => member.IsRequired && !given.Contains(member.Name)))
        {
            throw Wrong("." + member.Name, $"{_method} needs it");
        }

        CheckChoice(given);
        return _constructor.Invoke(values);
    }

    private static void CheckKind(JsonElement element)
    {
        if (element.ValueKind is not (JsonValueKind.Object or JsonValueKind.Undefined))
        {
            throw new RpcError(ErrorCodes.InvalidParams, "params is one object", new JsonObject { ["parameter"] = "params" });
        }
    }

    private void CheckChoice(HashSet<string> given)
    {
        if (_choice is null)
        {
            return;
        }

        string[] named = [.. _choice.Groups.SelectMany(static group => group).Distinct().Where(given.Contains)];
        bool fits = _choice.Groups.Any(group => group.Count == named.Length && group.All(given.Contains));
        if (!fits)
        {
            string choices = string.Join(", or ", _choice.Groups.Select(static group => string.Join(" with ", group)));
            string found = named.Length == 0 ? "none of them is given" : $"given are {string.Join(", ", named)}";
            throw Wrong(named.Length == 0 ? "" : "." + named[^1], $"give {choices}; {found}");
        }
    }

    private static object Read(Member member, JsonElement value)
    {
        string path = "." + member.Name;
        if (member.Type == typeof(string))
        {
            string text = Text(path, value);
            return member.Words is null || member.Words.Words.Contains(text, StringComparer.Ordinal) ? text
                : throw Wrong(path, $"one of {string.Join(", ", member.Words.Words.Select(static word => $"\"{word}\""))}");
        }

        if (member.Type == typeof(ulong))
        {
            return Number(path, value);
        }

        if (member.Type == typeof(int))
        {
            (long least, long most) = member.Bounds is { } bounds ? (bounds.Least, bounds.Most) : (0, int.MaxValue);
            return value.ValueKind == JsonValueKind.Number && DecimalText.TryParse(value.GetRawText(), out ulong number)
                && number >= (ulong)least && number <= (ulong)most
                ? (int)number
                : throw Wrong(path, $"a whole number from {least} to {most}");
        }

        if (member.Type == typeof(bool))
        {
            return value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Wrong(path, "true or false");
        }

        if (member.Type == typeof(At))
        {
            return ReadAt(path, value);
        }

        if (member.Type == typeof(IReadOnlyList<string>))
        {
            return value.ValueKind == JsonValueKind.Array
                ? value.EnumerateArray().Select((item, i) => Text($"{path}[{i}]", item)).ToArray()
                : throw Wrong(path, "a list of text");
        }

        throw new InvalidOperationException($"parameters of type {member.Type} cannot be read");
    }

    private static At ReadAt(string path, JsonElement value)
    {
        const string Forms = "\"latest\", \"sealed\", {\"height\": \"…\"} or {\"hash\": \"0x…\"}";
        if (value.ValueKind == JsonValueKind.String)
        {
            return Text(path, value) switch
            {
                "latest" => At.Latest,
                "sealed" => At.Sealed,
                _ => throw Wrong(path, $"one of {Forms}"),
            };
        }

        if (value.ValueKind != JsonValueKind.Object)
        {
            throw Wrong(path, $"one of {Forms}");
        }

        At? at = null;
        foreach (JsonProperty property in value.EnumerateObject())
        {
            string name = NameOf(property);
            At read = name switch
            {
                "height" => At.AtHeight(Number(path + ".height", property.Value)),
                "hash" => new At(null, Text(path + ".hash", property.Value), null),
                _ => throw Wrong($"{path}.{Short(name)}", $"no such selector; at is one of {Forms}"),
            };
            at = at is null ? read : throw Wrong(path, "height and hash are two answers to one question: give one of them, once");
        }

        return at ?? throw Wrong(path, $"one of {Forms}");
    }

    private static ulong Number(string path, JsonElement value) =>
        (value.ValueKind == JsonValueKind.String && DecimalText.TryParse(Text(path, value), out ulong number)) ||
        (value.ValueKind == JsonValueKind.Number && DecimalText.TryParse(value.GetRawText(), out number))
            ? number
            : throw Wrong(path,
                "expected an unsigned integer as a decimal string, of 64 bits at most, without sign, space or leading zero");

    private static string Text(string path, JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Wrong(path, "expected text");
        }
        catch (InvalidOperationException)
        {
            throw Wrong(path, "an escape names half a surrogate pair");
        }
    }

    private static string NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            throw Wrong("", "a member's name names half a surrogate pair");
        }
    }

    private static string Short(string name) => Printable.Text(name, 64);

    private static RpcError Wrong(string path, string message) =>
        new(ErrorCodes.InvalidParams, $"params{path}: {message}", new JsonObject { ["parameter"] = "params" + path });

    /// <param name="Name">In the wire's spelling.</param>
    /// <param name="Type">Without nullability.</param>
    /// <param name="IsRequired">Whether a call must give it.</param>
    /// <param name="Words">For text of fixed words.</param>
    /// <param name="Bounds">For numbers.</param>
    private sealed record Member(string Name, Type Type, bool IsRequired, OneOfAttribute? Words, BetweenAttribute? Bounds);
}
