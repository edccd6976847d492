namespace Theseus.Execution.Stacks.V2;

/// <summary>Hooks and their limits (execution 4).</summary>
internal static class HookRuleValues
{
    public static readonly HookRules Blocks = new(
        HookGas: 25_000_000,
        Hooks:
        [
            new("block", "begin", "()"),
            new("block", "end", "(u64)"),
            new("code", "published", "(vector<vector<u8>>)"),
            new("governance", "config", "():u64,u64,u64,u64"),
            new("governance", "is_approved", "(vector<u8>):bool"),
            new("governance", "proposal_count", "():u64"),
            new("governance", "propose", "(&signer,vector<u8>,0x1::string::String)"),
            new("governance", "resolve", "():signer"),
            new("governance", "vote", "(&signer,u64,bool)"),
            new("probe", "force_epoch", "()"),
            new("probe", "run", "(vector<u8>,vector<u8>,vector<vector<u8>>)"),
            new("reconfiguration", "start_epoch", "(u64)"),
            new("transaction_validation", "epilogue", "(address,u64,u64)"),
            new("transaction_validation", "prologue", "(address,u64,vector<u8>,u64,u64,u64,u8,u64,vector<u8>,bool)"),
            new("versions", "usable_natives", "():vector<0x1::string::String>"),
        ],
        Friends:
        [
            new("account", ["coin", "genesis", "governance", "probe", "transaction_validation"]),
            new("code", ["genesis"]),
        ])
    {
        Abilities =
        [
            new("account", "Account", "key"),
            new("coin", "Coin", "store"),
            new("coin", "CoinInfo", "key"),
            new("coin", "CoinStore", "key"),
            new("governance", "Proposal", "store"),
            new("governance", "Proposals", "key"),
            new("stake", "Pool", "key"),
            new("table", "Table", "store"),
        ],
    };
}
