/// Arithmetic on u64 that the language lacks.
module std::math64 {
    /// Division by zero.
    const EDIVISION_BY_ZERO: u64 = 0x10001;
    /// The result needs more than 64 bits.
    const EOVERFLOW: u64 = 0x20002;

    public fun min(a: u64, b: u64): u64 { if (a < b) a else b }

    public fun max(a: u64, b: u64): u64 { if (a > b) a else b }

    /// a * b / c, rounded down, without overflow of the product.
    public fun mul_div(a: u64, b: u64, c: u64): u64 {
        assert!(c != 0, EDIVISION_BY_ZERO);
        let r = (a as u128) * (b as u128) / (c as u128);
        assert!(r <= 18446744073709551615, EOVERFLOW);
        (r as u64)
    }

    /// n to the power e, aborting on overflow.
    public fun pow(n: u64, e: u64): u64 {
        let r = 1;
        while (e > 0) {
            r = r * n;
            e = e - 1;
        };
        r
    }

    /// Square root rounded down.
    public fun sqrt(n: u64): u64 {
        if (n == 0) return 0;
        let x = n;
        let y = x / 2 + x % 2; // half, rounded up: never below the root
        while (y < x) {
            x = y;
            y = (x + n / x) / 2;
        };
        x
    }
}
