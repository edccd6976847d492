#[test_only]
module theseus_policy::policy_tests {
    use theseus_policy::jail;
    use theseus_policy::rewards;
    use theseus_policy::slashing;

    const DOUBLE_VOTE: u8 = 1;
    const DOUBLE_PROPOSAL: u8 = 2;
    const AMNESIA: u8 = 3;

    #[test]
    fun danger_to_agreement_is_jailed_for_long() {
        assert!(jail::release_epoch(DOUBLE_VOTE, 7) == 107 && jail::release_epoch(AMNESIA, 7) == 107, 1);
        assert!(jail::release_epoch(DOUBLE_PROPOSAL, 7) == 11, 2);
    }

    #[test]
    fun danger_to_agreement_costs_a_twentieth() {
        assert!(slashing::penalty(DOUBLE_VOTE, 1000) == 50 && slashing::penalty(AMNESIA, 1000) == 50, 1);
        assert!(slashing::penalty(DOUBLE_VOTE, 19) == 0 && slashing::penalty(DOUBLE_VOTE, 20) == 1, 2);
        assert!(slashing::penalty(DOUBLE_VOTE, 18446744073709551615) == 922337203685477580, 3);
    }

    #[test]
    fun a_double_proposal_costs_nothing() {
        assert!(slashing::penalty(DOUBLE_PROPOSAL, 1000) == 0, 1);
    }

    #[test]
    fun three_kinds_are_known() {
        assert!(slashing::is_known(DOUBLE_VOTE) && slashing::is_known(DOUBLE_PROPOSAL) && slashing::is_known(AMNESIA), 1);
        assert!(!slashing::is_known(0) && !slashing::is_known(4), 2);
    }

    #[test]
    #[expected_failure(abort_code = 0x10001, location = theseus_policy::slashing)]
    fun an_unknown_kind_has_no_price() { slashing::penalty(4, 1000); }

    #[test]
    fun attendance_is_paid_in_proportion() {
        assert!(rewards::earned(1000, 0, 100) == 1000 && rewards::earned(1000, 3, 0) == 1000, 1);
        assert!(rewards::earned(1000, 25, 100) == 750 && rewards::earned(999, 50, 100) == 499, 2);
    }

    #[test]
    fun less_than_half_earns_nothing() {
        assert!(rewards::earned(1000, 51, 100) == 0 && rewards::earned(1000, 100, 100) == 0 && rewards::earned(1000, 101, 100) == 0, 1);
    }
}
