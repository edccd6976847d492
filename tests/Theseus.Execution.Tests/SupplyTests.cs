namespace Theseus.Execution.Tests;

/// <summary>
/// Σ balances + bonded + unbonding + pending + deposits = supply, after every block (execution 4, fees), counted from the bytes of state.
/// </summary>
public class SupplyTests
{
    /// <summary>All coins that somebody holds, and what the coin's own books say.</summary>
    internal static (UInt128 Held, UInt128 Supply) Count(MapState state)
    {
        UInt128 held = 0, supply = 0;
        byte[] proposals = state.TryGet(StateKey.Resource(Address.One, new StructTag(Address.One, "governance", "Proposals", [])))!;
        Address byId = new(proposals.AsSpan(8, 32)); // count u64, by_id {handle, ...}
        foreach ((StateKey key, byte[] value) in state.Values)
        {
            BcsReader reader = new(value);
            if (key.Kind == StateKeyKind.TableItem && key.Owner == byId)
            {
                held += new BcsReader(value.AsSpan(value.Length - 8)).U64(); // a proposal ends with its deposit
            }
            else if (key.Kind == StateKeyKind.Resource)
            {
                StructTag type = key.ResourceType();
                switch (type.Module, type.Name)
                {
                    case ("coin", "CoinStore"):
                        held += reader.U64();
                        break;
                    case ("stake", "Pool"): // key, bonded, unbonding, release epoch, jailed until, pending
                        reader.BytesView(32);
                        held += (UInt128)reader.U64() + reader.U64();
                        reader.U64();
                        reader.U64();
                        held += reader.U64();
                        break;
                    case ("coin", "CoinInfo"): // name, symbol, decimals, genesis, minted, burned
                        reader.Text(64);
                        reader.Text(64);
                        reader.U8();
                        supply = reader.U128() + reader.U128() - reader.U128();
                        break;
                }
            }
        }

        return (held, supply);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void EverySumHoldsAfterEveryBlockOfARandomRun(bool endsAbort)
    {
        Random random = new(20_251);
        Chain chain = endsAbort
            ? new(Framework.Compile(
                ("block.move", "reconfiguration::end();", "if (block_context::height() % 3 == 0) abort 9; reconfiguration::end();")))
                : new();
        List<TestAccount> people = [chain.Alice, chain.Bob, .. chain.Validators];
        Dictionary<StatusKind, int> seen = [];
        ulong proposals = 0;
        int sent = 0;
        UInt128 first = Count(chain.State).Supply;
        while (sent < 300)
        {
            List<byte[]> block = [];
            for (int i = random.Next(12); i >= 0; i--, sent++)
            {
                TestAccount sender = people[random.Next(people.Count)];
                byte[] other = (random.Next(4) == 0 ? new TestAccount("stranger" + random.Next(20))
                    : people[random.Next(people.Count)]).Address.ToArray();
                ulong amount = (ulong)random.NextInt64((long)(30 * Chain.Unit));
                TransactionPayload payload = random.Next(17) switch
                {
                    0 => Chain.Call("governance", "propose", Chain.Bytes(Hashing.Sha3(Chain.U64(++proposals)).ToArray()), [0]),
                    1 => Chain.Call("governance", "vote", Chain.U64(1 + (ulong)random.Next(4)), [(byte)random.Next(2)]),
                    2 => Chain.Call("governance", "refund", Chain.U64(1 + (ulong)random.Next(4))),
                    3 => Chain.Call("governance", "cancel", Chain.U64(1 + (ulong)random.Next(4))),
                    4 => Chain.Call("stake", "bond", Chain.U64(amount)),
                    5 => Chain.Call("stake", "unbond", Chain.U64(amount)),
                    6 => Chain.Call("stake", "withdraw"),
                    7 => Chain.Call("lab", "squander", other, Chain.U64((ulong)random.Next(2_000_000))),
                    8 => Chain.Call("lab", "keep_and_fail", other),
                    9 => Chain.Call("lab", "spin"),
                    10 => Chain.Call("lab", "divide", Chain.U64(0)),
                    _ => Chain.Transfer(new Address(other), amount),
                };
                ulong? sequence = random.Next(12) == 0 ? (ulong)random.Next(3) : null;
                block.Add(chain.Sign(sender, payload, (ulong)random.Next(1_000, 40_000), (ulong)random.Next(1, 50), sequence));
            }

            chain.Proposer = people[random.Next(people.Count)].Address; // one without a pool, too: its part is burned
            chain.Missed = random.Next(3) == 0 ? [chain.ValidatorSet[random.Next(4)].Address] : [];
            chain.Evidence = random.Next(12) == 0
                ? [new EvidenceFact((byte)random.Next(1, 4), 1, chain.ValidatorSet[random.Next(4)].Address)] : [];
            chain.Epoch += random.Next(6) == 0 ? 1ul : 0;
            BlockResult result = chain.Block(block);
            Assert.Equal(endsAbort && chain.Height % 3 == 0 ? 1 : 0, result.Alarms.Count);
            (UInt128 held, UInt128 supply) = Count(chain.State);
            Assert.Equal(supply, held);
            Assert.Equal(result.Fees, (UInt128)result.Outputs.Sum(output => (decimal)output.Receipt.Fee));
            foreach (TransactionOutput output in result.Outputs.Skip(1).SkipLast(1))
            {
                seen[output.Receipt.Status.Kind] = seen.GetValueOrDefault(output.Receipt.Status.Kind) + 1;
            }

            foreach (TestAccount account in people)
            {
                account.Sequence = FrameworkState.ReadSequenceNumber(chain.State, account.Address)!.Value;
            }
        }

        Assert.True(Count(chain.State).Supply < first); // fees were burned
        Assert.All([StatusKind.Success, StatusKind.Aborted, StatusKind.OutOfGas, StatusKind.Failed, StatusKind.Skipped], kind =>
            Assert.True(seen.GetValueOrDefault(kind) >= 5, $"{kind}: {seen.GetValueOrDefault(kind)}"));
    }
}
