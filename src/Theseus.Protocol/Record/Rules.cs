using Theseus.Consensus;

namespace Theseus.Protocol;

/// <summary>
/// Everything that governs one block: advance(record(parent), height) (record P1). It reads nothing of the block, so a node
/// knows it as soon as the parent's record is known.
/// </summary>
public sealed class Rules
{
    internal Rules(ProtocolRecord parent, ProtocolRecord record, IRecordModel model, RecordModels models, ulong height)
    {
        Parent = parent;
        Record = record;
        Model = model;
        Models = models;
        Height = height;
        Validators = ValidatorSets.ToConsensus(record.SetNow);
        ParentValidators = ValidatorSets.ToConsensus(parent.SetNow);
    }

    /// <summary>The block's height.</summary>
    public ulong Height { get; }

    /// <summary>record(H-1).</summary>
    public ProtocolRecord Parent { get; }

    /// <summary>The parent's record after the passing of one height; <c>current</c> of it equals that of record(H).</summary>
    public ProtocolRecord Record { get; }

    /// <summary>The model of this height's record.</summary>
    public IRecordModel Model { get; }

    /// <summary>The models that this software has.</summary>
    public RecordModels Models { get; }

    /// <summary>set(H).</summary>
    public ValidatorSet Validators { get; }

    /// <summary>set(H-1), by which the last commit is judged (consensus N13).</summary>
    public ValidatorSet ParentValidators { get; }

    /// <summary>set(H) as recorded.</summary>
    public RecordedSet Set => Record.SetNow;

    /// <summary>The epoch of set(H).</summary>
    public ulong Epoch => Record.SetNow.Epoch;

    /// <summary>The parameters in force at this height.</summary>
    public ProtocolParameters Parameters => Record.Parameters;

    /// <summary>How long rounds wait at this height, in milliseconds (consensus N4).</summary>
    public Timeouts Timeouts => Record.Parameters.Timeouts;

    /// <summary>The stack that executes this block.</summary>
    public CurrentVersion Execution => Record.Current(Components.Execution);

    /// <summary>Messages and codecs of this height.</summary>
    public CurrentVersion Consensus => Record.Current(Components.Consensus);

    /// <summary>What signatures of this height's messages are bound to (consensus N1).</summary>
    public SignContext SignContext(ChainIdentity chain) => ContextOf(chain, Consensus.Version);

    /// <summary>Verifies messages of this height.</summary>
    public Verifier Verifier(ChainIdentity chain, ISignatureCheck signatures) => new(signatures, SignContext(chain), Validators, Height);

    /// <summary>Verifies the certificate for the parent, by its set and version (consensus N1, N13). Not for height 1.</summary>
    public Verifier ParentVerifier(ChainIdentity chain, ISignatureCheck signatures) =>
        new(signatures, ContextOf(chain, Parent.Current(Components.Consensus).Version), ParentValidators, Height - 1);

    /// <summary>
    /// Verifies evidence of an earlier height by the set and version of that height; null outside the window
    /// (consensus N3).
    /// </summary>
    public Verifier? EvidenceVerifier(ChainIdentity chain, ISignatureCheck signatures, ulong height)
    {
        EvidenceSet? found = EvidenceSetOf(height);
        return found is null
            ? null
            : new Verifier(signatures, ContextOf(chain, found.ConsensusVersion), ValidatorSets.ToConsensus(found.Set), height);
    }

    /// <summary>The interval of the evidence window that holds a height below this one, or null.</summary>
    public EvidenceSet? EvidenceSetOf(ulong height)
    {
        if (height >= Height)
        {
            return null;
        }

        EvidenceSet? found = null;
        foreach (EvidenceSet interval in Record.EvidenceSets)
        {
            found = interval.FirstHeight <= height ? interval : found;
        }

        return found is { ClosedHeight: { } closed } && closed < height ? null : found;
    }

    // a number that signatures commit to, not a choice of behaviour
    private static SignContext ContextOf(ChainIdentity chain, ComponentVersion consensus) =>
        new(chain.Name, new ValueId(chain.GenesisHash.ToArray()), (uint)consensus.Value);
}

/// <summary>What names a chain.</summary>
/// <param name="Name">The chain's name, in every header and signature.</param>
/// <param name="GenesisHash">SHA-256 of its genesis.</param>
/// <param name="TxChainId">The chain id byte of transactions.</param>
public sealed record ChainIdentity(string Name, Hash32 GenesisHash, byte TxChainId);

/// <summary>Validator sets between the record and the consensus core.</summary>
public static class ValidatorSets
{
    /// <summary>Sorts and names a set: id = SHA-256(domain ‖ epoch u64 ‖ vector of (address, key, power)).</summary>
    /// <returns>The set, or null and the reason (record P7).</returns>
    public static RecordedSet? TryRecord(ulong epoch, IEnumerable<ValidatorEntry> validators, out RefusalCode fault)
    {
        ValidatorEntry[] sorted = [.. validators];
        Array.Sort(sorted, static (a, b) => a.Address.CompareTo(b.Address));
        for (int i = 1; i < sorted.Length; i++)
        {
            // Judged before all else: the sort is unstable, and which fault comes first must not depend on it.
            if (sorted[i].Address == sorted[i - 1].Address)
            {
                fault = RefusalCode.DuplicateAddress;
                return null;
            }
        }

        BcsWriter writer = new(16 + (72 * sorted.Length));
        writer.U64(epoch).List(sorted, ServiceEventCodec.Write);
        RecordedSet set = new(Hashing.Tagged(Domains.ValidatorSet, writer.Written), epoch, sorted);
        ValidatorSet.TryCreate(sorted.Select(ToMember), ToValue(set.Id), out ValidatorSetFault found);
        fault = found switch
        {
            ValidatorSetFault.None => RefusalCode.None,
            ValidatorSetFault.Empty => RefusalCode.EmptySet,
            ValidatorSetFault.TooLarge => RefusalCode.SetTooLarge,
            ValidatorSetFault.ZeroPower => RefusalCode.ZeroPower,
            ValidatorSetFault.PowerOverflow => RefusalCode.PowerOverflow,
            ValidatorSetFault.DuplicateId => RefusalCode.DuplicateAddress,
            _ => RefusalCode.DuplicateKey,
        };
        return fault == RefusalCode.None ? set : null;
    }

    /// <summary>The core's form of a recorded set.</summary>
    public static ValidatorSet ToConsensus(RecordedSet set) => ValidatorSet.Create(set.Validators.Select(ToMember), ToValue(set.Id));

    /// <summary>The core's name of a validator.</summary>
    public static ValidatorId ToId(Address address) => new(address.ToArray());

    /// <summary>The chain's name of a validator.</summary>
    public static Address ToAddress(ValidatorId id) => new(id.ToArray());

    /// <summary>A hash as the core's value id.</summary>
    public static ValueId ToValue(Hash32 hash) => new(hash.ToArray());

    /// <summary>A value id as a hash.</summary>
    public static Hash32 ToHash(ValueId value) => new(value.ToArray());

    private static Validator ToMember(ValidatorEntry entry) =>
        new(ToId(entry.Address), new ByteString(entry.PublicKey.ToArray()), entry.Power);
}
