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

    #[test]
    fun elements_are_given_in_order() {
        let digits = 0;
        vector::for_each(vector[1, 2, 3], |e| digits = digits * 10 + e);
        assert!(digits == 123, 1);
        vector::for_each_ref(&vector[4, 5], |e| digits = digits * 10 + *e);
        assert!(digits == 12345, 2);
        let v = vector[1, 2, 3];
        vector::for_each_mut(&mut v, |e| *e = *e + 1);
        assert!(v == vector[2, 3, 4], 3);
    }

    #[test]
    fun elements_are_given_with_their_indices() {
        let sum = 0;
        vector::enumerate_ref(&vector[10, 20, 30], |i, e| sum = sum + i * *e);
        assert!(sum == 80, 1);
        let v = vector[5, 5, 5];
        vector::enumerate_mut(&mut v, |i, e| *e = *e + i);
        assert!(v == vector[5, 6, 7], 2);
    }

    #[test]
    fun elements_are_folded_mapped_and_filtered() {
        assert!(vector::fold(vector[1, 2, 3, 4], 0, |sum, e| sum * 2 + e) == 26, 1);
        assert!(vector::map(vector[1, 2, 3], |e| e * e) == vector[1, 4, 9], 2);
        assert!(vector::map_ref(&vector[1, 2, 3], |e| *e > 1) == vector[false, true, true], 3);
        assert!(vector::filter(vector[1, 2, 3, 4], |e| *e % 2 == 0) == vector[2, 4], 4);
        assert!(vector::map(vector<u8>[], |e| e) == vector[], 5);
    }

    #[test]
    fun elements_are_searched() {
        assert!(vector::any(&vector[1, 2], |e| *e == 2), 1);
        assert!(!vector::any(&vector[1, 2], |e| *e == 3), 2);
        assert!(!vector::any(&vector<u64>[], |_e| true), 3);
        assert!(vector::all(&vector[1, 2], |e| *e > 0), 4);
        assert!(!vector::all(&vector[1, 2], |e| *e > 1), 5);
        assert!(vector::all(&vector<u64>[], |_e| false), 6);
        let asked = 0;
        vector::any(&vector[7, 8, 9], |e| { asked = asked + 1; *e == 8 });
        assert!(asked == 2, 7);
        let (found, at) = vector::find(&vector[7, 8, 8], |e| *e == 8);
        assert!(found && at == 1, 8);
        let (found, at) = vector::find(&vector[7], |e| *e == 8);
        assert!(!found && at == 0, 9);
    }
}
