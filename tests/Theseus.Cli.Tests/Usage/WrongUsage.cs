namespace Theseus.Cli.Tests.Usage;

/// <summary>Command lines that are wrong, {0} being a folder with the files below, {1} an address
/// where nobody listens and {2} the framework. Each must end with code 2, 3 or 4 and one
/// line.</summary>
internal static class WrongUsage
{
    /// <summary>Makes the files that the command lines name.</summary>
    public static void Prepare(string folder)
    {
        File.WriteAllText(Path.Combine(folder, "file"), "not what is looked for\n");
        File.WriteAllText(Path.Combine(folder, "short.key"), "abcd\n");
        File.WriteAllText(Path.Combine(folder, "good.key"), new string('7', 64) + "\n");
        File.SetUnixFileMode(Path.Combine(folder, "good.key"), UnixFileMode.UserRead);
        Directory.CreateDirectory(Path.Combine(folder, "empty"));
        Directory.CreateDirectory(Path.Combine(folder, "script"));
        File.WriteAllBytes(Path.Combine(folder, "script", "script.mv"), [1, 2, 3]);
        Directory.CreateDirectory(Path.Combine(folder, "package", "sources"));
        File.WriteAllText(Path.Combine(folder, "package", "Move.toml"), "[package\nname = 7");
        File.CreateSymbolicLink(Path.Combine(folder, "loop"), "loop");
        Directory.CreateDirectory(Path.Combine(folder, "endless", "sources"));
        foreach (string name in (string[])["script.mv", "Move.toml", "sources/a.move"])
        {
            File.CreateSymbolicLink(Path.Combine(folder, "endless", name), "/dev/zero");
        }

        Localnet("garbage", "{");
        Localnet("nulls", """
            {"chain":"c","txChainId":4,"genesisHash":"00","application":"theseus","nodes":null,"accounts":[],"explorer":"e","supervisor":1}
            """);
        Localnet("list", "[]");

        void Localnet(string name, string text)
        {
            Directory.CreateDirectory(Path.Combine(folder, name));
            File.WriteAllText(Path.Combine(folder, name, "localnet.json"), text);
        }
    }

    /// <summary>Words of a shell, without quotes in them.</summary>
    public static IReadOnlyList<string> Lines { get; } =
    [
        // words that are no commands or options
        "sail", "--sail", "query stauts", "query status --foo", "txs", "query", "localnet anchor", "move", "framework", "upgrade", "keys",
            "db",
        "txs upgrade", "txs validator", "query block", "query block 1 2", "query status --at 5", "localnet status now", "keys list alice",

        // a localnet's shape
        "localnet --base-port 70000", "localnet --base-port 65536", "localnet --base-port 65500", "localnet --base-port -1",
            "localnet --base-port abc",
        "localnet --base-port 99999999999999999999", "localnet --base-port 1.5", "localnet --base-port",
            "localnet --base-port 7100 --base-port 7200",
        "localnet --base-port 65495 --dir {0}/new", "localnet --validators 16 --base-port 65400 --dir {0}/new",
        "localnet --validators 0", "localnet --validators 17", "localnet --validators -3", "localnet --validators many",
        "localnet --bind localhost", "localnet --bind 256.1.1.1", "localnet --bind 127.1", "localnet --bind 203.0.113.9",
            "localnet --bind 0x7f000001",
        "localnet --bind 127.0.0.1:80", "localnet --bind", "localnet --application chess", "localnet --application KV",
        "localnet --epoch-seconds 0", "localnet --epoch-seconds -1", "localnet --epoch-seconds 86401", "localnet --epoch-seconds soon",
        "localnet --keep", "localnet --voyage --detach", "localnet --voyage --application kv", "localnet --json {0}/out.json",
        "localnet --voyage --json {0}/none/out.json", "localnet --voyage --json {0}/empty",

        // a localnet's folder
        "localnet --dir {0}/file", "localnet --dir {0}/file/below", "localnet --detach --dir {0}/file", "localnet --dir /proc/theseus",
        "localnet --detach --dir /proc/theseus", "localnet --dir {0}/" + LongName, "localnet --detach --dir {0}/" + LongName,
        "localnet --dir {0}/garbage", "localnet --dir {0}/nulls", "localnet --dir {0}/list", "localnet --fresh --dir {0}/garbage",
        "localnet status --dir {0}/empty", "localnet status --dir {0}/file", "localnet status --dir {0}/garbage",
            "localnet status --dir {0}/none",
        "localnet kill n2 --dir {0}/empty", "localnet restart n2 --dir {0}/none", "localnet stop --dir {0}/none",
            "localnet logs n1 --dir {0}/none",
        "localnet logs n1 --dir {0}/nulls", "localnet load --dir {0}/none", "localnet kill", "localnet restart", "localnet logs",

        // a load
        "localnet load --seconds -1", "localnet load --seconds 0", "localnet load --seconds 1e3", "localnet load --seconds 86401",
            "localnet load --tps -5",
        "localnet load --tps 0", "localnet load --tps 10001", "localnet load --tps fast",

        // transfers (fault 34: a name without 0x, and nothing to send)
        "txs transfer", "txs transfer --from alice --to bob", "txs transfer --to bob --amount 1",
            "txs transfer --from alice --to bob --amount 0 --url {1}",
        "txs transfer --from {0}/good.key --to 0x1 --amount 0 --url {1}",
            "txs transfer --from {0}/good.key --to 0x1 --amount 0.000000001 --url {1}",
        "txs transfer --from {0}/good.key --to 0x1 --amount -1 --url {1}",
            "txs transfer --from {0}/good.key --to 0x1 --amount 1,5 --url {1}",
        "txs transfer --from {0}/good.key --to 0x1 --amount 1e9 --url {1}",
            "txs transfer --from {0}/good.key --to 0x1 --amount 184467440738 --url {1}",
        "txs transfer --from {0}/good.key --to 0x1 --amount 99999999999999999999999 --url {1}",
            "txs transfer --from {0}/good.key --to a11ce --amount 1 --url {1}",
        "txs transfer --from {0}/good.key --to 0xzz --amount 1 --url {1}", "txs transfer --from {0}/good.key --to 0x --amount 1 --url {1}",
        "txs transfer --from {0}/short.key --to 0x1 --amount 1 --url {1}", "txs transfer --from {0}/file --to 0x1 --amount 1 --url {1}",
        "txs transfer --from {0}/empty --to 0x1 --amount 1 --url {1}", "txs transfer --from {0}/none --to 0x1 --amount 1 --url {1}",
        "txs transfer --from {0}/good.key --to 0x1 --amount 1 --url ftp://x",
            "txs transfer --from {0}/good.key --to 0x1 --amount 1 --url nowhere",
        "txs transfer --from {0}/good.key --to 0x1 --amount 1 --gas-price 0 --url {1}",
            "txs transfer --from {0}/good.key --to 0x1 --amount 1 --max-gas -1 --url {1}",
        "txs transfer --from {0}/good.key --to 0x1 --amount 1 --gas-price cheap --url {1}", "txs fund --to 0x1",
            "txs fund --to 0x1 --amount 0 --url {1}",
        "txs transfer --from {0}/good.key --to 0x1 --amount 1 --dir {0}/garbage",

        // the ceremony
        "txs upgrade propose", "txs upgrade propose --script-dir {0}/none --url {1}", "txs upgrade propose --script-dir {0}/file --url {1}",
        "txs upgrade propose --script-dir {0}/empty --from {0}/good.key --url {1}", "txs upgrade propose --script-dir", "txs vote",
            "txs vote --proposal-id",
        "txs vote --proposal-id 0", "txs vote --proposal-id -1", "txs vote --proposal-id one",
            "txs vote --proposal-id 1 --all --from alice",
        "txs vote --proposal-id 1 --all --url {1}", "txs vote --proposal-id 1 --url {1}", "txs veto --proposal-id x",
            "txs veto --proposal-id 1 --url {1}",
        "txs cancel", "txs cancel --proposal-id 18446744073709551616", "txs cancel --proposal-id 1 --url {1}", "txs resolve",
        "txs resolve --proposal-script-dir {0}/none --url {1}", "txs resolve --script-dir {0}/empty --url {1}",
        "txs validator join --amount 1", "txs validator join --consensus-key {0}/short.key --amount 1 --from {0}/good.key --url {1}",
        "txs validator join --consensus-key {0}/none --amount 1 --from {0}/good.key --url {1}", "txs validator bond",
            "txs validator bond --amount 0 --from {0}/good.key --url {1}",
        "txs validator unbond --amount x --from {0}/good.key --url {1}", "txs validator withdraw --from {0}/none --url {1}",

        // reads
        "query status --url nowhere", "query status --url file:///etc", "query status --url http://", "query status --dir {0}/none",
            "query status --dir {0}/garbage",
        "query block x --url {1}", "query block -1 --url {1}", "query block 18446744073709551616 --url {1}",
            "query block 1 --detail all --url {1}",
        "query tx --url {1}", "query tx 12 --url {1}", "query tx 0x12 --url {1}", "query tx 0x" + NoHash + " --url {1}",
            "query module coin --url {1}",
        "query module 1::coin --url {1}", "query module 0x1:: --url {1}", "query view coin::supply --url {1}",
            "query view 0x1::coin --url {1}",
        "query view 0x1::coin::supply --at x --url {1}", "query resource nobody 0x1::account::Account --url {1}",
            "query resource --url {1}",
        "query evidence --limit 0 --url {1}", "query evidence --limit 1001 --url {1}", "query evidence --before x --url {1}",
            "query record --at -1 --url {1}",

        // keys, packages and data folders
        "keys new", "keys new {0}/file", "keys new {0}/none/a.key", "keys new {0}/empty", "keys new /proc/a.key", "keys show nobody",
            "keys show {0}/short.key",
        "keys show {0}/empty", "keys list --dir {0}/none", "db supply", "db supply --dir {0}/none", "db supply --dir {0}/file",
            "db supply --dir {0}/empty",
        "db audit-votes", "db audit-votes {0}/none", "db audit-votes {0}/file", "db audit-votes {0}/empty", "move build --path {0}/none",
            "move build --path {0}/empty",
        "move build --path {0}/file", "move test --path {0}/none", "move disassemble", "move disassemble nothing",
        "upgrade script", "upgrade script --component execution --to x --at +40 --script-dir {0}/new",
        "upgrade script --component execution --to 2 --at soon --script-dir {0}/new",
            "upgrade script --component consensus --to 2 --at +40 --script-dir {0}/new",
        "upgrade show --proposal-id x --url {1}", "framework upgrade",
            "framework upgrade --framework-dir {0}/none --script-dir {0}/new --url {1}",

        // places that nothing can be written to or read from, for every word that names one
        "localnet --detach --fresh --dir /proc/x", "localnet --dir /proc/1/x", "localnet --dir {0}/loop", "localnet --dir ",
        "localnet --voyage --json /proc/x", "localnet --voyage --json {0}/loop", "localnet --voyage --json {0}/file/below",
        "localnet logs n1 --dir {0}/loop", "localnet stop --dir /dev/zero", "query status --dir {0}/loop", "query status --dir ",
        "keys new {0}/loop", "keys new {0}/file/below", "keys new ", "keys show {0}/loop", "keys show /dev/zero", "keys list --dir /proc/x",
        "txs transfer --from /dev/zero --to 0x1 --amount 1 --url {1}", "txs transfer --from {0}/loop --to 0x1 --amount 1 --url {1}",
        "txs transfer --from alice --to 0x1 --amount 1 --dir /proc/x", "txs fund --to 0x1 --amount 1 --dir {0}/file/below",
        "txs validator join --consensus-key /dev/zero --amount 1 --from {0}/good.key --url {1}",
        "txs validator join --consensus-key {0}/loop --amount 1 --from {0}/good.key --url {1}",
        "txs upgrade propose --from {0}/good.key --script-dir /proc/x --url {1}", "txs resolve --script-dir  --url {1}",
        "txs upgrade propose --from {0}/good.key --script-dir {0}/endless --url {1}",
        "upgrade script --component execution --to 2 --at +40 --script-dir /proc/x --framework-dir {2}",
        "upgrade script --component execution --to 2 --at +40 --script-dir {0}/file/below --framework-dir {2}",
        "framework upgrade --script-dir /proc/x --framework-dir {2} --url {1}",
        "framework upgrade --script-dir {0}/loop --framework-dir {2} --url {1}", "framework upgrade --framework-dir  --script-dir {0}/new",
        "framework release --output /proc/x --framework-dir {2}", "framework release --output {0}/file/below --framework-dir {2}",
        "framework release --output {0}/empty --framework-dir {2}", "move build --path /proc/x", "move build --path ",
        "move build --path {0}/endless", "move test --path {0}/loop", "move disassemble /dev/zero", "move disassemble {0}/loop",
        "db supply --dir /proc/x", "db supply --dir ", "db audit-votes /proc/x", "node --home /proc/x", "node --home {0}/loop",
        "fuzz --seconds 1 --target decoders --dir /proc/x", "fuzz --seconds 1 --target decoders --dir {0}/file/below",
        "fuzz --target decoders --entry block --input /dev/zero", "fuzz --target decoders --entry block --input {0}/loop",
        "fuzz --seconds 1 --target decoders --dir ",

        // a node
        "node", "node --home", "node --home {0}/none", "node --home {0}/file", "node --home {0}/empty",
            "node --home {0}/empty --validator nobody",
    ];

    private const string LongName = "a-long-name-a-long-name-a-long-name-a-long-name-a-long-name-a-long-name-a-long-name-a-long-name-name";

    private const string NoHash = "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz";
}
