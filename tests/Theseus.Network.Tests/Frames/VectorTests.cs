using System.Text.Json.Nodes;
using Theseus.Protocol;

namespace Theseus.Network.Tests;

/// <summary>docs/protocol/vectors/network.json, which was not made by this code.</summary>
public class VectorTests
{
    private static readonly JsonNode Vectors = JsonNode.Parse(File.ReadAllText(Find("docs/protocol/vectors/network.json")))!;

    [Fact]
    public async Task FramesAreWrittenAndReadAsTheVectorsSay()
    {
        foreach (JsonNode? vector in Vectors["frames"]!.AsArray())
        {
            Frame frame = new((FrameKind)vector!["kind"]!.GetValue<int>(), ulong.Parse(vector["height"]!.GetValue<string>()),
                Bytes(vector["payload"]));
            byte[] expected = Bytes(vector["bytes"]);
            MemoryStream wire = new();
            await new FrameStream(wire).WriteAsync(frame, CancellationToken.None);
            Assert.Equal(expected, wire.ToArray());
            OverlayKind overlay = frame.Kind == FrameKind.Sync ? OverlayKind.Sync : OverlayKind.Consensus;
            Frame back = (await new FrameStream(new MemoryStream(expected)) { Overlay = overlay }.ReadAsync(CancellationToken.None))!.Value;
            Assert.Equal((frame.Kind, frame.Height), (back.Kind, back.Height));
            Assert.Equal(frame.Payload.ToArray(), back.Payload.ToArray());
        }
    }

    [Fact]
    public async Task EnvelopesAreWrittenAndOpenedAsTheVectorsSay()
    {
        foreach (JsonNode? vector in Vectors["envelopes"]!.AsArray())
        {
            bool isSync = vector!["overlay"]!.GetValue<string>() == "sync";
            ushort kind = vector["kind"]!.GetValue<ushort>();
            ulong height = ulong.Parse(vector["height"]!.GetValue<string>());
            byte[] canonical = Bytes(vector["canonical"]);
            byte[] expected = Bytes(vector["frame"]);
            MemoryStream wire = new();
            await new FrameStream(wire).WriteAsync(isSync ? Envelopes.Sync(kind, height, canonical)
                : Envelopes.Consensus(kind, height, canonical), CancellationToken.None);
            Assert.Equal(expected, wire.ToArray());
            Frame frame = (await new FrameStream(new MemoryStream(expected)) { Overlay = isSync ? OverlayKind.Sync
                : OverlayKind.Consensus }.ReadAsync(CancellationToken.None))!.Value;
            Assert.Equal(EnvelopeState.Opened, Envelopes.Open(frame, out ushort opened, out ReadOnlyMemory<byte> bytes));
            Assert.Equal(kind, opened);
            Assert.Equal(canonical, bytes.ToArray());
        }
    }

    [Fact]
    public void ProofsSignWhatTheVectorsSay()
    {
        foreach (JsonNode? vector in Vectors["proofs"]!.AsArray())
        {
            OverlayKind overlay = vector!["overlay"]!.GetValue<string>() == "consensus" ? OverlayKind.Consensus : OverlayKind.Mempool;
            NodeIdentity identity = Nodes.Identity(1, vector["chain"]!.GetValue<string>(), new Hash32(Bytes(vector["genesis"])));
            byte[] message = Handshake.SignedMessage(
                vector["role"]!.GetValue<string>() == "dialer", Bytes(vector["dialerCertificate"]), Bytes(vector["listenerCertificate"]),
                Bytes(vector["dialerNonce"]), Bytes(vector["listenerNonce"]), identity, overlay);
            Assert.Equal(Bytes(vector["message"]), message);
        }
    }

    private static byte[] Bytes(JsonNode? hex) => Convert.FromHexString(hex!.GetValue<string>());

    private static string Find(string file)
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, file)))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder?.FullName ?? throw new InvalidOperationException("the tests run outside the repository"), file);
    }
}
