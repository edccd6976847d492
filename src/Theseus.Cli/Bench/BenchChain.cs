using Theseus.Consensus;
using Theseus.Protocol;
using Theseus.Storage;

namespace Theseus.Cli.Bench;

/// <summary>Fills a store with rows as blocks whose results are given: no transactions, no execution.</summary>
internal sealed class BenchChain
{
    private readonly ChainStore _store;
    private readonly ChainIdentity _chain;
    private ProtocolRecord _record;
    private BlockResultSummary _result;
    private Hash32 _parent;
    private ulong _time;
    private CommitCertificate? _lastCommit;
    private ulong _height;

    public BenchChain(ChainStore store, Genesis genesis)
    {
        _store = store;
        GenesisBlock first = store.Initialise(genesis);
        (_chain, _record, _result, _parent, _time) = (first.Chain, first.Record, first.Result, first.Chain.GenesisHash, first.Time);
    }

    /// <summary>One block that writes these rows, durably.</summary>
    public void Write(WriteSet rows)
    {
        _height++;
        Rules rules = RecordStep.Advance(_record, _height);
        BuiltBlock built = Build(_chain, rules, _parent, _time, _lastCommit, _result, [], []);
        CommitCertificate certificate = Certify(rules, built.Id);
        _store.Append(new DecidedBlock(built.Block, certificate, built.Record));
        PreparedState prepared = _store.Prepare(_height, rows);
        BlockResult result = new(_result.StackId, [], rows, [], _result.CodeRoot, 0, 0, _result.FirstVersion + _result.TransactionCount,
            []);
        BlockResultSummary summary = ResultCodec.Summarise(_height, result, prepared.Root);
        _store.CommitState(new ExecutedBlock(summary, [], rows, []), prepared);
        (_record, _result, _parent, _time, _lastCommit) = (built.Record, summary, built.Id, built.Block.Header.Time, certificate);
    }

    public static BuiltBlock Build(
        ChainIdentity chain, Rules rules, Hash32 parent, ulong parentTime, CommitCertificate? lastCommit, BlockResultSummary result,
        IReadOnlyList<ServiceEvent> events, IEnumerable<SignedTransaction> transactions) =>
        BlockBuilder.Build(new BlockPlan(
            chain, rules, parent, parentTime, lastCommit, result, events, 0, parentTime + 250,
            ValidatorSets.ToAddress(rules.Validators.Proposer(rules.Height, 0).Id), [], transactions));

    /// <summary>
    /// A certificate with everybody's name and no real signature: the store does not judge, and what judging costs is not measured here.
    /// </summary>
    public static CommitCertificate Certify(Rules rules, Hash32 block) => new(
        rules.Height, 0, ValidatorSets.ToValue(block),
        [.. rules.Validators.Members.Select(member => new CertificateSignature(member.Id, new ByteString(new byte[64])))]);
}
