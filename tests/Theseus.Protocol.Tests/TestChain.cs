using Theseus.Consensus;

namespace Theseus.Protocol.Tests;

/// <summary>A chain of a few validators that steps records and builds, signs and judges blocks; execution is imagined.</summary>
internal sealed class TestChain
{
    public const ulong StartTime = 1_000_000;

    public TestChain(int validators = 4, Func<ProtocolParameters, ProtocolParameters>? parameters = null, RecordModels? models = null,
        ulong power = 1)
    {
        Models = models ?? RecordModels.Known;
        Genesis = GenesisOf(validators, parameters, power);
        Start = GenesisBlock.Of(Genesis);
        Record = Start.Record;
        Result = Start.Result;
        ParentId = Start.Chain.GenesisHash;
        ParentTime = Genesis.Time;
    }

    public Genesis Genesis { get; }

    public GenesisBlock Start { get; }

    public ChainIdentity Chain => Start.Chain;

    public RecordModels Models { get; }

    public ProtocolRecord Record { get; private set; }

    public BlockResultSummary Result { get; set; }

    public IReadOnlyList<ServiceEvent> Events { get; private set; } = [];

    public ulong Height { get; private set; }

    public Hash32 ParentId { get; private set; }

    public ulong ParentTime { get; private set; }

    public CommitCertificate? LastCommit { get; private set; }

    public SortedDictionary<ulong, ulong> Times { get; } = [];

    public static byte[] SeedOf(int validator) => [.. Enumerable.Repeat((byte)(0x40 + validator), 32)];

    public static ValidatorEntry EntryOf(int validator, ulong power = 1)
    {
        byte[] key = Ed25519.PublicKey(SeedOf(validator));
        return new ValidatorEntry(AuthenticationKeys.ToAddress(AuthenticationKeys.OfEd25519(key)), new Hash32(key), power);
    }

    public static Hash32 Module(int number) => Hashing.Sha3([(byte)number]);

    public static Genesis GenesisOf(int validators = 4, Func<ProtocolParameters, ProtocolParameters>? parameters = null,
        ulong power = 1) => new(
        "test-1",
        4,
        StartTime,
        [.. Enumerable.Range(0, validators).Select(i => EntryOf(i, power))],
        [new GenesisAccount(Address.Parse(TransactionVectors.Address1), 1_000_000, Hash32.FromHex(TransactionVectors.Address1))],
        (parameters ?? (static p => p))(V1.ParameterDefinitions.Table.Defaults),
        ProtocolModules.AtGenesis(Module(1)),
        [KeyValuePair.Create("epochInterval", 60UL)],
        WriteSet.From([new StateWrite(StateKey.Module(new ModuleId(Address.One, "coin")), [0xa1, 0x1c, 0xeb, 0x0b])]));

    /// <summary>Steps the record alone by one height with the service events of the height before.</summary>
    public ProtocolRecord Step(params ServiceEvent[] events)
    {
        Height++;
        Rules rules = RecordStep.Advance(Record, Height, Models);
        Record = RecordStep.Apply(rules, new RecordInputs(StartTime + (Height * 1000), events, Result.CodeRoot, [], []));
        return Record;
    }

    public ProtocolRecord StepTo(ulong height)
    {
        while (Height < height)
        {
            Step();
        }

        return Record;
    }

    public Rules NextRules() => RecordStep.Advance(Record, Height + 1, Models);

    public BlockPlan Plan(int round = 0, params SignedTransaction[] transactions)
    {
        Rules rules = NextRules();
        return new BlockPlan(
            Chain, rules, ParentId, ParentTime, LastCommit, Result, Events, round, ParentTime + 1000,
            ValidatorSets.ToAddress(rules.Validators.Proposer(rules.Height, round).Id), [], transactions);
    }

    public BlockCircumstances Circumstances(int? freshRound = 0) => new(
        Chain, NextRules(), ParentId, ParentTime, Result, Events, freshRound, Ed25519Check.Instance,
        height => Times.TryGetValue(height, out ulong time) ? time : null, _ => false);

    /// <summary>Decides a block: the given validators sign it, and its imagined result has the given events.</summary>
    public void Decide(BuiltBlock built, IEnumerable<int>? signers = null, params ServiceEvent[] events)
    {
        Rules rules = NextRules();
        LastCommit = Certify(rules, ValidatorSets.ToValue(built.Id), signers ?? Enumerable.Range(0, 16));
        Height++;
        Times[Height] = built.Block.Header.Time;
        ParentId = built.Id;
        ParentTime = built.Block.Header.Time;
        Record = built.Record;
        Events = events;
        Result = Result with
        {
            Height = Height,
            ServiceEventsRoot = ExecutionRoots.OfServiceEvents(events),
            FirstVersion = Result.FirstVersion + Result.TransactionCount,
            TransactionCount = 2,
        };
    }

    public CommitCertificate Certify(Rules rules, ValueId value, IEnumerable<int> signers, int round = 0)
    {
        List<CertificateSignature> signatures = [];
        foreach (int signer in signers)
        {
            ValidatorId id = ValidatorSets.ToId(EntryOf(signer).Address);
            if (rules.Validators.Contains(id))
            {
                signatures.Add(new CertificateSignature(id,
                    Sign(signer, rules, new Vote(VoteType.Precommit, rules.Height, round, value, -1, id)).Signature));
            }
        }

        signatures.Sort((a, b) => a.Validator.CompareTo(b.Validator));
        return new CommitCertificate(rules.Height, round, value, signatures);
    }

    public Signed<Vote> Sign(int signer, Rules rules, Vote vote) =>
        new(vote, new ByteString(Ed25519.Sign(SeedOf(signer), SignBytes.Of(rules.SignContext(Chain), vote))));
}
