using Theseus.Client;
using Theseus.Node;
using Theseus.Protocol;
using static Theseus.Rpc.ApiText;
using Methods = Theseus.Client.Methods;

namespace Theseus.Rpc;

/// <summary>Proposals and validators, by the views and the field names of the framework that stands at the height.</summary>
internal sealed class GovernanceMethods(ChainReader reader)
{
    /// <summary>Proposals of one answer.</summary>
    private const ulong MaximumProposals = 100;

    private static readonly ModuleId Governance = new(Address.One, "governance");
    private static readonly StructTag Pool = new(Address.One, "stake", "Pool", []);

    /// <summary>Status words by the framework's numbers; a number that a later framework adds is shown as it is.</summary>
    private static readonly string[] StatusWords = ["PENDING", "APPROVED", "QUEUED", "RESOLVED", "REJECTED", "EXPIRED", "CANCELLED"];

    public void AddTo(Dispatcher dispatcher)
    {
        dispatcher.Add<PageParams>(Methods.GetProposals, p => Guard(reader, () => GetProposals(p)), CallKind.Run);
        dispatcher.Add<ProposalParams>(Methods.GetProposal, p => Guard(reader, () => GetProposal(p)), CallKind.Run);
        dispatcher.Add<AtParams>(Methods.GetValidators, p => Guard(reader, () => GetValidators(p)));
    }

    private List<ProposalInfo> GetProposals(PageParams parameters)
    {
        ulong height = HeightOf(reader, parameters.At);
        ChainView at = reader.At(height);
        ulong count = Count(at);
        ulong first = parameters.From ?? (count > MaximumProposals ? count - MaximumProposals + 1 : 1);
        ulong limit = (ulong)(parameters.Limit ?? (int)MaximumProposals);
        List<ProposalInfo> proposals = [];
        for (ulong id = ulong.Max(first, 1); id <= count && (ulong)proposals.Count < limit; id++)
        {
            proposals.Add(Proposal(at, id));
        }

        return proposals;
    }

    private ProposalInfo GetProposal(ProposalParams parameters)
    {
        ulong height = HeightOf(reader, parameters.At);
        ChainView at = reader.At(height);
        ulong count = Count(at);
        return parameters.Id >= 1 && parameters.Id <= count ? Proposal(at, parameters.Id)
            : throw new RpcError(
                ErrorCodes.NotFound,
                count == 0 ? $"there is no proposal at height {height}"
                    : $"there is no proposal {parameters.Id} at height {height}; the newest is {count}");
    }

    private static ulong Count(ChainView at) => Read(at, "proposal_count", [], static (ref BcsReader reader) => reader.U64());

    private static ProposalInfo Proposal(ChainView at, ulong id)
    {
        byte[] argument = new BcsWriter(8).U64(id).ToArray();
        (string proposer, byte[] script, string url, byte status) = Read(at, "proposal", argument, static (ref BcsReader reader) =>
            (reader.Address().ToLongString(), reader.Bytes(64), reader.Text(1_024), reader.U8()));
        (ulong created, ulong ends, ulong approved, ulong from, ulong until) = Read(at, "schedule_of", argument,
            static (ref BcsReader reader) =>
            (reader.U64(), reader.U64(), reader.U64(), reader.U64(), reader.U64()));
        (string yes, string no, string total) = Read(at, "tally_of", argument, static (ref BcsReader reader) =>
            (reader.U128().ToString(), reader.U128().ToString(), reader.U128().ToString()));
        List<VoteInfo> votes = Read(at, "votes_of", argument, static (ref BcsReader reader) =>
        {
            Address[] voters = new Address[reader.Count(int.MaxValue, 32)];
            for (int i = 0; i < voters.Length; i++)
            {
                voters[i] = reader.Address();
            }

            int choices = reader.Count(int.MaxValue);
            List<VoteInfo> ballots = [];
            for (int i = 0; i < choices && i < voters.Length; i++)
            {
                ballots.Add(new VoteInfo(voters[i].ToLongString(), reader.Bool()));
            }

            return ballots;
        });
        return new ProposalInfo(
            id, proposer, Hex(script), url, status < StatusWords.Length ? StatusWords[status] : $"STATUS_{status}", yes, no, total,
                created, ends, approved, from, until, votes);
    }

    /// <summary>
    /// A view's results, one after another. A framework whose view gives something else is a typed error, not the node's fault.
    /// </summary>
    private static T Read<T>(ChainView at, string function, byte[] argument, Reading<T> reading)
    {
        ViewResult result = at.Run(new ViewCall(Governance, function, [], argument.Length == 0 ? [] : [argument]));
        if (result.Status.Kind != StatusKind.Success)
        {
            throw new RpcError(ErrorCodes.NotFound, $"{Governance}::{function}: {FailureText.Words(result.Status)}");
        }

        try
        {
            BcsReader reader = new(result.Values.SelectMany(static value => value.Value).ToArray());
            return reading(ref reader);
        }
        catch (BcsException e)
        {
            throw new RpcError(
                ErrorCodes.ExecutionFailed,
                $"{Governance}::{function} of the framework at height {at.Context.Height} gives results that this software does not "
                    + $"know: {e.Message}; get newer software");
        }
    }

    private ValidatorsInfo GetValidators(AtParams parameters)
    {
        ulong height = HeightOf(reader, parameters.At);
        ProtocolRecord record = reader.Record(height);
        StructView state = new(reader.StateAt(height));
        bool pending = record.SetNext.Epoch != record.SetNow.Epoch;
        return new ValidatorsInfo(
            height, record.SetNow.Epoch, Hex(record.SetNow.Id), [.. record.SetNow.Validators.Select(entry => Validator(state, entry))],
                pending ? record.SetNext.Epoch : null,
            pending ? [.. record.SetNext.Validators.Select(entry => Validator(state, entry))] : null);
    }

    private static ValidatorInfo Validator(StructView state, ValidatorEntry entry) => new(
        entry.Address.ToLongString(), Hex(entry.PublicKey), entry.Power, state.U64(entry.Address, Pool, "bonded", "value"),
            state.U64(entry.Address, Pool, "jailed_until"));

    private delegate T Reading<T>(ref BcsReader reader);
}
