#[test_only]
module std::number_tests {
    use std::error;
    use std::fixed_point32;
    use std::math64;

    #[test]
    fun extremes() {
        assert!(math64::min(1, 2) == 1 && math64::min(2, 1) == 1 && math64::min(2, 2) == 2, 1);
        assert!(math64::max(1, 2) == 2 && math64::max(2, 1) == 2 && math64::max(2, 2) == 2, 2);
    }

    #[test]
    fun products_do_not_overflow_on_the_way() {
        assert!(math64::mul_div(10, 3, 4) == 7, 1);
        assert!(math64::mul_div(18446744073709551615, 18446744073709551615, 18446744073709551615) == 18446744073709551615, 2);
        assert!(math64::mul_div(0, 5, 7) == 0, 3);
    }

    #[test]
    #[expected_failure(abort_code = 0x10001, location = std::math64)]
    fun dividing_by_zero_aborts() { math64::mul_div(1, 1, 0); }

    #[test]
    #[expected_failure(abort_code = 0x20002, location = std::math64)]
    fun too_large_a_result_aborts() { math64::mul_div(18446744073709551615, 2, 1); }

    #[test]
    fun powers() {
        assert!(math64::pow(2, 10) == 1024 && math64::pow(7, 0) == 1 && math64::pow(0, 0) == 1 && math64::pow(0, 3) == 0, 1);
        assert!(math64::pow(2, 63) == 9223372036854775808, 2);
    }

    #[test]
    #[expected_failure(arithmetic_error, location = std::math64)]
    fun too_large_a_power_aborts() { math64::pow(2, 64); }

    #[test]
    fun roots_are_rounded_down() {
        assert!(math64::sqrt(0) == 0 && math64::sqrt(1) == 1 && math64::sqrt(2) == 1 && math64::sqrt(3) == 1 && math64::sqrt(4) == 2, 1);
        assert!(math64::sqrt(99) == 9 && math64::sqrt(100) == 10, 2);
        assert!(math64::sqrt(18446744073709551615) == 4294967295, 3);
        assert!(math64::sqrt(18446744065119617025) == 4294967295 && math64::sqrt(18446744065119617024) == 4294967294, 4);
    }

    #[test]
    fun fractions() {
        let half = fixed_point32::from_rational(1, 2);
        assert!(fixed_point32::raw(half) == 0x80000000, 1);
        assert!(fixed_point32::multiply(7, half) == 3 && fixed_point32::divide(7, half) == 14, 2);
        assert!(fixed_point32::floor(half) == 0 && fixed_point32::round(half) == 1, 3);
        let third = fixed_point32::from_rational(1, 3);
        assert!(fixed_point32::round(third) == 0 && fixed_point32::raw(third) == 0x55555555, 4);
        let five_halves = fixed_point32::from_raw(0x280000000);
        assert!(fixed_point32::floor(five_halves) == 2 && fixed_point32::round(five_halves) == 3, 5);
        assert!(fixed_point32::is_zero(fixed_point32::from_rational(0, 5)) && !fixed_point32::is_zero(half), 6);
    }

    #[test]
    #[expected_failure(abort_code = 0x10001, location = std::fixed_point32)]
    fun a_denominator_is_not_zero() { fixed_point32::from_rational(1, 0); }

    #[test]
    #[expected_failure(abort_code = 0x20003, location = std::fixed_point32)]
    fun a_ratio_below_the_smallest_aborts() { fixed_point32::from_rational(1, 4294967297); }

    #[test]
    #[expected_failure(abort_code = 0x20002, location = std::fixed_point32)]
    fun a_ratio_above_the_largest_aborts() { fixed_point32::from_rational(4294967296, 1); }

    #[test]
    #[expected_failure(abort_code = 0x20002, location = std::fixed_point32)]
    fun a_product_above_the_largest_aborts() { fixed_point32::multiply(18446744073709551615, fixed_point32::from_rational(2, 1)); }

    #[test]
    #[expected_failure(abort_code = 0x10001, location = std::fixed_point32)]
    fun dividing_by_a_zero_fraction_aborts() { fixed_point32::divide(1, fixed_point32::from_raw(0)); }

    #[test]
    #[expected_failure(abort_code = 0x20002, location = std::fixed_point32)]
    fun a_quotient_above_the_largest_aborts() { fixed_point32::divide(18446744073709551615, fixed_point32::from_rational(1, 2)); }

    #[test]
    fun abort_codes_carry_a_category() {
        assert!(error::canonical(3, 9) == 0x30009, 1);
        assert!(error::invalid_argument(1) == 0x10001 && error::out_of_range(2) == 0x20002 && error::invalid_state(3) == 0x30003, 2);
        assert!(error::unauthenticated(4) == 0x40004 && error::permission_denied(5) == 0x50005 && error::not_found(6) == 0x60006, 3);
        assert!(error::already_exists(8) == 0x80008 && error::resource_exhausted(9) == 0x90009, 4);
    }
}
