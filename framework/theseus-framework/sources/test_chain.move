#[test_only]
/// A small chain for tests: genesis with three equal validators and two users, and ways to move its block.
module theseus_framework::test_chain {
    use std::unit_test;
    use std::vector;
    use theseus_framework::genesis;

    const UNIT: u64 = 100000000;

    /// Power 1000 each.
    public fun validators(): vector<address> { vector[@0xa1, @0xa2, @0xa3] }

    public fun setup() {
        at(1, 1);
        unit_test::set_validators(validators(), vector[1000, 1000, 1000]);
        unit_test::set_transaction(key(1), vector::empty());
        unit_test::set_component(b"execution", 1, key(9), 0, vector::empty(), 0, 16);
        evidence_of_seconds();
        genesis::initialize_for_test(
            vector[@0xb1, @0xb2], vector[1000 * UNIT, 500 * UNIT],
            validators(), vector[key(1), key(2), key(3)], vector[1000 * UNIT, 1000 * UNIT, 1000 * UNIT]
        );
    }

    /// Evidence ages of at most 3 s: epochs of 1 s would else be too short for the bonds to stay liable.
    public fun evidence_of_seconds() {
        unit_test::set_parameter(b"evidenceAgeTime", 1000);
        unit_test::set_parameter(b"evidenceAgeBlocks", 10);
    }

    /// Height, with ten blocks to a second.
    public fun at(height: u64, epoch: u64) {
        unit_test::set_block(height, 1000000000 + height * 100000, epoch, @0xa1);
    }

    /// 32 bytes of one value.
    public fun key(b: u8): vector<u8> {
        let bytes = vector::empty();
        while (vector::length(&bytes) < 32) vector::push_back(&mut bytes, b);
        bytes
    }

    public fun unit(): u64 { UNIT }
}
