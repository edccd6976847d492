/// Events: typed values that a transaction leaves for the world outside. The verifier lets a module emit only structs
/// that it defines itself and marks #[event].
module theseus_framework::event {
    public fun emit<T: drop + store>(message: T) {
        native_emit(message);
    }

    native fun native_emit<T: drop + store>(message: T);
}
