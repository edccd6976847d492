using System.Text;

namespace Theseus.Execution.Tests;

/// <summary>Everything a block result says, as bytes: two results are equal when these are.</summary>
internal static class Results
{
    public static byte[] Bytes(BlockResult result)
    {
        BcsWriter writer = new(4_096);
        writer.Hash(result.StackId).U64(result.GasUsed).U128(result.Fees).U64(result.FirstVersion).Hash(result.CodeRoot);
        writer.List(result.Outputs, static (w, output) =>
        {
            w.Raw(ReceiptCodec.Encode(output.Receipt)).List(output.Events, static (w2, item) => w2.Raw(ReceiptCodec.Encode(item)));
            ReceiptCodec.Write(w, output.Writes);
            w.Bytes(Encoding.UTF8.GetBytes(output.FailurePlace?.ToString() ?? ""));
        });
        ReceiptCodec.Write(writer, result.Writes);
        writer.List(result.ServiceEvents, static (w, item) => w.Bytes(ServiceEventCodec.Encode(item)));
        writer.List(result.Alarms, static (w, alarm) => w.Bytes(Encoding.UTF8.GetBytes(alarm)));
        return writer.ToArray();
    }

    public static Hash32 Hash(BlockResult result) => Hashing.Sha256(Bytes(result));
}
