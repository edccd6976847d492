namespace Theseus.Execution.Tests;

/// <summary>A block of a corpus: what went in.</summary>
internal sealed record CorpusBlock(BlockContext Context, IReadOnlyList<byte[]> Transactions);

/// <summary>
/// The frozen inputs of a stack's corpus: <c>genesis modules | genesis context | accounts | validators | blocks</c> in BCS, so that a
/// replay depends on no compiler and on no later framework. Beside it stands a text file with a line for every result.
/// </summary>
internal sealed record CorpusFile(GenesisInput Genesis, IReadOnlyList<CorpusBlock> Blocks)
{
    private const int Most = 1 << 24;

    public byte[] Encode()
    {
        BcsWriter writer = new(1 << 18);
        writer.List(Genesis.Modules.ToArray(), static (w, module) => w.Bytes(module));
        Write(writer, Genesis.Context);
        GenesisGovernance g = Genesis.Governance;
        writer.U64(g.EpochMicros).U64(g.VotingBlocks).U64(g.EnactmentBlocks).U64(g.ExecutionBlocks).U64(g.ProposalDeposit)
            .U64(g.MinimumBond).U64(g.UnbondingEpochs);
        writer.List(Genesis.Accounts.ToArray(), static (w, account) =>
            w.Address(account.Address).U64(account.Balance).Hash(account.AuthenticationKey));
        writer.List(Genesis.Validators.ToArray(), Write);
        writer.List(Blocks.ToArray(), static (w, block) =>
        {
            Write(w, block.Context);
            w.List(block.Transactions.ToArray(), static (w2, transaction) => w2.Bytes(transaction));
        });
        return writer.ToArray();
    }

    public static CorpusFile Decode(byte[] bytes)
    {
        BcsReader reader = new(bytes);
        byte[][] modules = Blobs(ref reader);
        BlockContext context = Context(ref reader);
        GenesisGovernance governance =
            new(reader.U64(), reader.U64(), reader.U64(), reader.U64(), reader.U64(), reader.U64(), reader.U64());
        GenesisAccount[] accounts = new GenesisAccount[reader.Count(Most)];
        for (int i = 0; i < accounts.Length; i++)
        {
            accounts[i] = new GenesisAccount(reader.Address(), reader.U64(), reader.Hash());
        }

        ValidatorEntry[] validators = Validators(ref reader);
        CorpusBlock[] blocks = new CorpusBlock[reader.Count(Most)];
        for (int i = 0; i < blocks.Length; i++)
        {
            blocks[i] = new CorpusBlock(Context(ref reader), Blobs(ref reader));
        }

        reader.End();
        return new CorpusFile(new GenesisInput(context, modules, governance, accounts, validators), blocks);
    }

    /// <summary>
    /// Runs everything under a stack: a line for every result. Only what is committed counts; sentences for people may improve.
    /// </summary>
    public IReadOnlyList<string> Replay(IExecutionStack stack)
    {
        List<string> lines = [];
        MapState state = new();
        BlockResult genesis = stack.Genesis(Genesis);
        lines.Add($"genesis {genesis.CodeRoot} {ExecutionRoots.OfWrites(genesis.Writes)}");
        state.Apply(genesis.Writes);
        foreach (CorpusBlock block in Blocks)
        {
            foreach (byte[] transaction in block.Transactions)
            {
                Admission admission = stack.Admit(transaction, block.Context, state);
                Receipt simulated = stack.Simulate(transaction, block.Context, state).Receipt;
                lines.Add($"{block.Context.Height} admit {admission.Refusal?.Name() ?? "yes"} simulate {Short(simulated)}");
            }

            BlockResult result = stack.Execute(new BlockInput(block.Context, block.Transactions, block.Context.Height * 1_000), state);
            state.Apply(result.Writes);
            foreach (TransactionOutput output in result.Outputs)
            {
                Assert.Equal(output.Receipt.WriteSetRoot, ExecutionRoots.OfWrites(output.Writes));
                Assert.Equal(output.Receipt.EventsRoot, ExecutionRoots.OfEvents(output.Events));
                lines.Add($"{block.Context.Height} {Short(output.Receipt)}");
            }

            lines.Add($"{block.Context.Height} block {ExecutionRoots.OfWrites(result.Writes)} {ExecutionRoots.OfServiceEvents(result.ServiceEvents)} {result.CodeRoot} {result.GasUsed} {result.Fees}");
        }

        return lines;
    }

    private static string Short(Receipt receipt) =>
        $"{receipt.Status.Kind} {receipt.Status.Major}.{receipt.Status.Code}.{receipt.Status.Reason} {receipt.GasUsed} {Hashing.Sha256(ReceiptCodec.Encode(receipt))}";

    private static void Write(BcsWriter writer, BlockContext context)
    {
        writer.U64(context.Height).U64(context.TimeMicros).U64(context.Epoch).Address(context.Proposer);
        writer.List(context.Missed.ToArray(), static (w, address) => w.Address(address));
        writer.List(context.Evidence.ToArray(), static (w, item) => w.U8(item.Kind).U64(item.Height).Address(item.Validator));
        writer.List(context.Validators.ToArray(), Write);
        writer.List(context.Components.ToArray(), static (w, item) =>
            w.Text(item.Name).U64(item.Version).Hash(item.ModuleId).U64(item.ScheduledVersion).Hash(item.ScheduledModuleId)
            .U64(item.ScheduledHeight).U64(item.Since).U64(item.Notice));
        writer.Hash(context.GenesisHash).U8(context.TxChainId);
    }

    private static void Write(BcsWriter writer, ValidatorEntry entry) =>
        writer.Address(entry.Address).Hash(entry.PublicKey).U64(entry.Power);

    private static BlockContext Context(ref BcsReader reader)
    {
        ulong height = reader.U64(), time = reader.U64(), epoch = reader.U64();
        Address proposer = reader.Address();
        Address[] missed = new Address[reader.Count(Most)];
        for (int i = 0; i < missed.Length; i++)
        {
            missed[i] = reader.Address();
        }

        EvidenceFact[] evidence = new EvidenceFact[reader.Count(Most)];
        for (int i = 0; i < evidence.Length; i++)
        {
            evidence[i] = new EvidenceFact(reader.U8(), reader.U64(), reader.Address());
        }

        ValidatorEntry[] validators = Validators(ref reader);
        ComponentFact[] components = new ComponentFact[reader.Count(Most)];
        for (int i = 0; i < components.Length; i++)
        {
            components[i] = new ComponentFact(reader.Text(64), reader.U64(), reader.Hash(), reader.U64(), reader.Hash(), reader.U64(),
                reader.U64(), reader.U64());
        }

        return new BlockContext(height, time, epoch, proposer, missed, evidence, validators, components, reader.Hash(), reader.U8());
    }

    private static ValidatorEntry[] Validators(ref BcsReader reader)
    {
        ValidatorEntry[] validators = new ValidatorEntry[reader.Count(Most)];
        for (int i = 0; i < validators.Length; i++)
        {
            validators[i] = new ValidatorEntry(reader.Address(), reader.Hash(), reader.U64());
        }

        return validators;
    }

    private static byte[][] Blobs(ref BcsReader reader)
    {
        byte[][] blobs = new byte[reader.Count(Most)][];
        for (int i = 0; i < blobs.Length; i++)
        {
            blobs[i] = reader.Bytes(Most);
        }

        return blobs;
    }
}
