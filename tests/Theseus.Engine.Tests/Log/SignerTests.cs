using Theseus.Consensus;

namespace Theseus.Engine.Tests;

public class SignerTests
{
    [Fact]
    public void C43HeightRoundAndStepNeverGoBackAndEqualBytesGiveTheOldSignature()
    {
        MemoryDisk disk = new();
        Keys.Key key = new(0);
        LocalSigner signer = new(key, disk);
        ByteString first = Signed(signer, 5, 2, SignKind.Prevote, 1);
        Assert.Equal(first, Signed(signer, 5, 2, SignKind.Prevote, 1));
        Assert.Equal(1, key.Signatures);
        Refused(signer, 5, 2, SignKind.Prevote, 2); // other bytes
        Refused(signer, 5, 2, SignKind.Proposal, 1); // lower step
        Refused(signer, 5, 1, SignKind.Precommit, 1); // lower round
        Refused(signer, 4, 9, SignKind.Precommit, 1); // lower height
        Signed(signer, 5, 2, SignKind.Precommit, 3);
        Signed(signer, 5, 3, SignKind.Proposal, 4);
        Signed(signer, 6, 0, SignKind.Proposal, 5);
        disk.Sync([signer.MarkFile!]);

        LocalSigner again = new(key, disk);
        Refused(again, 5, 9, SignKind.Precommit, 6);
        Refused(again, 6, 0, SignKind.Proposal, 6);
        int before = key.Signatures;
        Signed(again, 6, 0, SignKind.Proposal, 5);
        Assert.Equal(before, key.Signatures);
    }

    [Fact]
    public void ATornMarkLeavesTheOneBeforeIt()
    {
        MemoryDisk disk = new();
        Keys.Key key = new(0);
        LocalSigner signer = new(key, disk);
        for (int round = 0; round < 5; round++)
        {
            Signed(signer, 1, round, SignKind.Prevote, round);
            disk.Sync([signer.MarkFile!]);
        }

        Signed(signer, 1, 5, SignKind.Prevote, 5); // never synced
        disk.Crash();
        Assert.Equal(4, new LocalSigner(key, disk).Mark!.Round);
        disk.Rot("mark", 100); // the slot of even sequences: rounds 1 and 3
        Assert.Equal(4, new LocalSigner(key, disk).Mark!.Round);
    }

    [Fact]
    public void AMarkThatCannotBeReadRefusesEverything()
    {
        MemoryDisk disk = new();
        LocalSigner signer = new(new Keys.Key(0), disk);
        Signed(signer, 1, 0, SignKind.Prevote, 1);
        disk.Sync([signer.MarkFile!]);
        disk.Rot("mark", MarkFile.SlotSize + 20);
        LocalSigner again = new(new Keys.Key(0), disk);
        Assert.Contains("cannot be read", again.Fault, StringComparison.Ordinal);
        Refused(again, 100, 0, SignKind.Prevote, 1);
    }

    // fault 112: a crash between making the mark's file and the first signature leaves a file of zeros, or an empty one
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(MarkFile.SlotSize)]
    [InlineData(2 * MarkFile.SlotSize)]
    public void AHalfMadeMarkIsMadeAnewWhereTheLogProvesThatNothingWasSigned(int zeros)
    {
        MemoryDisk disk = new();
        Log(disk, own: false);
        disk.Open("mark").Append(new byte[zeros]);
        LocalSigner signer = new(new Keys.Key(0), disk);
        Assert.Null(signer.Fault);
        ByteString signature = Signed(signer, 1, 0, SignKind.Prevote, 1);
        disk.Sync([signer.MarkFile!]);
        Assert.Equal(signature, new LocalSigner(new Keys.Key(0), disk).Mark!.Signature);
    }

    [Theory]
    [InlineData(0, "missing")]
    [InlineData(MarkFile.SlotSize, "empty")]
    public void AMarkWithoutContentBesideALogWithOwnMessagesWasLost(int zeros, string word)
    {
        MemoryDisk disk = new();
        Log(disk, own: true);
        disk.Open("mark").Append(new byte[zeros]);
        LocalSigner signer = new(new Keys.Key(0), disk);
        Assert.Contains($"is {word}, and the log shows that this key has signed before", signer.Fault, StringComparison.Ordinal);
        Refused(signer, 100, 0, SignKind.Prevote, 1);
    }

    [Theory]
    [InlineData(MarkFile.SlotSize)]
    [InlineData(2 * MarkFile.SlotSize)]
    public void AHalfMadeMarkWithoutALogProvesNothing(int zeros)
    {
        MemoryDisk disk = new();
        disk.Open("mark").Append(new byte[zeros]);
        Assert.Contains("no log to prove", new LocalSigner(new Keys.Key(0), disk).Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void ALogThatCannotBeReadProvesNothingEither()
    {
        MemoryDisk disk = new();
        Log(disk, own: false);
        disk.Rot("log-0000000000000000", 1); // its header
        disk.Open("mark").Append(new byte[MarkFile.SlotSize]);
        Assert.NotNull(new LocalSigner(new Keys.Key(0), disk).Fault);
    }

    [Fact]
    public void ANewFolderHasNoMarkAndNoFault()
    {
        LocalSigner signer = new(new Keys.Key(0), new MemoryDisk());
        Assert.Null(signer.Fault);
        Assert.Null(signer.Mark);
    }

    private static void Log(MemoryDisk disk, bool own)
    {
        ChainedLog log = ChainedLog.Open(disk, null);
        log.BeginHeight();
        log.Append(EntryKind.HeightStart, new HeightStart(1, [], default, ChainedLog.Format).Encode());
        Signed<Vote> vote = Keys.Sign(0, new Vote(VoteType.Prevote, 1, 0, null, Rounds.Nil, Keys.IdOf(0)));
        log.Append(EntryKind.Input, InputEncoding.Encode(
            own ? new Input.OwnVote(vote) : new Input.TimeoutElapsed(TimeoutKind.Propose, 1, 0)));
        log.Flush();
        disk.Sync([log.File]);
    }

    [Fact]
    public void MarkedKindsAreNotSignedWithoutTheMark()
    {
        LocalSigner signer = new(new Keys.Key(0), new MemoryDisk());
        Assert.Throws<ArgumentException>(() => signer.SignUnmarked(SignKind.Prevote, [1]));
        Assert.NotNull(signer.SignUnmarked(SignKind.Init, [1]));
    }

    private static ByteString Signed(LocalSigner signer, ulong height, int round, SignKind kind, int bytes) =>
        Assert.IsType<SignOutcome.Signature>(signer.Sign(new SignRequest(kind, height, round, [(byte)bytes], default))).Bytes;

    private static void Refused(LocalSigner signer, ulong height, int round, SignKind kind, int bytes) =>
        Assert.IsType<SignOutcome.Refused>(signer.Sign(new SignRequest(kind, height, round, [(byte)bytes], default)));
}
