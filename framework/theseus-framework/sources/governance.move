/// Proposals: a script's hash, voted on by the validators in force, resolved by whoever sends that script.
///
/// Status words: PENDING (voting), QUEUED (approved, enactment delay running, may be vetoed), APPROVED (may be
/// resolved), RESOLVED, REJECTED, EXPIRED, CANCELLED. Approval needs yes votes of more than 2/3 of the power in force.
module theseus_framework::governance {
    use std::error;
    use std::signer;
    use std::string::{Self, String};
    use std::table::{Self, Table};
    use std::vector;
    use theseus_framework::account;
    use theseus_framework::block_context;
    use theseus_framework::coin::{Self, Coin};
    use theseus_framework::event;
    use theseus_framework::system_addresses;
    use theseus_framework::theseus_coin::TheseusCoin;
    use theseus_framework::transaction_context;

    friend theseus_framework::genesis;
    friend theseus_framework::probe;

    /// A script hash is 32 bytes.
    const EBAD_SCRIPT_HASH: u64 = 1;
    /// The metadata URL is too long.
    const EURL_TOO_LONG: u64 = 2;
    /// A live proposal has this script hash.
    const EDUPLICATE_HASH: u64 = 3;
    /// There is no such proposal.
    const ENO_SUCH_PROPOSAL: u64 = 4;
    /// Only a validator in force votes.
    const ENOT_A_VALIDATOR: u64 = 5;
    /// The same choice was voted already.
    const EALREADY_VOTED: u64 = 6;
    /// The proposal is not open for votes.
    const ENOT_PENDING: u64 = 7;
    /// The proposal is not approved.
    const ENOT_APPROVED: u64 = 8;
    /// The enactment delay is not over.
    const EENACTMENT_DELAY: u64 = 9;
    /// The proposal was resolved already.
    const EALREADY_RESOLVED: u64 = 10;
    /// The time to resolve the proposal is over.
    const EEXECUTION_DEADLINE: u64 = 11;
    /// Only the proposer cancels.
    const ENOT_PROPOSER: u64 = 12;
    /// Too many approved proposals wait to be resolved.
    const ETOO_MANY_APPROVED: u64 = 13;
    /// The deposit stays until the proposal has ended.
    const ESTILL_LIVE: u64 = 14;
    /// No proposal has this script's hash: it was changed, resolved or never proposed.
    const ENO_PROPOSAL_FOR_SCRIPT: u64 = 15;
    /// A veto is possible in the enactment delay only.
    const ENOT_QUEUED: u64 = 16;
    /// A parameter is outside its bounds.
    const EOUT_OF_BOUNDS: u64 = 17;
    /// The proposal has expired.
    const EPROPOSAL_EXPIRED: u64 = 18;
    /// The proposal was rejected or cancelled.
    const EPROPOSAL_DEAD: u64 = 19;

    const PENDING: u8 = 0;
    const APPROVED: u8 = 1;
    const QUEUED: u8 = 2;
    const RESOLVED: u8 = 3;
    const REJECTED: u8 = 4;
    const EXPIRED: u8 = 5;
    const CANCELLED: u8 = 6;

    /// A URL is for people.
    const MAX_URL_BYTES: u64 = 512;
    /// Bounds what admission must know of approved oversize scripts.
    const MAX_APPROVED: u64 = 16;
    const MAX_BLOCKS: u64 = 100000000;

    struct Config has key, drop {
        voting_blocks: u64,
        enactment_blocks: u64,
        execution_blocks: u64,
        deposit: u64
    }

    struct Ballot has copy, drop, store {
        voter: address,
        approve: bool
    }

    struct Proposal has store {
        proposer: address,
        script_hash: vector<u8>,
        metadata_url: String,
        created: u64,
        /// Last height for votes.
        voting_ends: u64,
        /// Height of approval, 0 before.
        approved: u64,
        /// First and last height for the script.
        executable_from: u64,
        executable_until: u64,
        /// RESOLVED, REJECTED or CANCELLED once it has ended so, else PENDING.
        ended: u8,
        votes: vector<Ballot>,
        vetoes: vector<address>,
        deposit: Coin<TheseusCoin>
    }

    struct Proposals has key {
        /// Ids start at 1.
        count: u64,
        by_id: Table<u64, Proposal>,
        /// Script hash to the newest proposal with it.
        by_hash: Table<vector<u8>, u64>,
        /// Approved and not known to have ended.
        approved: vector<u64>
    }

    #[event]
    struct Proposed has drop, store { id: u64, proposer: address, script_hash: vector<u8> }

    #[event]
    struct Voted has drop, store { id: u64, voter: address, approve: bool, yes: u128, no: u128, total: u128 }

    #[event]
    struct Approved has drop, store { id: u64, executable_from: u64, executable_until: u64 }

    #[event]
    struct Vetoed has drop, store { id: u64, voter: address }

    #[event]
    struct Ended has drop, store { id: u64, status: u8 }

    public(friend) fun initialize(
        framework: &signer, voting_blocks: u64, enactment_blocks: u64, execution_blocks: u64, deposit: u64
    ) acquires Config {
        system_addresses::assert_framework(framework);
        move_to(framework, Config { voting_blocks: 0, enactment_blocks: 0, execution_blocks: 0, deposit: 0 });
        set_config(framework, voting_blocks, enactment_blocks, execution_blocks, deposit);
        move_to(framework, Proposals {
            count: 0, by_id: table::new(), by_hash: table::new(), approved: vector::empty()
        });
    }

    public fun set_config(
        framework: &signer, voting_blocks: u64, enactment_blocks: u64, execution_blocks: u64, deposit: u64
    ) acquires Config {
        system_addresses::assert_framework(framework);
        assert!(voting_blocks >= 1 && voting_blocks <= MAX_BLOCKS, error::out_of_range(EOUT_OF_BOUNDS));
        assert!(enactment_blocks <= MAX_BLOCKS, error::out_of_range(EOUT_OF_BOUNDS));
        assert!(execution_blocks >= 1 && execution_blocks <= MAX_BLOCKS, error::out_of_range(EOUT_OF_BOUNDS));
        *borrow_global_mut<Config>(@theseus_framework) =
            Config { voting_blocks, enactment_blocks, execution_blocks, deposit };
    }

    /// Anybody may propose; the deposit comes back when the proposal has ended.
    public entry fun propose(proposer: &signer, script_hash: vector<u8>, metadata_url: String) acquires Config, Proposals {
        propose_at(proposer, script_hash, metadata_url, block_context::height());
    }

    /// Votes on a pending proposal. Another choice replaces the first one until approval.
    public entry fun vote(voter: &signer, id: u64, approve: bool) acquires Config, Proposals {
        vote_at(voter, id, approve, block_context::height());
    }

    /// Stops an approved proposal in its enactment delay, when a third of the power does so.
    public entry fun veto(voter: &signer, id: u64) acquires Proposals {
        let who = signer::address_of(voter);
        assert!(block_context::power_of(who) > 0, error::permission_denied(ENOT_A_VALIDATOR));
        let proposals = borrow_global_mut<Proposals>(@theseus_framework);
        assert!(table::contains(&proposals.by_id, id), error::not_found(ENO_SUCH_PROPOSAL));
        let proposal = table::borrow_mut(&mut proposals.by_id, id);
        assert!(status_at(proposal, block_context::height()) == QUEUED, error::invalid_state(ENOT_QUEUED));
        assert!(!vector::contains(&proposal.vetoes, &who), error::already_exists(EALREADY_VOTED));
        vector::push_back(&mut proposal.vetoes, who);
        event::emit(Vetoed { id, voter: who });
        if (3 * power_of_all(&proposal.vetoes) >= block_context::total_power()) {
            end_proposal(proposal, id, REJECTED);
            forget_approval(&mut proposals.approved, id);
        }
    }

    /// The proposer takes a pending proposal back.
    public entry fun cancel(proposer: &signer, id: u64) acquires Proposals {
        let proposals = borrow_global_mut<Proposals>(@theseus_framework);
        assert!(table::contains(&proposals.by_id, id), error::not_found(ENO_SUCH_PROPOSAL));
        let proposal = table::borrow_mut(&mut proposals.by_id, id);
        assert!(proposal.proposer == signer::address_of(proposer), error::permission_denied(ENOT_PROPOSER));
        assert!(status_at(proposal, block_context::height()) == PENDING, error::invalid_state(ENOT_PENDING));
        end_proposal(proposal, id, CANCELLED);
    }

    /// Pays the deposit of an ended proposal back to its proposer; anybody may ask for it.
    public entry fun refund(id: u64) acquires Proposals {
        let proposals = borrow_global_mut<Proposals>(@theseus_framework);
        assert!(table::contains(&proposals.by_id, id), error::not_found(ENO_SUCH_PROPOSAL));
        let proposal = table::borrow_mut(&mut proposals.by_id, id);
        let status = status_at(proposal, block_context::height());
        assert!(status != PENDING && status != QUEUED && status != APPROVED, error::invalid_state(ESTILL_LIVE));
        coin::deposit(proposal.proposer, coin::extract_all(&mut proposal.deposit));
    }

    /// Called by an approved script: resolves the proposal that has this very script's hash and hands out the
    /// framework's authority. Anybody may send the script.
    public fun resolve(): signer acquires Proposals {
        resolve_at(transaction_context::script_hash(), block_context::height());
        account::signer_of(@theseus_framework)
    }

    public(friend) fun propose_at(
        proposer: &signer, script_hash: vector<u8>, metadata_url: String, height: u64
    ) acquires Config, Proposals {
        assert!(vector::length(&script_hash) == 32, error::invalid_argument(EBAD_SCRIPT_HASH));
        assert!(string::length(&metadata_url) <= MAX_URL_BYTES, error::invalid_argument(EURL_TOO_LONG));
        let config = borrow_global<Config>(@theseus_framework);
        let proposals = borrow_global_mut<Proposals>(@theseus_framework);
        if (table::contains(&proposals.by_hash, *&script_hash)) {
            let older = table::remove(&mut proposals.by_hash, *&script_hash);
            let status = status_at(table::borrow(&proposals.by_id, older), height);
            assert!(
                status != PENDING && status != QUEUED && status != APPROVED,
                error::already_exists(EDUPLICATE_HASH)
            );
        };
        let id = proposals.count + 1;
        proposals.count = id;
        table::add(&mut proposals.by_hash, *&script_hash, id);
        let who = signer::address_of(proposer);
        table::add(&mut proposals.by_id, id, Proposal {
            proposer: who,
            script_hash: *&script_hash,
            metadata_url,
            created: height,
            voting_ends: height + config.voting_blocks,
            approved: 0,
            executable_from: 0,
            executable_until: 0,
            ended: PENDING,
            votes: vector::empty(),
            vetoes: vector::empty(),
            deposit: coin::withdraw<TheseusCoin>(proposer, config.deposit)
        });
        event::emit(Proposed { id, proposer: who, script_hash });
    }

    public(friend) fun vote_at(voter: &signer, id: u64, approve: bool, height: u64) acquires Config, Proposals {
        let who = signer::address_of(voter);
        assert!(block_context::power_of(who) > 0, error::permission_denied(ENOT_A_VALIDATOR));
        let proposals = borrow_global_mut<Proposals>(@theseus_framework);
        assert!(table::contains(&proposals.by_id, id), error::not_found(ENO_SUCH_PROPOSAL));
        forget_ended(proposals, height);
        let proposal = table::borrow_mut(&mut proposals.by_id, id);
        let status = status_at(proposal, height);
        assert!(status != EXPIRED, error::invalid_state(EPROPOSAL_EXPIRED));
        assert!(status == PENDING, error::invalid_state(ENOT_PENDING));
        cast(&mut proposal.votes, who, approve);
        let (yes, no, total) = tally(&proposal.votes);
        event::emit(Voted { id, voter: who, approve, yes, no, total });
        if (3 * yes > 2 * total) {
            assert!(vector::length(&proposals.approved) < MAX_APPROVED, error::resource_exhausted(ETOO_MANY_APPROVED));
            let config = borrow_global<Config>(@theseus_framework);
            proposal.approved = height;
            proposal.executable_from = height + config.enactment_blocks;
            proposal.executable_until = height + config.enactment_blocks + config.execution_blocks;
            vector::push_back(&mut proposals.approved, id);
            event::emit(Approved {
                id, executable_from: proposal.executable_from, executable_until: proposal.executable_until
            });
        } else if (3 * no >= total) {
            end_proposal(proposal, id, REJECTED);
        }
    }

    public(friend) fun resolve_at(script_hash: vector<u8>, height: u64) acquires Proposals {
        let proposals = borrow_global_mut<Proposals>(@theseus_framework);
        assert!(
            table::contains(&proposals.by_hash, *&script_hash),
            error::not_found(ENO_PROPOSAL_FOR_SCRIPT)
        );
        let id = *table::borrow(&proposals.by_hash, script_hash);
        let proposal = table::borrow_mut(&mut proposals.by_id, id);
        let status = status_at(proposal, height);
        assert!(status != RESOLVED, error::invalid_state(EALREADY_RESOLVED));
        assert!(status != QUEUED, error::invalid_state(EENACTMENT_DELAY));
        assert!(status != REJECTED && status != CANCELLED, error::invalid_state(EPROPOSAL_DEAD));
        assert!(status != EXPIRED || proposal.approved == 0, error::invalid_state(EEXECUTION_DEADLINE));
        assert!(status != EXPIRED, error::invalid_state(EPROPOSAL_EXPIRED));
        assert!(status == APPROVED, error::invalid_state(ENOT_APPROVED));
        end_proposal(proposal, id, RESOLVED);
        let proposer = proposal.proposer;
        coin::deposit(proposer, coin::extract_all(&mut proposal.deposit));
        forget_approval(&mut proposals.approved, id);
    }

    /// A hook: its name and signature are frozen. Whether a script with this hash may be executed or will be able to:
    /// such a script may exceed the size of ordinary transactions.
    public fun is_approved(script_hash: vector<u8>): bool acquires Proposals {
        let proposals = borrow_global<Proposals>(@theseus_framework);
        if (!table::contains(&proposals.by_hash, *&script_hash)) return false;
        let id = *table::borrow(&proposals.by_hash, script_hash);
        let status = status_at(table::borrow(&proposals.by_id, id), block_context::height());
        status == APPROVED || status == QUEUED
    }

    #[view]
    public fun proposal_count(): u64 acquires Proposals {
        borrow_global<Proposals>(@theseus_framework).count
    }

    #[view]
    /// Proposer, script hash, metadata URL, status.
    public fun proposal(id: u64): (address, vector<u8>, String, u8) acquires Proposals {
        let proposal = find(borrow_global<Proposals>(@theseus_framework), id);
        (
            proposal.proposer, *&proposal.script_hash, *&proposal.metadata_url,
            status_at(proposal, block_context::height())
        )
    }

    #[view]
    /// Heights: created, voting ends, approved (0 before), executable from, executable until.
    public fun schedule_of(id: u64): (u64, u64, u64, u64, u64) acquires Proposals {
        let proposal = find(borrow_global<Proposals>(@theseus_framework), id);
        (
            proposal.created, proposal.voting_ends, proposal.approved, proposal.executable_from,
            proposal.executable_until
        )
    }

    #[view]
    /// Power that votes yes, power that votes no, power in force.
    public fun tally_of(id: u64): (u128, u128, u128) acquires Proposals {
        tally(&find(borrow_global<Proposals>(@theseus_framework), id).votes)
    }

    #[view]
    /// Voters and their choices, in order of their first vote.
    public fun votes_of(id: u64): (vector<address>, vector<bool>) acquires Proposals {
        let votes = &find(borrow_global<Proposals>(@theseus_framework), id).votes;
        let voters = vector::empty();
        let choices = vector::empty();
        let i = 0;
        let n = vector::length(votes);
        while (i < n) {
            let ballot = vector::borrow(votes, i);
            vector::push_back(&mut voters, ballot.voter);
            vector::push_back(&mut choices, ballot.approve);
            i = i + 1;
        };
        (voters, choices)
    }

    #[view]
    /// Voting blocks, enactment blocks, execution blocks, deposit.
    public fun config(): (u64, u64, u64, u64) acquires Config {
        let config = borrow_global<Config>(@theseus_framework);
        (config.voting_blocks, config.enactment_blocks, config.execution_blocks, config.deposit)
    }

    fun find(proposals: &Proposals, id: u64): &Proposal {
        assert!(table::contains(&proposals.by_id, id), error::not_found(ENO_SUCH_PROPOSAL));
        table::borrow(&proposals.by_id, id)
    }

    fun status_at(proposal: &Proposal, height: u64): u8 {
        if (proposal.ended != PENDING) return proposal.ended;
        if (proposal.approved == 0) return if (height > proposal.voting_ends) EXPIRED else PENDING;
        if (height < proposal.executable_from) return QUEUED;
        if (height > proposal.executable_until) EXPIRED else APPROVED
    }

    fun cast(votes: &mut vector<Ballot>, voter: address, approve: bool) {
        let i = 0;
        let n = vector::length(votes);
        while (i < n) {
            let ballot = vector::borrow_mut(votes, i);
            if (ballot.voter == voter) {
                assert!(ballot.approve != approve, error::already_exists(EALREADY_VOTED));
                ballot.approve = approve;
                return
            };
            i = i + 1;
        };
        vector::push_back(votes, Ballot { voter, approve });
    }

    /// Votes count with the power that their voters have now: those of departed validators drop.
    fun tally(votes: &vector<Ballot>): (u128, u128, u128) {
        let yes: u128 = 0;
        let no: u128 = 0;
        let i = 0;
        let n = vector::length(votes);
        while (i < n) {
            let ballot = vector::borrow(votes, i);
            let power = (block_context::power_of(ballot.voter) as u128);
            if (ballot.approve) yes = yes + power else no = no + power;
            i = i + 1;
        };
        (yes, no, block_context::total_power())
    }

    fun power_of_all(voters: &vector<address>): u128 {
        let power: u128 = 0;
        let i = 0;
        let n = vector::length(voters);
        while (i < n) {
            power = power + (block_context::power_of(*vector::borrow(voters, i)) as u128);
            i = i + 1;
        };
        power
    }

    fun end_proposal(proposal: &mut Proposal, id: u64, status: u8) {
        proposal.ended = status;
        event::emit(Ended { id, status });
    }

    fun forget_approval(approved: &mut vector<u64>, id: u64) {
        let (found, i) = vector::index_of(approved, &id);
        if (found) {
            vector::swap_remove(approved, i);
        }
    }

    /// Approved proposals whose time ran out make room.
    fun forget_ended(proposals: &mut Proposals, height: u64) {
        let i = 0;
        while (i < vector::length(&proposals.approved)) {
            let id = *vector::borrow(&proposals.approved, i);
            if (status_at(table::borrow(&proposals.by_id, id), height) == EXPIRED) {
                vector::swap_remove(&mut proposals.approved, i);
            } else {
                i = i + 1;
            }
        }
    }

    #[test_only]
    public fun initialize_for_test(framework: &signer) acquires Config { initialize(framework, 1, 1, 1, 1); }
}
