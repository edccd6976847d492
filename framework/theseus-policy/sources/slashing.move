/// What misbehaviour costs. Double votes and amnesia endanger agreement and are slashed; a double proposal endangers
/// nothing by itself and is only jailed; silence is never punished here.
module theseus_policy::slashing {
    use std::math64;

    /// No such kind of evidence.
    const EUNKNOWN_KIND: u64 = 0x10001;

    const DOUBLE_VOTE: u8 = 1;
    const DOUBLE_PROPOSAL: u8 = 2;
    const AMNESIA: u8 = 3;

    /// Slashed part of the stake in thousandths.
    const SLASH_PERMILLE: u64 = 50;

    /// How much of a stake (bonded and unbonding) is burned.
    public fun penalty(kind: u8, stake: u64): u64 {
        assert!(is_known(kind), EUNKNOWN_KIND);
        if (kind == DOUBLE_PROPOSAL) 0 else math64::mul_div(stake, SLASH_PERMILLE, 1000)
    }

    public fun is_known(kind: u8): bool {
        kind == DOUBLE_VOTE || kind == DOUBLE_PROPOSAL || kind == AMNESIA
    }
}
