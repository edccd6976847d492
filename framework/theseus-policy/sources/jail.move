/// How long a culprit stays out of the validator set.
module theseus_policy::jail {
    const DOUBLE_PROPOSAL: u8 = 2;

    /// Epochs out of the set after a double vote or amnesia.
    const LONG: u64 = 100;
    /// Epochs out of the set after a double proposal.
    const SHORT: u64 = 4;

    /// First epoch in which the validator may serve again.
    public fun release_epoch(kind: u8, epoch: u64): u64 {
        epoch + (if (kind == DOUBLE_PROPOSAL) SHORT else LONG)
    }
}
