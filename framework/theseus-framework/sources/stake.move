/// Bonds of validators: who may enter the next set, with what power, and what misbehaviour costs. Voting power is one
/// per whole coin bonded.
module theseus_framework::stake {
    use std::bcs;
    use std::ed25519;
    use std::error;
    use std::math64;
    use std::signer;
    use std::vector;
    use theseus_framework::block_context;
    use theseus_framework::coin::{Self, Coin};
    use theseus_framework::event;
    use theseus_framework::system_addresses;
    use theseus_framework::theseus_coin::TheseusCoin;
    use theseus_policy::jail;
    use theseus_policy::rewards;
    use theseus_policy::slashing;

    friend theseus_framework::block;
    friend theseus_framework::genesis;
    friend theseus_framework::probe;
    friend theseus_framework::reconfiguration;

    /// The account has no stake pool.
    const ENO_POOL: u64 = 1;
    /// The account has a stake pool already.
    const EPOOL_EXISTS: u64 = 2;
    /// The consensus key is not a valid Ed25519 key.
    const EBAD_CONSENSUS_KEY: u64 = 3;
    /// The consensus key is another candidate's.
    const EKEY_IN_USE: u64 = 4;
    /// The proof of possession of the consensus key is wrong.
    const EBAD_PROOF: u64 = 5;
    /// Less is bonded than is to be unbonded.
    const EINSUFFICIENT_BOND: u64 = 6;
    /// The unbonding time is not over.
    const ESTILL_UNBONDING: u64 = 7;
    /// There are as many candidates as there may be.
    const ETOO_MANY_CANDIDATES: u64 = 8;
    /// Nothing is left to do with this amount.
    const EZERO_AMOUNT: u64 = 9;
    /// A parameter is outside its bounds.
    const EOUT_OF_BOUNDS: u64 = 10;

    /// Coin units for one unit of voting power: one whole coin.
    const POWER_UNIT: u64 = 100000000;
    /// Bounds the work of computing a set.
    const MAX_CANDIDATES: u64 = 200;
    const MAX_UNBONDING_EPOCHS: u64 = 1000;

    struct Pool has key {
        consensus_key: vector<u8>,
        bonded: Coin<TheseusCoin>,
        unbonding: Coin<TheseusCoin>,
        /// First epoch in which unbonding coins may be withdrawn.
        release_epoch: u64,
        /// First epoch in which a jailed validator may serve again; 0 when it never was jailed.
        jailed_until: u64,
        /// Fees collected as proposer and not yet paid out.
        pending: Coin<TheseusCoin>
    }

    struct Candidates has key {
        accounts: vector<address>,
        minimum_bond: u64,
        unbonding_epochs: u64
    }

    /// Attendance in the running epoch; written only for absent validators.
    struct Attendance has key {
        absent: vector<address>,
        missed: vector<u64>,
        since_height: u64
    }

    #[event]
    struct Bonded has drop, store { validator: address, amount: u64 }

    #[event]
    struct Unbonded has drop, store { validator: address, amount: u64, release_epoch: u64 }

    #[event]
    struct Punished has drop, store { validator: address, kind: u8, height: u64, slashed: u64, jailed_until: u64 }

    #[event]
    struct Rewarded has drop, store { validator: address, paid: u64, burned: u64 }

    public(friend) fun initialize(framework: &signer, minimum_bond: u64, unbonding_epochs: u64) {
        system_addresses::assert_framework(framework);
        move_to(framework, Candidates { accounts: vector::empty(), minimum_bond, unbonding_epochs });
        move_to(framework, Attendance { absent: vector::empty(), missed: vector::empty(), since_height: 0 });
    }

    /// Sets the least bond of a validator and the unbonding time. The time must outlast the age of evidence.
    public fun set_parameters(framework: &signer, minimum_bond: u64, unbonding_epochs: u64) acquires Candidates {
        system_addresses::assert_framework(framework);
        assert!(minimum_bond >= POWER_UNIT, error::out_of_range(EOUT_OF_BOUNDS));
        assert!(unbonding_epochs >= 1 && unbonding_epochs <= MAX_UNBONDING_EPOCHS, error::out_of_range(EOUT_OF_BOUNDS));
        let candidates = borrow_global_mut<Candidates>(@theseus_framework);
        candidates.minimum_bond = minimum_bond;
        candidates.unbonding_epochs = unbonding_epochs;
    }

    /// What a consensus key signs to prove that its owner is this validator.
    public fun possession_message(validator: address): vector<u8> {
        let message = b"THESEUS::ConsensusKey";
        vector::append(&mut message, bcs::to_bytes(&validator));
        message
    }

    /// Opens a pool with a consensus key and a first bond. The validator serves from the next epoch on if the bond suffices.
    public entry fun join(
        owner: &signer, consensus_key: vector<u8>, proof: vector<u8>, amount: u64
    ) acquires Candidates, Pool {
        let validator = signer::address_of(owner);
        assert!(ed25519::public_key_is_valid(*&consensus_key), error::invalid_argument(EBAD_CONSENSUS_KEY));
        assert!(
            ed25519::verify(proof, *&consensus_key, possession_message(validator)),
            error::invalid_argument(EBAD_PROOF)
        );
        open_pool(owner, consensus_key);
        bond(owner, amount);
    }

    /// Adds to the bond.
    public entry fun bond(owner: &signer, amount: u64) acquires Pool {
        let validator = signer::address_of(owner);
        assert!(amount > 0, error::invalid_argument(EZERO_AMOUNT));
        assert!(exists<Pool>(validator), error::not_found(ENO_POOL));
        let coins = coin::withdraw<TheseusCoin>(owner, amount);
        coin::merge(&mut borrow_global_mut<Pool>(validator).bonded, coins);
        event::emit(Bonded { validator, amount });
    }

    /// Takes coins out of the bond; they stay liable to slashing until the unbonding time is over.
    public entry fun unbond(owner: &signer, amount: u64) acquires Candidates, Pool {
        let validator = signer::address_of(owner);
        assert!(amount > 0, error::invalid_argument(EZERO_AMOUNT));
        assert!(exists<Pool>(validator), error::not_found(ENO_POOL));
        let release_epoch = block_context::epoch() + borrow_global<Candidates>(@theseus_framework).unbonding_epochs;
        let pool = borrow_global_mut<Pool>(validator);
        assert!(coin::value(&pool.bonded) >= amount, error::invalid_argument(EINSUFFICIENT_BOND));
        let coins = coin::extract(&mut pool.bonded, amount);
        coin::merge(&mut pool.unbonding, coins);
        pool.release_epoch = release_epoch;
        event::emit(Unbonded { validator, amount, release_epoch });
    }

    /// Pays out what has finished unbonding.
    public entry fun withdraw(owner: &signer) acquires Pool {
        let validator = signer::address_of(owner);
        assert!(exists<Pool>(validator), error::not_found(ENO_POOL));
        let pool = borrow_global_mut<Pool>(validator);
        assert!(block_context::epoch() >= pool.release_epoch, error::invalid_state(ESTILL_UNBONDING));
        coin::deposit(validator, coin::extract_all(&mut pool.unbonding));
    }

    /// A pool of a genesis validator, whose key needs no proof.
    public(friend) fun open_pool(owner: &signer, consensus_key: vector<u8>) acquires Candidates, Pool {
        let validator = signer::address_of(owner);
        assert!(!exists<Pool>(validator), error::already_exists(EPOOL_EXISTS));
        let candidates = borrow_global_mut<Candidates>(@theseus_framework);
        let n = vector::length(&candidates.accounts);
        assert!(n < MAX_CANDIDATES, error::resource_exhausted(ETOO_MANY_CANDIDATES));
        let i = 0;
        while (i < n) {
            let other = *vector::borrow(&candidates.accounts, i);
            assert!(&borrow_global<Pool>(other).consensus_key != &consensus_key, error::already_exists(EKEY_IN_USE));
            i = i + 1;
        };
        vector::push_back(&mut candidates.accounts, validator);
        move_to(owner, Pool {
            consensus_key, bonded: coin::zero(), unbonding: coin::zero(), release_epoch: 0, jailed_until: 0,
            pending: coin::zero()
        });
    }

    /// Jails, and slashes for what endangers agreement. False when there is nobody to punish or the kind is unknown.
    public(friend) fun punish(kind: u8, height: u64, validator: address): bool acquires Pool {
        if (!exists<Pool>(validator) || !slashing::is_known(kind)) return false;
        let pool = borrow_global_mut<Pool>(validator);
        let stake = coin::value(&pool.bonded) + coin::value(&pool.unbonding);
        let penalty = slashing::penalty(kind, stake);
        let from_bond = math64::min(penalty, coin::value(&pool.bonded));
        let slashed = coin::extract(&mut pool.bonded, from_bond);
        coin::merge(&mut slashed, coin::extract(&mut pool.unbonding, penalty - from_bond));
        coin::burn(slashed);
        let jailed_until = math64::max(pool.jailed_until, jail::release_epoch(kind, block_context::epoch()));
        pool.jailed_until = jailed_until;
        event::emit(Punished { validator, kind, height, slashed: penalty, jailed_until });
        true
    }

    /// Counts a vote that the last commit lacks.
    public(friend) fun record_missed(validator: address) acquires Attendance {
        let attendance = borrow_global_mut<Attendance>(@theseus_framework);
        let (found, i) = vector::index_of(&attendance.absent, &validator);
        if (found) {
            let missed = vector::borrow_mut(&mut attendance.missed, i);
            *missed = *missed + 1;
        } else {
            vector::push_back(&mut attendance.absent, validator);
            vector::push_back(&mut attendance.missed, 1);
        }
    }

    /// Keeps the proposer's part of the fees until the epoch ends; burns it when the proposer has no pool.
    public(friend) fun collect(proposer: address, fees: Coin<TheseusCoin>) acquires Pool {
        if (exists<Pool>(proposer)) {
            coin::merge(&mut borrow_global_mut<Pool>(proposer).pending, fees);
        } else {
            coin::burn(fees);
        }
    }

    /// Pays what the epoch earned, burns the rest, and begins a new count.
    public(friend) fun close_epoch() acquires Candidates, Pool, Attendance {
        let attendance = borrow_global_mut<Attendance>(@theseus_framework);
        let height = block_context::height();
        let blocks = height - math64::min(height, attendance.since_height);
        let accounts = *&borrow_global<Candidates>(@theseus_framework).accounts;
        let i = 0;
        let n = vector::length(&accounts);
        while (i < n) {
            let validator = *vector::borrow(&accounts, i);
            let pool = borrow_global_mut<Pool>(validator);
            let collected = coin::value(&pool.pending);
            if (collected > 0) {
                let (absent, at) = vector::index_of(&attendance.absent, &validator);
                let missed = if (absent) *vector::borrow(&attendance.missed, at) else 0;
                let paid = rewards::earned(collected, missed, blocks);
                coin::ensure_store<TheseusCoin>(validator);
                coin::deposit(validator, coin::extract(&mut pool.pending, paid));
                coin::burn(coin::extract_all(&mut pool.pending));
                event::emit(Rewarded { validator, paid, burned: collected - paid });
            };
            i = i + 1;
        };
        attendance.absent = vector::empty();
        attendance.missed = vector::empty();
        attendance.since_height = height;
    }

    /// The set of an epoch: candidates with enough bonded and not in jail. Pools without any coins are forgotten.
    public(friend) fun compute_set(epoch: u64): (vector<address>, vector<vector<u8>>, vector<u64>) acquires Candidates, Pool {
        let addresses = vector::empty();
        let keys = vector::empty();
        let powers = vector::empty();
        let candidates = borrow_global<Candidates>(@theseus_framework);
        let i = 0;
        let n = vector::length(&candidates.accounts);
        while (i < n) {
            let validator = *vector::borrow(&candidates.accounts, i);
            let pool = borrow_global<Pool>(validator);
            let bonded = coin::value(&pool.bonded);
            if (bonded >= candidates.minimum_bond && pool.jailed_until <= epoch) {
                vector::push_back(&mut addresses, validator);
                vector::push_back(&mut keys, *&pool.consensus_key);
                vector::push_back(&mut powers, bonded / POWER_UNIT);
            };
            i = i + 1;
        };
        (addresses, keys, powers)
    }

    #[view]
    /// bonded, unbonding, release epoch, jailed until, pending fees.
    public fun pool(validator: address): (u64, u64, u64, u64, u64) acquires Pool {
        assert!(exists<Pool>(validator), error::not_found(ENO_POOL));
        let pool = borrow_global<Pool>(validator);
        (
            coin::value(&pool.bonded), coin::value(&pool.unbonding), pool.release_epoch, pool.jailed_until,
            coin::value(&pool.pending)
        )
    }

    #[view]
    public fun consensus_key(validator: address): vector<u8> acquires Pool {
        assert!(exists<Pool>(validator), error::not_found(ENO_POOL));
        *&borrow_global<Pool>(validator).consensus_key
    }

    #[view]
    /// Least bond of a validator, and the unbonding time in epochs.
    public fun parameters(): (u64, u64) acquires Candidates {
        let candidates = borrow_global<Candidates>(@theseus_framework);
        (candidates.minimum_bond, candidates.unbonding_epochs)
    }

    #[view]
    public fun candidates(): vector<address> acquires Candidates {
        *&borrow_global<Candidates>(@theseus_framework).accounts
    }

    #[view]
    /// Votes missed in the running epoch.
    public fun missed(validator: address): u64 acquires Attendance {
        let attendance = borrow_global<Attendance>(@theseus_framework);
        let (found, i) = vector::index_of(&attendance.absent, &validator);
        if (found) *vector::borrow(&attendance.missed, i) else 0
    }

    #[test_only]
    public fun compute_set_for_test(epoch: u64): (vector<address>, vector<vector<u8>>, vector<u64>) acquires Candidates, Pool {
        compute_set(epoch)
    }

    #[test_only]
    public fun open_pool_for_test(owner: &signer, consensus_key: vector<u8>) acquires Candidates, Pool {
        open_pool(owner, consensus_key);
    }

    #[test_only]
    public fun punish_for_test(kind: u8, height: u64, validator: address): bool acquires Pool {
        punish(kind, height, validator)
    }

    #[test_only]
    public fun record_missed_for_test(validator: address) acquires Attendance { record_missed(validator); }
}
