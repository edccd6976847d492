using Theseus.Consensus;

namespace Theseus.Engine;

/// <summary>
/// Gives peers the decided heights that they ask for: the application reads them, a few ranges at a time, one peer after the other.
/// </summary>
internal sealed class Serving(EngineDevices devices, HeightSequence heights)
{
    /// <summary>Bytes of contents in a reply at most.</summary>
    private const int MaximumReplyBytes = 4 * 1024 * 1024;

    /// <summary>Bytes of a signature in a certificate at most: signer, length, signature.</summary>
    private const int CertificateSignature = ValidatorId.Length + 2 + Canonical.MaximumSignature;

    /// <summary>Requests of peers that the application works on at most; further ones wait at the desk.</summary>
    private const int MaximumServed = 8;

    private readonly ServingDesk _desk = new();

    // requests that the application works on; from 0 to MaximumServed
    private int _serving;

    /// <summary>Takes a request for decided heights.</summary>
    public void Take(Incoming incoming)
    {
        if (RangeRequest.TryDecode(incoming.Frame.Bytes.Span) is not { Count: > 0 and <= RangeReply.MaximumHeights } request)
        {
            devices.Transport.Penalise(incoming.From, PeerFault.Malformed);
        }
        else if (request.From == 0 || request.From > heights.Durable)
        {
            // what is not here costs the application nothing
            RangeReply nothing = new(request.Request, request.From, []);
            devices.Transport.Send(incoming.From, new Frame(FrameKind.RangeReply, request.From, nothing.Encode()));
        }
        else if (_desk.Add(incoming.From, request))
        {
            ServeWaiting();
        }
    }

    /// <summary>The application gives decided heights for a peer.</summary>
    public void Serve(AppReply.DecidedRange range)
    {
        _serving = int.Max(0, _serving - 1);

        // One height always goes, whatever its size; more only while the reply stays small: a transport knows the largest message by this.
        List<DecidedHeight> served = [];
        long bytes = 0;
        foreach (DecidedHeight height in range.Heights.Take(RangeReply.MaximumHeights))
        {
            bytes += height.Content.Length + (long)height.Certificate.Signatures.Count * CertificateSignature;
            if (served.Count > 0 && bytes > MaximumReplyBytes)
            {
                break;
            }

            served.Add(height);
        }

        RangeReply reply = new(range.Request, range.From, served);
        devices.Transport.Send(range.Peer, new Frame(FrameKind.RangeReply, range.From, reply.Encode()));
        ServeWaiting();
    }

    /// <summary>Gives the application what waits for it.</summary>
    public void ServeWaiting()
    {
        while (_serving < MaximumServed && _desk.TryServe(Offered))
        {
            _serving++;
        }
    }

    /// <summary>
    /// F6: a node that halted still gives what it has, and nothing else; a flood of frames ends no pump later than that of a node that
    /// works.
    /// </summary>
    /// <returns>Whether anything was done.</returns>
    public bool ServeOnly()
    {
        int taken = 0;
        for (; taken < EngineLoop.TakenAPump && devices.Application.ReplyReader.TryRead(out AppReply? reply); taken++)
        {
            if (reply is AppReply.DecidedRange range)
            {
                Serve(range);
            }
        }

        int frames = 0;
        for (; frames < EngineLoop.TakenAPump && devices.Transport.Inbox.TryRead(out Incoming incoming); frames++)
        {
            if (incoming.Frame.Kind == FrameKind.RangeRequest)
            {
                Take(incoming);
            }
        }

        int results = 0;
        while (results < EngineLoop.TakenAPump && devices.Verification.Results.TryRead(out _))
        {
            results++; // nobody waits for these
        }

        ServeWaiting();
        return taken + frames + results > 0;
    }

    private bool Offered(PeerId peer, RangeRequest request) =>
        devices.Application.Offer(new AppRequest.GetDecided(peer, request.Request, request.From, request.Count, MaximumReplyBytes));
}
