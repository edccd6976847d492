using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Theseus.Client;
using Theseus.Consensus;
using Theseus.Execution;
using Theseus.Move.Format;
using Theseus.Node;
using Theseus.Protocol;
using Methods = Theseus.Client.Methods;

namespace Theseus.Rpc;

/// <summary>The chain's JSON-RPC methods: maps readers to API records, decides nothing.</summary>
public sealed class ChainMethods(ChainNode node)
{
    /// <summary>Proposals of one answer.</summary>
    private const ulong MaximumProposals = 100;

    /// <summary>Offences of one answer, beside those of its lowest height: some 200 KB.</summary>
    private const int MaximumOffences = 1_000;

    private static readonly string[] StatusWords = ["PENDING", "APPROVED", "QUEUED", "RESOLVED", "REJECTED", "EXPIRED", "CANCELLED"];

    private readonly ChainReader _reader = node.Reader;

    public Dispatcher Dispatcher()
    {
        Dispatcher dispatcher = new();
        dispatcher.Add(Methods.Status, Status);
        dispatcher.Add<BlockParams>(Methods.GetBlock, p => Guard(() => GetBlock(p)));
        dispatcher.Add<HashParams>(Methods.GetTransaction, p => Guard(() => GetTransaction(p)));
        dispatcher.Add<HashParams>(Methods.GetReceipt, p => Guard(() => GetTransaction(p)));
        dispatcher.Add<ResourceParams>(Methods.GetResource, p => Guard(() => GetResource(p)));
        dispatcher.Add<ModuleParams>(Methods.GetModule, p => Guard(() => GetModule(p)));
        dispatcher.Add<ProofParams>(Methods.GetProof, p => Guard(() => GetProof(p)));
        dispatcher.Add<ViewParams>(Methods.View, p => Guard(() => View(p)));
        dispatcher.Add<TransactionParams>(Methods.Simulate, p => Guard(() => Simulate(p)));
        dispatcher.Add<TransactionParams>(Methods.Submit, p => Guard(() => Submit(p)));
        dispatcher.Add<AtParams>(Methods.GetRecord, p => Guard(() => GetRecord(p)));
        dispatcher.Add<AtParams>(Methods.GetVersions, p => Guard(() => Versions(_reader.Record(HeightOf(p.At)))));
        dispatcher.Add<PageParams>(Methods.GetProposals, p => Guard(() => GetProposals(p)));
        dispatcher.Add<ProposalParams>(Methods.GetProposal, p => Guard(() => GetProposal(p)));
        dispatcher.Add<AtParams>(Methods.GetValidators, p => Guard(() => GetValidators(p)));
        dispatcher.Add<EvidenceParams>(Methods.GetEvidence, GetEvidence);
        return dispatcher;
    }

    private StatusInfo Status()
    {
        ChainHead head = _reader.Head;
        return new StatusInfo(
            _reader.Chain.Name, _reader.Chain.TxChainId, Hex(_reader.Chain.GenesisHash), node.Config.Name, node.Config.Role == NodeRole.Validator ? "validator" : "access",
            head.Height, _reader.SealedHeight, _reader.Window.Decided, _reader.Window.FirstState, head.Time, Hex(head.BlockId), Hex(head.Result.StateRoot), head.Record.Epoch, node.Round,
            node.IsSyncing, node.Config.Validator, node.Halted, head.Record.Framework.Counter - 1, Hex(head.Result.CodeRoot), node.Peers, node.Pool.Count, Versions(head.Record), ChainNode.Software);
    }

    private BlockInfo GetBlock(BlockParams parameters)
    {
        string detail = parameters.Detail ?? "hashes";
        if (detail is not ("header" or "hashes" or "full"))
        {
            throw new RpcError(ErrorCodes.InvalidParams, "params.detail: \"header\", \"hashes\" or \"full\"");
        }

        ReadBlock block = _reader.Block(HeightOf(parameters.At));
        IReadOnlyList<byte[]> transactions = block.Block?.Body.Transactions ?? [];
        List<string>? hashes = detail == "header" ? null : [.. transactions.Select(bytes => TransactionDecoding.TryDecode(bytes, out SignedTransaction? decoded).IsNone ? Hex(decoded!.Hash) : "")];
        return new BlockInfo(
            Header(block), block.Header is null ? "0x" : Hex(BlockCodec.Encode(block.Header)), block.Certificate?.Round ?? 0, block.Certificate is null ? null : Hex(Canonical.Encode(block.Certificate)),
            block.Result is null ? null : Result(block.Result), block.IsSealed, transactions.Count, hashes,
            detail == "header" ? null : [.. (block.Block?.Body.Evidence ?? []).Select(evidence => Evidence(EvidenceKey.Of(evidence), block.Height))],
            detail == "full" && block.Result is not null ? [.. _reader.Transactions(block.Height).Select(Receipt)] : null);
    }

    private ReceiptInfo GetTransaction(HashParams parameters)
    {
        Hash32 hash = Hash(parameters.Hash, "hash");
        if (_reader.Transaction(hash) is ReadTransaction found)
        {
            return Receipt(found);
        }

        if (node.Pool.Find(hash) is (PoolStatus status, string reason))
        {
            return new ReceiptInfo(Hex(hash), status.ToString().ToUpperInvariant(), null, reason.Length == 0 ? null : reason, null, null, null, null, null, null, null, null, null, null);
        }

        // a block may have taken it between the two looks
        return _reader.Transaction(hash) is ReadTransaction taken ? Receipt(taken) : throw new RpcError(ErrorCodes.NotFound, $"no transaction {Hex(hash)} here");
    }

    private ResourceInfo GetResource(ResourceParams parameters)
    {
        Address address = ParseAddress(parameters.Address);
        if (parameters.Type is null || !TypeText.TryParseStruct(parameters.Type, out StructTag? type))
        {
            throw new RpcError(ErrorCodes.InvalidParams, "params.type: a struct type such as 0x1::account::Account");
        }

        ulong height = HeightOf(parameters.At);
        byte[] bytes = _reader.StateAt(height).TryGet(StateKey.Resource(address, type!)) ?? throw new RpcError(ErrorCodes.NotFound, $"{address} has no {type} at height {height}");
        return new ResourceInfo(address.ToLongString(), type!.ToString(), Hex(bytes), height);
    }

    private ModuleInfo GetModule(ModuleParams parameters)
    {
        Address address = ParseAddress(parameters.Address);
        ulong height = HeightOf(parameters.At);
        byte[] bytes = _reader.StateAt(height).TryGet(StateKey.Module(new ModuleId(address, parameters.Name ?? ""))) ?? throw new RpcError(ErrorCodes.NotFound, $"no module {address}::{parameters.Name} at height {height}");
        return new ModuleInfo(address.ToLongString(), parameters.Name!, Hex(bytes), Hex(Hashing.Sha256(bytes)), height);
    }

    private ProofInfo GetProof(ProofParams parameters)
    {
        StateKey key = KeyOf(parameters);
        ulong height = parameters.At is null or { Tag: "latest" } ? _reader.SealedHeight : HeightOf(parameters.At);
        (StateProof proof, byte[]? value, BlockResultSummary result, BlockHeader next, CommitCertificate certificate) = _reader.Prove(height, key);
        return new ProofInfo(
            height, Hex(key.Bytes), value is null ? null : Hex(value), Hex(proof.Encode()), Hex(ResultCodec.Encode(result)), Hex(BlockCodec.Encode(next)), Hex(Canonical.Encode(certificate)));
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
                throw new RpcError(ErrorCodes.InvalidParams, $"params.key is no state key: {e.Message}");
            }
        }

        Address address = ParseAddress(parameters.Address);
        return parameters.Name is not null ? StateKey.Module(new ModuleId(address, parameters.Name))
            : parameters.Type is not null && TypeText.TryParseStruct(parameters.Type, out StructTag? type) ? StateKey.Resource(address, type!)
            : throw new RpcError(ErrorCodes.InvalidParams, "params: key, or address with type or name");
    }

    private ViewInfo View(ViewParams parameters)
    {
        string[] parts = (parameters.Function ?? "").Split("::");
        if (parts.Length != 3 || !Address.TryParse(parts[0], out Address address))
        {
            throw new RpcError(ErrorCodes.InvalidParams, "params.function: address::module::name, e.g. 0x1::coin::supply");
        }

        ulong height = HeightOf(parameters.At);
        ModuleId id = new(address, parts[1]);
        List<TypeTag> types = [.. (parameters.TypeArguments ?? []).Select(text => TypeText.TryParse(text, out TypeTag? type) ? type! : throw new RpcError(ErrorCodes.InvalidParams, $"params.typeArguments: {text} is no type"))];
        IReadOnlyList<string> given = parameters.Arguments ?? [];
        List<byte[]> arguments = parameters.Encoding switch
        {
            "bcs" => [.. given.Select(text => Bytes(text, "arguments"))],
            null or "text" => Encode(id, parts[2], given, _reader.StateAt(height)),
            _ => throw new RpcError(ErrorCodes.InvalidParams, "params.encoding: \"text\" or \"bcs\""),
        };
        IExecutionStack stack = _reader.StackAt(height);
        ViewResult result = _reader.View(height, new ViewCall(id, parts[2], types, arguments));
        if (result.Status.Kind != StatusKind.Success)
        {
            FailureInfo failure = FailureText.Of(result.Status, result.FailurePlace)!;
            throw new RpcError(
                ErrorCodes.ExecutionFailed,
                $"{parameters.Function} failed: {FailureText.Sentence(result.Status, result.FailurePlace)}",
                new JsonObject
                {
                    ["status"] = FailureText.Words(result.Status),
                    ["abortCode"] = result.Status.Code.ToString(),
                    ["failure"] = JsonSerializer.SerializeToNode(failure, ApiJson.Options),
                });
        }

        return new ViewInfo([.. result.Values.Select(value => new TypedValue(value.Type.ToString(), Hex(value.Value), ValueText.Format(value.Type, value.Value)))], result.GasUsed, height, Hex(stack.StackId), stack.Manifest.Name);
    }

    private static List<byte[]> Encode(ModuleId id, string function, IReadOnlyList<string> texts, IStateReader state)
    {
        byte[] blob = state.TryGet(StateKey.Module(id)) ?? throw new RpcError(ErrorCodes.NotFound, $"no module {id}");
        CompiledModule module = ModuleReader.ReadModule(blob).Value ?? throw new RpcError(ErrorCodes.InternalError, $"module {id} does not decode");
        FunctionHandle handle = module.FunctionDefinitions.Select(definition => module.FunctionHandles[definition.Handle]).FirstOrDefault(candidate => module.Identifiers[candidate.Name] == function)
            ?? throw new RpcError(ErrorCodes.NotFound, $"no function {id}::{function}");
        IReadOnlyList<SignatureToken> tokens = module.Signatures[handle.Parameters].Tokens;
        if (tokens.Count != texts.Count)
        {
            throw new RpcError(ErrorCodes.InvalidParams, $"{id}::{function} takes {tokens.Count} arguments ({string.Join(", ", tokens.Select(token => ValueText.TypeOf(module, token)))}), not {texts.Count}");
        }

        return [.. tokens.Select((token, i) => ValueText.TryEncode(module, token, texts[i]) ?? throw new RpcError(ErrorCodes.InvalidParams, $"params.arguments[{i}]: {texts[i]} is no {ValueText.TypeOf(module, token)}"))];
    }

    private SimulateInfo Simulate(TransactionParams parameters)
    {
        TransactionOutput output = _reader.Simulate(Bytes(parameters.Transaction, "transaction"));
        return new SimulateInfo(
            output.Receipt.Status.Kind == StatusKind.Success, FailureText.Words(output.Receipt.Status), output.Receipt.GasUsed, output.Receipt.Fee.ToString(),
            Events(output), FailureText.Of(output.Receipt.Status, output.FailurePlace));
    }

    private SubmitInfo Submit(TransactionParams parameters)
    {
        byte[] bytes = Bytes(parameters.Transaction, "transaction");
        if (TransactionDecoding.TryDecode(bytes, out SignedTransaction? decoded).IsNone && _reader.Transaction(decoded!.Hash) is not null)
        {
            return new SubmitInfo(Hex(decoded.Hash), "ACCEPTED"); // one hash, one inclusion
        }

        Submission outcome = node.Pool.Submit(bytes, source: null);
        return outcome.Refusal switch
        {
            null => new SubmitInfo(Hex(outcome.Hash), "RECEIVED"),
            RefusalReason refusal => throw new RpcError(
                refusal is RefusalReason.MempoolFull or RefusalReason.TooManyFromSender ? ErrorCodes.Busy : ErrorCodes.Refused,
                $"{refusal.Name()}: {outcome.Message}",
                new JsonObject { ["code"] = refusal.Name() }),
        };
    }

    private RecordInfo GetRecord(AtParams parameters)
    {
        ulong height = HeightOf(parameters.At);
        ProtocolRecord record = _reader.Record(height);
        IEnumerable<HistoryInfo> history = record.History.Select(entry => new HistoryInfo(entry.Height, entry.Component, entry.Version, entry.Outcome.ToString()))
            .Concat(record.Refusals.Select(entry => new HistoryInfo(entry.Height, entry.Subject, entry.Version, "refused: " + entry.Reason)));
        return new RecordInfo(
            height, Hex(RecordModels.Known.Id(record)), record.Model, record.Epoch, record.Framework.Counter - 1, Hex(record.Framework.CodeRoot), Versions(record),
            [.. record.Parameters.Values.Select(pair => new ParameterInfo(pair.Key, pair.Value))], [.. history.OrderBy(entry => entry.Height)], Hex(RecordModels.Known.Encode(record)));
    }

    private List<EvidenceInfo> GetEvidence(EvidenceParams parameters) =>
    [
        .. _reader.Offences(parameters.Before ?? ulong.MaxValue, int.Clamp(parameters.Limit ?? MaximumOffences, 1, MaximumOffences))
            .Select(item => Evidence(item.Offence, item.IncludedAt)),
    ];

    private static EvidenceInfo Evidence(EvidenceKey offence, ulong includedAt) => new(((EvidenceKind)offence.Kind).ToString(), offence.Height, offence.Validator.ToLongString(), includedAt);

    private List<ProposalInfo> GetProposals(PageParams parameters)
    {
        ulong height = HeightOf(parameters.At);
        ulong count = new BcsReader(Governance(height, "proposal_count")[0]).U64();
        ulong first = parameters.From ?? (count > MaximumProposals ? count - MaximumProposals + 1 : 1);
        ulong limit = ulong.Min((ulong)int.Max(parameters.Limit ?? int.MaxValue, 0), MaximumProposals);
        List<ProposalInfo> proposals = [];
        for (ulong id = ulong.Max(first, 1); id <= count && (ulong)proposals.Count < limit; id++)
        {
            proposals.Add(Proposal(height, id));
        }

        return proposals;
    }

    private ProposalInfo GetProposal(ProposalParams parameters)
    {
        ulong height = HeightOf(parameters.At);
        ulong count = new BcsReader(Governance(height, "proposal_count")[0]).U64();
        return parameters.Id >= 1 && parameters.Id <= count ? Proposal(height, parameters.Id)
            : throw new RpcError(ErrorCodes.NotFound, count == 0 ? $"there is no proposal at height {height}" : $"there is no proposal {parameters.Id} at height {height}; the newest is {count}");
    }

    private ProposalInfo Proposal(ulong height, ulong id)
    {
        byte[] argument = new BcsWriter(8).U64(id).ToArray();
        IReadOnlyList<byte[]> facts = Governance(height, "proposal", argument);
        IReadOnlyList<byte[]> schedule = Governance(height, "schedule_of", argument);
        IReadOnlyList<byte[]> tally = Governance(height, "tally_of", argument);
        IReadOnlyList<byte[]> votes = Governance(height, "votes_of", argument);
        List<VoteInfo> ballots = [];
        BcsReader voters = new(votes[0]);
        BcsReader choices = new(votes[1]);
        int count = voters.Count(int.MaxValue, 32);
        choices.Count(int.MaxValue);
        for (int i = 0; i < count; i++)
        {
            ballots.Add(new VoteInfo(voters.Address().ToLongString(), choices.Bool()));
        }

        return new ProposalInfo(
            id, new Address(facts[0]).ToLongString(), Hex(new BcsReader(facts[1]).Bytes(64)), new BcsReader(facts[2]).Text(1024), StatusWords[facts[3][0]],
            Wide(tally[0]), Wide(tally[1]), Wide(tally[2]), U64(schedule[0]), U64(schedule[1]), U64(schedule[2]), U64(schedule[3]), U64(schedule[4]), ballots);
    }

    private IReadOnlyList<byte[]> Governance(ulong height, string function, params IReadOnlyList<byte[]> arguments)
    {
        ViewResult result = _reader.View(height, new ViewCall(new ModuleId(Address.One, "governance"), function, [], arguments));
        return result.Status.Kind == StatusKind.Success ? [.. result.Values.Select(value => value.Value)]
            : throw new RpcError(ErrorCodes.NotFound, $"governance::{function}: {FailureText.Words(result.Status)}");
    }

    private ValidatorsInfo GetValidators(AtParams parameters)
    {
        ulong height = HeightOf(parameters.At);
        ProtocolRecord record = _reader.Record(height);
        bool pending = record.SetNext.Epoch != record.SetNow.Epoch;
        return new ValidatorsInfo(
            height, record.SetNow.Epoch, Hex(record.SetNow.Id), [.. record.SetNow.Validators.Select(entry => Validator(height, entry))], pending ? record.SetNext.Epoch : null,
            pending ? [.. record.SetNext.Validators.Select(entry => Validator(height, entry))] : null);
    }

    private ValidatorInfo Validator(ulong height, ValidatorEntry entry)
    {
        ViewResult pool = _reader.View(height, new ViewCall(new ModuleId(Address.One, "stake"), "pool", [], [entry.Address.ToArray()]));
        bool known = pool.Status.Kind == StatusKind.Success;
        return new ValidatorInfo(entry.Address.ToLongString(), Hex(entry.PublicKey), entry.Power, known ? U64(pool.Values[0].Value) : null, known ? U64(pool.Values[3].Value) : null);
    }

    private List<VersionInfo> Versions(ProtocolRecord record) =>
        [.. record.Components.Select(pair => new VersionInfo(
            pair.Key, ulong.Parse(pair.Value.Current.Version.ToString()), Hex(pair.Value.Current.ModuleId), _reader.Stacks.NameOf(pair.Value.Current.ModuleId), pair.Value.Current.Since,
            pair.Value.Scheduled is { } scheduled ? ulong.Parse(scheduled.Version.ToString()) : null, pair.Value.Scheduled is { } s ? Hex(s.ModuleId) : null, pair.Value.Scheduled?.ActivationHeight,
            pair.Value.Fallback is { } fallback ? Hex(fallback.ModuleId) : null, pair.Value.Fallback?.Until, pair.Value.LastResult.ToString(),
            _reader.Supports(pair.Value.Current.ModuleId) && (pair.Value.Scheduled is null || _reader.Supports(pair.Value.Scheduled.ModuleId))))];

    private HeaderInfo Header(ReadBlock block) => block.Header is BlockHeader header
        ? new HeaderInfo(
            Hex(block.Id), header.ChainId, header.Height, header.Round, header.Time, Hex(header.Parent), header.ParentResult is Hash32 result ? Hex(result) : null, Hex(header.RecordId), Hex(header.SetId),
            Hex(header.NextSetId), Hex(header.BodyRoot), Hex(header.LastCommit), header.Proposer.ToLongString())
        : new HeaderInfo(Hex(block.Id), _reader.Chain.Name, 0, 0, 0, Hex(Hash32.Zero), null, Hex(Hash32.Zero), Hex(Hash32.Zero), Hex(Hash32.Zero), Hex(Hash32.Zero), Hex(Hash32.Zero), Address.Zero.ToLongString());

    private static ResultInfo Result(BlockResultSummary result) => new(
        result.Height, result.Status.ToString().ToUpperInvariant(), Hex(result.StackId), Hex(result.StateRoot), Hex(result.ReceiptsRoot), Hex(result.ServiceEventsRoot), Hex(result.CodeRoot), result.GasUsed,
        result.Fees.ToString(), result.FirstVersion, result.TransactionCount, Hex(ResultCodec.IdOf(result)), Hex(ResultCodec.Encode(result)));

    private static ReceiptInfo Receipt(ReadTransaction transaction)
    {
        Receipt receipt = transaction.Output.Receipt;
        SignedTransaction? decoded = null;
        if (transaction.Bytes is byte[] bytes)
        {
            TransactionDecoding.TryDecode(bytes, out decoded);
        }

        return new ReceiptInfo(
            Hex(receipt.TransactionHash), transaction.IsSealed ? "SEALED" : "ACCEPTED", receipt.Status.Kind == StatusKind.Success, FailureText.Words(receipt.Status), receipt.Status.Module?.ToString(),
            receipt.Status.Kind == StatusKind.Aborted ? receipt.Status.Code : null, transaction.Height, transaction.Version, receipt.GasUsed, receipt.Fee.ToString(),
            decoded?.Raw.Sender.ToLongString(), decoded?.Raw.SequenceNumber, Events(transaction.Output), FailureText.Of(receipt.Status, transaction.Output.FailurePlace));
    }

    private static List<EventInfo> Events(TransactionOutput output) => [.. output.Events.Select(item => new EventInfo(item.Type.ToString(), Hex(item.Data)))];

    private ulong HeightOf(At? at) => at switch
    {
        null or { Tag: "latest" } => _reader.Head.Height,
        { Tag: "sealed" } => _reader.SealedHeight,
        { Height: ulong height } => height,
        { Hash: string hash } => _reader.HeightOf(Hash(hash, "at.hash")),
        _ => _reader.Head.Height,
    };

    private static T Guard<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (ReadException e)
        {
            throw e.Fault switch
            {
                ReadFault.NotFound => new RpcError(ErrorCodes.NotFound, e.Message),
                ReadFault.Ahead => new RpcError(ErrorCodes.HeightAhead, e.Message),
                ReadFault.Pruned => new RpcError(ErrorCodes.HeightPruned, e.Message, new JsonObject { ["oldest"] = e.Oldest?.ToString() }),
                _ => new RpcError(ErrorCodes.ModuleMissing, e.Message, new JsonObject { ["required"] = e.Required?.ToString() }),
            };
        }
    }

    private static ulong U64(byte[] bytes) => new BcsReader(bytes).U64();

    private static string Wide(byte[] bytes) => new BcsReader(bytes).U128().ToString();

    private static string Hex(Hash32 hash) => "0x" + hash;

    private static string Hex(ReadOnlySpan<byte> bytes) => "0x" + Convert.ToHexStringLower(bytes);

    private static Address ParseAddress(string? text) => text is not null && Address.TryParse(text, out Address address) ? address : throw new RpcError(ErrorCodes.InvalidParams, "params.address: 0x and up to 64 hexadecimal digits");

    private static Hash32 Hash(string? text, string name)
    {
        byte[] bytes = Bytes(text, name);
        return bytes.Length == Hash32.Length ? new Hash32(bytes) : throw new RpcError(ErrorCodes.InvalidParams, $"params.{name}: 0x and 64 hexadecimal digits");
    }

    private static byte[] Bytes(string? text, string name)
    {
        ReadOnlySpan<char> digits = text is null ? default : text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text.AsSpan(2) : text;
        if (text is null || digits.Length % 2 != 0)
        {
            throw new RpcError(ErrorCodes.InvalidParams, $"params.{name}: 0x and an even number of hexadecimal digits");
        }

        try
        {
            return Convert.FromHexString(digits);
        }
        catch (FormatException)
        {
            throw new RpcError(ErrorCodes.InvalidParams, $"params.{name}: 0x and an even number of hexadecimal digits");
        }
    }
}
