/// The hooks around every block. Their names and signatures are frozen.
module theseus_framework::block {
    use std::vector;
    use theseus_framework::block_context;
    use theseus_framework::coin;
    use theseus_framework::fee_parameters;
    use theseus_framework::governance;
    use theseus_framework::reconfiguration;
    use theseus_framework::stake;
    use theseus_framework::theseus_coin::TheseusCoin;
    use theseus_framework::versions;

    /// Punishes, counts absences, and follows the record.
    fun begin() {
        let (kinds, heights, culprits) = block_context::evidence();
        let i = 0;
        let n = vector::length(&kinds);
        let punished = false;
        while (i < n) {
            if (stake::punish(*vector::borrow(&kinds, i), *vector::borrow(&heights, i), *vector::borrow(&culprits, i))) {
                punished = true;
            };
            i = i + 1;
        };
        if (punished) reconfiguration::request_epoch();
        let missed = block_context::missed();
        let j = 0;
        let m = vector::length(&missed);
        while (j < m) {
            stake::record_missed(*vector::borrow(&missed, j));
            j = j + 1;
        };
        versions::follow();
        fee_parameters::follow();
        reconfiguration::begin();
    }

    /// Burns a part of the block's fees, keeps the rest for the proposer, ends proposals whose time is over, and ends the
    /// epoch when that is due.
    fun end(fees: u64) {
        if (fees > 0) {
            let collected = coin::collect_fees<TheseusCoin>(fees);
            let burned = (((fees as u128) * (fee_parameters::burn_permille() as u128) / 1000) as u64);
            coin::burn(coin::extract(&mut collected, burned));
            stake::collect(block_context::proposer(), collected);
        };
        governance::sweep();
        reconfiguration::end();
    }

    #[test_only]
    public fun begin_for_test() { begin(); }

    #[test_only]
    public fun end_for_test(fees: u64) { end(fees); }
}
