#[test_only]
module std::vector_tests {
    use std::vector;

    #[test]
    fun one_element() {
        let v = vector::singleton(7u8);
        assert!(v == x"07" && vector::length(&v) == 1 && !vector::is_empty(&v), 1);
        assert!(vector::is_empty(&vector::empty<u64>()), 2);
    }

    #[test]
    fun turning_around() {
        let none = vector::empty<u64>();
        vector::reverse(&mut none);
        assert!(none == vector[], 1);
        let one = vector[1];
        vector::reverse(&mut one);
        assert!(one == vector[1], 2);
        let even = vector[1, 2, 3, 4];
        vector::reverse(&mut even);
        assert!(even == vector[4, 3, 2, 1], 3);
        let odd = vector[1, 2, 3];
        vector::reverse(&mut odd);
        assert!(odd == vector[3, 2, 1], 4);
    }

    #[test]
    fun appending_keeps_the_order() {
        let v = vector[1, 2];
        vector::append(&mut v, vector[3, 4, 5]);
        vector::append(&mut v, vector[]);
        assert!(v == vector[1, 2, 3, 4, 5], 1);
    }

    #[test]
    fun searching_finds_the_first() {
        let v = vector[5, 7, 7];
        let (found, at) = vector::index_of(&v, &7);
        assert!(found && at == 1, 1);
        let (absent, nowhere) = vector::index_of(&v, &8);
        assert!(!absent && nowhere == 0, 2);
        assert!(vector::contains(&v, &5) && !vector::contains(&v, &6), 3);
        assert!(!vector::contains(&vector::empty<u64>(), &6), 4);
    }

    #[test]
    fun removing_closes_the_gap() {
        let v = vector[1, 2, 3, 4];
        assert!(vector::remove(&mut v, 1) == 2, 1);
        assert!(v == vector[1, 3, 4], 2);
        assert!(vector::remove(&mut v, 2) == 4, 3);
        assert!(v == vector[1, 3], 4);
    }

    #[test]
    #[expected_failure(abort_code = 0x20000, location = std::vector)]
    fun removing_beyond_the_end_aborts() {
        vector::remove(&mut vector[1, 2], 2);
    }

    #[test]
    fun the_last_element_takes_the_place_of_the_removed() {
        let v = vector[1, 2, 3, 4];
        assert!(vector::swap_remove(&mut v, 0) == 1, 1);
        assert!(v == vector[4, 2, 3], 2);
        assert!(vector::swap_remove(&mut v, 2) == 3, 3);
        assert!(v == vector[4, 2], 4);
    }

    #[test]
    #[expected_failure(abort_code = 0x20000, location = std::vector)]
    fun swap_removing_from_nothing_aborts() {
        vector::swap_remove(&mut vector::empty<u8>(), 0);
    }

    #[test]
    #[expected_failure(vector_error, location = std::vector)]
    fun swap_removing_beyond_the_end_aborts() {
        vector::swap_remove(&mut vector[1, 2], 2);
    }

    #[test]
    fun instructions_do_what_their_names_say() {
        let v = vector::empty();
        vector::push_back(&mut v, 1);
        vector::push_back(&mut v, 2);
        vector::swap(&mut v, 0, 1);
        *vector::borrow_mut(&mut v, 0) = 9;
        assert!(*vector::borrow(&v, 0) == 9 && vector::pop_back(&mut v) == 1 && vector::pop_back(&mut v) == 9, 1);
        vector::destroy_empty(v);
    }
}
