/// The framework's own address and the authority over it.
module theseus_framework::system_addresses {
    use std::error;
    use std::signer;

    /// Only the framework account (a resolved proposal or genesis) may do this.
    const ENOT_FRAMEWORK: u64 = 1;

    public fun assert_framework(account: &signer) {
        assert!(signer::address_of(account) == @theseus_framework, error::permission_denied(ENOT_FRAMEWORK));
    }
}
