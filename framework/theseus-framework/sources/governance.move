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
    use theseus_framework::consensus_config;
    use theseus_framework::event;
    use theseus_framework::system_addresses;
    use theseus_framework::theseus_coin::TheseusCoin;
    use theseus_framework::transaction_context;

    friend theseus_framework::block;
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
    /// No proposal has this script's hash: it was changed, resolved or never proposed.
    const ENO_PROPOSAL_FOR_SCRIPT: u64 = 15;
    /// A veto is possible in the enactment delay only.
    const ENOT_QUEUED: u64 = 16;
    /// The proposal has expired.
    const EPROPOSAL_EXPIRED: u64 = 18;
    /// The proposal was rejected or cancelled.
    const EPROPOSAL_DEAD: u64 = 19;
    /// The metadata URL holds something other than printable ASCII.
    const EURL_NOT_PRINTABLE: u64 = 20;
    /// Only a script resolves a proposal: an entry function has no hash that anybody approved.
    const ENOT_A_SCRIPT: u64 = 21;

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
    /// Proposals that the end of a block looks at: bounds its work, whatever strangers propose.
    const SWEEP: u64 = 16;

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
        /// The epoch whose powers the votes were last counted with.
        counted: u64,
        vetoes: vector<address>,
        /// Goes back to the proposer the moment the proposal ends, in whatever way.
        deposit: Coin<TheseusCoin>
    }

    struct Proposals has key {
        /// Ids start at 1.
        count: u64,
        by_id: Table<u64, Proposal>,
        /// Script hash to the newest proposal with it.
        by_hash: Table<vector<u8>, u64>,
        /// Approved and not known to have ended.
        approved: vector<u64>,
        /// All proposals before this one have ended.
        oldest: u64,
        /// The next one that the end of a block looks at.
        cursor: u64
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

    public(friend) fun initialize(framework: &signer) {
        system_addresses::assert_framework(framework);
        move_to(framework, Proposals {
            count: 0, by_id: table::new(), by_hash: table::new(), approved: vector::empty(), oldest: 1, cursor: 1
        });
    }

    /// Sets the lengths in blocks and the deposit, within the table of `consensus_config`.
    public fun set_config(
        framework: &signer, voting_blocks: u64, enactment_blocks: u64, execution_blocks: u64, deposit: u64
    ) {
        consensus_config::set(
            framework,
            vector[
                string::utf8(b"votingBlocks"), string::utf8(b"enactmentBlocks"), string::utf8(b"executionBlocks"),
                string::utf8(b"proposalDeposit")
            ],
            vector[voting_blocks, enactment_blocks, execution_blocks, deposit]
        );
    }

    /// Anybody may propose. The deposit comes back by itself when the proposal ends, in whatever way.
    public entry fun propose(proposer: &signer, script_hash: vector<u8>, metadata_url: String) acquires Proposals {
        let deposit = consensus_config::setting(b"proposalDeposit");
        propose_at(proposer, script_hash, metadata_url, block_context::height(), deposit);
    }

    /// Votes on a pending proposal. Another choice replaces the first one until approval.
    public entry fun vote(voter: &signer, id: u64, approve: bool) acquires Proposals {
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

    /// Called by an approved script: resolves the proposal that has this very script's hash and hands out the
    /// framework's authority. Anybody may send the script.
    public fun resolve(): signer acquires Proposals {
        resolve_at(transaction_context::script_hash(), block_context::height());
        account::signer_of(@theseus_framework)
    }

    public(friend) fun propose_at(
        proposer: &signer, script_hash: vector<u8>, metadata_url: String, height: u64, deposit: u64
    ) acquires Proposals {
        assert!(vector::length(&script_hash) == 32, error::invalid_argument(EBAD_SCRIPT_HASH));
        assert!(string::length(&metadata_url) <= MAX_URL_BYTES, error::invalid_argument(EURL_TOO_LONG));
        assert!(is_printable(string::bytes(&metadata_url)), error::invalid_argument(EURL_NOT_PRINTABLE));
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
            voting_ends: height + consensus_config::setting(b"votingBlocks"),
            approved: 0,
            executable_from: 0,
            executable_until: 0,
            ended: PENDING,
            votes: vector::empty(),
            counted: 0,
            vetoes: vector::empty(),
            deposit: coin::withdraw<TheseusCoin>(proposer, deposit)
        });
        event::emit(Proposed { id, proposer: who, script_hash });
    }

    public(friend) fun vote_at(voter: &signer, id: u64, approve: bool, height: u64) acquires Proposals {
        let who = signer::address_of(voter);
        assert!(block_context::power_of(who) > 0, error::permission_denied(ENOT_A_VALIDATOR));
        let proposals = borrow_global_mut<Proposals>(@theseus_framework);
        assert!(table::contains(&proposals.by_id, id), error::not_found(ENO_SUCH_PROPOSAL));
        forget_expired(proposals, height);
        let proposal = table::borrow_mut(&mut proposals.by_id, id);
        let status = status_at(proposal, height);
        assert!(status != EXPIRED, error::invalid_state(EPROPOSAL_EXPIRED));
        assert!(status == PENDING, error::invalid_state(ENOT_PENDING));
        cast(&mut proposal.votes, who, approve);
        let (yes, no, total) = tally(&proposal.votes);
        event::emit(Voted { id, voter: who, approve, yes, no, total });
        assert!(
            3 * yes <= 2 * total || vector::length(&proposals.approved) < MAX_APPROVED,
            error::resource_exhausted(ETOO_MANY_APPROVED)
        );
        settle(proposal, id, &mut proposals.approved, yes, no, total, height);
    }

    /// At the end of every block: ends proposals whose time is over, which pays their deposits back, and counts votes
    /// again when an epoch has brought other powers. A few proposals a block, in turn.
    public(friend) fun sweep() acquires Proposals {
        let height = block_context::height();
        let proposals = borrow_global_mut<Proposals>(@theseus_framework);
        let from = proposals.oldest;
        let open = proposals.count + 1 - from;
        let looked = 0;
        let cursor = proposals.cursor;
        while (looked < SWEEP && looked < open) {
            if (cursor < from || cursor > proposals.count) cursor = from;
            visit(table::borrow_mut(&mut proposals.by_id, cursor), cursor, &mut proposals.approved, height);
            cursor = cursor + 1;
            looked = looked + 1;
        };
        // when all were looked at it does not matter where the next turn begins
        if (open > SWEEP) proposals.cursor = cursor;
        let oldest = from;
        while (oldest < from + SWEEP && oldest <= proposals.count
            && table::borrow(&proposals.by_id, oldest).ended != PENDING) oldest = oldest + 1;
        if (oldest != from) proposals.oldest = oldest;
    }

    /// Looks at one proposal: nothing is written unless something changes. A block's end decides what the next one sees.
    fun visit(proposal: &mut Proposal, id: u64, approved: &mut vector<u64>, height: u64) {
        if (proposal.ended != PENDING) return;
        let status = status_at(proposal, height + 1);
        if (status == EXPIRED) {
            end_proposal(proposal, id, EXPIRED);
            forget_approval(approved, id);
        } else if (status == PENDING && proposal.counted != block_context::epoch() && !vector::is_empty(&proposal.votes)) {
            let (yes, no, total) = tally(&proposal.votes);
            // with all places for approved ones taken it waits for its next turn
            if (3 * yes <= 2 * total || vector::length(approved) < MAX_APPROVED) {
                forget_departed(&mut proposal.votes);
                settle(proposal, id, approved, yes, no, total, height);
            }
        }
    }

    /// Approves or rejects by a count of the votes, or leaves the proposal pending.
    fun settle(
        proposal: &mut Proposal, id: u64, approved: &mut vector<u64>, yes: u128, no: u128, total: u128, height: u64
    ) {
        proposal.counted = block_context::epoch();
        if (3 * yes > 2 * total) {
            proposal.approved = height;
            proposal.executable_from = height + consensus_config::setting(b"enactmentBlocks");
            proposal.executable_until = proposal.executable_from + consensus_config::setting(b"executionBlocks");
            vector::push_back(approved, id);
            event::emit(Approved {
                id, executable_from: proposal.executable_from, executable_until: proposal.executable_until
            });
        } else if (3 * no >= total) {
            end_proposal(proposal, id, REJECTED);
        }
    }

    public(friend) fun resolve_at(script_hash: vector<u8>, height: u64) acquires Proposals {
        assert!(!vector::is_empty(&script_hash), error::permission_denied(ENOT_A_SCRIPT));
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
    public fun config(): (u64, u64, u64, u64) {
        (
            consensus_config::setting(b"votingBlocks"), consensus_config::setting(b"enactmentBlocks"),
            consensus_config::setting(b"executionBlocks"), consensus_config::setting(b"proposalDeposit")
        )
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
        let (validators, powers) = block_context::validators();
        let yes: u128 = 0;
        let no: u128 = 0;
        let i = 0;
        let n = vector::length(votes);
        while (i < n) {
            let ballot = vector::borrow(votes, i);
            let (found, at) = vector::index_of(&validators, &ballot.voter);
            if (found) {
                let power = (*vector::borrow(&powers, at) as u128);
                if (ballot.approve) yes = yes + power else no = no + power;
            };
            i = i + 1;
        };
        (yes, no, block_context::total_power())
    }

    /// A set changes its members for years: only votes of those in force are kept.
    fun forget_departed(votes: &mut vector<Ballot>) {
        let (validators, _) = block_context::validators();
        let i = 0;
        while (i < vector::length(votes)) {
            if (vector::contains(&validators, &vector::borrow(votes, i).voter)) {
                i = i + 1;
            } else {
                vector::remove(votes, i);
            }
        }
    }

    /// Approved proposals whose time ran out make room at once.
    fun forget_expired(proposals: &mut Proposals, height: u64) {
        let i = 0;
        while (i < vector::length(&proposals.approved)) {
            let id = *vector::borrow(&proposals.approved, i);
            let proposal = table::borrow_mut(&mut proposals.by_id, id);
            if (status_at(proposal, height) == EXPIRED) {
                end_proposal(proposal, id, EXPIRED);
                vector::swap_remove(&mut proposals.approved, i);
            } else {
                i = i + 1;
            }
        }
    }

    fun is_printable(text: &vector<u8>): bool {
        let i = 0;
        let n = vector::length(text);
        while (i < n) {
            let c = *vector::borrow(text, i);
            if (c < 0x20 || c > 0x7e) return false;
            i = i + 1;
        };
        true
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

    /// The only way in which a proposal ends: pays its deposit back.
    fun end_proposal(proposal: &mut Proposal, id: u64, status: u8) {
        proposal.ended = status;
        coin::deposit(proposal.proposer, coin::extract_all(&mut proposal.deposit));
        event::emit(Ended { id, status });
    }

    fun forget_approval(approved: &mut vector<u64>, id: u64) {
        let (found, i) = vector::index_of(approved, &id);
        if (found) {
            vector::swap_remove(approved, i);
        }
    }

    #[test_only]
    public fun initialize_for_test(framework: &signer) { initialize(framework); }

    #[test_only]
    public fun sweep_for_test() acquires Proposals { sweep(); }
}
