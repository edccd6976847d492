using Theseus.Move.Runtime;

namespace Theseus.Move.Natives;

/// <summary>The four natives of 0x1::string. They see the bytes behind a reference.</summary>
internal static class StringNatives
{
    /// <summary>The range lies beyond the text or cuts a character.</summary>
    private const ulong InvalidRange = 2;

    public static ulong? CheckUtf8(NativeCall call)
    {
        ReadOnlySpan<byte> bytes = call[0].AsBytes;
        call.Session.Gas.Charge(bytes.Length, StandardNatives.Gas(call).BcsByte);
        call.Return(Value.Of(Utf8.IsValid(bytes)));
        return null;
    }

    public static ulong? IsCharBoundary(NativeCall call)
    {
        call.Return(Value.Of(Utf8.IsBoundary(call[0].AsBytes, call[1].Bits)));
        return null;
    }

    public static ulong? SubString(NativeCall call)
    {
        ReadOnlySpan<byte> bytes = call[0].AsBytes;
        ulong from = call[1].Bits, to = call[2].Bits;
        if (from > to || to > (ulong)bytes.Length || !Utf8.IsBoundary(bytes, from) || !Utf8.IsBoundary(bytes, to))
        {
            return InvalidRange;
        }

        call.Session.Gas.Charge((long)(to - from), StandardNatives.Gas(call).BcsByte);
        call.Return(bytes[(int)from..(int)to].ToArray());
        return null;
    }

    /// <summary>
    /// The oldest meaning answers 0 for an absent text, which says "at the start": kept, because closed rules must stay as they
    /// were.
    /// </summary>
    public static ulong? IndexOf(NativeCall call)
    {
        ReadOnlySpan<byte> text = call[0].AsBytes, part = call[1].AsBytes;
        // the search may compare every part of the text with the wanted one
        long work = text.Length + part.Length + (long.Min(text.Length, part.Length) * (
            text.Length / StandardNatives.Gas(call).SearchBytes));
        call.Session.Gas.Charge(work, StandardNatives.Gas(call).BcsByte);
        int index = text.IndexOf(part);
        ulong absent = call.Session.Snapshot.Rules.Behaviours.StringIndexOfAbsentIsLength ? (ulong)text.Length : 0;
        call.Return(new Value(index >= 0 ? (ulong)index : absent));
        return null;
    }
}
