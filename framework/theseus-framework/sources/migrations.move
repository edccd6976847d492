/// Numbered run-once changes of data. Slice 0 runs in the publishing transaction under the new code, the others one
/// per epoch, so that data and code switch together and no block does unbounded work.
module theseus_framework::migrations {
    use theseus_framework::event;
    use theseus_framework::system_addresses;

    friend theseus_framework::code;
    friend theseus_framework::genesis;
    friend theseus_framework::reconfiguration;

    /// The newest migration that this code knows. A release that needs one raises it and extends `run`.
    const NEWEST: u64 = 0;

    struct Migrations has key {
        /// Migrations 1 to `finished` are complete.
        finished: u64,
        /// Next slice of migration `finished` + 1.
        slice: u64
    }

    #[event]
    struct Finished has drop, store { migration: u64 }

    public(friend) fun initialize(framework: &signer) {
        system_addresses::assert_framework(framework);
        move_to(framework, Migrations { finished: 0, slice: 0 });
    }

    /// Runs one slice of the oldest unfinished migration, if there is one.
    public(friend) fun advance() acquires Migrations {
        let state = borrow_global_mut<Migrations>(@theseus_framework);
        if (state.finished >= NEWEST) return;
        if (run(state.finished + 1, state.slice)) {
            state.finished = state.finished + 1;
            state.slice = 0;
            event::emit(Finished { migration: state.finished });
        } else {
            state.slice = state.slice + 1;
        }
    }

    #[view]
    public fun finished(): u64 acquires Migrations {
        borrow_global<Migrations>(@theseus_framework).finished
    }

    /// Runs a slice; true when the migration is complete.
    fun run(_migration: u64, _slice: u64): bool {
        true
    }
}
