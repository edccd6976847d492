/// The facts of the block being executed. They come from consensus and the protocol record, not from Move state,
/// so that time and epoch go on even when a hook aborts.
module theseus_framework::block_context {
    use std::from_bcs;
    use std::vector;

    const HEIGHT: u8 = 0;
    const TIME_MICROS: u8 = 1;
    const EPOCH: u8 = 2;
    const PROPOSER: u8 = 3;
    const MISSED: u8 = 4;
    const EVIDENCE_KINDS: u8 = 5;
    const EVIDENCE_HEIGHTS: u8 = 6;
    const EVIDENCE_VALIDATORS: u8 = 7;
    const VALIDATORS: u8 = 8;
    const POWERS: u8 = 9;
    const PARAMETER_NAMES: u8 = 10;
    const PARAMETER_VALUES: u8 = 11;
    const PARAMETER_LEAST: u8 = 12;
    const PARAMETER_GREATEST: u8 = 13;
    const PARAMETER_CODES: u8 = 14;
    const PARAMETER_HOMES: u8 = 15;
    const PARAMETER_RELATIONS: u8 = 16;

    #[view]
    public fun height(): u64 { from_bcs::to_u64(get(HEIGHT)) }

    #[view]
    /// Header time in microseconds.
    public fun time_micros(): u64 { from_bcs::to_u64(get(TIME_MICROS)) }

    #[view]
    /// The epoch of the rules in force; Move's own epoch follows in the begin hook.
    public fun epoch(): u64 { from_bcs::to_u64(get(EPOCH)) }

    public fun proposer(): address { from_bcs::to_address(get(PROPOSER)) }

    /// Members of the previous height's set that the last commit lacks.
    public fun missed(): vector<address> { from_bcs::to_vector_address(get(MISSED)) }

    /// Evidence to judge: kinds, heights and validators at equal positions.
    public fun evidence(): (vector<u8>, vector<u64>, vector<address>) {
        (
            from_bcs::to_bytes(get(EVIDENCE_KINDS)),
            from_bcs::to_vector_u64(get(EVIDENCE_HEIGHTS)),
            from_bcs::to_vector_address(get(EVIDENCE_VALIDATORS))
        )
    }

    #[view]
    /// The validator set in force and its powers, from the record.
    public fun validators(): (vector<address>, vector<u64>) {
        (from_bcs::to_vector_address(get(VALIDATORS)), from_bcs::to_vector_u64(get(POWERS)))
    }

    #[view]
    /// Voting power of an address in force, 0 for anybody else.
    public fun power_of(account: address): u64 {
        let (addresses, powers) = validators();
        let (found, i) = vector::index_of(&addresses, &account);
        if (found) *vector::borrow(&powers, i) else 0
    }

    #[view]
    public fun total_power(): u128 {
        let powers = from_bcs::to_vector_u64(get(POWERS));
        let total: u128 = 0;
        let i = 0;
        let n = vector::length(&powers);
        while (i < n) {
            total = total + (*vector::borrow(&powers, i) as u128);
            i = i + 1;
        };
        total
    }

    /// The record's table of parameters, lists of equal length: names, values (defaults where the record keeps none),
    /// least and greatest values, codes, homes (0 record, 1 framework, 2 a fact of the chain).
    public fun parameters(): (vector<vector<u8>>, vector<u64>, vector<u64>, vector<u64>, vector<u64>, vector<u8>) {
        (
            from_bcs::to_vector_bytes(get(PARAMETER_NAMES)), from_bcs::to_vector_u64(get(PARAMETER_VALUES)),
            from_bcs::to_vector_u64(get(PARAMETER_LEAST)), from_bcs::to_vector_u64(get(PARAMETER_GREATEST)),
            from_bcs::to_vector_u64(get(PARAMETER_CODES)), from_bcs::to_bytes(get(PARAMETER_HOMES))
        )
    }

    /// Relations between parameters, one after another: its code, its lesser terms, its greater terms, each list led by its
    /// length; a term is a factor and two places in the lists above, counted from 1, where 0 is none.
    public fun parameter_relations(): vector<u64> { from_bcs::to_vector_u64(get(PARAMETER_RELATIONS)) }

    native fun get(field: u8): vector<u8>;
}
