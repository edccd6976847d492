using Theseus.Consensus;
using Theseus.Execution;

namespace Theseus.Node.Tests;

/// <summary>Evidence in a block whose begin hook fails reaches the next hook that succeeds, and no later one (fault 94).</summary>
public class CarriedEvidenceTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AFailedBeginHookLeavesItsEvidenceToTheNextOne(bool restarts)
    {
        StackEntry real = StackTable.BuiltIn().Single(entry => entry.Name == "v1");
        FailingStack stack = new(real.Create()) { Failing = [2, 3] };
        LocalChain chain = new(stacks: StackTable.With([real with { Create = () => stack }]));
        chain.Decide();
        Evidence evidence = DoubleVote(chain, 1);
        Decide(chain, evidence);
        for (int i = 0; i < 3; i++)
        {
            if (restarts)
            {
                chain.Open();
            }

            Decide(chain);
        }

        EvidenceFact[] fact = [new EvidenceFact((byte)EvidenceKind.DoubleVote, 1, chain.Validators[0].Address)];
        Assert.Equal(fact, stack.Given[2]);
        Assert.Equal(fact, stack.Given[3]);
        Assert.Equal(fact, stack.Given[4]); // the first one that succeeds
        Assert.Empty(stack.Given[5]);
    }

    // evidence of several blocks, and of the same validator twice: all of it, the newest first, the same after a restart
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void EvidenceOfSeveralBlocksIsCarriedTogether(bool restarts)
    {
        StackEntry real = StackTable.BuiltIn().Single(entry => entry.Name == "v1");
        FailingStack stack = new(real.Create()) { Failing = [3, 4, 5, 7] };
        LocalChain chain = new(stacks: StackTable.With([real with { Create = () => stack }]));
        chain.Decide();
        chain.Decide();
        EvidenceFact[] facts = [.. ((ulong[])[1, 2, 3, 6]).Select(
            height => new EvidenceFact((byte)EvidenceKind.DoubleVote, height, chain.Validators[0].Address))];
        foreach (ulong height in (ulong[])[3, 4, 5, 6, 7, 8, 9])
        {
            if (restarts)
            {
                chain.Open();
            }

            Evidence[] evidence = height switch
            {
                3 => [DoubleVote(chain, 1)],
                4 => [DoubleVote(chain, 3), DoubleVote(chain, 2)],
                7 => [DoubleVote(chain, 6)],
                _ => [],
            };
            Decide(chain, evidence);
        }

        Assert.Equal([facts[0]], stack.Given[3]);
        Assert.Equal([facts[2], facts[1], facts[0]], stack.Given[4]);
        Assert.Equal([facts[2], facts[1], facts[0]], stack.Given[5]);
        Assert.Equal([facts[2], facts[1], facts[0]], stack.Given[6]);
        Assert.Equal([facts[3]], stack.Given[7]); // what a hook accepted is not given twice
        Assert.Equal([facts[3]], stack.Given[8]);
        Assert.Empty(stack.Given[9]);
    }

    private static void Decide(LocalChain chain, params IReadOnlyList<Evidence> evidence)
    {
        ChainHead head = chain.Execution.Head;
        Validator proposer = head.Next.Validators.Proposer(head.Height + 1, 0);
        Block block = BlockBuilder.Build(new BlockPlan(
            chain.Execution.Chain, head.Next, head.BlockId, head.Time, head.Certificate, head.Result, head.ServiceEvents, 0, head.Time
            + 250,
            ValidatorSets.ToAddress(proposer.Id), evidence, [], height => chain.Store.Header(height)?.Time)).Block;
        Assert.Equal(evidence, block.Body.Evidence);
        CommitCertificate certificate = chain.Certify(block);
        Assert.True(chain.Execution.Append(certificate, block));
        chain.Execution.Execute(certificate, block);
    }

    private static Evidence DoubleVote(LocalChain chain, ulong height)
    {
        SignContext context = chain.Execution.Head.Next.SignContext(chain.Execution.Chain);
        Signed<Vote>[] votes = [.. ((byte[])[1, 2]).Select(value =>
        {
            Vote vote = new(VoteType.Prevote, height, 0, new ValueId([value, .. new byte[31]]), Rounds.Nil,
                ValidatorSets.ToId(chain.Validators[0].Address));
            return new Signed<Vote>(vote, new ByteString(Ed25519.Sign(chain.Validators[0].Seed, SignBytes.Of(context, vote))));
        })];
        return Offences.Between(votes[0], votes[1])!;
    }

    /// <summary>A stack whose begin hook fails at some heights, and which notes the evidence that it is given.</summary>
    private sealed class FailingStack(IExecutionStack stack) : IExecutionStack
    {
        public HashSet<ulong> Failing { get; init; } = [];

        public Dictionary<ulong, IReadOnlyList<EvidenceFact>> Given { get; } = [];

        public ModuleManifest Manifest => stack.Manifest;

        public Hash32 StackId => stack.StackId;

        public BlockResult Execute(BlockInput input, IStateReader state)
        {
            Given[input.Context.Height] = input.Context.Evidence;
            BlockResult result = stack.Execute(input, state);
            if (!Failing.Contains(input.Context.Height))
            {
                return result;
            }

            TransactionOutput begin = result.Outputs[0];
            Receipt failed = begin.Receipt with { Status = TransactionStatus.SystemAborted("begin", 1, 1) };
            return result with { Outputs = [begin with { Receipt = failed }, .. result.Outputs.Skip(1)] };
        }

        public BlockResult Genesis(GenesisInput input) => stack.Genesis(input);

        public void Warm(BlockContext next, IStateReader head) => stack.Warm(next, head);

        public Admission Admit(byte[] transaction, BlockContext next, IStateReader head, Func<Hash32, bool>? isKnownGood = null) =>
            stack.Admit(transaction, next, head, isKnownGood);

        public TransactionOutput Simulate(byte[] transaction, BlockContext next, IStateReader head) =>
            stack.Simulate(transaction, next, head);

        public ViewResult View(ViewCall call, BlockContext context, IStateReader state) => stack.View(call, context, state);
    }
}
