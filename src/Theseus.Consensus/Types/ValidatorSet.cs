namespace Theseus.Consensus;

/// <summary>A member of a validator set. Power is above zero.</summary>
public sealed record Validator(ValidatorId Id, ByteString PublicKey, ulong Power);
