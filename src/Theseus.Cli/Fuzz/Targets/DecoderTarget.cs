using System.Text;
using Theseus.Cli.Framework;
using Theseus.Cli.Fuzz.Conversation;
using Theseus.Client;
using Theseus.Consensus;
using Theseus.Engine;
using Theseus.Move.Compiler;
using Theseus.Move.Compiler.Packages;
using Theseus.Move.Format;
using Theseus.Network;
using Theseus.Node;
using Theseus.Protocol;
using Theseus.Storage;

namespace Theseus.Cli.Fuzz.Targets;

/// <summary>Everything that reads bytes of others: what travels, what is stored, what users write into files.</summary>
internal static class DecoderTarget
{
    /// <summary>As <c>--target</c> names it.</summary>
    public const string Name = "decoders";

    /// <summary>Opening a file, or replaying one, does more than reading bytes.</summary>
    private static readonly AllocationBound File = new(4L * 1024 * 1024, 512);

    /// <summary>As <c>--target</c> names the one for files.</summary>
    public const string FilesName = "files";

    /// <summary>What travels.</summary>
    public static EntryTarget Create(Func<FuzzChain> chain) => new(Name, () =>
    {
        ConsensusSamples samples = new(chain());
        return [.. OfConsensus(chain(), samples), .. OfWire(chain(), samples), .. OfBlocks(chain(), samples), .. OfState(chain(), samples)];
    });

    /// <summary>What lies on disks: slower, as files are written, and engines are started on them.</summary>
    public static EntryTarget CreateFiles(Func<FuzzChain> chain) => new(FilesName, () =>
    {
        ConsensusSamples samples = new(chain());
        return [.. OfEngineFiles(chain(), samples), .. OfUserFiles(chain())];
    });

    private static IEnumerable<FuzzEntry> OfConsensus(FuzzChain chain, ConsensusSamples samples)
    {
        byte[][] messages = [.. samples.Messages.Select(static message => Canonical.Encode(message))];
        Verifier verifier = new(Ed25519Check.Instance, samples.Context, samples.Set, (ulong)samples.Decided.Count);
        yield return new FuzzEntry("consensus-message", messages, input =>
        {
            if (Canonical.TryDecodeMessage(input, out _) is { } message)
            {
                Same(Canonical.Encode(message), input);
                Judge(verifier, message);
            }
        });
        yield return new FuzzEntry("commit", [Canonical.Encode(samples.Decided[^1].Certificate)], input =>
        {
            if (Canonical.TryDecodeCommit(input, out _) is { } commit)
            {
                Same(Canonical.Encode(commit), input);
            }
        });
        Evidence[] evidence = [.. samples.Messages.OfType<ConsensusMessage.OfEvidence>().Select(static message => message.Evidence)];
        yield return new FuzzEntry("evidence", [.. evidence.Select(static item => Canonical.Encode(item))], input =>
        {
            if (Canonical.TryDecodeEvidence(input, out _) is { } found)
            {
                Same(Canonical.Encode(found), input);
                _ = Offences.Proves(found) && verifier.Verify(found, out _) is not null;
            }
        });
        yield return new FuzzEntry("input", [.. Inputs(samples, chain)], input =>
        {
            InputEncoding.TryDecode(input, verifier, out _);
            InputEncoding.TryReadMessage(input, out _);
        });
        State state = new();
        yield return new FuzzEntry("core-state", [state.Encode()], static input => State.Decode(input, out _));
    }

    private static void Judge(Verifier verifier, ConsensusMessage message)
    {
        switch (message)
        {
            case ConsensusMessage.OfVote vote:
                verifier.Verify(vote.Vote, out _);
                break;
            case ConsensusMessage.OfProposal proposal:
                verifier.Verify(proposal.Proposal, out _);
                break;
            case ConsensusMessage.OfCommit commit:
                verifier.Verify(commit.Certificate, out _);
                break;
            case ConsensusMessage.OfPolka polka:
                verifier.Verify(polka.Certificate, out _);
                break;
            case ConsensusMessage.OfRound round:
                verifier.Verify(round.Certificate, out _);
                break;
            default:
                break;
        }
    }

    private static IEnumerable<byte[]> Inputs(ConsensusSamples samples, FuzzChain chain)
    {
        ulong height = (ulong)samples.Decided.Count;
        yield return InputEncoding.Encode(new Input.StartHeight(height, samples.Set, chain.Validators[0].Id, Timeouts.Localnet));
        yield return InputEncoding.Encode(new Input.ValueReady(height, samples.Decided[^1].Certificate.Value, 0));
        yield return InputEncoding.Encode(new Input.TimeoutElapsed(TimeoutKind.Propose, height, 0));
        foreach (ConsensusMessage message in samples.Messages)
        {
            if (message is ConsensusMessage.OfVote vote)
            {
                yield return InputEncoding.Encode(new Input.OwnVote(vote.Vote));
            }
            else if (message is ConsensusMessage.OfProposal proposal)
            {
                yield return InputEncoding.Encode(new Input.OwnProposal(proposal.Proposal));
            }
        }
    }

    private static IEnumerable<FuzzEntry> OfWire(FuzzChain chain, ConsensusSamples samples)
    {
        (Engine.FrameKind Kind, byte[] Bytes)[] frames = [.. samples.Frames(chain)];
        byte[][] Of(Engine.FrameKind kind) => [.. frames.Where(frame => frame.Kind == kind).Select(static frame => frame.Bytes)];
        yield return new FuzzEntry("stream-init", Of(Engine.FrameKind.StreamInit), static input =>
            Same(StreamInit.TryDecode(input)?.Encode(), input));
        yield return new FuzzEntry("stream-part", Of(Engine.FrameKind.StreamPart), static input => StreamPart.TryDecode(input)?.Encode());
        yield return new FuzzEntry("stream-fin", Of(Engine.FrameKind.StreamFin), static input => StreamFin.TryDecode(input)?.Encode());
        yield return new FuzzEntry(
            "content", [.. Of(Engine.FrameKind.ContentReply), .. Of(Engine.FrameKind.ContentRequest)],
            static input => Same(ContentMessage.TryDecode(input, BlockCodec.MaximumSize)?.Encode(), input));
        yield return new FuzzEntry("status", Of(Engine.FrameKind.Status), static input =>
            Same(StatusMessage.TryDecode(input)?.Encode(), input));
        yield return new FuzzEntry("range-request", Of(Engine.FrameKind.RangeRequest), static input =>
            RangeRequest.TryDecode(input)?.Encode());
        yield return new FuzzEntry(
            "range-reply", Of(Engine.FrameKind.RangeReply), static input =>
                Same(RangeReply.TryDecode(input, BlockCodec.MaximumSize)?.Encode(), input));

        byte[][] envelopes =
        [
            .. frames.Select(static frame => Envelopes.Consensus((ushort)frame.Kind, 3, frame.Bytes).Payload.ToArray()),
            Envelopes.Transactions(samples.Decided[0].Block.Body.Transactions).Payload.ToArray(),
        ];
        yield return new FuzzEntry("envelope", envelopes, static input =>
        {
            Envelopes.Open(new Network.Frame(Network.FrameKind.Consensus, 1, input), out _, out _);
            Envelopes.Open(new Network.Frame(Network.FrameKind.Sync, 1, input), out _, out _);
            Envelopes.TryOpenTransactions(new Network.Frame(Network.FrameKind.Transactions, 1, input), out _);
        });
        byte[][] stream = [.. envelopes.Select(static payload => Framed(Network.FrameKind.Consensus, payload)),
            Framed(Network.FrameKind.Ping, [1, 2, 3])];
        yield return new FuzzEntry("frames", stream, static input =>
        {
            using MemoryStream bytes = new(input);
            FrameStream reader = new(bytes) { Overlay = OverlayKind.Consensus };
            try
            {
                while (reader.ReadAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult() is not null)
                {
                    // to the end, or to the first fault
                }
            }
            catch (WireException)
            {
                // documented
            }
        });
    }

    private static byte[] Framed(Network.FrameKind kind, byte[] payload)
    {
        using MemoryStream bytes = new();
        new FrameStream(bytes).WriteAsync(new Network.Frame(kind, 7, payload), CancellationToken.None).AsTask().GetAwaiter().GetResult();
        return bytes.ToArray();
    }

    private static IEnumerable<FuzzEntry> OfBlocks(FuzzChain chain, ConsensusSamples samples)
    {
        Block[] blocks = [.. samples.Decided.Select(static item => item.Block)];
        yield return new FuzzEntry("block", [.. blocks.Select(static block => BlockCodec.Encode(block))], static input =>
        {
            if (BlockCodec.TryDecode(input, out _) is { } block)
            {
                Same(BlockCodec.Encode(block), input);
                _ = BlockCodec.SizeOf(block) == input.Length ? 0
                    : throw new InvalidOperationException("the size of the block is not that of its bytes");
                ChainApplication.IsContent(ValidatorSets.ToValue(BlockCodec.IdOf(block.Header)), input);
            }
        }) { Allocation = new AllocationBound(256 * 1024, 1_024) }; // decoded twice, encoded twice, and a hash of each item
        yield return new FuzzEntry("header", [.. blocks.Select(static block => BlockCodec.Encode(block.Header))], static input =>
        {
            if (BlockCodec.TryDecodeHeader(input, out _) is { } header)
            {
                Same(BlockCodec.Encode(header), input);
            }
        });
        yield return new FuzzEntry("body", [.. blocks.Select(static block => BlockCodec.Encode(block.Body))], static input =>
        {
            if (BlockCodec.TryDecodeBody(input, out _) is { } body)
            {
                Same(BlockCodec.Encode(body), input);
            }
        });
        byte[][] transactions = [.. blocks[0].Body.Transactions, .. TransactionSamples.Of(chain)];
        yield return new FuzzEntry("transaction", transactions, static input =>
        {
            if (TransactionDecoding.TryDecode(input, out SignedTransaction? transaction).IsNone)
            {
                Same(transaction!.Bytes, input);
                TransactionDecoding.Check(transaction, 4, 1_767_225_600);
            }

            TransactionDecoding.TryDecode(input, out _, simulation: true);
        });
    }

    /// <summary>The genesis without its modules: what counts is in front of them, and each mutant would copy 200 KiB.</summary>
    private static Genesis Small(Genesis genesis) =>
        genesis with { State = WriteSet.From(genesis.State.Writes.Where(static write => write.Key.Kind != StateKeyKind.Module).Take(40)) };

    private static IEnumerable<FuzzEntry> OfState(FuzzChain chain, ConsensusSamples samples)
    {
        yield return Bcs("record", [.. samples.Records.Select(RecordModels.Known.Encode)], static input =>
        {
            try
            {
                RecordModels.Known.Decode(input);
            }
            catch (UnsupportedRecordException)
            {
                // documented
            }
        });
        yield return Bcs("result", [.. samples.Results.Select(static result => ResultCodec.Encode(result))], static input =>
            Same(ResultCodec.Encode(ResultCodec.Decode(input)), input));
        yield return Bcs(
            "receipt", [.. samples.Outputs.Select(static output => ReceiptCodec.Encode(output.Receipt))],
            static input => Same(ReceiptCodec.Encode(ReceiptCodec.DecodeReceipt(input)), input));
        yield return Bcs(
            "event", [.. samples.Outputs.SelectMany(static output => output.Events).Take(8).Select(
                static item => ReceiptCodec.Encode(item))],
            static input => Same(ReceiptCodec.Encode(ReceiptCodec.DecodeEvent(input)), input));
        ServiceEvent[] events = [.. samples.ServiceEvents, new ServiceEvent.EpochSetup(7, chain.Genesis.Validators)];
        yield return Bcs(
            "service-event", [.. events.Select(static item => ServiceEventCodec.Encode(item))],
            static input => Same(ServiceEventCodec.Encode(ServiceEventCodec.Decode(input)), input));
        StateWrite[] writes = [.. chain.Genesis.State.Writes.Where(static write => write.Key.Kind != StateKeyKind.Module).Take(30)];
        yield return Bcs("state-key", [.. writes.Select(static write => write.Key.Bytes.ToArray())], static input =>
            StateKey.Decode(input));
        IEnumerable<TreeLeaf> leaves = [.. writes.Select(static write => TreeLeaf.Of(write.Key, write.Value))];
        StateProof proof = SparseMerkle.Prove(leaves, writes[3].Key.TreeKey());
        yield return Bcs("state-proof", [proof.Encode()], input =>
            SparseMerkle.Verify(chain.Genesis.Hash(), writes[3].Key, writes[3].Value, StateProof.Decode(input)));
        yield return Proof(samples, writes[3], proof);
        yield return Bcs("subtree", [Subtree.Empty.Encode()], static input => Subtree.Decode(input));
        string[] types = ["0x1::coin::CoinStore<0x1::theseus_coin::TheseusCoin>", "vector<vector<u8>>",
            "0x1::a::B<u64, address, 0x2::c::D<bool>>"];
        yield return new FuzzEntry("type-text", [.. types.Select(Encoding.UTF8.GetBytes)], static input =>
        {
            string text = Encoding.UTF8.GetString(input);
            if (TypeText.TryParse(text, out TypeTag? tag))
            {
                _ = TypeText.TryParse(TypeText.Format(tag!), out TypeTag? again) && again!.Equals(tag)
                    ? 0 : throw new InvalidOperationException("the text of the type is another type");
            }

            _ = Address.TryParse(text, out _);
        }) { IsText = true };
    }

    // What a client is given by a node that it does not trust: each part of a proof in turn is a mutant.
    private static FuzzEntry Proof(ConsensusSamples samples, StateWrite write, StateProof path)
    {
        (Block block, CommitCertificate certificate) = samples.Decided[^1];
        byte[] result = ResultCodec.Encode(samples.Results[^2]);
        ProofAnchor anchor = new(BlockCodec.Encode(block.Header), Canonical.Encode(certificate),
            RecordModels.Known.Encode(samples.Records[^1]));
        ulong height = block.Header.Height - 1;
        return new FuzzEntry("proof", [path.Encode(), result, anchor.Header, anchor.Certificate, anchor.Record], input =>
        {
            ProvenValue[] answers =
            [
                ResourceProof.Check(samples.Identity, height, write.Key, write.Value, input, result, anchor),
                ResourceProof.Check(samples.Identity, height, write.Key, write.Value, path.Encode(), input, anchor),
                ResourceProof.Check(samples.Identity, height, write.Key, input, path.Encode(), result, anchor),
                ResourceProof.Check(samples.Identity, height, write.Key, write.Value, path.Encode(), result,
                    anchor with { Header = input }),
                ResourceProof.Check(samples.Identity, height, write.Key, write.Value, path.Encode(), result,
                    anchor with { Certificate = input }),
                ResourceProof.Check(samples.Identity, height, write.Key, write.Value, path.Encode(), result,
                    anchor with { Record = input }),
            ];
            if (answers.Any(static answer => answer.Holds))
            {
                throw new InvalidOperationException("a proof of the genesis' state holds against a later block");
            }
        }) { Allocation = File };
    }

    // Decoders of what this node or its peers stored throw one exception, which their callers turn into a refusal.
    private static FuzzEntry Bcs(string name, IReadOnlyList<byte[]> samples, Action<byte[]> decode) => new(name, samples, input =>
    {
        try
        {
            decode(input);
        }
        catch (BcsException)
        {
            // documented
        }
    });

    private static IEnumerable<FuzzEntry> OfEngineFiles(FuzzChain chain, ConsensusSamples samples)
    {
        yield return new FuzzEntry("height-start",
            [new HeightStart(3, [samples.Decided[0].Certificate.Value], samples.Set.Id, 1).Encode()], static input =>
            HeightStart.TryDecode(input));
        (byte[] segment, byte[] mark) = EngineFiles.Written(chain, samples);
        yield return new FuzzEntry("log-segment", [segment], EngineFiles.ReadSegment) { Allocation = File };
        yield return new FuzzEntry("mark", [mark], EngineFiles.ReadMark) { Allocation = File };
        (byte[] log, byte[] left, string name, ulong tip) = SoloEngine.Left(chain);
        yield return new FuzzEntry("restart-log", [log], input =>
            SoloEngine.Restart(chain, name, input, left, tip)) { Allocation = AllocationBound.Judge };
        yield return new FuzzEntry("restart-mark", [left], input =>
            SoloEngine.Restart(chain, name, log, input, tip)) { Allocation = AllocationBound.Judge };
    }

    private static IEnumerable<FuzzEntry> OfUserFiles(FuzzChain chain)
    {
        yield return new FuzzEntry("genesis", [GenesisCodec.Encode(Small(chain.Genesis))], static input =>
        {
            if (GenesisCodec.TryDecode(input, out _) is { } genesis)
            {
                Same(GenesisCodec.Encode(genesis), input);
                if (genesis.Faults().Count == 0)
                {
                    using ChainStore store = ChainStore.InMemory();
                    store.Initialise(genesis); // what has no fault begins a chain
                }
            }
        }) { Allocation = AllocationBound.Judge };
        yield return new FuzzEntry("node-json", [UserFiles.NodeJson(chain)], UserFiles.ReadNodeJson) { IsText = true, Allocation = File };
        yield return new FuzzEntry("evidence-file", [UserFiles.EvidenceFile(chain)], UserFiles.ReadEvidenceFile) { IsText = true,
            Allocation = File };
        byte[] release = FrameworkRelease.Encode(UserFiles.Small(chain.Framework));
        yield return new FuzzEntry("release", [release], static input => FrameworkRelease.TryDecode(input)) { Allocation = File };
        string[] manifests =
        [
            """
            [package]
            name = "Sample"
            version = "1.0.0"
            authors = ["a"]
            [addresses]
            sample = "0x42"
            open = "_"
            [dev-addresses]
            open = "0x7"
            """,
            """
            [package]
            name = 'B'
            [dependencies]
            Std = { local = "../std", addr_subst = { std = "0x1" } }
            [dev-dependencies.X]
            local = "x"
            """,
        ];
        yield return new FuzzEntry("move-toml", [.. manifests.Select(Encoding.UTF8.GetBytes)], static input =>
        {
            SourceTree tree = SourceTree.Of("Move.toml", Encoding.UTF8.GetString(input));
            PackageBuild.Build(tree);
        }) { IsText = true, Allocation = AllocationBound.Judge };
        byte[] metadata = new ModuleMetadata(["view"], ["Event"], [new ErrorName(1, "EWRONG", "It is wrong.")]).Encode();
        yield return new FuzzEntry("module-metadata", [metadata], static input => ModuleMetadata.Decode(input));
    }

    /// <summary>What was read canonically is written as it was.</summary>
    private static void Same(byte[]? written, byte[] read)
    {
        if (written is not null && !written.AsSpan().SequenceEqual(read))
        {
            throw new InvalidOperationException("two different inputs have one meaning: what was read is written differently");
        }
    }
}
