/// Names types at run time.
module std::type_info {
    use std::string::{Self, String};

    /// The type is not a struct.
    const ENOT_A_STRUCT: u64 = 0x10001;

    struct TypeInfo has copy, drop, store {
        account_address: address,
        module_name: vector<u8>,
        struct_name: vector<u8>
    }

    /// Where a struct type is defined. The struct name carries its type arguments.
    public fun type_of<T>(): TypeInfo {
        let (account_address, module_name, struct_name) = native_type_of<T>();
        TypeInfo { account_address, module_name, struct_name }
    }

    /// Canonical text of any type, e.g. 0x1::coin::Coin<0x1::theseus_coin::TheseusCoin>.
    public fun type_name<T>(): String { string::utf8(native_type_name<T>()) }

    public fun account_address(info: &TypeInfo): address { info.account_address }

    public fun module_name(info: &TypeInfo): vector<u8> { info.module_name }

    public fun struct_name(info: &TypeInfo): vector<u8> { info.struct_name }

    native fun native_type_of<T>(): (address, vector<u8>, vector<u8>);

    native fun native_type_name<T>(): vector<u8>;
}
