#[test_only]
module std::option_tests {
    use std::option;

    #[test]
    fun a_value_or_none() {
        let some = option::some(5);
        let none = option::none<u64>();
        assert!(option::is_some(&some) && !option::is_none(&some), 1);
        assert!(option::is_none(&none) && !option::is_some(&none), 2);
        assert!(option::contains(&some, &5) && !option::contains(&some, &6) && !option::contains(&none, &5), 3);
        assert!(*option::borrow(&some) == 5, 4);
        assert!(option::get_with_default(&some, 9) == 5 && option::get_with_default(&none, 9) == 9, 5);
    }

    #[test]
    fun values_go_in_and_out() {
        let o = option::none();
        option::fill(&mut o, 1);
        *option::borrow_mut(&mut o) = 2;
        assert!(option::swap(&mut o, 3) == 2, 1);
        assert!(option::extract(&mut o) == 3, 2);
        assert!(option::is_none(&o), 3);
        option::destroy_none(o);
        assert!(option::destroy_some(option::some(8)) == 8, 4);
    }

    #[test]
    #[expected_failure(abort_code = 0x40001, location = std::option)]
    fun borrowing_nothing_aborts() { option::borrow(&option::none<u64>()); }

    #[test]
    #[expected_failure(abort_code = 0x40001, location = std::option)]
    fun borrowing_nothing_mutably_aborts() { option::borrow_mut(&mut option::none<u64>()); }

    #[test]
    #[expected_failure(abort_code = 0x40000, location = std::option)]
    fun filling_twice_aborts() { option::fill(&mut option::some(1), 2); }

    #[test]
    #[expected_failure(abort_code = 0x40001, location = std::option)]
    fun extracting_nothing_aborts() { option::extract(&mut option::none<u64>()); }

    #[test]
    #[expected_failure(abort_code = 0x40001, location = std::option)]
    fun swapping_with_nothing_aborts() { option::swap(&mut option::none<u64>(), 1); }

    #[test]
    #[expected_failure(abort_code = 0x40001, location = std::option)]
    fun taking_nothing_apart_aborts() { option::destroy_some(option::none<u64>()); }

    #[test]
    #[expected_failure(abort_code = 0x40000, location = std::option)]
    fun dropping_a_value_as_nothing_aborts() { option::destroy_none(option::some(1)); }
}
