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
    use theseus_framework::consensus_config;
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
    /// There are as many candidates as there may be, and none has bonded less.
    const ETOO_MANY_CANDIDATES: u64 = 8;
    /// Nothing is left to do with this amount.
    const EZERO_AMOUNT: u64 = 9;
    /// The bond is below the least bond of a candidate.
    const EBOND_TOO_SMALL: u64 = 11;

    /// Bounds the work of computing a set.
    const MAX_CANDIDATES: u64 = 200;

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

    /// Pools with at least the least bond. A pool leaves the list with its bond, and its account with its last coin.
    struct Candidates has key {
        accounts: vector<address>
    }

    /// Attendance in the running epoch; written only for absent validators.
    struct Attendance has key {
        absent: vector<address>,
        missed: vector<u64>,
        since_height: u64,
        /// Pools with pending fees, whether still candidates or not.
        earners: vector<address>
    }

    #[event]
    struct Bonded has drop, store { validator: address, amount: u64 }

    #[event]
    /// The pool is a candidate no more: its bond fell below the least, or a stronger one took its place.
    struct Left has drop, store { validator: address }

    #[event]
    struct Unbonded has drop, store { validator: address, amount: u64, release_epoch: u64 }

    #[event]
    struct Punished has drop, store { validator: address, kind: u8, height: u64, slashed: u64, jailed_until: u64 }

    #[event]
    struct Rewarded has drop, store { validator: address, paid: u64, burned: u64 }

    public(friend) fun initialize(framework: &signer) {
        system_addresses::assert_framework(framework);
        move_to(framework, Candidates { accounts: vector::empty() });
        move_to(framework, Attendance {
            absent: vector::empty(), missed: vector::empty(), since_height: 0, earners: vector::empty()
        });
    }

    /// What a consensus key signs to prove that its owner is this validator.
    public fun possession_message(validator: address): vector<u8> {
        let message = b"THESEUS::ConsensusKey";
        vector::append(&mut message, bcs::to_bytes(&validator));
        message
    }

    /// Opens a pool with a consensus key and a first bond, which makes it a candidate. The validator serves from the next
    /// epoch on.
    public entry fun join(
        owner: &signer, consensus_key: vector<u8>, proof: vector<u8>, amount: u64
    ) acquires Candidates, Pool {
        let validator = signer::address_of(owner);
        assert!(ed25519::public_key_is_valid(*&consensus_key), error::invalid_argument(EBAD_CONSENSUS_KEY));
        assert!(
            ed25519::verify(proof, *&consensus_key, possession_message(validator)),
            error::invalid_argument(EBAD_PROOF)
        );
        assert!(amount >= minimum_bond(), error::invalid_argument(EBOND_TOO_SMALL));
        open_pool(owner, consensus_key);
        bond(owner, amount);
    }

    /// Adds to the bond. A pool that reaches the least bond becomes a candidate again.
    public entry fun bond(owner: &signer, amount: u64) acquires Candidates, Pool {
        let validator = signer::address_of(owner);
        assert!(amount > 0, error::invalid_argument(EZERO_AMOUNT));
        assert!(exists<Pool>(validator), error::not_found(ENO_POOL));
        let coins = coin::withdraw<TheseusCoin>(owner, amount);
        let pool = borrow_global_mut<Pool>(validator);
        coin::merge(&mut pool.bonded, coins);
        let bonded = coin::value(&pool.bonded);
        let consensus_key = *&pool.consensus_key;
        if (bonded >= minimum_bond()) enter(validator, bonded, consensus_key);
        event::emit(Bonded { validator, amount });
    }

    /// Takes coins out of the bond; they stay liable to slashing until the unbonding time is over.
    public entry fun unbond(owner: &signer, amount: u64) acquires Candidates, Pool {
        let validator = signer::address_of(owner);
        assert!(amount > 0, error::invalid_argument(EZERO_AMOUNT));
        assert!(exists<Pool>(validator), error::not_found(ENO_POOL));
        let release_epoch = block_context::epoch() + unbonding_epochs();
        let pool = borrow_global_mut<Pool>(validator);
        assert!(coin::value(&pool.bonded) >= amount, error::invalid_argument(EINSUFFICIENT_BOND));
        let coins = coin::extract(&mut pool.bonded, amount);
        coin::merge(&mut pool.unbonding, coins);
        pool.release_epoch = release_epoch;
        if (coin::value(&pool.bonded) < minimum_bond()) leave(validator);
        event::emit(Unbonded { validator, amount, release_epoch });
    }

    /// Pays out what has finished unbonding. A pool that is empty then is closed, unless it is jailed: the account may open
    /// another, which must not shorten its jail.
    public entry fun withdraw(owner: &signer) acquires Pool {
        let validator = signer::address_of(owner);
        assert!(exists<Pool>(validator), error::not_found(ENO_POOL));
        let pool = borrow_global_mut<Pool>(validator);
        assert!(block_context::epoch() >= pool.release_epoch, error::invalid_state(ESTILL_UNBONDING));
        coin::deposit(validator, coin::extract_all(&mut pool.unbonding));
        let empty = coin::value(&pool.bonded) == 0 && coin::value(&pool.pending) == 0;
        if (empty && pool.jailed_until <= block_context::epoch()) {
            let Pool { consensus_key: _, bonded, unbonding, release_epoch: _, jailed_until: _, pending } =
                move_from<Pool>(validator);
            coin::destroy_zero(bonded);
            coin::destroy_zero(unbonding);
            coin::destroy_zero(pending);
        }
    }

    /// A pool without coins, whose key needs no proof: for genesis validators.
    public(friend) fun open_pool(owner: &signer, consensus_key: vector<u8>) {
        assert!(!exists<Pool>(signer::address_of(owner)), error::already_exists(EPOOL_EXISTS));
        move_to(owner, Pool {
            consensus_key, bonded: coin::zero(), unbonding: coin::zero(), release_epoch: 0, jailed_until: 0,
            pending: coin::zero()
        });
    }

    /// Makes a pool a candidate. When the list is full, it takes the place of the weakest, the newest of several, if it
    /// has bonded more.
    fun enter(validator: address, bonded: u64, consensus_key: vector<u8>) acquires Candidates, Pool {
        let accounts = *&borrow_global<Candidates>(@theseus_framework).accounts;
        if (vector::contains(&accounts, &validator)) return;
        let n = vector::length(&accounts);
        let weakest = validator;
        let least = bonded;
        let i = 0;
        while (i < n) {
            let other = *vector::borrow(&accounts, i);
            let pool = borrow_global<Pool>(other);
            assert!(&pool.consensus_key != &consensus_key, error::already_exists(EKEY_IN_USE));
            let has = coin::value(&pool.bonded);
            if (has < bonded && has <= least) {
                weakest = other;
                least = has;
            };
            i = i + 1;
        };
        if (n >= MAX_CANDIDATES) {
            assert!(weakest != validator, error::resource_exhausted(ETOO_MANY_CANDIDATES));
            leave(weakest);
        };
        vector::push_back(&mut borrow_global_mut<Candidates>(@theseus_framework).accounts, validator);
    }

    fun leave(validator: address) acquires Candidates {
        let accounts = &mut borrow_global_mut<Candidates>(@theseus_framework).accounts;
        let (found, i) = vector::index_of(accounts, &validator);
        if (found) {
            vector::remove(accounts, i);
            event::emit(Left { validator });
        }
    }

    /// Jails, and slashes for what endangers agreement. False when there is nobody to punish or the kind is unknown.
    public(friend) fun punish(kind: u8, height: u64, validator: address): bool acquires Candidates, Pool {
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
        if (coin::value(&pool.bonded) < minimum_bond()) leave(validator);
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
    public(friend) fun collect(proposer: address, fees: Coin<TheseusCoin>) acquires Pool, Attendance {
        if (!exists<Pool>(proposer)) {
            coin::burn(fees);
            return
        };
        let pending = &mut borrow_global_mut<Pool>(proposer).pending;
        let first = coin::value(pending) == 0 && coin::value(&fees) > 0;
        coin::merge(pending, fees);
        if (first) vector::push_back(&mut borrow_global_mut<Attendance>(@theseus_framework).earners, proposer);
    }

    /// Pays what the epoch earned, burns the rest, drops candidates below the least bond, and begins a new count.
    public(friend) fun close_epoch() acquires Candidates, Pool, Attendance {
        let attendance = borrow_global_mut<Attendance>(@theseus_framework);
        let height = block_context::height();
        let blocks = height - math64::min(height, attendance.since_height);
        let i = 0;
        let n = vector::length(&attendance.earners);
        while (i < n) {
            let validator = *vector::borrow(&attendance.earners, i);
            let pool = borrow_global_mut<Pool>(validator);
            let collected = coin::value(&pool.pending);
            let (absent, at) = vector::index_of(&attendance.absent, &validator);
            let missed = if (absent) *vector::borrow(&attendance.missed, at) else 0;
            let paid = rewards::earned(collected, missed, blocks);
            coin::ensure_store<TheseusCoin>(validator);
            coin::deposit(validator, coin::extract(&mut pool.pending, paid));
            coin::burn(coin::extract_all(&mut pool.pending));
            event::emit(Rewarded { validator, paid, burned: collected - paid });
            i = i + 1;
        };
        attendance.earners = vector::empty();
        attendance.absent = vector::empty();
        attendance.missed = vector::empty();
        attendance.since_height = height;
        drop_the_weak();
    }

    /// The least bond may have risen since they bonded.
    fun drop_the_weak() acquires Candidates, Pool {
        let least = minimum_bond();
        let accounts = *&borrow_global<Candidates>(@theseus_framework).accounts;
        let i = 0;
        let n = vector::length(&accounts);
        while (i < n) {
            let validator = *vector::borrow(&accounts, i);
            if (coin::value(&borrow_global<Pool>(validator).bonded) < least) leave(validator);
            i = i + 1;
        }
    }

    /// The set of an epoch: candidates with enough bonded and not in jail.
    public(friend) fun compute_set(epoch: u64): (vector<address>, vector<vector<u8>>, vector<u64>) acquires Candidates, Pool {
        let addresses = vector::empty();
        let keys = vector::empty();
        let powers = vector::empty();
        let candidates = borrow_global<Candidates>(@theseus_framework);
        let least = minimum_bond();
        let i = 0;
        let n = vector::length(&candidates.accounts);
        while (i < n) {
            let validator = *vector::borrow(&candidates.accounts, i);
            let pool = borrow_global<Pool>(validator);
            let bonded = coin::value(&pool.bonded);
            if (bonded >= least && pool.jailed_until <= epoch) {
                vector::push_back(&mut addresses, validator);
                vector::push_back(&mut keys, *&pool.consensus_key);
                vector::push_back(&mut powers, bonded / consensus_config::power_unit());
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
    public fun parameters(): (u64, u64) { (minimum_bond(), unbonding_epochs()) }

    #[view]
    public fun has_pool(validator: address): bool { exists<Pool>(validator) }

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

    fun minimum_bond(): u64 { consensus_config::setting(b"minimumBond") }

    fun unbonding_epochs(): u64 { consensus_config::setting(b"unbondingEpochs") }

    #[test_only]
    public fun compute_set_for_test(epoch: u64): (vector<address>, vector<vector<u8>>, vector<u64>) acquires Candidates, Pool {
        compute_set(epoch)
    }

    #[test_only]
    public fun open_pool_for_test(owner: &signer, consensus_key: vector<u8>) {
        open_pool(owner, consensus_key);
    }

    #[test_only]
    public fun punish_for_test(kind: u8, height: u64, validator: address): bool acquires Candidates, Pool {
        punish(kind, height, validator)
    }

    #[test_only]
    public fun record_missed_for_test(validator: address) acquires Attendance { record_missed(validator); }
}
