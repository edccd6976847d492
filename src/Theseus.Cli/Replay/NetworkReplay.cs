namespace Theseus.Cli.Replay;
internal static class NetworkReplay { public static ReplayResult Replay(ItfTrace trace) => throw new TraceFault("todo" + trace.Prefix); }
