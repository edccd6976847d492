/// The numbers that governance sets: those of consensus, which the protocol record keeps, and those of the framework,
/// which are kept here. Names, ranges and relations are the record's own table, given as facts of the block, so Move and
/// record cannot judge differently: what would be refused later aborts here, with a reason that names the parameter.
///
/// A parameter of the record governs one block after the block that records it; one of the framework at once.
module theseus_framework::consensus_config {
    use std::error;
    use std::string::{Self, String};
    use std::vector;
    use theseus_framework::block_context;
    use theseus_framework::event;
    use theseus_framework::system_addresses;
    use theseus_framework::theseus_coin;

    friend theseus_framework::fee_parameters;
    friend theseus_framework::genesis;

    /// Names and values differ in number, or there are none or too many.
    const EBAD_LENGTH: u64 = 1;
    /// There is no such parameter, or it cannot be set.
    const EUNKNOWN_PARAMETER: u64 = 2;

    // The reason of an abort is the code of the table plus 1000: of the definition whose range, or of the relation that
    // the change would break. The constants are here for people: tools read them out of the module.
    /// proposeTimeout is outside its range.
    const EPROPOSE_TIMEOUT: u64 = 1001;
    /// proposeTimeoutDelta is outside its range.
    const EPROPOSE_TIMEOUT_DELTA: u64 = 1002;
    /// prevoteTimeout is outside its range.
    const EPREVOTE_TIMEOUT: u64 = 1003;
    /// prevoteTimeoutDelta is outside its range.
    const EPREVOTE_TIMEOUT_DELTA: u64 = 1004;
    /// precommitTimeout is outside its range.
    const EPRECOMMIT_TIMEOUT: u64 = 1005;
    /// precommitTimeoutDelta is outside its range.
    const EPRECOMMIT_TIMEOUT_DELTA: u64 = 1006;
    /// maximumTimeout is outside its range.
    const EMAXIMUM_TIMEOUT: u64 = 1007;
    /// blockInterval is outside its range.
    const EBLOCK_INTERVAL: u64 = 1008;
    /// executionPatience is outside its range.
    const EEXECUTION_PATIENCE: u64 = 1009;
    /// precision is outside its range.
    const EPRECISION: u64 = 1010;
    /// messageDelay is outside its range.
    const EMESSAGE_DELAY: u64 = 1011;
    /// safetyThreshold is outside its range.
    const ESAFETY_THRESHOLD: u64 = 1012;
    /// notice is outside its range.
    const ENOTICE: u64 = 1013;
    /// probation is outside its range.
    const EPROBATION: u64 = 1014;
    /// readinessThreshold is outside its range.
    const EREADINESS_THRESHOLD: u64 = 1015;
    /// readyTtl is outside its range.
    const EREADY_TTL: u64 = 1016;
    /// evidenceAgeBlocks is outside its range.
    const EEVIDENCE_AGE_BLOCKS: u64 = 1017;
    /// evidenceAgeTime is outside its range.
    const EEVIDENCE_AGE_TIME: u64 = 1018;
    /// maximumBlockBytes is outside its range.
    const EMAXIMUM_BLOCK_BYTES: u64 = 1019;
    /// maximumTransactions is outside its range.
    const EMAXIMUM_TRANSACTIONS: u64 = 1020;
    /// votingBlocks is outside its range.
    const EVOTING_BLOCKS: u64 = 1030;
    /// enactmentBlocks is outside its range.
    const EENACTMENT_BLOCKS: u64 = 1031;
    /// executionBlocks is outside its range.
    const EEXECUTION_BLOCKS: u64 = 1032;
    /// proposalDeposit is outside its range.
    const EPROPOSAL_DEPOSIT: u64 = 1033;
    /// minimumBond is outside its range.
    const EMINIMUM_BOND: u64 = 1034;
    /// unbondingEpochs is outside its range.
    const EUNBONDING_EPOCHS: u64 = 1035;
    /// epochMicros is outside its range.
    const EEPOCH_MICROS: u64 = 1036;
    /// minimumGasPrice is outside its range.
    const EMINIMUM_GAS_PRICE: u64 = 1037;
    /// blockGas is outside its range.
    const EBLOCK_GAS: u64 = 1038;
    /// storageBytePrice is outside its range.
    const ESTORAGE_BYTE_PRICE: u64 = 1039;
    /// burnPermille is outside its range.
    const EBURN_PERMILLE: u64 = 1040;
    /// proposeTimeout would break a relation: the first wait for a proposal is at most the longest.
    const EPROPOSE_TIMEOUT_MAXIMUM_TIMEOUT: u64 = 1101;
    /// prevoteTimeout would break a relation: the first wait for prevotes is at most the longest.
    const EPREVOTE_TIMEOUT_MAXIMUM_TIMEOUT: u64 = 1102;
    /// precommitTimeout would break a relation: the first wait for precommits is at most the longest.
    const EPRECOMMIT_TIMEOUT_MAXIMUM_TIMEOUT: u64 = 1103;
    /// proposeTimeoutDelta would break a relation: the wait grows to the longest within 100 rounds.
    const EPROPOSE_TIMEOUT_DELTA_MAXIMUM_TIMEOUT: u64 = 1104;
    /// prevoteTimeoutDelta would break a relation: the wait grows to the longest within 100 rounds.
    const EPREVOTE_TIMEOUT_DELTA_MAXIMUM_TIMEOUT: u64 = 1105;
    /// precommitTimeoutDelta would break a relation: the wait grows to the longest within 100 rounds.
    const EPRECOMMIT_TIMEOUT_DELTA_MAXIMUM_TIMEOUT: u64 = 1106;
    /// maximumTimeout would break a relation: the longest wait lets a full block travel at 1 MiB a second, and a message delay beside it.
    const EMAXIMUM_TIMEOUT_FULL_BLOCK: u64 = 1107;
    /// precision would break a relation: a proposer whose clock is behind by the precision still proposes in time.
    const EPRECISION_PROPOSE_TIMEOUT: u64 = 1108;
    /// blockInterval would break a relation: nobody gives up on a block before the next one is due.
    const EBLOCK_INTERVAL_EXECUTION_PATIENCE: u64 = 1109;
    /// blockGas would break a relation: the most expensive block, with an approved script and its hooks, is executed within the patience.
    const EBLOCK_GAS_EXECUTION_PATIENCE: u64 = 1110;
    /// blockGas would break a relation: the most expensive block is executed in half a block interval.
    const EBLOCK_GAS_BLOCK_INTERVAL: u64 = 1111;
    /// safetyThreshold would break a relation: a change is armed after it is recorded.
    const ESAFETY_THRESHOLD_NOTICE: u64 = 1112;
    /// safetyThreshold would break a relation: a declaration that armed a change still counts at its activation.
    const ESAFETY_THRESHOLD_READY_TTL: u64 = 1113;
    /// evidenceAgeTime would break a relation: bonds stay liable until evidence is void; the running epoch may be nearly over.
    const EEVIDENCE_AGE_TIME_UNBONDING_EPOCHS: u64 = 1114;
    /// evidenceAgeBlocks would break a relation: bonds stay liable until evidence is void; the running epoch may be nearly over.
    const EEVIDENCE_AGE_BLOCKS_UNBONDING_EPOCHS: u64 = 1115;
    /// unbondingEpochs would break a relation: unbonding ends within three years.
    const EUNBONDING_EPOCHS_TIME: u64 = 1116;
    /// evidenceAgeTime would break a relation: the record keeps the sets of the whole evidence age.
    const EEVIDENCE_AGE_TIME_EPOCH_MICROS: u64 = 1117;
    /// evidenceAgeBlocks would break a relation: the record keeps the sets of the whole evidence age.
    const EEVIDENCE_AGE_BLOCKS_EPOCH_MICROS: u64 = 1118;
    /// votingBlocks would break a relation: validators have 2 s to vote.
    const EVOTING_BLOCKS_LEAST: u64 = 1119;
    /// votingBlocks would break a relation: a vote ends within a year.
    const EVOTING_BLOCKS_TIME: u64 = 1120;
    /// enactmentBlocks would break a relation: what is approved can run within 30 days.
    const EENACTMENT_BLOCKS_TIME: u64 = 1121;
    /// executionBlocks would break a relation: there are 2 s to send an approved script.
    const EEXECUTION_BLOCKS_LEAST: u64 = 1122;
    /// executionBlocks would break a relation: an approval ends within a year.
    const EEXECUTION_BLOCKS_TIME: u64 = 1123;
    /// proposalDeposit would break a relation: a deposit is at most a hundredth of the coins.
    const EPROPOSAL_DEPOSIT_COIN_SUPPLY: u64 = 1124;
    /// minimumGasPrice would break a relation: the largest script costs at most a tenth of the coins.
    const EMINIMUM_GAS_PRICE_COIN_SUPPLY: u64 = 1125;
    /// minimumBond would break a relation: a bond is at most a tenth of the coins.
    const EMINIMUM_BOND_COIN_SUPPLY: u64 = 1126;
    /// minimumBond would break a relation: more than 2/3 of the power in force keeps its place.
    const EMINIMUM_BOND_BOND_OF_TWO_THIRDS: u64 = 1127;
    /// votingBlocks would break a relation: the votes of the largest set find room while a proposal is open.
    const EVOTING_BLOCKS_BLOCK_GAS: u64 = 1128;
    /// votingBlocks would break a relation: the votes of the largest set fit into the blocks while a proposal is open.
    const EVOTING_BLOCKS_MAXIMUM_TRANSACTIONS: u64 = 1129;

    /// From a code of the table to an abort's reason.
    const FIRST_REASON: u64 = 1000;

    /// Homes of a parameter.
    const OF_RECORD: u8 = 0;
    const OF_FRAMEWORK: u8 = 1;

    const MAX_CHANGES: u64 = 32;
    const MAX_U64: u64 = 18446744073709551615;
    /// Coin units for one unit of voting power: one whole coin.
    const POWER_UNIT: u64 = 100000000;

    struct Settings has key {
        /// Of the framework's parameters.
        names: vector<vector<u8>>,
        values: vector<u64>,
        /// Parameters of the record that were changed in block `changed_at`: the facts do not have them yet.
        changed_at: u64,
        changed_names: vector<vector<u8>>,
        changed_values: vector<u64>
    }

    /// The table with the values of now.
    struct Table has drop {
        names: vector<vector<u8>>,
        values: vector<u64>,
        least: vector<u64>,
        greatest: vector<u64>,
        codes: vector<u64>,
        homes: vector<u8>
    }

    #[event]
    /// A service event.
    struct Changed has drop, store {
        names: vector<String>,
        values: vector<u64>
    }

    public(friend) fun initialize(framework: &signer) {
        system_addresses::assert_framework(framework);
        move_to(framework, Settings {
            names: vector::empty(), values: vector::empty(), changed_at: 0, changed_names: vector::empty(),
            changed_values: vector::empty()
        });
    }

    /// The first value of a parameter of the framework.
    public(friend) fun begin_with(name: vector<u8>, value: u64) acquires Settings {
        let settings = borrow_global_mut<Settings>(@theseus_framework);
        write(&mut settings.names, &mut settings.values, name, value);
    }

    /// Genesis stops here when its parameters are out of range or do not go together.
    public(friend) fun check_all() acquires Settings {
        let table = table_with_facts();
        let everything = vector::empty();
        let i = 0;
        let n = vector::length(&table.names);
        while (i < n) {
            check_range(&table, i, *vector::borrow(&table.values, i));
            vector::push_back(&mut everything, true);
            i = i + 1;
        };
        check_relations(&table.values, &everything);
    }

    /// Changes parameters by their names, all or none.
    public fun set(framework: &signer, names: vector<String>, values: vector<u64>) acquires Settings {
        system_addresses::assert_framework(framework);
        change(names, values);
    }

    fun change(names: vector<String>, values: vector<u64>) acquires Settings {
        let n = vector::length(&names);
        assert!(n > 0 && n <= MAX_CHANGES && n == vector::length(&values), error::invalid_argument(EBAD_LENGTH));
        let table = table_with_facts();
        let changed = none_of(&table);
        let i = 0;
        while (i < n) {
            let name = string::bytes(vector::borrow(&names, i));
            let value = *vector::borrow(&values, i);
            let (found, at) = vector::index_of(&table.names, name);
            assert!(found && *vector::borrow(&table.homes, at) <= OF_FRAMEWORK, error::not_found(EUNKNOWN_PARAMETER));
            check_range(&table, at, value);
            *vector::borrow_mut(&mut table.values, at) = value;
            *vector::borrow_mut(&mut changed, at) = true;
            i = i + 1;
        };
        check_relations(&table.values, &changed);
        keep(&table, &changed);
        event::emit(Changed { names, values });
    }

    #[view]
    /// The value that a change of this block would be judged by: a parameter of the record has it one block later.
    public fun value(name: vector<u8>): u64 acquires Settings {
        let table = table();
        let (found, at) = vector::index_of(&table.names, &name);
        assert!(found, error::not_found(EUNKNOWN_PARAMETER));
        *vector::borrow(&table.values, at)
    }

    /// A parameter of the framework.
    public fun setting(name: vector<u8>): u64 acquires Settings {
        let settings = borrow_global<Settings>(@theseus_framework);
        let (found, at) = vector::index_of(&settings.names, &name);
        assert!(found, error::not_found(EUNKNOWN_PARAMETER));
        *vector::borrow(&settings.values, at)
    }

    /// Coin units for one unit of voting power.
    public fun power_unit(): u64 { POWER_UNIT }

    fun table(): Table acquires Settings {
        let (names, values, least, greatest, codes, homes) = block_context::parameters();
        let settings = borrow_global<Settings>(@theseus_framework);
        overlay(&names, &mut values, &settings.names, &settings.values);
        if (settings.changed_at == block_context::height()) {
            overlay(&names, &mut values, &settings.changed_names, &settings.changed_values);
        };
        Table { names, values, least, greatest, codes, homes }
    }

    /// The table with what is true of the chain now, for judging relations.
    fun table_with_facts(): Table acquires Settings {
        let table = table();
        let supply = (theseus_coin::supply() as u64); // coin.move keeps it within 64 bits
        let names = *&table.names;
        overlay(
            &names, &mut table.values, &vector[b"coinSupply", b"bondOfTwoThirds"], &vector[supply, bond_of_two_thirds()]
        );
        table
    }

    /// What the table does not know is passed over: it came from another table.
    fun overlay(
        names: &vector<vector<u8>>, values: &mut vector<u64>, over: &vector<vector<u8>>, with: &vector<u64>
    ) {
        let i = 0;
        let n = vector::length(over);
        while (i < n) {
            let (found, at) = vector::index_of(names, vector::borrow(over, i));
            if (found) *vector::borrow_mut(values, at) = *vector::borrow(with, i);
            i = i + 1;
        }
    }

    fun keep(table: &Table, changed: &vector<bool>) acquires Settings {
        let settings = borrow_global_mut<Settings>(@theseus_framework);
        let height = block_context::height();
        if (settings.changed_at != height) {
            settings.changed_at = height;
            settings.changed_names = vector::empty();
            settings.changed_values = vector::empty();
        };
        let i = 0;
        let n = vector::length(changed);
        while (i < n) {
            if (*vector::borrow(changed, i)) {
                let name = *vector::borrow(&table.names, i);
                let value = *vector::borrow(&table.values, i);
                if (*vector::borrow(&table.homes, i) == OF_RECORD) {
                    write(&mut settings.changed_names, &mut settings.changed_values, name, value);
                } else {
                    write(&mut settings.names, &mut settings.values, name, value);
                }
            };
            i = i + 1;
        }
    }

    fun write(names: &mut vector<vector<u8>>, values: &mut vector<u64>, name: vector<u8>, value: u64) {
        let (found, at) = vector::index_of(names, &name);
        if (found) {
            *vector::borrow_mut(values, at) = value;
        } else {
            vector::push_back(names, name);
            vector::push_back(values, value);
        }
    }

    fun none_of(table: &Table): vector<bool> {
        let none = vector::empty();
        while (vector::length(&none) < vector::length(&table.names)) vector::push_back(&mut none, false);
        none
    }

    fun check_range(table: &Table, at: u64, value: u64) {
        assert!(
            value >= *vector::borrow(&table.least, at) && value <= *vector::borrow(&table.greatest, at),
            error::out_of_range(FIRST_REASON + *vector::borrow(&table.codes, at))
        );
    }

    /// Judges the relations that name something changed: what has come to be broken otherwise stops no other change.
    fun check_relations(values: &vector<u64>, changed: &vector<bool>) {
        let relations = block_context::parameter_relations();
        let n = vector::length(&relations);
        let i = 0;
        while (i < n) {
            let code = *vector::borrow(&relations, i);
            let (lesser, first, i1) = side(&relations, i + 1, values, changed);
            let (greater, second, i2) = side(&relations, i1, values, changed);
            assert!(!(first || second) || lesser <= greater, error::out_of_range(FIRST_REASON + code));
            i = i2;
        }
    }

    /// The sum of one side that begins at `i`, whether it names something changed, and where the next part begins.
    fun side(relations: &vector<u64>, i: u64, values: &vector<u64>, changed: &vector<bool>): (u256, bool, u64) {
        let sum: u256 = 0;
        let concerned = false;
        let end = i + 1 + 3 * *vector::borrow(relations, i);
        i = i + 1;
        while (i < end) {
            let product = (*vector::borrow(relations, i) as u256);
            let j = i + 1;
            while (j <= i + 2) {
                let place = *vector::borrow(relations, j);
                if (place > 0) {
                    product = product * (*vector::borrow(values, place - 1) as u256);
                    concerned = concerned || *vector::borrow(changed, place - 1);
                };
                j = j + 1;
            };
            sum = sum + product;
            i = i + 3;
        };
        (sum, concerned, end)
    }

    /// The greatest bond that validators with more than 2/3 of the power in force reach.
    fun bond_of_two_thirds(): u64 {
        let (_, powers) = block_context::validators();
        let total = block_context::total_power();
        let best = 0;
        let i = 0;
        let n = vector::length(&powers);
        while (i < n) {
            let least = *vector::borrow(&powers, i);
            let reached: u128 = 0;
            let j = 0;
            while (j < n) {
                let power = *vector::borrow(&powers, j);
                if (power >= least) reached = reached + (power as u128);
                j = j + 1;
            };
            if (least > best && 3 * reached > 2 * total) best = least;
            i = i + 1;
        };
        if (best > MAX_U64 / POWER_UNIT) MAX_U64 else best * POWER_UNIT
    }
}
