using Theseus.Client;
using Theseus.Consensus;
using Theseus.Protocol;

namespace Theseus.Rpc.Tests;

/// <summary>Proofs as a client checks them, on a chain of four validators that this file signs for.</summary>
public class ResourceProofTests
{
    private static readonly StateKey Present = StateKey.Resource(Address.One, new StructTag(Address.One, "m", "Here", []));
    private static readonly StateKey Absent = StateKey.Resource(Address.One, new StructTag(Address.One, "m", "Gone", []));
    private static readonly byte[] Value = [1, 2, 3, 4];

    private readonly Sample _sample = new();

    [Fact]
    public void APresentValueIsProven()
    {
        ProvenValue proven = _sample.Check(Present, Value);
        Assert.Equal((ProofFault.None, ""), (proven.Fault, proven.Detail));
        Assert.Equal(Value, proven.Value);
        Assert.Equal(_sample.Root, proven.StateRoot);
        Assert.Equal((3, 4, 0UL), (proven.Signers, proven.Validators, proven.Height));
    }

    [Fact]
    public void AbsenceIsProvenAndNotConfusedWithPresence()
    {
        Assert.True(_sample.Check(Absent, null).Holds);
        Assert.Equal(ProofFault.WrongPath, _sample.Check(Present, null).Fault);
        Assert.Equal(ProofFault.WrongPath, _sample.Check(Absent, Value).Fault);
        Assert.Equal(ProofFault.WrongPath, _sample.Check(Absent, null, path: _sample.PathOf(Present)).Fault);
    }

    [Fact]
    public void AnyFlippedByteFails()
    {
        foreach ((string name, byte[] bytes, Func<byte[], ProvenValue> check) in new (string, byte[], Func<byte[], ProvenValue>)[]
        {
            ("value", Value, flipped => _sample.Check(Present, flipped)),
            ("path", _sample.PathOf(Present), flipped => _sample.Check(Present, Value, path: flipped)),
            ("result", _sample.Result, flipped => _sample.Check(Present, Value, result: flipped)),
            ("header", _sample.Anchor.Header, flipped => _sample.Check(Present, Value, anchor: _sample.Anchor with { Header = flipped })),
            ("certificate", _sample.Anchor.Certificate, flipped => _sample.Check(Present, Value,
                anchor: _sample.Anchor with { Certificate = flipped })),
            ("record", _sample.Anchor.Record, flipped => _sample.Check(Present, Value, anchor: _sample.Anchor with { Record = flipped })),
        })
        {
            Assert.True(check(bytes).Holds, name);
            for (int i = 0; i < bytes.Length; i++)
            {
                foreach (byte mask in (byte[])[0x01, 0x80, 0xff])
                {
                    byte[] flipped = [.. bytes];
                    flipped[i] ^= mask;
                    Assert.False(check(flipped).Holds, $"byte {i} of the {name} may be xored with {mask}");
                }
            }
        }
    }

    [Fact]
    public void TruncatedAndExtendedBytesFail()
    {
        foreach ((byte[] bytes, Func<byte[], ProvenValue> check) in new (byte[], Func<byte[], ProvenValue>)[]
        {
            (_sample.PathOf(Present), changed => _sample.Check(Present, Value, path: changed)),
            (_sample.Result, changed => _sample.Check(Present, Value, result: changed)),
            (_sample.Anchor.Header, changed => _sample.Check(Present, Value, anchor: _sample.Anchor with { Header = changed })),
            (_sample.Anchor.Certificate, changed => _sample.Check(Present, Value, anchor: _sample.Anchor with { Certificate = changed })),
            (_sample.Anchor.Record, changed => _sample.Check(Present, Value, anchor: _sample.Anchor with { Record = changed })),
        })
        {
            Assert.False(check([.. bytes, 0]).Holds);
            for (int length = 0; length < bytes.Length; length += 7)
            {
                Assert.False(check(bytes[..length]).Holds);
            }
        }
    }

    [Fact]
    public void TwoOfFourSignaturesAreTooFew()
    {
        ProofAnchor weak = _sample.Anchor with { Certificate = _sample.Certify([0, 1]) };
        Assert.Equal(ProofFault.BadCertificate, _sample.Check(Present, Value, anchor: weak).Fault);
    }

    [Fact]
    public void ACertificateOfAnotherBlockProvesNothing()
    {
        ProofAnchor other = _sample.Anchor with { Certificate = _sample.Certify([0, 1, 2],
            new ValueId([.. Enumerable.Repeat((byte)9, 32)])) };
        Assert.Equal(ProofFault.OtherBlock, _sample.Check(Present, Value, anchor: other).Fault);
    }

    [Fact]
    public void AnotherChainAnotherHeightAndAnotherResultAreNamed()
    {
        Assert.Equal(ProofFault.OtherChain, _sample.Check(Present, Value, chain: _sample.Chain with { Name = "other-1" }).Fault);
        // the same name and another genesis: the signatures are of another chain
        Assert.Equal(ProofFault.BadCertificate, _sample.Check(Present, Value,
            chain: _sample.Chain with { GenesisHash = Hashing.Sha256("other"u8) }).Fault);
        Assert.Equal(ProofFault.OtherHeight, _sample.Check(Present, Value, height: 1).Fault);
        byte[] other = ResultCodec.Encode(ResultCodec.Decode(_sample.Result) with { GasUsed = 7 });
        Assert.Equal(ProofFault.OtherResult, _sample.Check(Present, Value, result: other).Fault);
    }

    [Fact]
    public void ARecordWithOtherValidatorsIsRefused()
    {
        ProtocolRecord record = RecordModels.Known.Decode(_sample.Anchor.Record);
        RecordedSet forged = ValidatorSets.TryRecord(record.SetNow.Epoch, [record.SetNow.Validators[0]], out _)!;
        ProofAnchor anchor = _sample.Anchor with { Record = RecordModels.Known.Encode(record with { SetNow = forged }) };
        Assert.Equal(ProofFault.OtherRecord, _sample.Check(Present, Value, anchor: anchor).Fault);
    }

    /// <summary>Genesis with a little state, and block 1, which agrees on its result.</summary>
    private sealed class Sample
    {
        private readonly byte[][] _seeds = [.. Enumerable.Range(1, 4).Select(i => Enumerable.Repeat((byte)i, 32).ToArray())];
        private readonly Genesis _genesis;
        private readonly Rules _rules;
        private readonly BuiltBlock _block;

        public Sample()
        {
            ValidatorEntry[] validators = [.. _seeds.Select(seed => new ValidatorEntry(AddressOf(seed),
                new Hash32(Ed25519.PublicKey(seed)), 10)).OrderBy(entry => entry.Address)];
            // enough other keys for a path with siblings
            IEnumerable<StateWrite> others = Enumerable.Range(0, 40).Select(i =>
                new StateWrite(StateKey.TableItem(Hash32.Zero, [(byte)i]), [(byte)i]));
            _genesis = new Genesis(
                "proof-1", 9, 1_000, validators, [], RecordModels.Known.Find(1)!.Parameters.Defaults,
                    ProtocolModules.AtGenesis(Hashing.Sha3("stack"u8)), [],
                WriteSet.From([.. others, new StateWrite(Present, Value),
                    new StateWrite(StateKey.Module(new ModuleId(Address.One, "m")), [0xa1])]));
            GenesisBlock start = GenesisBlock.Of(_genesis);
            Chain = start.Chain;
            Root = start.Result.StateRoot;
            Result = ResultCodec.Encode(start.Result);
            _rules = RecordStep.Advance(start.Record, 1);
            _block = BlockBuilder.Build(new BlockPlan(
                Chain, _rules, Chain.GenesisHash, start.Time, null, start.Result, [], 0, 2_000,
                    ValidatorSets.ToAddress(_rules.Validators.Proposer(1, 0).Id), [], []));
            Anchor = new ProofAnchor(BlockCodec.Encode(_block.Block.Header), Certify([0, 1, 2]), RecordModels.Known.Encode(_block.Record));
        }

        public ChainIdentity Chain { get; }

        public Hash32 Root { get; }

        public byte[] Result { get; }

        public ProofAnchor Anchor { get; }

        public byte[] PathOf(StateKey key) =>
            SparseMerkle.Prove(_genesis.State.Writes.Select(write => TreeLeaf.Of(write.Key, write.Value)), key.TreeKey()).Encode();

        public byte[] Certify(int[] signers, ValueId? value = null)
        {
            ValueId named = value ?? ValidatorSets.ToValue(_block.Id);
            SignContext context = _rules.SignContext(Chain);
            List<CertificateSignature> signatures = [.. signers.Select(signer =>
            {
                ValidatorId id = ValidatorSets.ToId(AddressOf(_seeds[signer]));
                return new CertificateSignature(id, new ByteString(Ed25519.Sign(_seeds[signer],
                    SignBytes.Of(context, new Vote(VoteType.Precommit, 1, 0, named, -1, id)))));
            })];
            signatures.Sort((a, b) => a.Validator.CompareTo(b.Validator));
            return Canonical.Encode(new CommitCertificate(1, 0, named, signatures));
        }

        public ProvenValue Check(StateKey key, byte[]? value, byte[]? path = null, byte[]? result = null, ProofAnchor? anchor = null,
            ChainIdentity? chain = null, ulong height = 0) =>
            ResourceProof.Check(chain ?? Chain, height, key, value, path ?? PathOf(key), result ?? Result, anchor ?? Anchor);

        private static Address AddressOf(byte[] seed) =>
            AuthenticationKeys.ToAddress(AuthenticationKeys.OfEd25519(Ed25519.PublicKey(seed)));
    }
}
