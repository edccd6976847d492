using Theseus.Move.Natives;

namespace Theseus.Execution.Stacks.V2;

/// <summary>The natives of this stack (execution 4).</summary>
internal static class NativeRules
{
    public static readonly NativeTable Natives = StandardNatives
        .All(static (signature, publicKey, message) => Ed25519.Verify(publicKey, message, signature), static publicKey =>
            Ed25519.IsValidPublicKey(publicKey))
        .Pick(
        [
            new("account", "create_signer"),
            new("bcs", "native_to_bytes"),
            new("block_context", "get"),
            new("code", "request_publish"),
            new("ed25519", "native_public_key_is_valid"),
            new("ed25519", "native_verify"),
            new("event", "native_emit"),
            new("fixed_point32", "native_sqrt"),
            new("from_bcs", "from_bytes"),
            new("hash", "native_keccak256"),
            new("hash", "native_sha2_256"),
            new("hash", "native_sha3_256"),
            new("protocol_record", "component"),
            new("signer", "native_borrow_address"),
            new("string", "internal_check_utf8"),
            new("string", "internal_index_of"),
            new("string", "internal_is_char_boundary"),
            new("string", "internal_sub_string"),
            new("table", "add_box"),
            new("table", "borrow_box"),
            new("table", "borrow_box_mut"),
            new("table", "contains_box"),
            new("table", "destroy_empty_box"),
            new("table", "drop_unchecked_box"),
            new("table", "new_table_handle"),
            new("table", "remove_box"),
            new("transaction_context", "native_script_hash"),
            new("transaction_context", "native_tx_hash"),
            new("type_info", "native_type_name"),
            new("type_info", "native_type_of"),
        ]);
}
