/// Unsigned fixed point with 32 fractional bits.
module std::fixed_point32 {
    /// Division by zero.
    const EDIVISION_BY_ZERO: u64 = 0x10001;
    /// The result does not fit.
    const EOVERFLOW: u64 = 0x20002;
    /// The ratio is too small to be told from zero.
    const ERATIO_TOO_SMALL: u64 = 0x20003;

    const MAX_U64: u128 = 18446744073709551615;

    struct FixedPoint32 has copy, drop, store {
        value: u64
    }

    public fun from_raw(value: u64): FixedPoint32 { FixedPoint32 { value } }

    public fun raw(x: FixedPoint32): u64 { x.value }

    public fun is_zero(x: FixedPoint32): bool { x.value == 0 }

    /// numerator / denominator, rounded down.
    public fun from_rational(numerator: u64, denominator: u64): FixedPoint32 {
        assert!(denominator != 0, EDIVISION_BY_ZERO);
        let quotient = ((numerator as u128) << 32) / (denominator as u128);
        assert!(quotient != 0 || numerator == 0, ERATIO_TOO_SMALL);
        assert!(quotient <= MAX_U64, EOVERFLOW);
        FixedPoint32 { value: (quotient as u64) }
    }

    /// n times x, rounded down.
    public fun multiply(n: u64, x: FixedPoint32): u64 {
        let product = ((n as u128) * (x.value as u128)) >> 32;
        assert!(product <= MAX_U64, EOVERFLOW);
        (product as u64)
    }

    /// n divided by x, rounded down.
    public fun divide(n: u64, x: FixedPoint32): u64 {
        assert!(x.value != 0, EDIVISION_BY_ZERO);
        let quotient = ((n as u128) << 32) / (x.value as u128);
        assert!(quotient <= MAX_U64, EOVERFLOW);
        (quotient as u64)
    }

    public fun floor(x: FixedPoint32): u64 { x.value >> 32 }

    public fun round(x: FixedPoint32): u64 {
        let whole = x.value >> 32;
        if ((x.value & 0xffffffff) >= 0x80000000) whole + 1 else whole
    }
}
