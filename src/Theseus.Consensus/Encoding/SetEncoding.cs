namespace Theseus.Consensus;

/// <summary>
/// Canonical forms of a height's parameters: a set = id 32 | count | (validator 32 | public key (ULEB length, at most 64) | power u64)*,
/// ascending; timeouts = (base i32, delta i32) of propose, prevote and precommit, max i32.
/// </summary>
public static class SetEncoding
{
    /// <summary>Bytes of a public key at most.</summary>
    public const int MaximumPublicKey = 64;

    private const int MinimumMember = ValidatorId.Length + 1 + sizeof(ulong);

    /// <summary>Writes a set.</summary>
    public static CanonicalWriter Write(this CanonicalWriter writer, ValidatorSet set)
    {
        writer.Value(set.Id).Uleb((uint)set.Count);
        foreach (Validator member in set.Members)
        {
            writer.Validator(member.Id).Bytes(member.PublicKey.Span).U64(member.Power);
        }

        return writer;
    }

    /// <summary>Reads a set; null after a fault.</summary>
    public static ValidatorSet? ReadValidatorSet(this ref CanonicalReader reader)
    {
        ValueId id = reader.Value();
        int count = reader.Count(ValidatorSet.MaximumSize, MinimumMember);
        Validator[] members = new Validator[count];
        for (int i = 0; i < count; i++)
        {
            members[i] = new Validator(reader.Validator(), new ByteString(reader.Bytes(MaximumPublicKey)), reader.U64());
            if (i > 0 && members[i].Id <= members[i - 1].Id)
            {
                reader.Fail("validators not ascending");
            }
        }

        if (reader.Failed)
        {
            return null;
        }

        ValidatorSet? set = ValidatorSet.TryCreate(members, id, out ValidatorSetFault fault);
        if (set is null)
        {
            reader.Fail($"not a validator set: {fault}");
        }

        return set;
    }

    /// <summary>Writes timeouts.</summary>
    public static CanonicalWriter Write(this CanonicalWriter writer, Timeouts timeouts) => writer
        .I32(timeouts.Propose.Base).I32(timeouts.Propose.Delta)
        .I32(timeouts.Prevote.Base).I32(timeouts.Prevote.Delta)
        .I32(timeouts.Precommit.Base).I32(timeouts.Precommit.Delta)
        .I32(timeouts.Max);

    /// <summary>Reads timeouts.</summary>
    public static Timeouts ReadTimeouts(this ref CanonicalReader reader) =>
        new(ReadLine(ref reader), ReadLine(ref reader), ReadLine(ref reader), reader.I32());

    private static TimeoutLine ReadLine(ref CanonicalReader reader) => new(reader.I32(), reader.I32());
}
