namespace Theseus.Consensus;

/// <summary>
/// Keccak-f[1600] (FIPS 202, section 3.3): 24 rounds over 25 lanes, one round written out so that every lane stays a local.
/// </summary>
internal static class KeccakPermutation
{
    /// <summary>Lanes of the state.</summary>
    public const int Lanes = 25;

    private static ReadOnlySpan<ulong> RoundConstants =>
    [
        0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
        0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
        0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
        0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
        0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
        0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
    ];

    /// <summary>Permutes the 25 lanes in place. Lane x + 5y holds A[x, y].</summary>
    public static void Apply(Span<ulong> state)
    {
        ulong a24 = state[24];
        ulong a23 = state[23];
        ulong a22 = state[22];
        ulong a21 = state[21];
        ulong a20 = state[20];
        ulong a19 = state[19];
        ulong a18 = state[18];
        ulong a17 = state[17];
        ulong a16 = state[16];
        ulong a15 = state[15];
        ulong a14 = state[14];
        ulong a13 = state[13];
        ulong a12 = state[12];
        ulong a11 = state[11];
        ulong a10 = state[10];
        ulong a9 = state[9];
        ulong a8 = state[8];
        ulong a7 = state[7];
        ulong a6 = state[6];
        ulong a5 = state[5];
        ulong a4 = state[4];
        ulong a3 = state[3];
        ulong a2 = state[2];
        ulong a1 = state[1];
        ulong a0 = state[0];

        foreach (ulong constant in RoundConstants)
        {
            // theta
            ulong c0 = a0 ^ a5 ^ a10 ^ a15 ^ a20;
            ulong c1 = a1 ^ a6 ^ a11 ^ a16 ^ a21;
            ulong c2 = a2 ^ a7 ^ a12 ^ a17 ^ a22;
            ulong c3 = a3 ^ a8 ^ a13 ^ a18 ^ a23;
            ulong c4 = a4 ^ a9 ^ a14 ^ a19 ^ a24;
            ulong d0 = c4 ^ ulong.RotateLeft(c1, 1);
            ulong d1 = c0 ^ ulong.RotateLeft(c2, 1);
            ulong d2 = c1 ^ ulong.RotateLeft(c3, 1);
            ulong d3 = c2 ^ ulong.RotateLeft(c4, 1);
            ulong d4 = c3 ^ ulong.RotateLeft(c0, 1);
            ulong b0 = a0 ^ d0;
            ulong b10 = ulong.RotateLeft(a1 ^ d1, 1);
            ulong b20 = ulong.RotateLeft(a2 ^ d2, 62);
            ulong b5 = ulong.RotateLeft(a3 ^ d3, 28);
            ulong b15 = ulong.RotateLeft(a4 ^ d4, 27);
            ulong b16 = ulong.RotateLeft(a5 ^ d0, 36);
            ulong b1 = ulong.RotateLeft(a6 ^ d1, 44);
            ulong b11 = ulong.RotateLeft(a7 ^ d2, 6);
            ulong b21 = ulong.RotateLeft(a8 ^ d3, 55);
            ulong b6 = ulong.RotateLeft(a9 ^ d4, 20);
            ulong b7 = ulong.RotateLeft(a10 ^ d0, 3);
            ulong b17 = ulong.RotateLeft(a11 ^ d1, 10);
            ulong b2 = ulong.RotateLeft(a12 ^ d2, 43);
            ulong b12 = ulong.RotateLeft(a13 ^ d3, 25);
            ulong b22 = ulong.RotateLeft(a14 ^ d4, 39);
            ulong b23 = ulong.RotateLeft(a15 ^ d0, 41);
            ulong b8 = ulong.RotateLeft(a16 ^ d1, 45);
            ulong b18 = ulong.RotateLeft(a17 ^ d2, 15);
            ulong b3 = ulong.RotateLeft(a18 ^ d3, 21);
            ulong b13 = ulong.RotateLeft(a19 ^ d4, 8);
            ulong b14 = ulong.RotateLeft(a20 ^ d0, 18);
            ulong b24 = ulong.RotateLeft(a21 ^ d1, 2);
            ulong b9 = ulong.RotateLeft(a22 ^ d2, 61);
            ulong b19 = ulong.RotateLeft(a23 ^ d3, 56);
            ulong b4 = ulong.RotateLeft(a24 ^ d4, 14);
            a0 = b0 ^ (~b1 & b2) ^ constant;
            a1 = b1 ^ (~b2 & b3);
            a2 = b2 ^ (~b3 & b4);
            a3 = b3 ^ (~b4 & b0);
            a4 = b4 ^ (~b0 & b1);
            a5 = b5 ^ (~b6 & b7);
            a6 = b6 ^ (~b7 & b8);
            a7 = b7 ^ (~b8 & b9);
            a8 = b8 ^ (~b9 & b5);
            a9 = b9 ^ (~b5 & b6);
            a10 = b10 ^ (~b11 & b12);
            a11 = b11 ^ (~b12 & b13);
            a12 = b12 ^ (~b13 & b14);
            a13 = b13 ^ (~b14 & b10);
            a14 = b14 ^ (~b10 & b11);
            a15 = b15 ^ (~b16 & b17);
            a16 = b16 ^ (~b17 & b18);
            a17 = b17 ^ (~b18 & b19);
            a18 = b18 ^ (~b19 & b15);
            a19 = b19 ^ (~b15 & b16);
            a20 = b20 ^ (~b21 & b22);
            a21 = b21 ^ (~b22 & b23);
            a22 = b22 ^ (~b23 & b24);
            a23 = b23 ^ (~b24 & b20);
            a24 = b24 ^ (~b20 & b21);
        }

        state[24] = a24;
        state[23] = a23;
        state[22] = a22;
        state[21] = a21;
        state[20] = a20;
        state[19] = a19;
        state[18] = a18;
        state[17] = a17;
        state[16] = a16;
        state[15] = a15;
        state[14] = a14;
        state[13] = a13;
        state[12] = a12;
        state[11] = a11;
        state[10] = a10;
        state[9] = a9;
        state[8] = a8;
        state[7] = a7;
        state[6] = a6;
        state[5] = a5;
        state[4] = a4;
        state[3] = a3;
        state[2] = a2;
        state[1] = a1;
        state[0] = a0;
    }
}
