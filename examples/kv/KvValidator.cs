namespace Theseus.Examples.Kv;

/// <summary>A line of validators.json: a node key in hex and its power.</summary>
internal sealed record KvValidator(string Key, ulong Power);
