using System.Text.Json;
using System.Text.Json.Nodes;
using Theseus.Client;
using Theseus.Consensus;
using Theseus.Move.Format;
using Theseus.Node;
using Theseus.Protocol;
using static Theseus.Rpc.ApiText;
using Methods = Theseus.Client.Methods;

namespace Theseus.Rpc;

/// <summary>State at a height: resources, modules, proofs and views.</summary>
internal sealed class StateMethods(ChainReader reader)
{
    public void AddTo(Dispatcher dispatcher)
    {
        dispatcher.Add<ResourceParams>(Methods.GetResource, p => Guard(reader, () => GetResource(p)));
        dispatcher.Add<ModuleParams>(Methods.GetModule, p => Guard(reader, () => GetModule(p)));
        dispatcher.Add<ProofParams>(Methods.GetProof, p => Guard(reader, () => GetProof(p)));
        dispatcher.Add<ViewParams>(Methods.View, p => Guard(reader, () => View(p)), CallKind.Run);
    }

    private ResourceInfo GetResource(ResourceParams parameters)
    {
        Address address = ParseAddress(parameters.Address);
        StructTag type = ParseType(parameters.Type);
        ulong height = HeightOf(reader, parameters.At);
        byte[] bytes = reader.StateAt(height).TryGet(StateKey.Resource(address, type))
            ?? throw new RpcError(ErrorCodes.NotFound, $"{address} has no {type} at height {height}");
        return new ResourceInfo(address.ToLongString(), type.ToString(), Hex(bytes), height);
    }

    private ModuleInfo GetModule(ModuleParams parameters)
    {
        Address address = ParseAddress(parameters.Address);
        string name = ParseName(parameters.Name);
        ulong height = HeightOf(reader, parameters.At);
        byte[] bytes = reader.StateAt(height).TryGet(StateKey.Module(new ModuleId(address, name)))
            ?? throw new RpcError(ErrorCodes.NotFound, $"no module {address}::{name} at height {height}");
        return new ModuleInfo(address.ToLongString(), name, Hex(bytes), Hex(Hashing.Sha256(bytes)), height);
    }

    private ProofInfo GetProof(ProofParams parameters)
    {
        StateKey key = KeyOf(parameters);
        ulong height = parameters.At is null or { Tag: "latest" } ? reader.SealedHeight : HeightOf(reader, parameters.At);
        (StateProof proof, byte[]? value, BlockResultSummary result, BlockHeader next,
            CommitCertificate certificate) = reader.Prove(height, key);
        return new ProofInfo(
            height, Hex(key.Bytes), value is null ? null : Hex(value), Hex(proof.Encode()), Hex(ResultCodec.Encode(result)),
                Hex(BlockCodec.Encode(next)),
            Hex(Canonical.Encode(certificate)));
    }

    private static StateKey KeyOf(ProofParams parameters)
    {
        if (parameters.Key is not null)
        {
            try
            {
                return StateKey.Decode(Bytes(parameters.Key, "key"));
            }
            catch (BcsException e)
            {
                throw Wrong("key", $"the bytes are not a state key: {e.Message}");
            }
        }

        Address address = ParseAddress(parameters.Address);
        return parameters.Name is not null
            ? StateKey.Module(new ModuleId(address, ParseName(parameters.Name)))
            : StateKey.Resource(address, ParseType(parameters.Type));
    }

    private static StructTag ParseType(string? text) =>
        text is not null && TypeText.TryParseStruct(text, out StructTag? type) ? type!
            : throw Wrong("type", "a struct type such as 0x1::account::Account");

    private static string ParseName(string? text) => text is not null && Identifiers.IsValid(text) ? text
        : throw Wrong("name", "a module's name such as coin");

    private ViewInfo View(ViewParams parameters)
    {
        string[] parts = parameters.Function.Split("::");
        if (parts.Length != 3 || !TryParseAddress(parts[0], out Address address) || !Identifiers.IsValid(parts[1])
            || !Identifiers.IsValid(parts[2]))
        {
            throw Wrong("function", "address::module::name, for example 0x1::coin::supply");
        }

        ulong height = HeightOf(reader, parameters.At);
        ModuleId id = new(address, parts[1]);
        List<TypeTag> types = [.. (parameters.TypeArguments ?? []).Select(static (text, i) =>
            TypeText.TryParse(text, out TypeTag? type) ? type! : throw Wrong($"typeArguments[{i}]",
                $"'{Printable.Text(text, 128)}' is not a type"))];
        IReadOnlyList<string> given = parameters.Arguments ?? [];
        ChainView at = reader.At(height);
        List<byte[]> arguments = parameters.Encoding == "bcs"
            ? [.. given.Select(static (text, i) => Bytes(text, $"arguments[{i}]"))]
            : Encode(id, parts[2], given, at.State);
        ViewResult result = at.Run(new ViewCall(id, parts[2], types, arguments));
        if (result.Status.Kind != StatusKind.Success)
        {
            throw new RpcError(
                ErrorCodes.ExecutionFailed,
                $"{parameters.Function} failed: {FailureText.Sentence(result.Status, result.FailurePlace)}",
                new JsonObject
                {
                    ["status"] = FailureText.Words(result.Status),
                    ["abortCode"] = result.Status.Code.ToString(System.Globalization.CultureInfo.InvariantCulture),
                    ["failure"] = JsonSerializer.SerializeToNode(FailureText.Of(result.Status, result.FailurePlace), ApiJson.Options),
                });
        }

        return new ViewInfo(
            [.. result.Values.Select(static value => new TypedValue(value.Type.ToString(), Hex(value.Value),
                ValueText.Format(value.Type, value.Value)))],
            result.GasUsed, height, Hex(at.Stack.StackId), at.Stack.Manifest.Name);
    }

    private static List<byte[]> Encode(ModuleId id, string function, IReadOnlyList<string> texts, IStateReader state)
    {
        byte[] blob = state.TryGet(StateKey.Module(id)) ?? throw new RpcError(ErrorCodes.NotFound, $"no module {id}");
        CompiledModule module = ModuleReader.ReadModule(blob).Value ?? throw new RpcError(ErrorCodes.InternalError,
            $"module {id} does not decode");
        FunctionHandle handle = module.FunctionDefinitions.Select(definition => module.FunctionHandles[definition.Handle])
            .FirstOrDefault(candidate => module.Identifiers[candidate.Name] == function)
            ?? throw new RpcError(ErrorCodes.NotFound, $"no function {id}::{function}");
        IReadOnlyList<SignatureToken> tokens = module.Signatures[handle.Parameters].Tokens;
        if (tokens.Count != texts.Count)
        {
            string wanted = string.Join(", ", tokens.Select(token => ValueText.TypeOf(module, token)));
            throw Wrong("arguments", $"{id}::{function} takes {tokens.Count} arguments ({wanted}), not {texts.Count}");
        }

        return [.. tokens.Select((token, i) => ValueText.TryEncode(module, token, texts[i])
            ?? throw Wrong($"arguments[{i}]", $"'{Printable.Text(texts[i], 128)}' is not a valid {ValueText.TypeOf(module, token)}"))];
    }
}
