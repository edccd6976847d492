/// Block time.
module theseus_framework::timestamp {
    use theseus_framework::block_context;

    #[view]
    public fun now_microseconds(): u64 { block_context::time_micros() }

    #[view]
    public fun now_seconds(): u64 { block_context::time_micros() / 1000000 }
}
