/// Epochs. The record rules and Move follows: the end of block H announces the next set, consensus uses it from H+2,
/// and the begin of H+2 sees the record's epoch grow and follows.
module theseus_framework::reconfiguration {
    use std::math64;
    use std::vector;
    use theseus_framework::block_context;
    use theseus_framework::consensus_config;
    use theseus_framework::event;
    use theseus_framework::migrations;
    use theseus_framework::stake;
    use theseus_framework::system_addresses;
    use theseus_framework::validator_set;

    friend theseus_framework::block;
    friend theseus_framework::code;
    friend theseus_framework::genesis;
    friend theseus_framework::probe;

    /// Most blocks between two attempts to end an epoch.
    const MAX_BACKOFF_SHIFT: u64 = 10;
    /// An announced epoch that did not begin within so many blocks was refused by the record.
    const SETUP_PATIENCE: u64 = 4;

    struct Configuration has key {
        epoch: u64,
        started_micros: u64,
        requested: bool,
        /// Height of the announcement in flight, 0 when there is none.
        announced_at: u64,
        /// Height at which the end hook was last asked to announce and has not done so; 0 when it has.
        attempted_at: u64,
        failures: u64
    }

    #[event]
    struct EpochStarted has drop, store {
        epoch: u64,
        height: u64
    }

    public(friend) fun initialize(framework: &signer, epoch: u64) {
        system_addresses::assert_framework(framework);
        move_to(framework, Configuration {
            epoch, started_micros: block_context::time_micros(), requested: false, announced_at: 0, attempted_at: 0,
            failures: 0
        });
    }

    /// Asks for a new epoch at the next occasion.
    public(friend) fun request_epoch() acquires Configuration {
        let configuration = borrow_global_mut<Configuration>(@theseus_framework);
        if (!configuration.requested) configuration.requested = true;
    }

    /// At the begin of a block: follows the record's epoch, and asks the end hook for a set when one is due. That the
    /// asking is written here, in another transaction than the work, lets a failed end hook be retried after
    /// 1, 2, 4 … 1,024 blocks.
    public(friend) fun begin() acquires Configuration {
        let height = block_context::height();
        if (block_context::epoch() > borrow_global<Configuration>(@theseus_framework).epoch) {
            start_epoch(block_context::epoch());
        };
        if (!is_due(height)) return;
        let configuration = borrow_global_mut<Configuration>(@theseus_framework);
        if (configuration.attempted_at != 0) configuration.failures = configuration.failures + 1;
        configuration.attempted_at = height;
    }

    /// At the end of a block: announces the next set if the begin hook of this block asked for it.
    public(friend) fun end() acquires Configuration {
        let height = block_context::height();
        let configuration = borrow_global<Configuration>(@theseus_framework);
        if (configuration.attempted_at == height) announce(configuration.epoch + 1, height);
    }

    /// A hook: its name and signature are frozen. Promotes the announced set, pays, and runs a migration slice.
    public(friend) fun start_epoch(epoch: u64) acquires Configuration {
        validator_set::promote();
        stake::close_epoch();
        migrations::advance();
        let configuration = borrow_global_mut<Configuration>(@theseus_framework);
        configuration.epoch = epoch;
        configuration.started_micros = block_context::time_micros();
        configuration.requested = false;
        configuration.announced_at = 0;
        configuration.attempted_at = 0;
        configuration.failures = 0;
        event::emit(EpochStarted { epoch, height: block_context::height() });
    }

    /// Announces now, whatever is due: for the probe of new code.
    public(friend) fun force_end() acquires Configuration {
        let epoch = borrow_global<Configuration>(@theseus_framework).epoch;
        announce(epoch + 1, block_context::height());
    }

    #[view]
    public fun epoch(): u64 acquires Configuration {
        borrow_global<Configuration>(@theseus_framework).epoch
    }

    #[view]
    public fun epoch_requested(): bool acquires Configuration {
        borrow_global<Configuration>(@theseus_framework).requested
    }

    #[view]
    /// An epoch ends after so many microseconds.
    public fun interval_micros(): u64 { consensus_config::setting(b"epochMicros") }

    fun is_due(height: u64): bool acquires Configuration {
        let configuration = borrow_global<Configuration>(@theseus_framework);
        let wanted = configuration.requested
            || block_context::time_micros() - configuration.started_micros >= interval_micros();
        let in_flight = configuration.announced_at != 0 && height < configuration.announced_at + SETUP_PATIENCE;
        let shift = (math64::min(configuration.failures, MAX_BACKOFF_SHIFT) as u8);
        let resting = configuration.attempted_at != 0 && height < configuration.attempted_at + (1 << shift);
        wanted && !in_flight && !resting
    }

    fun announce(epoch: u64, height: u64) acquires Configuration {
        let (addresses, keys, powers) = stake::compute_set(epoch);
        let configuration = borrow_global_mut<Configuration>(@theseus_framework);
        configuration.attempted_at = 0;
        configuration.failures = 0;
        configuration.announced_at = height;
        // An empty set would be refused by the record; the old one stays, and the next epoch tries again.
        if (!vector::is_empty(&addresses)) validator_set::announce(epoch, addresses, keys, powers);
    }

    #[test_only]
    public fun start_epoch_for_test(epoch: u64) acquires Configuration { start_epoch(epoch); }

    #[test_only]
    public fun request_epoch_for_test() acquires Configuration { request_epoch(); }

    #[test_only]
    public fun attempted_at_for_test(): u64 acquires Configuration {
        borrow_global<Configuration>(@theseus_framework).attempted_at
    }
}
