/// What a new bundle must still be able to do before it may be published: the whole ceremony, on a throw-away state.
module theseus_framework::probe {
    use std::string;
    use std::vector;
    use std::hash;
    use theseus_framework::account;
    use theseus_framework::block_context;
    use theseus_framework::code;
    use theseus_framework::coin;
    use theseus_framework::governance;
    use theseus_framework::reconfiguration;
    use theseus_framework::theseus_coin::TheseusCoin;

    /// The ceremony did not approve what everybody voted for.
    const ENOT_APPROVED: u64 = 1;

    /// A hook: its name and signature are frozen. Proposes, votes, approves and resolves a no-op, then republishes
    /// modules. The framework itself proposes, without a deposit.
    fun run(base_root: vector<u8>, expected_root: vector<u8>, modules: vector<vector<u8>>) {
        let script_hash = hash::sha3_256(b"THESEUS::Probe");
        let height = block_context::height();
        let framework = account::signer_of(@theseus_framework);
        coin::register<TheseusCoin>(&framework);
        governance::propose_at(&framework, *&script_hash, string::utf8(b""), height, 0);
        let id = governance::proposal_count();
        let (validators, _) = block_context::validators();
        let i = 0;
        let n = vector::length(&validators);
        while (i < n) {
            let (_, _, _, status) = governance::proposal(id);
            if (status == 0) {
                let voter = account::signer_of(*vector::borrow(&validators, i));
                governance::vote_at(&voter, id, true, height);
            };
            i = i + 1;
        };
        assert!(governance::is_approved(*&script_hash), ENOT_APPROVED);
        let (_, _, _, executable_from, _) = governance::schedule_of(id);
        governance::resolve_at(script_hash, executable_from);
        code::publish(&framework, base_root, *&expected_root, expected_root, modules);
    }

    /// A hook: ends the epoch now.
    fun force_epoch() {
        reconfiguration::force_end();
    }

    #[test_only]
    public fun run_for_test(
        base_root: vector<u8>, expected_root: vector<u8>, modules: vector<vector<u8>>
    ) {
        run(base_root, expected_root, modules);
    }

    #[test_only]
    public fun force_epoch_for_test() { force_epoch(); }
}
