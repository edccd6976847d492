/// What a validator earns in an epoch. Pure economics: the core holds the coins and asks.
module theseus_policy::rewards {
    use std::math64;

    /// Of the fees collected as proposer, the part earned with this attendance: all of them with every vote in the
    /// certificates, in proportion below, nothing below one half. What is not earned is burned by the core.
    public fun earned(collected: u64, missed: u64, blocks: u64): u64 {
        if (missed == 0 || blocks == 0) return collected;
        if (missed >= blocks) return 0;
        let signed = blocks - missed;
        if (signed < missed) return 0;
        math64::mul_div(collected, signed, blocks)
    }
}
