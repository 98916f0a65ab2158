using System;
using System.Collections.Generic;
using System.Linq;
using Mm.Analyzers.Lattice;
using Xunit;

namespace Mm.Analyzers.Tests.Lattice;

/// <summary>Bindings behave as a dictionary does that is copied before each change.</summary>
public class BindingsTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 3)]
    [InlineData(3, 64)]
    [InlineData(4, int.MaxValue)]
    public void Changes_InAnyOrder_AreThoseOfADictionary(int seed, int hashes)
    {
        var random = new Random(seed);
        var symbols = Enumerable.Range(0, 80).Select(i => new Symbol(SymbolRole.Local, 0, new Key(i, hashes))).ToArray();
        var states = new List<(Bindings Bindings, Dictionary<Symbol, Value> Model)> { (Bindings.Empty, new Dictionary<Symbol, Value>()) };
        for (int step = 0; step < 400; step++)
        {
            var (bindings, model) = states[random.Next(states.Count)];
            model = new Dictionary<Symbol, Value>(model);
            var symbol = symbols[random.Next(symbols.Length)];
            switch (random.Next(4))
            {
                case 0:
                    bindings = bindings.Remove(symbol);
                    model.Remove(symbol);
                    break;
                case 1:
                    var some = symbols.Where(_ => random.Next(10) == 0).ToList();
                    bindings = bindings.RemoveRange(some);
                    foreach (var one in some) model.Remove(one);
                    break;
                default:
                    var value = Constant.Of(random.Next(5));
                    bindings = bindings.SetItem(symbol, value);
                    model[symbol] = value;
                    break;
            }

            states.Add((bindings, model));
            Assert.Equal(model.Count, bindings.Count);
            Assert.Equal(model.OrderBy(Number), bindings.OrderBy(Number));
            foreach (var asked in symbols)
            {
                Assert.Equal(model.TryGetValue(asked, out var expected), bindings.TryGetValue(asked, out var found));
                if (expected is not null) Assert.Equal(expected, found);
            }

            var (other, otherModel) = states[random.Next(states.Count)];
            var differing = symbols.Where(asked => !Equals(model.GetValueOrDefault(asked), otherModel.GetValueOrDefault(asked))).ToHashSet();
            var told = bindings.Differences(other);
            Assert.Equal(told.Count, told.Distinct().Count());
            Assert.True(differing.SetEquals(told));
        }
    }

    [Fact]
    public void Change_ThatChangesNothing_IsTheSame()
    {
        var symbol = Symbol.Parameter(1);
        var bindings = Bindings.Empty.SetItem(symbol, Constant.True);

        Assert.Same(bindings, bindings.SetItem(symbol, Constant.True));
        Assert.Same(bindings, bindings.Remove(Symbol.Parameter(2)));
        Assert.Same(Bindings.Empty, bindings.Remove(symbol));
    }

    private static int Number(KeyValuePair<Symbol, Value> pair) => ((Key)pair.Key.Key!).Number;

    /// <summary>With as many different hash codes as the test asks for.</summary>
    private sealed record Key(int Number, int Hashes)
    {
        public bool Equals(Key? other) => other is not null && other.Number == Number;

        public override int GetHashCode() => Number % Hashes;
    }
}
